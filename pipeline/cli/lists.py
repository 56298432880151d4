"""``lotone families``, ``machines``, ``tools``, ``materials``: what can be made, on what, with what and of what."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli import libraries
from pipeline.cli.options import JsonOption, ToolingOption, load_shop

Rows = Callable[[Path | None], Mapping[str, Any]]
Columns = Mapping[str, Callable[[Any], str]]

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Which one.")]


def _machines(tooling: Path | None) -> Mapping[str, Any]:
    shop = load_shop(tooling)
    return {**shop.machines, **shop.printers, **shop.lathes}


def _tools(tooling: Path | None) -> Mapping[str, Any]:
    return load_shop(tooling).tools


def _materials(tooling: Path | None) -> Mapping[str, Any]:
    return load_shop(tooling).materials


def _listing(what: str, rows: Rows, columns: Columns) -> typer.Typer:
    """One noun with its ``list`` and ``show``; the noun alone lists."""
    app = typer.Typer(help=f"Show the shop's {what}.")

    def listed(tooling: Path | None, *, as_json: bool) -> None:
        from pipeline.cli.screen import table
        from pipeline.engine.codec import plain

        found = rows(tooling)
        if as_json:
            typer.echo(json.dumps({what: [plain(row) for row in found.values()]}, ensure_ascii=False, indent=1))
            return
        typer.echo(table([[*columns], *([told(row) for told in columns.values()] for row in found.values())]))

    @app.callback(invoke_without_command=True)
    def every(context: typer.Context, *, tooling: ToolingOption = None, as_json: JsonOption = False) -> None:
        if context.invoked_subcommand is None:
            listed(tooling, as_json=as_json)

    @app.command("list")
    def listing(*, tooling: ToolingOption = None, as_json: JsonOption = False) -> None:
        listed(tooling, as_json=as_json)

    @app.command("show")
    def show(row_id: IdArgument, *, tooling: ToolingOption = None) -> None:
        from pipeline.engine.codec import pretty

        typer.echo(pretty(_row(what, rows(tooling), row_id)).decode(), nl=False)

    every.__doc__ = listing.__doc__ = f"List the shop's {what}."
    listing.__doc__ = f"List the shop's {what}."
    show.__doc__ = "Show one with everything known about it, as JSON."
    return app


def _row(what: str, rows: Mapping[str, Any], row_id: str) -> Any:
    if row_id in rows:
        return rows[row_id]
    from model.errors import ConfigError

    raise ConfigError(
        "cli.unknown-id",
        f"The shop has no {row_id!r} among its {what}",
        place=what,
        value=row_id,
        limit=", ".join(rows),
        hint=f"List them with `lotone {what}`.",
    )


families = typer.Typer(help="Show the product families.")


def _families(*, as_json: bool) -> None:
    import generators
    from pipeline.cli.screen import table

    found = {name: generators.get(name) for name in generators.names()}
    if as_json:
        rows = [{"id": n, "title": f.title, "process": f.process, "materials": f.materials} for n, f in found.items()]
        typer.echo(json.dumps({"families": rows}, ensure_ascii=False, indent=1))
        return
    typer.echo(table([["id", "made by", "title"], *([n, f.process, f.title] for n, f in found.items())]))


@families.callback(invoke_without_command=True)
def _every_family(context: typer.Context, *, as_json: JsonOption = False) -> None:
    """List the product families."""
    if context.invoked_subcommand is None:
        _families(as_json=as_json)


@families.command("list")
def list_families(*, as_json: JsonOption = False) -> None:
    """List the product families."""
    _families(as_json=as_json)


@families.command("show")
def show_family(
    name: IdArgument,
    *,
    schema: Annotated[bool, typer.Option("--schema", help="The parameters' JSON schema alone.")] = False,
) -> None:
    """Show one family: its parameters with ranges and defaults, and its materials."""
    import generators
    from pipeline.cli.screen import table

    family = generators.get(name)
    told = family.params.model_json_schema()
    if schema:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
        return
    typer.echo(f"{name}: {family.title}\nmaterials: {', '.join(family.materials)}\n")
    rows = [[n, _range(p), json.dumps(p.get("default"), ensure_ascii=False), p.get("description", "")]
            for n, p in told["properties"].items()]  # fmt: skip
    typer.echo(table([["parameter", "range", "default", "what it is"], *rows]))


def _range(prop: Mapping[str, Any]) -> str:
    low = prop.get("minimum", prop.get("exclusiveMinimum"))
    high = prop.get("maximum", prop.get("exclusiveMaximum"))
    if low is not None or high is not None:
        return f"{'' if low is None else low}..{'' if high is None else high}"
    return " | ".join(str(e) for e in prop["enum"]) if "enum" in prop else str(prop.get("type", ""))


APPS = {
    "families": families,
    "machines": _listing(
        "machines",
        _machines,
        {"id": lambda r: r.id, "dialect": lambda r: getattr(r, "dialect", "none: a lathe"), "name": lambda r: r.name},
    ),
    "tools": _listing(
        "tools",
        _tools,
        {
            "id": lambda r: r.id,
            "kind": lambda r: r.kind,
            "diameter mm": lambda r: f"{r.diameter_mm:g}",
            "flutes": lambda r: str(r.flutes),
            "name": lambda r: r.name,
        },
    ),
    "materials": _listing(
        "materials",
        _materials,
        {
            "id": lambda r: r.id,
            "made by": lambda r: r.process,
            "group": lambda r: r.iso_group,
            "name": lambda r: r.name,
        },
    ),
}
APPS["tools"].command("import")(libraries.import_library)
APPS["tools"].command("export")(libraries.export_library)
