"""``lotone verify``: checks a released folder again, or judges another program against the same part."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from model.finding import Report
from pipeline.cli.options import JsonOption

SCHEMA = "lotone.verdict/1"


def verify(
    folder: Annotated[Path, typer.Argument(help="A released folder: out/<order id>.")],
    *,
    program: Annotated[
        Path | None, typer.Option("--program", help="Judge this text against the same part, stock and tools.")
    ] = None,
    replaces: Annotated[str, typer.Option("--replaces", help="The released program it stands for.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Check a released folder again: hashes and the full simulation."""
    from model.errors import VerificationError
    from pipeline.recheck import judge, recheck

    if program is None:
        report, place = recheck(folder), ""
    else:
        report, place = judge(folder, _text(program), program.name, replaces)
    if as_json:
        _as_json(report, folder, program, place)
    else:
        _as_lines(report, folder, program, place)
    if not report.passed:
        raise typer.Exit(VerificationError.exit_code)


def _text(program: Path) -> str:
    """The program's text, its line ends untouched.

    Raises:
        ConfigError: It cannot be read.
        VerificationError: It is no text, so no machine may run it.
    """
    from model.errors import ConfigError
    from pipeline.recheck import no_program

    try:
        return program.read_bytes().decode()
    except OSError as error:
        message = f"{program} could not be read: {error.strerror}"
        raise ConfigError("verify.unreadable-program", message, place=str(program), hint="Check it.") from error
    except UnicodeDecodeError as error:
        raise no_program(program.name, f"byte {error.start} is not UTF-8 text") from error


def _as_json(report: Report, folder: Path, program: Path | None, place: str) -> None:
    from pipeline.engine.codec import plain

    told = {
        "schema": SCHEMA,
        "accepted": report.passed,
        "folder": str(folder),
        "program": str(program) if program else None,
        "replaces": place or None,
        "report": plain(report),
    }
    typer.echo(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True))


def _as_lines(report: Report, folder: Path, program: Path | None, place: str) -> None:
    for gate in report.gates:
        typer.echo(f"{gate.verdict:<14}  {gate.name}: {gate.detail}")
    for note in report.notes if program else ():
        where = f" [{note.place}]" if note.place else ""
        typer.echo(f"{'note':<14}  {note.message}{where}")
    for found in report.failures:
        where = f" [{found.place}]" if found.place else ""
        typer.echo(f"  {found.code}{where}: {found.message}", err=True)
    subject = f"{program} in the place of {place}" if program else str(folder)
    typer.echo(f"{'accepted' if report.passed else 'REFUSED'}: {subject}")
