"""Memory for large reads and writes, without asking the kernel for it anew each time."""

from __future__ import annotations

from functools import cache

LARGE = 1024 * 1024  # bytes; four of the largest reads


@cache
def keep_freed_memory() -> None:
    """Let glibc keep up to 2 MiB of what is freed. It begins by giving back all over 128 KiB, so that large reads, and the
    payloads made of them, are faulted in anew page by page: over half the processor time of logs of long frames. It adapts to
    the largest block that was freed, and keeps twice as much. Source: mallopt(3), M_MMAP_THRESHOLD."""
    bytes(LARGE)
