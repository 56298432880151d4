"""One TOML = one controller or printer dialect: its words are data, its motion is spelled by ``milling``."""

from __future__ import annotations

import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from model.errors import ConfigError


def names() -> tuple[str, ...]:
    """Every dialect in the folder and from installed packages (entry points ``lotone.dialects``)."""
    own = {p.stem for p in Path(__file__).parent.glob("*.toml")}
    return tuple(sorted(own | {e.name for e in entry_points(group="lotone.dialects")}))


def words(name: str) -> dict[str, Any]:
    """A dialect's table as written in its file.

    Raises:
        ConfigError: There is no such dialect, or its file is not TOML.
    """
    path = Path(__file__).parent / f"{name}.toml"
    if not path.is_file():
        outside = [e for e in entry_points(group="lotone.dialects") if e.name == name]
        if not outside:
            msg = f"there is no dialect {name!r}"
            raise ConfigError("post.unknown-dialect", msg, value=name, hint=f"Known: {', '.join(names())}.")
        path = Path(outside[0].load())
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError("post.bad-dialect", f"dialect {name}: {error}", place=path.name) from error
