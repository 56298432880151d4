"""Finds an order's folder and reads from it what can be shown: certified, failed its proof, or only designed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from model.design import Design
from model.errors import CapabilityError, ConfigError, VerificationError
from model.finding import Report
from model.order import Brief
from model.plan import ProcessPlan
from model.program import Programs
from pipeline.engine.codec import decode
from pipeline.engine.folder import MANIFEST, Manifest, check_hashes
from pipeline.engine.outcome import Problem

T = TypeVar("T")
Language = Literal["en", "ru"]
Verdict = Literal["certified", "not-certified", "no-programs"]
FINDINGS = "findings.json"
MILLED: Mapping[str, tuple[str, type]] = {
    "understand": ("stages/1-understand/output.json", Brief),
    "design": ("stages/2-design/output.json", Design),
    "plan": ("stages/4-plan/output.json", ProcessPlan),
    "programs": ("stages/6-post/output.json", Programs),
    "report": ("stages/7-verify/output.json", Report),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What an order's folder holds, as far as the order came.

    ``plan`` is there with a design, ``programs`` with a plan; ``report`` is the proof's, ``problem`` why the order
    was refused. ``language`` is the one the page speaks: the customer's, if no other is asked for.
    """

    order_id: str
    verdict: Verdict
    language: Language
    design: Design
    plan: ProcessPlan | None
    programs: Programs | None
    report: Report | None
    problem: Problem | None


def order_folder(order: str, out: Path) -> Path:
    """The folder of an order named by its folder or its id.

    Raises:
        ConfigError: There is no such folder.
    """
    for folder in (Path(order), out / order):
        if folder.is_dir() and (folder / MANIFEST).exists():
            return folder
    if Path(order).is_dir():
        return Path(order)  # the manifest's absence is told where it is read
    raise ConfigError(
        "show.no-order",
        f"There is no folder {order} and no {out / order}",
        place=order,
        hint="Name a folder `lotone make` wrote, or an order's id and with --out the folder it is in.",
    )


def opened(root: Path, language: Language | None = None) -> Shown:
    """Read an order's folder, every file held against its hash; ``language`` is taken in place of the order's own.

    Raises:
        VerificationError: Files are changed, missing, extra or cannot be read; the folder is another order's.
        CapabilityError: The order is printed, or was refused before there was a design.
    """
    manifest = check_hashes(root)
    if root.resolve().name != manifest.order_id:
        raise VerificationError(
            "show.other-order",
            f"The manifest speaks of the order {manifest.order_id!r}, the folder is {root.resolve().name!r}",
            place=str(root),
            value=root.resolve().name,
            limit=manifest.order_id,
            hint="Give the folder its order's name again, or make the order again.",
        )
    listed = {f.path for f in manifest.files}
    if manifest.process == "print" or any(p.startswith("stages/4-print/") for p in listed):
        raise _printed(root, manifest)
    there: dict[str, Any] = {name: _read(root, path, kind) for name, (path, kind) in MILLED.items() if path in listed}
    problem = _read(root, FINDINGS, Problem) if FINDINGS in listed else None
    if "design" not in there:
        raise CapabilityError(
            "show.no-design",
            f"{manifest.order_id} was {manifest.verdict} before there was a part to show",
            place=str(root),
            value=problem.code if problem else manifest.verdict,
            hint=problem.hint if problem and problem.hint else f"Read {root / FINDINGS}.",
            findings=problem.findings if problem else (),
        )
    released = manifest.verdict == "released"
    verdict: Verdict = "certified" if released else "not-certified" if "programs" in there else "no-programs"
    brief: Brief = there["understand"]
    return Shown(
        manifest.order_id,
        verdict,
        language or brief.language,
        there["design"],
        there.get("plan"),
        there.get("programs"),
        there.get("report"),
        problem,
    )


def _read(root: Path, path: str, kind: type[T]) -> T:
    try:
        return decode(kind, (root / path).read_bytes())
    except (OSError, ValueError, TypeError, LookupError, RecursionError) as error:
        raise VerificationError(
            "show.cannot-read",
            f"{path} does not hold what this version of LotOne expects: {type(error).__name__}: {error}",
            place=str(root / path),
            hint="Make the order again (unchanged stages cost nothing).",
        ) from error


def _printed(root: Path, manifest: Manifest) -> CapabilityError:
    model = root / "release" / "model"
    where = model if model.is_dir() else root / "stages" / "3-export"
    return CapabilityError(
        "show.printed",
        f"{manifest.order_id} is printed, and show draws the toolpaths of milled orders only",
        place=str(root),
        value="print",
        limit="cut",
        hint=f"Its picture and 3D models are in {where}; the sliced layers are best seen in the slicing program.",
    )
