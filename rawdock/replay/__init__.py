"""A daemon made of a recorded session: `with replay("session.har") as daemon:` serves it in `daemon.url` to any client.

As a pytest fixture: `pytest_plugins = ["rawdock.replay.fixture"]`.
"""

from .server import Replay, replay

__all__ = ["Replay", "replay"]
