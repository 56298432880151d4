"""Shows one order: reads its folder, runs its programs for the eye, and writes the page and the pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from model.errors import ConfigError
from pipeline.engine.store import disk_error, write_atomic
from pipeline.show.page import Picture, page
from pipeline.show.pictures import pictures, refused
from pipeline.show.scene import scene
from pipeline.show.source import Language, Shown, opened
from pipeline.show.study import solid, study

INDEX = "index.html"
OURS = ("setup-*.png", "deviation-*.png", "part-*.png")
"""What an earlier showing of the same order may have left."""


def show(
    root: Path, to: Path, tell: Callable[[str], None], language: Language | None = None
) -> tuple[Shown, tuple[Path, ...]]:
    """Write ``index.html`` and the pictures of the order in ``root`` into the folder ``to``.

    ``tell`` hears one word for each step; ``language`` is taken in place of the order's own. Returns what was shown
    and the files written. The same order gives the same bytes.

    Raises:
        VerificationError: The order's folder is not what was written, or cannot be read.
        CapabilityError: The order is printed, or there is no part to show.
        ConfigError: The place cannot be written, or lies inside the order's folder.
    """
    if to.resolve().is_relative_to(root.resolve()):
        raise ConfigError(
            "show.into-order",
            f"{to} lies in the order's own folder, where nothing may be added",
            place=str(to),
            hint="Name another folder with --to.",
        )
    tell("read")
    shown = opened(root, language)
    part = solid(shown.design, shown.plan)
    found: list[Picture] = []
    if shown.plan is None or shown.programs is None:
        record, blob = scene(shown, part, None)
        tell("pictures")
        faces = frozenset(n for f in record["findings"] for n in f["faces"])
        found += refused(shown, part, faces)
    else:
        tell("simulate")
        seen = study(shown.design, shown.plan, shown.programs)
        record, blob = scene(shown, part, seen)
        tell("pictures")
        found += pictures(shown, shown.plan, part, seen)
    tell("page")
    files = {INDEX: page(record, blob, found)} | {p.name: p.data for p in found}
    for name, data in files.items():
        write_atomic(to / name, data)
    _sweep(to, set(files))
    return shown, tuple(to / name for name in files)


def _sweep(to: Path, keep: set[str]) -> None:
    """Remove pictures of an earlier showing that are no longer made."""
    for pattern in OURS:
        for path in sorted(to.glob(pattern)):
            if path.name not in keep:
                try:
                    path.unlink()
                except OSError as error:
                    raise disk_error(path, error) from error
