"""The image `rawdock-lab:1`: busybox and one page, imported, since no registry can be reached."""

from __future__ import annotations

import io
import tarfile
import urllib.parse

from .api import API
from .commands import run
from .packages import busybox

IMAGE = "rawdock-lab:1"
PAGE = b"rawdock lab\n"
_FILES = {
    "etc/passwd": b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    "etc/group": b"root:x:0:\nnogroup:x:65534:\n",
    "www/index.html": PAGE,
}


def import_image(api: API) -> None:
    """Import the image under its name. Raises LabError."""
    change = urllib.parse.quote('CMD ["httpd","-f","-p","80","-h","/www"]')
    repository, _, tag = IMAGE.partition(":")
    query = f"fromSrc=-&repo={repository}&tag={tag}&changes={change}"
    api.call("POST", f"/images/create?{query}", root_file_system())


def root_file_system() -> bytes:
    """A tar of the root file system; every applet is a symbolic link to busybox."""
    program = busybox()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("bin", "etc", "www", "root", "tmp", "proc", "sys", "dev"):
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(folder)
        _add(tar, "bin/busybox", program.read_bytes(), 0o755)
        for name, content in _FILES.items():
            _add(tar, name, content, 0o644)
        for applet in run([str(program), "--list"]).decode().split():
            if applet != "busybox":
                link = tarfile.TarInfo(f"bin/{applet}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
    return buffer.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    file = tarfile.TarInfo(name)
    file.size, file.mode = len(content), mode
    tar.addfile(file, io.BytesIO(content))
