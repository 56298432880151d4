"""The house's own papers are true: every verb is told, every command named exists, the glossary has the words."""

from __future__ import annotations

import dataclasses
import importlib
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PAPERS = [
    *(HOUSE / f"{name}.md" for name in ("README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
    *sorted((HOUSE / "docs").rglob("*.md")),
]
VERBS = (
    "make",
    "batch",
    "receive",
    "customers",
    "hub",
    "shop",
    "verify",
    "show",
    "whatif",
    "why",
    "state",
    "advise",
    "families",
    "machines",
    "tools",
    "materials",
    "schema",
    "doctor",
    "choose",
    "feedback",
)
NESTED = (["show"], ["list"], ["import"], ["export"])
SPOKEN = [
    "Order",
    "Wish",
    "Brief",
    "Reading",
    "Question",
    "Design",
    "Setup",
    "Fixture",
    "Operation",
    "CuttingData",
    "ProcessPlan",
    "Toolpath",
    "Program",
    "PrintFile",
    "Finding",
    "Gate",
    "Report",
    "Assembly",
    "Holder",
    "Tool",
]
"""Types of the model that people speak of."""


def lotone(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lotone", *words], cwd=HOUSE, capture_output=True, text=True, check=False
    )


def commands(paper: Path) -> list[list[str]]:
    """Every ``lotone ...`` line of a paper's code blocks, comments and all after ``;`` apart."""
    found = []
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", paper.read_text(), re.MULTILINE | re.DOTALL):
        for line in re.findall(r"^lotone .*", block, re.MULTILINE):
            found += [shlex.split(part, comments=True)[1:] for part in line.split("#")[0].split(";")]
    return found


def test_the_help_tells_every_verb_and_the_readme_too() -> None:
    told, readme = lotone("--help").stdout, (HOUSE / "README.md").read_text()

    assert [] == [v for v in VERBS if not re.search(rf"^  {v} ", told, re.MULTILINE) or f"lotone {v}" not in readme]


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.relative_to(HOUSE).as_posix())
def test_every_command_a_paper_names_exists(paper: Path) -> None:
    wrong = []
    for words in commands(paper):
        verbs = [w for w in words if not w.startswith("-")]
        path = (
            verbs[:2]
            if verbs[0] in {"batch", "customers", "group", "hub", "receive", "schema", "shop", "state"}
            or verbs[1:2] in NESTED
            else verbs[:1]
        )
        done = lotone(*path, "--help")
        missing = [w for w in words if w.startswith("--") and not re.search(rf"{re.escape(w)}\b", done.stdout)]
        if done.returncode or missing:
            wrong.append((words, missing))

    assert [] == wrong


@pytest.mark.parametrize("paper", PAPERS, ids=lambda p: p.relative_to(HOUSE).as_posix())
def test_every_link_and_picture_of_a_paper_is_there(paper: Path) -> None:
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", paper.read_text())

    assert [] == [x for x in links if "://" not in x and not (paper.parent / x).exists()]


def test_every_make_target_a_paper_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (HOUSE / "Makefile").read_text(), re.MULTILINE))
    named = {t for p in PAPERS for t in re.findall(r"(?:`|^)make ([a-z]+)", p.read_text(), re.MULTILINE)}

    assert {"demo", "test", "setup"} <= named
    assert set() == named - targets


def test_every_folder_the_architecture_names_is_there() -> None:
    block = re.findall(r"^```\n(lotone/.*?)^```", (HOUSE / "ARCHITECTURE.md").read_text(), re.MULTILINE | re.DOTALL)[0]
    top = re.findall(r"^([a-z_]+)/", block, re.MULTILINE)
    inside = re.findall(r"^  ([a-z_]+(?:/|\.py))", block, re.MULTILINE)

    assert [] == [f for f in top if not (HOUSE / f).is_dir()]
    assert [] == [f for f in inside if not (HOUSE / "pipeline" / f).exists()]


def test_every_room_stands_in_the_architecture() -> None:
    told = (HOUSE / "ARCHITECTURE.md").read_text()
    rooms = [p.name for p in (HOUSE / "pipeline").iterdir() if p.is_dir() and p.name != "__pycache__"]

    assert [] == [r for r in rooms if f"  {r}/" not in told]


def test_the_glossary_has_the_words_of_the_model() -> None:
    glossary = (HOUSE / "docs" / "glossary.md").read_text()
    model = {
        name
        for file in (HOUSE / "model").glob("*.py")
        for name, thing in vars(importlib.import_module(f"model.{file.stem}")).items()
        if dataclasses.is_dataclass(thing)
    }

    words = {name: re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name) for name in SPOKEN}
    told = re.findall(r"^\| ([^|]*)", glossary.lower(), re.MULTILINE)

    assert set() == set(SPOKEN) - model
    assert [] == [n for n, w in words.items() if not any(re.search(rf"\b{w.lower()}\b", line) for line in told)]


def test_every_decision_has_a_number_and_says_what_and_why() -> None:
    papers = sorted((HOUSE / "docs" / "adr").glob("*.md"))

    assert [f"{i:04d}" for i in range(1, len(papers) + 1)] == [p.name[:4] for p in papers]
    assert [] == [p.name for p in papers if not all(w in p.read_text() for w in ("**Decision.**", "**Why.**"))]


def test_the_written_order_schema_is_the_one_in_force() -> None:
    done = lotone("schema", "order")

    assert json.loads((HOUSE / "docs" / "reference" / "order.schema.json").read_text()) == json.loads(done.stdout)
