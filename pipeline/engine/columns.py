"""What the rooms' tables of the state database are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column


def needed(kind: Any, *names: str) -> list[Column[Any]]:
    """Columns of one type that are never empty."""
    return [Column(name, kind, nullable=False) for name in names]
