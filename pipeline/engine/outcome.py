"""How an order's journey ended: released, waiting for an answer, or refused, with the exit code a script can act on."""

from __future__ import annotations

import re
import resource
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from model.errors import LotOneError, QuestionError
from model.finding import Finding
from model.order import Question
from model.quote import Usage
from model.tooling import ShopData
from pipeline.engine.store import DISK, disk_error

SEVERITY = (0, 65, 69, 78, 76, 70)
"""Exit codes from harmless to worst: all well; the customer can fix it; this shop cannot make it; data or machine
settings are wrong; a proof failed; a bug."""

STARVED = 0.95
"""A process that holds this share of the memory it may has come to its limit."""

Verdict = Literal["released", "waiting", "refused", "broken"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One failure as data: what :class:`~model.errors.LotOneError` carries, ready for a file or another process."""

    code: str
    family: str
    message: str
    exit_code: int
    stage: str = ""
    place: str = ""
    value: float | str | None = None
    limit: float | str | None = None
    hint: str = ""
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where one order ended.

    ``folder`` is its output folder ("" when none was made); ``release`` lists the certified files in it;
    ``cached`` and ``stages`` count the stages taken from the store and all of them; ``notes`` are for the customer.
    ``usage`` is what a released order takes of its workshop (None: no workshop owns the machine).
    """

    order_id: str
    verdict: Verdict
    folder: str = ""
    release: tuple[str, ...] = ()
    problem: Problem | None = None
    cached: int = 0
    stages: int = 0
    notes: tuple[str, ...] = ()
    usage: Usage | None = None

    @property
    def exit_code(self) -> int:
        """0 when released, else the problem's code."""
        return self.problem.exit_code if self.problem else 0


def problem_of(error: Exception, stage: str = "") -> Problem:
    """Describe any exception; one that is neither a :class:`LotOneError` nor the disk's is a bug with exit code 70."""
    if isinstance(error, OSError) and error.errno in DISK:
        error = disk_error(Path(str(error.filename or "a file")), error)
    if isinstance(error, LotOneError):
        return Problem(
            code=error.code,
            family=error.kind,
            message=error.message,
            exit_code=error.exit_code,
            stage=error.stage or stage,
            place=error.place,
            value=error.value,
            limit=error.limit,
            hint=error.hint,
            findings=error.findings,
            questions=error.questions if isinstance(error, QuestionError) else (),
        )
    if isinstance(error, MemoryError) or _starved():
        return Problem(
            code="line.too-much-memory",
            family="bug",
            message="The order needs more memory than its process may have",
            exit_code=LotOneError.exit_code,
            stage=stage,
            hint="Leave out fine detail (modelled threads, knurls, scanned meshes); the other orders went on.",
        )
    return Problem(
        code=f"bug.{type(error).__name__}",
        family="bug",
        message=f"{type(error).__name__}: {error}",
        exit_code=LotOneError.exit_code,
        stage=stage,
        hint="A fault of LotOne, not of the order; its trace is in the folder's events.jsonl. Please report it.",
    )


def _starved() -> bool:
    """Whether this process holds all the memory it may: libraries then fail in ways of their own."""
    most = resource.getrlimit(resource.RLIMIT_DATA)[0]
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:  # no such file on this system
        return False
    held = re.search(r"VmData:\s+(\d+) kB", status)
    return most != resource.RLIM_INFINITY and held is not None and int(held[1]) * 1024 > STARVED * most


def verdict_of(problem: Problem) -> Verdict:
    """Waiting for questions, broken for bugs, refused for everything else."""
    if problem.family == "waiting":
        return "waiting"
    return "broken" if problem.exit_code == LotOneError.exit_code else "refused"


def worst(codes: Iterable[int]) -> int:
    """The gravest of several exit codes, by :data:`SEVERITY`; an unknown code counts as a bug."""
    return max(codes, key=lambda c: SEVERITY.index(c) if c in SEVERITY else len(SEVERITY), default=0)


def lines_of(problem: Problem) -> list[str]:
    """The problem as text for people: what, where, how much, what to do next."""
    where = f" [{problem.stage}]" if problem.stage else ""
    lines = [f"{problem.code}{where}: {problem.message}"]
    lines += _facts(problem.place, problem.value, problem.limit)
    lines += [f"  hint: {problem.hint}"] if problem.hint else []
    for question in problem.questions:
        asked = "" if question.text in problem.message else f": {question.text}"
        lines.append(f"  question about {question.about}{asked}")
        lines += [f"    - {option}" for option in question.options]
    hint = problem.hint
    for finding in problem.findings:
        if _is_told(finding, problem):
            continue
        lines.append(f"  - {finding.code}: {finding.message}")
        lines += [f"  {line}" for line in _facts(finding.place, finding.value, finding.limit)]
        lines += [f"    hint: {finding.hint}"] if finding.hint not in ("", hint) else []
        hint = finding.hint or hint
    return lines


def _is_told(finding: Finding, problem: Problem) -> bool:
    """True for the finding the problem itself was told by: nobody reads the same thing twice."""
    same = (finding.code, finding.place, finding.value, finding.limit, finding.hint)
    told = (problem.code, problem.place, problem.value, problem.limit, problem.hint)
    return same == told and finding.message in problem.message


def _facts(place: str, value: Any, limit: Any) -> list[str]:
    parts = [
        f"{name} {_shown(what)}"
        for name, what in (("place", place), ("value", value), ("limit", limit))
        if what not in ("", None)
    ]
    return [f"  {', '.join(parts)}"] if parts else []


def _shown(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def besides(machine: str, shop: ShopData) -> str:
    """Say which other machines and printers orders are made on, by their workshops."""
    made_on = {*shop.machines, *shop.printers} - {machine}
    homes = {w.name: [m for m in (*w.machines, *w.printers) if m in made_on] for w in shop.workshops.values()}
    others = "; ".join(f"{name}: {', '.join(ids)}" for name, ids in homes.items() if ids) or "no other"
    return f"Only {machine} was asked; the shop has {others}."
