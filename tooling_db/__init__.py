"""The shop's tooling database: what it owns and knows, read from data files and checked before anything is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from model.tooling import ShopData


def load(folder: Path | None = None) -> ShopData:
    """Read and check a shop's tooling database; see :func:`tooling_db.shop.load`."""
    from tooling_db import shop  # here, so that a kept database is had without the reader and its checks

    return shop.load(folder)
