"""What became of the orders, for people who come in the morning, and when the machines can make them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pipeline.batch.port import Standing
from pipeline.batch.schedule import Slot
from pipeline.engine.times import moment


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
        "quarantined": [one.order_id for one in orders if one.state == "quarantined"],
        **_used(orders),
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
    for name in told["quarantined"]:
        text.append(f"in quarantine, with what is needed to look into it: lotone eject {name} STAGE")
    text += [f"{name} crashed {n} times" for name, n in told["crashes"].items()]
    text += [f"{machine}: {hours:.1f} h" for machine, hours in told["machine_h"].items()]
    text += [f"{material}: {kg:.2f} kg" for material, kg in told["material_kg"].items()]
    if told["in_time"]["due"]:
        text.append(f"released before they were due: {told['in_time']['kept']} of {told['in_time']['due']}")
    return text


def forecast(slots: Sequence[Slot], now: datetime) -> list[dict[str, Any]]:
    """The schedule as data: when each order's machine is its own, counted in working hours from now."""
    return [
        {
            "order": one.job.order_id,
            "machine": one.job.usage.machine,
            "workshop": one.job.usage.workshop,
            "begun": one.job.left_h is not None,
            "begins_h": round(one.begins_h, 2),
            "ends_h": round(one.ends_h, 2),
            "due": one.job.due,
            "late": bool(one.job.due) and now + timedelta(hours=one.ends_h) > moment(one.job.due),
        }
        for one in slots
    ]


def _used(orders: Sequence[Standing]) -> dict[str, dict[str, float]]:
    machine_h: dict[str, float] = {}
    material_kg: dict[str, float] = {}
    for one in orders:
        usage = one.outcome.usage if one.outcome else None
        if usage is not None:
            machine_h[usage.machine] = machine_h.get(usage.machine, 0.0) + usage.set_up_h + usage.run_h
            material_kg[usage.material] = material_kg.get(usage.material, 0.0) + usage.material_kg
    return {
        "machine_h": {name: round(hours, 3) for name, hours in sorted(machine_h.items())},
        "material_kg": {name: round(kg, 4) for name, kg in sorted(material_kg.items())},
    }


def _questions(one: Standing) -> list[str]:
    problem = one.outcome.problem if one.outcome else None
    return [f"{q.about}: {q.text}" for q in problem.questions] if problem else []


def _in_time(orders: Sequence[Standing]) -> dict[str, int]:
    due = [one for one in orders if one.request.due and one.state in ("released", "refused", "broken", "quarantined")]
    kept = [one for one in due if one.state == "released" and moment(one.ended_at) <= moment(one.request.due)]
    return {"due": len(due), "kept": len(kept)}
