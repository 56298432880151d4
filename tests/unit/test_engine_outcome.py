"""Outcomes: every error becomes the same data, and the worst of several decides the exit code."""

from __future__ import annotations

import pytest

from model.errors import CapabilityError, ConfigError, OrderError, QuestionError, VerificationError
from model.finding import Finding
from model.order import Question
from pipeline.engine.outcome import lines_of, problem_of, verdict_of, worst


@pytest.mark.parametrize(
    ("error", "verdict", "code"),
    [
        (OrderError("a.b", "m"), "refused", 65),
        (QuestionError("a.b", "m", ()), "waiting", 65),
        (CapabilityError("a.b", "m"), "refused", 69),
        (VerificationError("a.b", "m"), "refused", 76),
        (ConfigError("a.b", "m"), "refused", 78),
        (ZeroDivisionError("m"), "broken", 70),
    ],
)
def test_each_kind_has_its_verdict_and_exit_code(error: Exception, verdict: str, code: int) -> None:
    problem = problem_of(error, "plan")

    assert (verdict, code, "plan") == (verdict_of(problem), problem.exit_code, problem.stage)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], 0),
        ([0, 0], 0),
        ([0, 65], 65),
        ([69, 65], 69),
        ([69, 78], 78),
        ([78, 76, 65], 76),
        ([76, 70], 70),
        ([3, 76], 3),
    ],
)
def test_the_worst_decides(codes: list[int], expected: int) -> None:
    assert expected == worst(codes)


def test_too_little_memory_is_told_in_words() -> None:
    problem = problem_of(MemoryError(), "plan")

    assert ("line.too-much-memory", "plan", "broken") == (problem.code, problem.stage, verdict_of(problem))
    assert problem.hint


def test_a_question_that_is_the_message_is_asked_once() -> None:
    error = QuestionError("design.size", "Is 2 m right?", (Question("size_mm", "Is 2 m right?", ("yes", "no")),))

    assert ["design.size: Is 2 m right?", "  question about size_mm", "    - yes", "    - no"] == [
        line for line in lines_of(problem_of(error)) if "hint" not in line
    ]


def test_the_lines_name_code_place_number_limit_and_hint() -> None:
    finding = Finding("plan.no-tool", "no drill fits", "hole-2", 3.3, 3.0, "Add a drill.")
    error = CapabilityError(
        "plan.refused", "two holes", place="plan", value=2, limit=0, hint="See.", findings=(finding,)
    )

    assert [
        "plan.refused [plan]: two holes",
        "  place plan, value 2, limit 0",
        "  hint: See.",
        "  - plan.no-tool: no drill fits",
        "    place hole-2, value 3.3, limit 3",
        "    hint: Add a drill.",
    ] == lines_of(problem_of(error, "plan"))


def test_the_lines_tell_nothing_twice() -> None:
    first, second, third = (
        Finding("plan.no-tool", f"{what} does not fit", what, 3.3, 3.0, hint)
        for what, hint in (("hole-1", "Add a drill."), ("hole-2", "Add a drill."), ("hole-3", "Widen it."))
    )
    error = CapabilityError(
        first.code, f"not made: {first.message}", place=first.place, value=first.value, limit=first.limit,
        hint=first.hint, findings=(first, second, third),
    )  # fmt: skip

    assert [
        "plan.no-tool: not made: hole-1 does not fit",
        "  place hole-1, value 3.3, limit 3",
        "  hint: Add a drill.",
        "  - plan.no-tool: hole-2 does not fit",
        "    place hole-2, value 3.3, limit 3",
        "  - plan.no-tool: hole-3 does not fit",
        "    place hole-3, value 3.3, limit 3",
        "    hint: Widen it.",
    ] == lines_of(problem_of(error))


def test_the_lines_ask_the_questions() -> None:
    error = QuestionError(
        "understand.contradiction", "two widths", (Question("width_mm", "Which?", ("40 mm", "50 mm")),)
    )

    assert ["  question about width_mm: Which?", "    - 40 mm", "    - 50 mm"] == lines_of(problem_of(error))[2:]
