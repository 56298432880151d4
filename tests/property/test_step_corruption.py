"""However a STEP file is damaged, its reading ends: in a sound solid or in a refusal with a place and a hint."""

from __future__ import annotations

import hashlib

import cadquery as cq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geometry.step import step
from geometry.steptext import glance
from model.errors import OrderError
from model.order import Attachment
from pipeline.design.given import read_apart

WHOLE = step(cq.Workplane.findSolid(cq.Workplane().box(20, 10, 5).faces(">Z").workplane().hole(4)), "x")
START = WHOLE.index(b"DATA;")
ENOUGH = {"cpu_s": 60, "wall_s": 120.0, "memory": 2_000_000_000}

places = st.integers(START, len(WHOLE) - 40)
flips = st.lists(st.tuples(places, st.sampled_from(b"#0123456789.,()'$*-EAQ \n")), min_size=1, max_size=4)
cuts = st.tuples(places, st.integers(1, 400))


def flipped(changes: list[tuple[int, int]]) -> bytes:
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    return bytes(data)


def ends_well(data: bytes) -> bool:
    """A solid with a volume, or a refusal that names the file and helps."""
    solid = Attachment("x", "step", "x.step", "", hashlib.sha256(data).hexdigest(), data)
    try:
        found = read_apart(solid, 0, **ENOUGH)  # type: ignore[arg-type]
    except OrderError as error:
        return bool(error.hint) and error.place.startswith("x.step")
    return found.volume_mm3 > 0 and len(found.brep) > 0


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(changes=flips)
def test_flipped_bytes_end_in_a_solid_or_a_refusal(changes: list[tuple[int, int]]) -> None:
    assert ends_well(flipped(changes))


@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(cut=cuts)
def test_a_missing_piece_ends_in_a_solid_or_a_refusal(cut: tuple[int, int]) -> None:
    at, length = cut

    assert ends_well(WHOLE[:at] + WHOLE[at + length :])


@settings(max_examples=300, deadline=None)
@given(end=st.integers(0, len(WHOLE) - 20))
def test_a_file_cut_off_never_reaches_the_kernel(end: int) -> None:
    try:
        glance(WHOLE[:end])
        code = ""
    except OrderError as error:
        code = error.code

    assert code in ("step.truncated", "step.empty", "step.not-step")


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_bytes_of_any_kind_are_no_step_file(data: bytes) -> None:
    try:
        glance(data)
        code = ""
    except OrderError as error:
        code = error.code

    assert code in ("step.empty", "step.not-step", "step.truncated")
