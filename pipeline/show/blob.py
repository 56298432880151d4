"""Packs number tables into one block of bytes that a page can carry as text and a browser can read at once."""

from __future__ import annotations

import base64
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGN = 8
UNKNOWN = -(2**31)
"""What stands in an integer table where there is no number."""
TENTH_MICRON = 1e4


class Blob:
    """Tables one after another, each named by a small record: offset, count and type."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def add(self, table: NDArray[Any]) -> dict[str, Any]:
        """Put a table in (row after row, little-endian) and give the record by which it is found."""
        data = np.ascontiguousarray(table).astype(table.dtype.newbyteorder("<")).tobytes()
        record = {"at": self._size, "n": int(table.size), "type": table.dtype.name}
        pad = -len(data) % ALIGN
        self._parts.append(data + bytes(pad))
        self._size += len(data) + pad
        return record

    def lengths(self, table: NDArray[np.float64]) -> dict[str, Any]:
        """Put lengths in mm in, as whole tenths of a micrometre: exactly what a program with four decimals says."""
        whole = np.where(np.isnan(table), UNKNOWN, np.round(table * TENTH_MICRON)).astype(np.int32)
        return self.add(whole)

    def heights(self, table: NDArray[np.float32], low: float, step: float) -> dict[str, Any]:
        """Put heights in, as steps above ``low``; 65535 stands for none."""
        whole = np.where(np.isnan(table), 65535, np.round((table - low) / step)).astype(np.uint16)
        return self.add(whole)

    def words(self, text: str) -> dict[str, Any]:
        """Put text in, as UTF-8."""
        return self.add(np.frombuffer(text.encode(), dtype=np.uint8))

    def text(self) -> str:
        """The whole block, deflated, as base64: tables of neighbours shrink to a tenth."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), 9)).decode()
