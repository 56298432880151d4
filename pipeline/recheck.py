"""Checks a released folder again: every hash, every file against its stage, then the whole proof anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from model.design import Design
from model.errors import ConfigError, LotOneError, VerificationError
from model.finding import Finding, Report
from model.order import Brief
from model.plan import ProcessPlan
from model.program import PrintFiles, Programs
from model.tooling import ShopData
from model.toolpath import Toolpaths
from pipeline.engine.claim import TOGETHER, claimed
from pipeline.engine.codec import decode
from pipeline.engine.entries import certified
from pipeline.engine.folder import MANIFEST, RELEASE, Manifest, check_hashes
from pipeline.engine.store import sha256
from pipeline.group.line import PLATE, PROCESS
from pipeline.line import PROCESSES, declared, function_at

LINES = {**PROCESSES, PROCESS: PLATE}
VERIFY = "verify"
OTHER = {"cut": "pipeline.verify.stage:verify_other", "print": "pipeline.verify.print_stage:verify_other_print"}
OTHER[PROCESS] = OTHER["print"]
TOOLING = "inputs/tooling.json"
CLEARLY = 1.25
"""A text stands for the released program it shares most lines with, if no other comes this near."""


def recheck(root: Path) -> Report:
    """Prove a released folder again.

    The release must be, to the byte, what the results in ``stages/`` give; its programs are then judged against the
    part, stock, tools and machine kept in ``stages/`` and ``inputs/``.

    Raises:
        VerificationError: A file is changed, missing, extra or cannot be read; the folder holds no release, or another
            order's, or files its stages did not make; the certificate speaks of other programs.
    """
    process, values = _opened(root)
    verify = next(s for s in declared(LINES[process]) if s.name == VERIFY)
    with _judging(root):
        report: Report = verify.apply(values.__getitem__)
    return report


def judge(root: Path, text: str, name: str, replaces: str = "") -> tuple[Report, str]:
    """Judge another program text in the place of one of the released ones; returns the report and whose place it took.

    ``replaces`` names the released program; without it the text's own file ``name`` decides, or else its lines.

    Raises:
        VerificationError: The folder itself is not what was certified, or the text is no program for it.
        ConfigError: It is not clear which program the text would replace.
    """
    process, values = _opened(root)
    if not text.strip() or "\0" in text:
        raise no_program(name, "it is empty" if not text.strip() else "it holds binary data")
    texts = {p.name: p.text for p in _programs(values)}
    place = stands_for(text, name, texts, replaces)
    other = function_at(OTHER[process])
    kinds = (Design, ProcessPlan, Toolpaths, Programs) if process == "cut" else (Design, PrintFiles, ShopData)
    with _judging(root):
        report: Report = other(*(values[kind] for kind in kinds), text, place)
    return report, place


def no_program(name: str, why: str) -> VerificationError:
    """The refusal of a file that can stand for no released program."""
    message = f"{name} is no program for this part: {why}"
    return VerificationError(
        "verify.no-program",
        message,
        place=name,
        hint="Give the text of a program for the same part, or name the one it stands for with --replaces NAME.",
        findings=(Finding("verify.no-program", message, place=name),),
    )


def stands_for(text: str, name: str, texts: dict[str, str], replaces: str = "") -> str:
    """Which released program a text is meant to replace.

    Raises:
        ConfigError: The name given is none of them, or the text resembles two alike.
        VerificationError: It resembles none.
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
    if shared[0][0] == 0:
        raise no_program(name, "it has no line in common with any released program")
    if shared[0][0] < CLEARLY * shared[1][0]:
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


def _opened(root: Path) -> tuple[str, dict[type, Any]]:
    """A released folder's process and its stages' results, after everything in it was held against the rest.

    Raises:
        VerificationError: As :func:`recheck`.
    """
    manifest = check_hashes(root)
    _need_release(root, manifest)
    if manifest.process == TOGETHER:
        return _opened(_group_of(root))
    if manifest.process not in LINES:
        raise _incomplete(root, MANIFEST, f"there is no process {manifest.process!r}")
    values: dict[type, Any] = {ShopData: _read(root, TOOLING, ShopData)}
    passed: dict[str, str] = {}
    for number, one in enumerate(LINES[manifest.process], 1):
        passed[one.name] = f"stages/{number}-{one.name}/output.json"
        values[one.gives] = _read(root, passed[one.name], one.gives)
    if sha256((root / TOOLING).read_bytes()) != _tooling_digest(root, manifest.process):
        raise _incomplete(root, TOOLING, "it is not the tooling the stages were made with")
    _same_order(root, manifest, values[Brief].order_id)
    _same_release(root, manifest, {e.path: e.data for e in certified(values.__getitem__, passed)})
    _same_programs(root, {p.name for p in _programs(values)})
    return manifest.process, values


