"""The API versions that are known here, as (major, minor). The daemon's answer to /_ping names its newest."""

NEWEST_API = (1, 56)
OLDEST_API = (1, 24)
