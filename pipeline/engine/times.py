"""Moments as text, as they stand in orders and in databases."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(text: str) -> datetime:
    """An ISO 8601 time; without a zone it is taken as UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def now(timespec: str = "milliseconds") -> str:
    """This moment in ISO 8601, to the ``timespec`` of `datetime.isoformat`."""
    return datetime.now(UTC).isoformat(timespec=timespec)
