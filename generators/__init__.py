"""Product families: one file is one product; the folder is the list."""

from __future__ import annotations

import importlib
import sys
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING

from model.errors import OrderError

if TYPE_CHECKING:
    from generators.kit.family import Family

GROUP = "lotone.families"


def names() -> tuple[str, ...]:
    """Every family's name, sorted; no family is imported."""
    here = {p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_")}
    return tuple(sorted(here | _installed(tuple(sys.path)).keys()))


@cache
def _installed(path: tuple[str, ...]) -> dict[str, EntryPoint]:  # noqa: ARG001 - what the search depends on
    """Families of other packages on Python's path; looking through all packages takes milliseconds."""
    return {e.name: e for e in entry_points(group=GROUP)}


def get(name: str) -> Family:
    """One family, its file imported now. The CAD kernel is not: it waits for the first ``build``.

    Raises:
        OrderError: There is no such family.
        TypeError: The file or entry point does not give a ``Family``.
    """
    from generators.kit.family import Family

    if name not in names():
        raise OrderError(
            "order.unknown-family",
            f"There is no product family {name!r}",
            place="family",
            value=name,
            limit=", ".join(names()),
            hint=f"Choose one of: {', '.join(names())}.",
        )
    own = (Path(__file__).parent / f"{name}.py").is_file()
    found = importlib.import_module(f"generators.{name}").FAMILY if own else _installed(tuple(sys.path))[name].load()
    if not isinstance(found, Family):
        msg = f"family {name} gives a {type(found).__name__}, not a Family"
        raise TypeError(msg)
    return found
