"""One file = one way to machine one kind of feature: operation + tool -> moves, and nothing else.

The folder is the registry: every module without a leading underscore is a strategy with a
function ``toolpath(operation, assembly, scene) -> tuple[Move, ...]``. Packages may add their own
through the entry point group ``lotone.strategies``.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol

from geometry.scene import Scene
from model.errors import ConfigError
from model.plan import Operation
from model.tooling import Assembly
from model.toolpath import Move


class Strategy(Protocol):
    """What every strategy offers."""

    def __call__(self, operation: Operation, assembly: Assembly, scene: Scene, /) -> tuple[Move, ...]:
        """Tool-tip moves in the setup's frame; the first is a rapid at the clearance height."""
        ...


def names() -> tuple[str, ...]:
    """Every strategy in the folder and from installed packages, without importing them."""
    own = {p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_")}
    return tuple(sorted(own | {e.name for e in entry_points(group="lotone.strategies")}))


def get(name: str) -> Strategy:
    """The strategy's function.

    Raises:
        ConfigError: There is none of that name.
    """
    if (Path(__file__).parent / f"{name}.py").is_file() and not name.startswith("_"):
        found: Strategy = import_module(f"strategies.{name}").toolpath
        return found
    for entry in entry_points(group="lotone.strategies"):
        if entry.name == name:
            outside: Strategy = entry.load()
            return outside
    msg = f"there is no strategy {name!r}"
    raise ConfigError("strategy.unknown", msg, value=name, hint=f"Known: {', '.join(names())}.")
