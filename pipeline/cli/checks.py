"""What the doctor looks at: one check a thing, each with its remedy in one line."""

from __future__ import annotations

import ctypes
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from model.errors import LotOneError

GL_LIBRARIES = ("libEGL.so.1", "libGL.so.1")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: "good"; "missing" (something is left out without it); "bad" (no order can be made)."""

    name: str
    verdict: Literal["good", "missing", "bad"]
    detail: str
    remedy: str = ""


def examine(tooling: Path | None) -> tuple[Check, ...]:
    """Look at everything; nothing is changed."""
    return (_python(), _packages(), _engine(), _controller(), _graphics(), _fonts(), _tooling(tooling))


def _python() -> Check:
    found = ".".join(map(str, sys.version_info[:3]))
    if (3, 11) <= sys.version_info < (3, 14):
        return Check("Python", "good", found)
    return Check("Python", "bad", f"{found} is not one of 3.11 to 3.13", "Install Python 3.12 and run: make setup")


def _packages() -> Check:
    """Every package LotOne itself asks for is installed (their versions are the lock's business)."""
    try:
        asked = requires("lotone") or []
    except PackageNotFoundError:
        return Check("packages", "bad", "LotOne itself is not installed", "Run: make setup")
    missing = []
    for line in asked:
        name, _, marker = line.partition(";")
        if "extra" not in marker:
            bare = name.split("[")[0]
            for sign in "<>=!~ (":
                bare = bare.split(sign)[0]
            try:
                version(bare)
            except PackageNotFoundError:
                missing.append(bare)
    if missing:
        return Check("packages", "bad", f"missing: {', '.join(missing)}", "Run: make setup")
    return Check("packages", "good", f"all {sum('extra' not in line for line in asked)} are installed")


def _engine() -> Check:
    from pipeline.printing.engines import REMEDY, find_engine

    engine = find_engine()
    if engine is None:
        return Check("slicing engine", "missing", "none: printed orders cannot be proved or released", REMEDY)
    return Check("slicing engine", "good", f"{engine.name} {engine.version}")


def _controller() -> Check:
    found = shutil.which("rs274")
    if found:
        return Check("rs274", "good", f"{found} (LinuxCNC's own interpreter, for the tests)")
    return Check(
        "rs274", "missing", "LinuxCNC programs are not also read by the real controller in the tests",
        "apt-get install linuxcnc-uspace",
    )  # fmt: skip


def _graphics() -> Check:
    missing = []
    for name in GL_LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    if missing:
        return Check(
            "graphics", "missing", f"no {', '.join(missing)}: pictures are line drawings",
            "apt-get install libegl1 libegl-mesa0 libgl1 libgl1-mesa-dri",
        )  # fmt: skip
    return Check("graphics", "good", "OpenGL draws off-screen")


def _fonts() -> Check:
    from pipeline.release.typeset import font_folder

    try:
        font_folder()
    except LotOneError as error:
        return Check("fonts", "bad", error.message, error.hint)
    return Check("fonts", "good", "DejaVu, as the package matplotlib carries it")


def _tooling(folder: Path | None) -> Check:
    import tooling_db

    try:
        shop = tooling_db.load(folder)
    except LotOneError as error:
        return Check("tooling database", "bad", f"{error.code}: {error.message}", error.hint)
    return Check(
        "tooling database", "good",
        f"{len(shop.materials)} materials, {len(shop.tools)} tools, {len(shop.machines)} machines, "
        f"{len(shop.printers)} printers, {len(shop.lathes)} lathes",
    )  # fmt: skip


def rehearse() -> Check:
    """Make one sample order in a folder that is thrown away: what must be compiled is compiled then."""
    from pipeline.batch.run import one_by_one
    from pipeline.cli.options import load_shop
    from pipeline.intake.read import read_sources

    sample = Path(__file__).resolve().parents[2] / "samples" / "orders" / "nameplate-brass.yaml"
    with tempfile.TemporaryDirectory(prefix="lotone-") as folder:
        orders = read_sources([str(sample)])
        (outcome,) = one_by_one(orders, load_shop(None), Path(folder) / "out", Path(folder) / "cache")
    if outcome.problem is None:
        return Check("rehearsal", "good", f"{outcome.order_id} was made and certified; the kernels are compiled")
    return Check("rehearsal", "bad", outcome.problem.message, outcome.problem.hint)
