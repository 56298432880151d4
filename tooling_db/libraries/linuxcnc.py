"""LinuxCNC tool tables (``.tbl``): one line a tool, ``T P D X..W I J Q ;comment``, in the machine's own unit."""

from __future__ import annotations

import re

from model.errors import ConfigError
from model.library import LibraryGeometry, LibraryTool, ToolLibrary
from tooling_db.libraries import numbers

WORD = re.compile(r"([A-Za-z])\s*([-+]?(?:\d+\.?\d*|\.\d+))")
LETTERS = frozenset("TPDXYZABCUVWIJQ")


def read(data: bytes, name: str) -> ToolLibrary:
    """Read a table; lengths are taken as mm, for the file itself does not say its unit.

    Raises:
        ConfigError: ``library.not-readable`` with the line, for what is no tool table.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        lines = data.decode("latin-1").splitlines()
    tools = [_tool(line, f"{name}: line {i + 1}") for i, line in enumerate(lines) if line.split(";")[0].strip()]
    return ToolLibrary(name, "linuxcnc", tuple(tools))


def _tool(line: str, where: str) -> LibraryTool:
    code, _, comment = line.partition(";")
    pairs = WORD.findall(code)
    letters = [letter.upper() for letter, _ in pairs]
    left = WORD.sub("", code).strip()
    if left or "T" not in letters or not set(letters) <= LETTERS or len(set(letters)) != len(letters):
        what = f"{left!r} cannot be read" if left else "it needs one T and each letter once"
        hint = "A line is T1 P1 D6.0 Z+55.2 ;comment"
        raise ConfigError("library.not-readable", f"{where}: {what}", place=where, value=line.strip()[:80], hint=hint)
    said = {letter.upper(): value for letter, value in pairs}
    across = numbers.plain(said.get("D"))
    return LibraryTool(
        place=where,
        kind="other:table line",
        name=comment.strip(),
        unit="mm",
        geometry=LibraryGeometry(diameter_mm=across or None),
        original=line,
        number=numbers.whole(said["T"]) or 0,
        extras={letter: value for letter, value in said.items() if letter not in "TD"},
    )


def write(library: ToolLibrary) -> bytes:
    """Write a table; lines that came from one are given back as they were. Lengths are the operator's to touch off."""
    if library.format == "linuxcnc":
        return "".join(f"{tool.original}\n" for tool in library.tools).encode()
    rows = []
    for tool in library.tools:
        across = tool.geometry.diameter_mm or 0.0
        words = f"T{tool.number} P{tool.number} D{numbers.told(across):.6f} Z+0.000000"
        rows.append(f"{words} ;{' '.join(tool.name.split())}\n")
    return "".join(rows).encode()
