"""What the daemon says of a path in a container: the header X-Docker-Container-Path-Stat, base64 of a JSON object.

Its mode is Go's os.FileMode, whose bits above the permissions are Go's own. Sources: moby api/types ContainerPathStat,
api/server/router/container/copy.go (standard base64); Go io/fs/fs.go, FileMode.
"""

from __future__ import annotations

import base64
import json
import stat
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from ..errors import ProtocolError
from .moment import BILLION, parse_rfc3339

PATH_STAT = "X-Docker-Container-Path-Stat"

_TYPES = (  # in this order: a character device has Go's bit for devices too
    (1 << 31, stat.S_IFDIR),
    (1 << 27, stat.S_IFLNK),
    (1 << 25, stat.S_IFIFO),
    (1 << 24, stat.S_IFSOCK),
    (1 << 21, stat.S_IFCHR),
    (1 << 26, stat.S_IFBLK),
)
_FLAGS = ((1 << 23, stat.S_ISUID), (1 << 22, stat.S_ISGID), (1 << 20, stat.S_ISVTX))


class PathStat(NamedTuple):
    """`size`: bytes. `mode`: as os.stat's st_mode, for the module stat. `mtime_ns`: nanoseconds since 1970. `link_target`:
    where the path leads to when it is a symbolic link, else ""."""

    name: str
    size: int
    mode: int
    mtime_ns: int
    link_target: str

    @property
    def mtime(self) -> datetime:
        """In UTC, to the microsecond."""
        epoch = datetime(1970, 1, 1, tzinfo=timezone.utc)
        return epoch + timedelta(seconds=self.mtime_ns // BILLION, microseconds=self.mtime_ns % BILLION // 1000)

    @property
    def is_dir(self) -> bool:
        return stat.S_ISDIR(self.mode)


def st_mode(go_mode: int) -> int:
    """The mode as POSIX has it."""
    kind = next((posix for go, posix in _TYPES if go_mode & go), stat.S_IFREG)
    return kind | sum(posix for go, posix in _FLAGS if go_mode & go) | go_mode & 0o777


def parse_path_stat(header: str) -> PathStat:
    """Decode the header. Raises ProtocolError."""
    if not header:
        raise ProtocolError(f"the answer has no header {PATH_STAT}", "is it a Docker daemon that answers?")
    try:
        found = json.loads(base64.b64decode(header, validate=True))
        return PathStat(
            name=str(found["name"]),
            size=int(found["size"]),
            mode=st_mode(int(found["mode"])),
            mtime_ns=parse_rfc3339(found["mtime"]),
            link_target=str(found.get("linkTarget") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ProtocolError(f"the header {PATH_STAT} is {header[:80]!r}, expected base64 of a JSON object") from error
