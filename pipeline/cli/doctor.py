"""``lotone doctor``: what this computer has for the work, and the one line that brings what is missing."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pipeline.cli.options import JsonOption, ToolingOption


def doctor(
    *,
    tooling: ToolingOption = None,
    as_json: JsonOption = False,
    warm: Annotated[
        bool, typer.Option("--warm", help="Make one small order in passing, which compiles the simulation's kernels.")
    ] = False,
) -> None:
    """Check Python, packages, slicing engine, controller, graphics, fonts and the tooling database."""
    from model.errors import ConfigError
    from pipeline.cli.checks import examine, rehearse
    from pipeline.engine.codec import plain

    checks = examine(tooling)
    if warm:
        checks = (*checks, rehearse())
    well = all(c.verdict != "bad" for c in checks)
    if as_json:
        told = {"schema": "lotone.doctor/1", "well": well, "checks": [plain(c) for c in checks]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for check in checks:
            typer.echo(f"{check.verdict:<8} {check.name}: {check.detail}")
            if check.remedy:
                typer.echo(f"         -> {check.remedy}")
    if not well:
        raise typer.Exit(ConfigError.exit_code)
