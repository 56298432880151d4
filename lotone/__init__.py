"""LotOne (lot size one): one customer's wish in, certified machine files out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.engine.outcome import Outcome

_HOUSE = Path(__file__).resolve().parent / "_house"
HOUSE = _HOUSE if _HOUSE.is_dir() else Path(__file__).resolve().parent.parent
"""The folder that holds the house's rooms: the checkout, or ``_house`` in an installed wheel."""

if str(HOUSE) not in sys.path:
    sys.path.insert(0, str(HOUSE))

__all__ = ["HOUSE", "make"]


def make(*sources: str | Path, out: Path = Path("out"), cache: Path, tooling: Path | None = None) -> list[Outcome]:
    """Make orders, one after another, in this process.

    A customer's own STEP file is read in a process of its own with limits of time and memory; what follows has none
    here: ``lotone make`` gives such an order a worker that has.

    Args:
        sources: Order files, folders of them, or an order in words.
        out: Gets one folder an order.
        cache: Keeps finished stages, so that nothing is made twice.
        tooling: A shop's own tooling database; without one, the shop that comes with the house.

    Returns:
        One outcome an order, in their order; a refused order is an outcome, no exception.

    Raises:
        ConfigError: The tooling database is wrong.
    """
    import tooling_db
    from pipeline.batch.run import one_by_one
    from pipeline.engine.store import Store
    from pipeline.intake.read import read_sources

    orders = read_sources([str(s) for s in sources], Store(cache))
    return one_by_one(orders, tooling_db.load(tooling), out, cache)


def __getattr__(name: str) -> Any:
    """Tell ``__version__`` when it is asked for; looking it up costs more than the rest of this file."""
    if name == "__version__":
        from importlib.metadata import version

        return version("lotone")
    msg = f"module 'lotone' has no attribute {name!r}"
    raise AttributeError(msg)
