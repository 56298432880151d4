"""``lotone tools import`` and ``export``: other programs' tool libraries in, with every doubt named, and out again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import JsonOption, ToolingOption, load_shop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from model.library import ToolLibrary
    from tooling_db.libraries.rows import Rows

NOTES_SHOWN = 20
YES = {"true": True, "yes": True, "false": False, "no": False}


def import_library(
    file: Annotated[Path, typer.Argument(metavar="LIBRARY", help="A tool library of another program.")],
    *,
    into: Annotated[
        Path | None,
        typer.Option("--into", help="A tooling database's folder: its rows and the kept original go there."),
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option("--assume", help="FIELD=VALUE for tools that do not say it: price_eur, max_rpm, substrate, ..."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read a library: what is in it, what is doubtful, and which tools can become rows of the tooling database.

    Reads Fusion (.json .tools), HSMWorks (.hsmlib), FreeCAD (.fctb, or a .zip of a .fctl and its bits), LinuxCNC
    (.tbl), ISO 13399 (.p21), GTC packages (.zip), DIN 4000 (.csv .xml) and CSV.
    """
    from tooling_db.libraries import read
    from tooling_db.libraries.rows import rows

    data = _bytes(file)
    library = read(data, file.name)
    ready = rows(library, _assumed(assume or []))
    written = _keep(into, file.name, data, library, ready) if into is not None else []
    if as_json:
        typer.echo(json.dumps(_told(library, ready, written), ensure_ascii=False, indent=1))
    else:
        _show(library, ready, written)


def export_library(
    file: Annotated[Path, typer.Argument(metavar="LIBRARY", help="The file to write; its ending names the format.")],
    *,
    source: Annotated[Path | None, typer.Option("--from", help="A library to translate.")] = None,
    machine: Annotated[str, typer.Option("--machine", help="A machine whose tools to write.")] = "",
    format_: Annotated[str, typer.Option("--format", help="The format, where the ending leaves it open.")] = "",
    tooling: ToolingOption = None,
) -> None:
    """Write a machine's tools, or another library, as a library of another program.

    Formats: fusion-json, fusion-tools, hsmlib, freecad, linuxcnc, p21, gtc, din4000, csv.
    """
    from model.errors import ConfigError
    from pipeline.engine.store import write_atomic
    from tooling_db.libraries import ENDINGS, FORMATS, of_crib, read, write

    if (source is None) == (not machine):
        hint = "Give --machine ID for a machine's tools, or --from LIBRARY to translate a file."
        raise ConfigError("cli.one-of", "Name what to write: a machine or a library, one of them", hint=hint)
    chosen = format_ or ENDINGS.get(file.suffix.lower(), "")
    if not chosen:
        known = ", ".join(FORMATS)
        message = f"The ending {file.suffix or 'none'!r} does not name one format"
        raise ConfigError("library.unknown-format", message, place=file.name, limit=known, hint=f"--format {known}")
    if source is not None:
        library = read(_bytes(source), source.name)
    else:
        machines = load_shop(tooling).machines
        if machine not in machines:
            hint = "List them with `lotone machines`."
            message = f"The shop has no machine {machine!r}"
            raise ConfigError("cli.unknown-id", message, value=machine, limit=", ".join(machines), hint=hint)
        library = of_crib(machines[machine].tools, machine)
    write_atomic(file, write(library, chosen))
    typer.echo(f"{file}: {len(library.tools)} tools, {chosen}")


def _bytes(file: Path) -> bytes:
    from model.errors import ConfigError

    try:
        return file.read_bytes()
    except OSError as error:
        message = f"{file.name} cannot be read: {error.strerror}"
        raise ConfigError("library.not-readable", message, place=file.name, hint="Check the path.") from error


