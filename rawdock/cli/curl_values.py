"""The values that -w of `rawdock curl` may name."""

from __future__ import annotations

from urllib.parse import urljoin

from ..curl.transfer import Transfer
from .curl_transfer import Outcome


def values_of(transfer: Transfer, outcome: Outcome, number: int) -> dict[str, str]:
    """By curl's names; what is not known is "" or 0. `number` counts the URLs from 0."""
    head, sizes, url = outcome.head, outcome.sizes, transfer.url
    status = f"{head.status:03d}" if head else "000"
    total = outcome.times.get("total", 0.0)
    times = {"namelookup": "connect", "connect": "connect", "pretransfer": "connect", "starttransfer": "starttransfer"}
    if url.scheme == "https":
        times["appconnect"] = "connect"  # both are over then
    effective = outcome.effective or str(url)
    location = head.get("Location") if head and 300 <= head.status < 400 else ""
    return {
        "http_code": status,
        "response_code": status,
        "exitcode": str(int(outcome.code)),
        "errormsg": outcome.message,
        "content_type": head.get("Content-Type") if head else "",
        "http_version": head.http_version if head else "0",
        "num_headers": str(len(head.headers)) if head else "0",
        "redirect_url": urljoin(effective, location) if location else "",
        "method": transfer.request.method,
        "scheme": url.scheme.upper(),
        "url": transfer.given,
        "url_effective": effective,
        "urlnum": str(number),
        "filename_effective": transfer.output or "",
        "num_connects": str(outcome.connects),
        "num_redirects": str(outcome.redirects),
        "ssl_verify_result": "0",
        "proxy_ssl_verify_result": "0",
        "http_connect": "000",
        **{f"size_{name}": str(size) for name, size in sizes.items()},
        **{f"speed_{name}": str(int(sizes[name] / total)) if total else "0" for name in ("download", "upload")},
        "time_appconnect": "0.000000",
        "time_redirect": "0.000000",
        "time_total": f"{total:.6f}",
        **{f"time_{name}": f"{outcome.times.get(stage, 0.0):.6f}" for name, stage in times.items()},
    }
