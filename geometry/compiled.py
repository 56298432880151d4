"""Keeps the planner's inner loops as compiled code beside their source, made anew when what they rest on changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.core.dispatcher import Dispatcher

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """Compile a loop once and keep it beside the source; same numbers on every run.

    The loop may call compiled functions and read numbers of other modules; these must be imported by name at
    the top of its module, above the loop.
    """
    # The compiler's cache looks at one file only; the stamp in the name makes it see what comes from others, too.
    function.__qualname__ = f"{function.__name__}_{_stamp(function.__globals__)}"
    return cast("F", njit(cache=True)(function))


def _stamp(names: dict[str, Any]) -> str:
    """Digest of a module's source, of the compiled functions it has imported and of the numbers it reads."""
    seen = [Path(names["__file__"]).read_text(encoding="utf-8")]
    for name in sorted(names):
        value = names[name]
        if isinstance(value, Dispatcher) and value.__module__ != names["__name__"]:
            seen.append(f"{name} {value.py_func.__qualname__}")
        elif isinstance(value, (int, float)):
            seen.append(f"{name} {value!r}")
    return hashlib.sha256("\n".join(seen).encode("utf-8")).hexdigest()[:12]
