"""Text in XML and HTML: what would be markup is escaped, and what XML 1.0 cannot hold (section 2.2) is replaced."""

from __future__ import annotations

import html
import re

_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(text: str) -> str:
    """For text and for attributes in either kind of quotes."""
    return html.escape(_NO_CHARACTER.sub("\ufffd", text), quote=True)