def _read(root: Path, path: str, kind: type[Any]) -> Any:
    try:
        return decode(kind, (root / path).read_bytes())
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise _incomplete(root, path, _why(error)) from error


def _group_of(root: Path) -> Path:
    """The folder of the group an order was made in.

    Raises:
        VerificationError: ``verify.no-group``: it is gone, or does not hold the order.
    """
    one = claimed(root)
    if one is None or one.order_id != root.resolve().name:
        raise VerificationError(
            "verify.no-group", f"{root} was released in a group whose folder is gone or does not hold it",
            place=str(root), hint="Trust none of it: make the order again.",
        )  # fmt: skip
    return root.parent / one.group


def _tooling_digest(root: Path, process: str) -> object:
    number, first = next((n, s) for n, s in enumerate(LINES[process], 1) if ShopData in s.takes)
    path = f"stages/{number}-{first.name}/stage.json"
    try:
        return json.loads((root / path).read_bytes())["inputs"]["ShopData"]
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise _incomplete(root, path, _why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return "it is missing or cannot be read"
    return f"it does not hold what it must: {type(error).__name__}: {error}"


def _incomplete(root: Path, path: str, why: str) -> VerificationError:
    return VerificationError(
        "verify.folder-incomplete",
        f"{root} cannot be checked, {path}: {why}",
        place=path,
        hint="Trust none of it: make the order again (unchanged stages cost nothing).",
    )


@contextmanager
def _judging(root: Path) -> Iterator[None]:
    """A proof that cannot be carried to its end is no proof.

    Raises:
        VerificationError: ``verify.not-finished``.
    """
    try:
        yield
    except (LotOneError, OSError, MemoryError):
        raise
    except Exception as error:
        raise VerificationError(
            "verify.not-finished",
            f"The proof could not be carried to its end: {type(error).__name__}: {error}",
            place=str(root),
            hint="Do not run it. If nobody touched the folder, it is a fault of LotOne: please report it.",
        ) from error


def _same_order(root: Path, manifest: Manifest, order_id: str) -> None:
    """Hold the manifest's order against the brief's and the folder's name.

    Raises:
        VerificationError: ``verify.other-order``.
    """
    for what, found, hint in (
        ("stages are", order_id, "Make the order again."),
        ("folder is", root.resolve().name, "Give the folder its order's name again, or make the order again."),
    ):
        if found != manifest.order_id:
            raise VerificationError(
                "verify.other-order",
                f"The manifest speaks of the order {manifest.order_id!r}, the {what} of {found!r}",
                place=str(root),
                value=found,
                limit=manifest.order_id,
                hint=hint,
            )


def _same_release(root: Path, manifest: Manifest, made: dict[str, bytes]) -> None:
    """Hold every file of the release against what the stages made, byte by byte.

    Raises:
        VerificationError: ``verify.release-differs``, one finding a file.
    """
    there = {f.path for f in manifest.files if f.path.startswith(f"{RELEASE}/")}
    told = dict.fromkeys(there - set(made), "is no stage's work")
    told |= dict.fromkeys(set(made) - there, "is missing from the release")
    told |= {p: "differs from what its stage made" for p in there & set(made) if (root / p).read_bytes() != made[p]}
    findings = tuple(Finding("verify.release-differs", f"{p} {told[p]}", place=p) for p in sorted(told))
    if findings:
        raise VerificationError(
            "verify.release-differs",
            f"{root} is not what the stages made: {findings[0].message}",
            place=findings[0].place,
            hint="Trust none of it: make the order again (unchanged stages cost nothing).",
            findings=findings,
        )


def _programs(values: dict[type, Any]) -> tuple[Any, ...]:
    programs: tuple[Any, ...] = values[Programs].programs if Programs in values else values[PrintFiles].files
    return programs


def _same_programs(root: Path, names: set[str]) -> None:
    """Hold the certificate's hashes against the released programs.

    Raises:
        VerificationError: ``verify.other-program``: the certificate was made for another text, or not for all of them.
    """
    path = f"{RELEASE}/certificate.json"
    try:
        bound = dict(json.loads((root / path).read_bytes())["bound_to"])
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise _incomplete(root, path, _why(error)) from error
    certain = {n.removeprefix("program "): digest for n, digest in bound.items() if n.startswith("program ")}
    for name in sorted(names | set(certain)):
        found = sha256((root / RELEASE / "programs" / name).read_bytes()) if name in names else None
        if certain.get(name) != found:
            raise VerificationError(
                "verify.other-program",
                f"The certificate speaks of another {name}",
                place=f"{RELEASE}/programs/{name}",
                value=found,
                limit=certain.get(name),
                hint="Make the order again.",
            )
