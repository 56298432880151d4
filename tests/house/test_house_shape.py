"""The shape of the house: small modules, told rooms, no trace of where it was built."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
ROOMS = ("lotone", "model", "geometry", "generators", "strategies", "postprocessors", "tooling_db", "pipeline")
SOURCES = sorted(p for room in ROOMS for p in (HOUSE / room).rglob("*.py"))
SCRIPTS = sorted([*(HOUSE / "bench").glob("*.py"), *(HOUSE / "samples").glob("*.py"), *(HOUSE / "tests").rglob("*.py")])
TEXT_ENDS = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".typ", ".txt", ".lock", ".cfg", ""}
SKIP = {".venv", ".tools", ".git", "out", "dist", "build", "__pycache__", ".mypy_cache", ".ruff_cache", ".hypothesis",
        ".import_linter_cache", "node_modules"}  # fmt: skip
MOST_LINES = 400


def texts() -> list[Path]:
    return sorted(
        p
        for p in HOUSE.rglob("*")
        if p.is_file() and not SKIP & set(p.relative_to(HOUSE).parts) and p.suffix in TEXT_ENDS
        and not p.name.endswith((".egg-info", ".part"))
    )  # fmt: skip


def test_no_module_is_longer_than_400_lines() -> None:
    long = {p.relative_to(HOUSE).as_posix(): n for p in SOURCES if (n := len(p.read_text().splitlines())) > MOST_LINES}

    assert {} == long


def test_every_module_says_in_one_sentence_what_it_is_for() -> None:
    silent = []
    for path in SOURCES:
        told = ast.get_docstring(ast.parse(path.read_text())) or ""
        if not re.match(r"\S[^\n]*[.…]$", told.partition("\n")[0]):
            silent.append(path.relative_to(HOUSE).as_posix())

    assert [] == silent


def test_test_modules_have_their_own_names() -> None:
    names = [p.name for p in (HOUSE / "tests").rglob("test_*.py")]

    assert sorted(set(names)) == sorted(names)


def test_nothing_is_left_undone() -> None:
    marks = re.compile("|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")))
    found = [p.relative_to(HOUSE).as_posix() for p in [*SOURCES, *SCRIPTS] if marks.search(p.read_text())]

    assert [] == found


def test_no_file_tells_where_it_was_made_or_names_an_index() -> None:
    """Paths of one computer and addresses of package indexes do not belong into the house."""
    words = (
        "/" + "work/",
        "/" + "root/",
        "file" + ":///",
        "pypi" + ".org",
        "pythonhosted" + ".org",
        "--extra-" + "index",
        "find-" + "links =",
    )
    found = {
        (p.relative_to(HOUSE).as_posix(), word)
        for p in texts()
        for word in words
        if word in p.read_text(encoding="utf-8", errors="ignore")
    }

    assert set() == found


def test_the_lock_pins_every_line_with_hashes() -> None:
    lock = (HOUSE / "requirements.lock").read_text()
    pins = re.findall(r"^([A-Za-z0-9_.-]+)==\S+", lock, re.MULTILINE)
    hashed = re.findall(r"^[A-Za-z0-9_.-]+==[^\n]*\\\n    --hash=sha256:", lock, re.MULTILINE)

    assert pins
    assert len(pins) == len(hashed)
    assert [] == [
        line for line in lock.splitlines() if not re.match(r"[A-Za-z0-9]|    --hash=sha256:[0-9a-f]{64}", line)
    ]


def test_no_package_of_the_lock_is_for_another_python_only() -> None:
    """The lock serves 3.11, 3.12 and 3.13: a package split by version has a line for each of them.

    Two are for some Pythons only: the slicing engine, and an oracle of the tests.
    """
    lock = (HOUSE / "requirements.lock").read_text()
    lines = re.findall(r"^([a-z0-9-]+)==\S+ ; python_full_version ([<>=]+) '(3\.1\d)'", lock, re.MULTILINE)
    split: dict[str, set[str]] = {}
    for name, sign, _version in lines:
        split.setdefault(name, set()).add(sign)

    alone = {n: signs for n, signs in split.items() if signs != {"<", ">="}}

    assert {"deli-slicer": {">="}, "opencamlib": {"<"}} == alone


@pytest.mark.parametrize(
    "name", ["generators", "strategies", "postprocessors", "tooling_db", "geometry", "model", "lotone", "pipeline"]
)
def test_the_wheel_carries_every_room(name: str) -> None:
    told = (HOUSE / "pyproject.toml").read_text()

    assert f'"{name}" = "lotone/_house/{name}"' in told or f'packages = ["{name}"]' in told


@pytest.mark.parametrize(
    "verb",
    [
        ["--help"],
        ["make", "--help"],
        ["batch", "run", "--help"],
        ["receive", "serve", "--help"],
        ["customers", "--help"],
        ["hub", "serve", "--help"],
        ["schema", "order"],
        ["tools"],
        ["families"],
    ],
)
def test_light_verbs_load_no_kernel(verb: list[str]) -> None:
    """Neither help nor lists may load a CAD kernel, a mesher, a compiler or a renderer."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "lotone", *verb],
        cwd=HOUSE,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {
        line.rsplit("|", 1)[-1].strip().partition(".")[0]
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }

    assert "typer" in loaded
    assert set() == loaded & {
        "alembic",
        "cadquery",
        "cryptography",
        "fastapi",
        "httpx",
        "openpyxl",
        "sqlalchemy",
        "uvicorn",
        "OCP",
        "vtk",
        "vtkmodules",
        "trimesh",
        "manifold3d",
        "numba",
        "numpy",
        "scipy",
        "typst",
    }


def test_the_imports_go_one_way() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint], cwd=HOUSE, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stdout
