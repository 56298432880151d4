"""What became of the orders, for people who come in the morning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.batch.port import Standing
from pipeline.batch.submit import moment


def reported(orders: Sequence[Standing]) -> dict[str, Any]:
    """Counts, causes and names."""
    causes: dict[str, list[str]] = {}
    for one in orders:
        if one.outcome is not None and one.outcome.problem is not None:
            causes.setdefault(one.outcome.problem.code, []).append(one.order_id)
    return {
        "schema": "lotone.batch-report/1",
        "counts": dict(sorted(Counter(one.state for one in orders).items())),
        "released": [one.order_id for one in orders if one.state == "released"],
        "waiting": {one.order_id: _questions(one) for one in orders if one.state == "waiting"},
        "causes": dict(sorted(causes.items())),
        "crashes": {one.order_id: one.crashes for one in orders if one.crashes},
        "in_time": _in_time(orders),
    }


def lines(told: dict[str, Any]) -> list[str]:
    """The report as text."""
    text = [", ".join(f"{n} {state}" for state, n in told["counts"].items()) or "the queue has no orders"]
    text += [f"released: {', '.join(told['released'])}"] if told["released"] else []
    for name, questions in told["waiting"].items():
        text += [f"{name} waits for an answer:", *(f"  {q}" for q in questions)]
    for code, names in told["causes"].items():
        text.append(f"{code}: {', '.join(names)}")
    text += [f"{name} crashed {n} times" for name, n in told["crashes"].items()]
    if told["in_time"]["due"]:
        text.append(f"released before they were due: {told['in_time']['kept']} of {told['in_time']['due']}")
    return text


def _questions(one: Standing) -> list[str]:
    problem = one.outcome.problem if one.outcome else None
    return [f"{q.about}: {q.text}" for q in problem.questions] if problem else []


def _in_time(orders: Sequence[Standing]) -> dict[str, int]:
    due = [one for one in orders if one.request.due and one.state in ("released", "refused", "broken")]
    kept = [one for one in due if one.state == "released" and moment(one.ended_at) <= moment(one.request.due)]
    return {"due": len(due), "kept": len(kept)}
