"""Checks a released folder again: every hash, then the whole proof anew, from nothing but the folder's own files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from model.design import Design
from model.errors import ConfigError, VerificationError
from model.finding import Report
from model.plan import ProcessPlan
from model.program import PrintFiles, Programs
from model.tooling import ShopData
from model.toolpath import Toolpaths
from pipeline.engine.codec import decode
from pipeline.engine.folder import RELEASE, Manifest, check_hashes
from pipeline.engine.store import sha256
from pipeline.line import PROCESSES, declared, function_at

VERIFY = "verify"
OTHER = {"cut": "pipeline.verify.stage:verify_other", "print": "pipeline.verify.print_stage:verify_other_print"}
CLEARLY = 1.25
"""A text stands for the released program it shares most lines with, if no other comes this near."""


def recheck(root: Path) -> Report:
    """Prove a released folder again.

    The released programs' own bytes are judged, against the part, stock, tools and machine kept in ``stages/`` and
    ``inputs/``.

    Raises:
        VerificationError: A file is changed, missing or extra; the folder holds no release; the certificate speaks of
            other programs; or the proof fails now.
    """
    manifest = check_hashes(root)
    _need_release(root, manifest)
    values = _values(root, manifest)
    _same_programs(root)
    verify = next(s for s in declared(PROCESSES[manifest.process]) if s.name == VERIFY)
    report: Report = verify.apply(values.__getitem__)
    return report


def judge(root: Path, text: str, name: str, replaces: str = "") -> tuple[Report, str]:
    """Judge another program text in the place of one of the released ones; returns the report and whose place it took.

    ``replaces`` names the released program; without it the text's own file ``name`` decides, or else its lines.

    Raises:
        VerificationError: The folder itself is not what was certified.
        ConfigError: It is not clear which program the text would replace.
    """
    manifest = check_hashes(root)
    _need_release(root, manifest)
    values = _values(root, manifest)
    texts = {p.name: p.text for p in _programs(values)}
    place = stands_for(text, name, texts, replaces)
    other = function_at(OTHER[manifest.process])
    if manifest.process == "cut":
        report: Report = other(values[Design], values[ProcessPlan], values[Toolpaths], values[Programs], text, place)
        return report, place
    report = other(values[Design], values[PrintFiles], values[ShopData], text, place)
    return report, place


def stands_for(text: str, name: str, texts: dict[str, str], replaces: str = "") -> str:
    """Which released program a text is meant to replace.

    Raises:
        ConfigError: The name given is none of them, or the text resembles two alike.
    """
    if replaces and replaces not in texts:
        raise _unclear(f"There is no released program {replaces!r}", replaces, texts)
    if replaces or name in texts or len(texts) == 1:
        return replaces or (name if name in texts else next(iter(texts)))
    lines = Counter(line.strip() for line in text.splitlines())
    shared = sorted(
        ((sum((lines & Counter(t.strip() for t in own.splitlines())).values()), n) for n, own in texts.items()),
        reverse=True,
    )
    if shared[0][0] < CLEARLY * shared[1][0] or shared[0][0] == 0:
        raise _unclear(f"It is not clear which released program {name} would replace", name, texts)
    return shared[0][1]


def _unclear(message: str, value: str, texts: dict[str, str]) -> ConfigError:
    return ConfigError(
        "verify.which-program",
        message,
        place="--replaces",
        value=value,
        limit=", ".join(texts),
        hint="Say it with --replaces NAME.",
    )


def _need_release(root: Path, manifest: Manifest) -> None:
    if manifest.verdict != "released":
        raise VerificationError(
            "verify.not-released",
            f"{root} holds no release: the order was {manifest.verdict}",
            place=str(root),
            value=manifest.verdict,
            limit="released",
            hint="Read findings.json in that folder.",
        )


def _values(root: Path, manifest: Manifest) -> dict[type, Any]:
    """The stages' results and the tooling, decoded; the programs with the released bytes for text."""
    values: dict[type, Any] = {ShopData: decode(ShopData, (root / "inputs/tooling.json").read_bytes())}
    for number, one in enumerate(declared(PROCESSES[manifest.process]), 1):
        values[one.gives] = decode(one.gives, (root / f"stages/{number}-{one.name}/output.json").read_bytes())
    if Programs in values:
        own = tuple(replace(p, text=_released(root, p.name)) for p in values[Programs].programs)
        values[Programs] = Programs(own)
    else:
        values[PrintFiles] = PrintFiles(
            tuple(replace(f, text=_released(root, f.name)) for f in values[PrintFiles].files)
        )
    return values


def _released(root: Path, name: str) -> str:
    return (root / RELEASE / "programs" / name).read_bytes().decode()


def _programs(values: dict[type, Any]) -> tuple[Any, ...]:
    programs: tuple[Any, ...] = values[Programs].programs if Programs in values else values[PrintFiles].files
    return programs


def _same_programs(root: Path) -> None:
    """Hold the certificate's hashes against the released programs.

    Raises:
        VerificationError: ``verify.other-program``: the certificate was made for another text.
    """
    bound = json.loads((root / RELEASE / "certificate.json").read_bytes())["bound_to"]
    for what, digest in bound.items():
        kind, _, name = what.partition(" ")
        if kind == "program" and sha256((root / RELEASE / "programs" / name).read_bytes()) != digest:
            raise VerificationError(
                "verify.other-program",
                f"The certificate speaks of another {name}",
                place=f"{RELEASE}/programs/{name}",
                limit=digest,
                hint="Make the order again.",
            )
