"""Takes a customer's own solid in place of a family's: read under limits in a process of its own, and measured."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import PurePosixPath
from typing import Any

from generators.kit.family import checked
from generators.kit.given import NAME, GivenSolid, given
from geometry.meshes import CHORD_MM
from geometry.solids import load
from geometry.stepin import Found
from geometry.steptext import EXPORT, glance, plain_name, size_words
from model.constraint import check_constraints, parse_constraint
from model.design import Design, Expected, Part, Vector
from model.errors import OrderError, QuestionError
from model.order import Attachment, Brief, Question
from model.tooling import ShopData
from pipeline.design.holes import round_holes
from pipeline.engine.code import HOUSE
from pipeline.engine.store import sha256

CPU_S = 240
WALL_S = 480
MEMORY_BYTES = 6_000_000_000
SMALLEST_MM, LARGEST_MM = 6.0, 1000.0
"""A part under a quarter of an inch was more likely drawn in inches: the least that Protolabs mills is 6.35 mm."""
SIZE_MM = 0.1
"""How far the size an order tells may be from the solid's."""

_INCH = 25.4
_NO_MEMORY = 12
_SIMPLER = "Export the part without fine detail (modelled threads, knurls, scanned meshes), as one solid."


def design_given(brief: Brief, attachment: Attachment, shop: ShopData) -> Design:
    """Read the customer's solid, and hold it against what the order says of it.

    The part stands with the low corner of its box at the origin; ``notes`` say where that is in the file.

    Raises:
        OrderError: ``step.*``: the file gives no one sound solid; ``design.*`` and ``constraint.*``: the order says
            something else of it than is there.
        QuestionError: ``design.size``: its size is so unusual that the unit may be wrong.
    """
    if sha256(attachment.content) != attachment.sha256:
        msg = f"{attachment.uri} is not the file the order was taken in with"
        raise OrderError("step.changed", msg, place=attachment.uri, value=sha256(attachment.content)[:12],
                         limit=attachment.sha256[:12], hint="Send the order again.")  # fmt: skip
    said = checked(given((brief.material_id,)), brief.parameters)
    if not isinstance(said, GivenSolid):
        msg = f"{brief.order_id} was understood as {brief.family}, not as a customer's solid"
        raise TypeError(msg)
    found = read_apart(attachment, said.solid or 0)
    _size_is_meant(found, said)
    made, findings = round_holes(said, load(found.brep), found.low_mm)
    facts = _facts(found, shop.materials[brief.material_id].density_g_cm3)
    findings += tuple(check_constraints((parse_constraint(c) for c in brief.constraints), facts))
    if findings:
        first = findings[0]
        raise OrderError(
            first.code, "; ".join(f.message for f in findings), place=first.place, value=first.value, limit=first.limit,
            hint=first.hint, findings=findings,
        )  # fmt: skip
    slack = CHORD_MM / 2 * found.area_mm2
    volume = (found.volume_mm3 - slack, found.volume_mm3 + slack)
    name, expected = plain_name(PurePosixPath(attachment.uri).stem), Expected(found.size_mm, volume, found.genus)
    part = Part(name, found.brep, expected, made, zero_mm=found.low_mm)
    return Design(
        order_id=brief.order_id,
        family=NAME,
        title=PurePosixPath(attachment.uri).stem,
        material_id=brief.material_id,
        finish=brief.finish,
        quantity=brief.quantity,
        parts=(part,),
        facts=facts,
        notes=_notes(found),
    )


def read_apart(
    attachment: Attachment, number: int, *, cpu_s: int = CPU_S, wall_s: float = WALL_S, memory: int = MEMORY_BYTES
) -> Found:
    """Read a STEP file's solid in a process of its own, which a bad file may hang or kill without harm.

    Raises:
        OrderError: As :func:`geometry.stepin.read_solid`; ``step.crashed``, ``step.too-slow`` and
            ``step.too-much-memory``.
    """
    try:
        glance(attachment.content)
        head, _, body = _run(attachment.content, (number, cpu_s, memory), wall_s).partition(b"\n")
        told = json.loads(head)
        _not_refused(told)
    except OrderError as error:
        error.place = f"{attachment.uri}: {error.place}" if error.place else attachment.uri
        raise
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in told["found"].items()}
    return Found(body, **fields)


