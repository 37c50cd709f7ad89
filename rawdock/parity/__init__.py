"""The same calls by many clients, and whether the daemon said the same to each."""

from __future__ import annotations