def _assumed(given: list[str]) -> dict[str, str | float | bool]:
    from model.errors import ConfigError
    from tooling_db.libraries.numbers import plain
    from tooling_db.libraries.rows import ASSUMABLE

    found: dict[str, str | float | bool] = {}
    for one in given:
        field, _, raw = one.partition("=")
        value = YES.get(raw.lower(), plain(raw) if field not in ("substrate", "centre_cutting") else raw)
        wrong = value is None or not raw or (field == "centre_cutting") != isinstance(value, bool)
        if field not in ASSUMABLE or wrong or (field == "substrate" and raw not in ("carbide", "hss", "hss-co")):
            limit = ", ".join(ASSUMABLE)
            message = f"--assume {one}: not a field with a value that can be assumed"
            hint = "For example --assume price_eur=20 --assume max_rpm=24000 --assume substrate=carbide."
            raise ConfigError("cli.assume", message, value=one, limit=limit, hint=hint)
        found[field] = value if value is not None else raw
    return found


def _keep(into: Path, name: str, data: bytes, library: ToolLibrary, ready: Rows) -> list[str]:
    """Write the rows and the original into a tooling database, unless a row of that id is there already."""
    import tooling_db
    from model.errors import ConfigError
    from pipeline.engine.store import write_atomic
    from tooling_db.libraries.rows import toml

    path = into / "tools" / f"library-{Path(name).stem.lower().replace(' ', '-')}.toml"
    there = tooling_db.load(into).tools if any(p != path for p in into.rglob("*.toml")) else {}
    own = (
        {line.split('"')[1] for line in path.read_text().splitlines() if line.startswith("id = ")}
        if path.exists()
        else set()
    )
    taken = [tool.id for tool in ready.tools if tool.id in there and tool.id not in own]
    if taken:
        message = f"{into} already has a tool {taken[0]!r} ({len(taken)} in all)"
        hint = "Import into another folder, or take the old rows out."
        raise ConfigError("library.id-taken", message, place=str(into), value=", ".join(taken), hint=hint)
    if ready.tools:
        write_atomic(path, toml(ready.tools, library.name).encode())
    write_atomic(into / "libraries" / name, data)
    return [str(path)] * bool(ready.tools) + [str(into / "libraries" / name)]


def _told(library: ToolLibrary, ready: Rows, written: list[str]) -> Mapping[str, object]:
    from pipeline.engine.codec import plain

    entries = [
        {"number": t.number, "kind": t.kind, "name": t.name, "unit": t.unit, "geometry": plain(t.geometry),
         "presets": len(t.presets)}
        for t in library.tools
    ]  # fmt: skip
    return {
        "library": library.name, "format": library.format, "tools": entries,
        "presets": sum(len(t.presets) for t in library.tools),
        "notes": [plain(note) for note in library.notes],
        "rows": [tool.id for tool in ready.tools], "left_out": [plain(one) for one in ready.left_out],
        "written": written,
    }  # fmt: skip


def _show(library: ToolLibrary, ready: Rows, written: list[str]) -> None:
    from pipeline.cli.screen import table

    rows = [["T", "kind", "diameter mm", "flutes", "presets", "name"]]
    for tool in library.tools:
        across = tool.geometry.diameter_mm
        shown = "" if across is None else f"{across:.4g}"
        flutes = "" if tool.geometry.flutes is None else str(tool.geometry.flutes)
        rows.append([str(tool.number), tool.kind, shown, flutes, str(len(tool.presets)), tool.name])
    typer.echo(table(rows))
    presets = sum(len(t.presets) for t in library.tools)
    typer.echo(f"\n{library.name}: {len(library.tools)} tools, {presets} presets ({library.format})")
    for title, found in (("doubtful", library.notes), ("cannot become rows", ready.left_out)):
        typer.echo(f"{title}: {len(found)}")
        for note in found[:NOTES_SHOWN]:
            typer.echo(f"  {note.message}{f' - {note.hint}' if note.hint else ''}")
        if len(found) > NOTES_SHOWN:
            typer.echo(f"  ... and {len(found) - NOTES_SHOWN} more (--json shows all)")
    typer.echo(f"can become rows: {len(ready.tools)}")
    for path in written:
        typer.echo(f"written: {path}")