def _not_refused(told: dict[str, Any]) -> None:
    if "refused" in told:
        refused = dict(told["refused"])
        raise OrderError(refused.pop("code"), refused.pop("message"), **refused)


def _run(data: bytes, words: tuple[int, ...], wall_s: float) -> bytes:
    env = os.environ | {"PYTHONPATH": str(HOUSE), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "geometry.stepin", *map(str, words)]
    try:
        done = subprocess.run(command, input=data, capture_output=True, env=env, timeout=wall_s, check=False)  # noqa: S603 - our own module
    except subprocess.TimeoutExpired as error:
        raise _too_slow(wall_s) from error
    if done.returncode == 0:
        return done.stdout
    if done.returncode == -signal.SIGXCPU:
        raise _too_slow(words[1])
    if done.returncode in (_NO_MEMORY, -signal.SIGKILL):
        msg = f"reading the STEP file needs more than {words[2] / 1e9:g} GB of memory"
        raise OrderError("step.too-much-memory", msg, value="more", limit=words[2], hint=_SIMPLER)
    name = signal.Signals(-done.returncode).name if done.returncode < 0 else f"exit code {done.returncode}"
    msg = f"the CAD kernel died while it read the STEP file ({name}); the file is damaged or contradicts itself"
    raise OrderError("step.crashed", msg, value=name, limit="a readable solid", hint=EXPORT)


def _too_slow(seconds: float) -> OrderError:
    msg = f"the STEP file could not be read within {seconds:g} s"
    return OrderError("step.too-slow", msg, value="longer", limit=seconds, hint=_SIMPLER)


def _size_is_meant(found: Found, said: GivenSolid) -> None:
    """Hold the size against what the order says, or else against what is usual.

    Raises:
        OrderError: ``design.size-differs``.
        QuestionError: ``design.size``.
    """
    size, told = found.size_mm, said.size_mm
    if told is not None:
        off = max(abs(a - b) for a, b in zip(size, told, strict=True))
        if off > SIZE_MM:
            msg = f"the order says {size_words(told)}, the solid is {size_words(size)} (the file is in {found.unit})"
            raise OrderError("design.size-differs", msg, place="size_mm", value=off, limit=SIZE_MM,
                             hint="Correct size_mm, or export the part again in the right unit.")  # fmt: skip
        return
    if SMALLEST_MM <= max(size) <= LARGEST_MM:
        return
    other = [v / _INCH if max(size) > LARGEST_MM else v * _INCH for v in size]
    text = (
        f"The file is in {found.unit} and the part is {size_words(size)}. Is that right, or was another unit meant"
        f" (with inch and millimetre mixed up it would be {size_words(other)})?"
    )
    options = (f"size_mm: [{', '.join(f'{v:.3f}' for v in size)}]", "export again in the right unit")
    question = QuestionError(
        "design.size", text, (Question("size_mm", text, options),),
        hint="If it is right, write the size into the order's parameters; else export the part again.",
    )  # fmt: skip
    question.place, question.value, question.limit = "size_mm", max(size), f"{SMALLEST_MM:g} to {LARGEST_MM:g} mm"
    raise question


def _facts(found: Found, density_g_cm3: float) -> dict[str, float]:
    return {
        "length_mm": round(found.size_mm[0], 4),
        "width_mm": round(found.size_mm[1], 4),
        "height_mm": round(found.size_mm[2], 4),
        "volume_mm3": round(found.volume_mm3, 3),
        "mass_g": round(found.volume_mm3 / 1000 * density_g_cm3, 3),
        "faces": float(found.faces),
        "through_holes": float(found.genus),
    }


def _notes(found: Found) -> tuple[str, ...]:
    notes = [
        f"the file is in {found.unit}; the part is {size_words(found.size_mm)}, {found.faces} faces",
    ]
    if found.low_mm != (0.0, 0.0, 0.0):
        notes.append(f"the part's zero is at {_spot(found.low_mm)} in the file, the low corner of its box")
    return (*notes, *found.notes)


def _spot(at: Vector) -> str:
    return " ".join(f"{v:.3f}" for v in at)
