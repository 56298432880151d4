"""LotOne (lot size one): one customer's wish in, certified machine files out."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HOUSE = Path(__file__).resolve().parent / "_house"
HOUSE = _HOUSE if _HOUSE.is_dir() else Path(__file__).resolve().parent.parent
"""The folder that holds the house's rooms: the checkout, or ``_house`` in an installed wheel."""

if str(HOUSE) not in sys.path:
    sys.path.insert(0, str(HOUSE))

try:
    __version__ = version("lotone")
except PackageNotFoundError:  # run from a bare checkout
    __version__ = "0.1.0"
