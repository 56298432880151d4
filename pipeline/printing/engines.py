"""Finds the slicing engine on this computer and runs it as a separate program."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from model.errors import CapabilityError, ConfigError

TIMEOUT_S = 600
OLDEST = (2, 5)
MODERN = (2, 7)
REMEDY = "Install one: pip install deli-slicer==0.19.0 (Python 3.12 or newer), or apt-get install prusa-slicer"
_PLATE = "plate.3mf"


@dataclass(frozen=True, slots=True)
class Engine:
    """A slicing engine: the program's path and version. ``modern`` engines know libslic3r 2.7's settings."""

    name: str
    version: str
    program: str
    modern: bool


@cache
def engines() -> tuple[Engine, ...]:
    """The engines on this computer, best first: deli beside this interpreter or on PATH, then prusa-slicer on PATH."""
    found = []
    beside = Path(sys.executable).parent / "deli"
    deli = str(beside) if beside.is_file() else shutil.which("deli")
    if deli is not None and (version := _deli_version(Path(deli))):
        found.append(Engine("deli-slicer", version, deli, modern=True))
    prusa = shutil.which("prusa-slicer")
    if prusa is not None:
        version = _prusa_version(prusa)
        numbers = tuple(int(n) for n in version.split(".")[:2] if n)
        if numbers >= OLDEST:
            found.append(Engine("prusa-slicer", version, prusa, modern=numbers >= MODERN))
    return tuple(found)


def find_engine() -> Engine | None:
    """The engine to use, or None. Nothing is sliced."""
    return next(iter(engines()), None)


def engine_salt() -> str:
    """What the cache key of a sliced plate must hold beside the code: the engine and its version."""
    engine = find_engine()
    return "no slicing engine" if engine is None else f"{engine.name} {engine.version}"


def need_engine() -> Engine:
    """The engine on this computer.

    Raises:
        CapabilityError: There is none.
    """
    engine = find_engine()
    if engine is None:
        raise CapabilityError("printing.no-slicing-engine", "no slicing engine", place="this computer", hint=REMEDY)
    return engine


def slice_plate(engine: Engine, plate_3mf: bytes, ini: str, middle: tuple[float, float]) -> str:
    """Slice a plate as it lies; ``middle`` is the middle of its parts' box on the bed (mm).

    The engine runs in a private folder with its own home, without arranging anything.

    Raises:
        ConfigError: The engine refused the settings or the plate, took too long, or wrote nothing.
    """
    with tempfile.TemporaryDirectory(prefix="lotone-slice-") as folder:
        home = Path(folder)
        work = home / "work"
        work.mkdir()
        (work / _PLATE).write_bytes(plate_3mf)
        (work / "plate.ini").write_text(ini, encoding="utf-8")
        for command in _commands(engine, middle):
            _run(engine, command, work, home)
        out = work / "plate.gcode"
        if not out.is_file():
            raise _failed(engine, "it wrote no file", "")
        return out.read_text(encoding="utf-8")


def _commands(engine: Engine, middle: tuple[float, float]) -> list[list[str]]:
    if engine.name == "prusa-slicer":
        return [["--load", "plate.ini", "--dont-arrange", "--export-gcode", "--output", "plate.gcode", _PLATE]]
    return [
        ["load", "printer", "plate.ini", "--name", "p"],
        ["load", "process", "plate.ini", "--name", "p", "--printer", "p"],
        ["load", "filament", "plate.ini", "--name", "p", "--printer", "p"],
        ["printer", "p"],
        ["process", "p"],
        ["filament", "p"],
        ["add", _PLATE],
        ["move", _PLATE, repr(middle[0]), repr(middle[1])],
        ["slice", "--json", "-o", "plate.gcode"],
    ]


def _run(engine: Engine, command: list[str], work: Path, home: Path) -> None:
    places = {
        "HOME": ".",
        "XDG_CONFIG_HOME": "config",
        "XDG_CACHE_HOME": "cache",
        "XDG_DATA_HOME": "data",
        "TMPDIR": ".",
    }
    private = {name: str(home / place) for name, place in places.items()}
    env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **private}
    try:
        done = subprocess.run(  # noqa: S603 - a program found by name, with arguments made here
            [engine.program, *command], cwd=work, env=env, capture_output=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise _failed(engine, f"it was still busy after {TIMEOUT_S} s", "") from error
    except OSError as error:
        raise _failed(engine, error.strerror or "it did not start", "") from error
    said = (done.stdout + done.stderr).decode("utf-8", "replace").replace(str(home), "")
    if done.returncode != 0 or "substituted" in said:
        raise _failed(engine, f"{command[0]} ended with {done.returncode}", said)


def _failed(engine: Engine, what: str, said: str) -> ConfigError:
    tail = " ".join(said.split())[-400:]
    return ConfigError(
        "printing.engine-failed",
        f"The slicing engine {engine.name} {engine.version} failed: {what}. {tail}".strip(),
        place=engine.name,
        hint="Read the engine's words above; `lotone doctor` shows which engine is used.",
    )


def _deli_version(program: Path) -> str:
    """The version of the wheel that owns ``program``, from its record; nothing is started."""
    for lib in sorted(program.resolve().parent.parent.glob("lib*/python3*/site-packages")):
        for info in sorted(lib.glob("deli_slicer-*.dist-info")):
            return info.name.removeprefix("deli_slicer-").removesuffix(".dist-info")
    return ""


def _prusa_version(program: str) -> str:
    try:
        done = subprocess.run([program, "--help"], capture_output=True, timeout=60, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(rb"PrusaSlicer-(\d+\.\d+(?:\.\d+)?)", done.stdout + done.stderr)
    return found[1].decode() if found else ""
