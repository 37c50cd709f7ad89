"""What all tests share."""

from __future__ import annotations

import os
import signal
import sys

import engine  # noqa: F401  # every `lab up` of a test heeds what it sets
import pytest
from hypothesis import HealthCheck, settings

# How long a draw or an example takes is the machine's affair, and other workers run beside this one.
settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")

# A script's `scripts/test &` has all its children ignore Ctrl-C, and nohup a hangup; so would the programs that tests send
# these to. A signal that has a handler here, be it one that does nothing, is a program's own again.
for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, lambda *_: None)):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.platform == "linux" and os.geteuid() == 0:
        return
    skip = pytest.mark.skip(reason="the lab needs root to make network namespaces")
    for item in items:
        if item.get_closest_marker("lab"):
            item.add_marker(skip)
