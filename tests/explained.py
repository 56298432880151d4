"""Which numbers of a cut are not led to, step by step, by what the cut says of them."""

from __future__ import annotations

from itertools import pairwise

from model.plan import CuttingData

NUMBERS = (
    "spindle_rpm", "fz_mm", "feed_mm_min", "plunge_mm_min", "ramp_mm_min", "ap_mm", "ae_mm", "vc_m_min", "power_w",
    "force_n", "deflection_mm", "peck_mm", "fastest_mm_min", "link_mm_min",
)  # fmt: skip


def unexplained(cut: CuttingData) -> list[str]:
    """Numbers whose steps do not begin at 0, follow one another and end at the number."""
    wrong = []
    for name in NUMBERS:
        steps = [step for step in cut.why if step.number == name]
        joined = all(after.before in (0, before.after) for before, after in pairwise(steps))
        begun = not steps or steps[0].before == 0
        if (steps[-1].after if steps else 0) != getattr(cut, name) or not (joined and begun):
            wrong.append(name)
    return wrong
