"""Looks at a STEP file's text before the CAD kernel does: is it one, is it whole, what does it say of itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from model.errors import OrderError

LARGEST_BYTES = 64_000_000
MOST_FACES = 5_000
EXPORT = "Export the part again as STEP (AP203, AP214 or AP242), as one solid, and order with that file."

FIRST = b"ISO-10303-21"
_LAST = re.compile(rb"END-ISO-10303-21\s*;\s*(?:/\*.*?\*/\s*)*\Z", re.DOTALL)
_LEADING = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s+|/\*.*?\*/)*", re.DOTALL)
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*\(\s*\(\s*'([^']*)'")
_FACE = re.compile(rb"=\s*(?:ADVANCED_FACE|FACE_SURFACE|COMPLEX_TRIANGULATED_FACE|TRIANGULATED_FACE)\s*\(")
_INSTANCE = re.compile(rb"=\s*NEXT_ASSEMBLY_USAGE_OCCURRENCE\s*\(")
_ID = re.compile(rb";(?:\s|/\*.*?\*/)*#(\d+)\s*=", re.DOTALL)
_IGES = re.compile(rb"[^\r\n]{72}S\s*1\s*[\r\n]")
"""Card 1 of the start section: an S in column 73, then the card's number."""
_KNOWN = ("CONFIG_CONTROL_DESIGN", "AUTOMOTIVE_DESIGN", "AP203", "AP214", "AP242")
_OTHERS = (
    (b"PK\x03\x04", "a zip archive (3MF, FCStd and compressed STEP are such)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"solid", "an STL mesh"),
    (b"%PDF", "a PDF"),
    (b"<?xml", "XML"),
    (b"DBRep_DrawableShape", "a BREP file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"0\r\nSECTION", "a DXF drawing"),
    (b"  0\nSECTION", "a DXF drawing"),
)


@dataclass(frozen=True, slots=True)
class Glance:
    """What the text tells: its schema's name, how many faces it lists, how often a part is put into an assembly."""

    schema: str
    faces: int
    instances: int


def glance(data: bytes) -> Glance:
    """Look at a STEP file's text.

    Raises:
        OrderError: ``step.empty``, ``step.not-step`` (with what it is instead), ``step.truncated``, ``step.schema``,
            ``step.no-unit``, ``step.too-large`` (bytes or faces).
    """
    if len(data) > LARGEST_BYTES:
        raise too_large("the file", len(data), LARGEST_BYTES, "bytes")
    if not data.strip(b"\0 \t\r\n"):
        what = "empty" if not data else f"{len(data)} bytes of nothing"
        raise OrderError("step.empty", f"the STEP file is {what}", value=len(data), limit="a STEP file", hint=EXPORT)
    start = _LEADING.match(data)
    if not data.startswith(FIRST, start.end() if start else 0):
        what = _kind(data)
        msg = f"the file is no STEP file: it is {what}"
        raise OrderError("step.not-step", msg, place="byte 0", value=what, limit=FIRST.decode(), hint=EXPORT)
    if not _LAST.search(data[-4096:]):
        ids = _ID.findall(data[-4096:])
        place = f"#{ids[-1].decode()}" if ids else f"byte {len(data)}"
        msg = f"the STEP file is cut off: it ends after {len(data)} bytes, at {place}, without END-ISO-10303-21"
        raise OrderError("step.truncated", msg, place=place, value=len(data), limit="END-ISO-10303-21;",
                         hint="Copy or send the file again; it did not arrive whole.")  # fmt: skip
    named = _SCHEMA.search(data)
    schema = named[1].decode("latin-1").strip() if named else ""
    if not schema.upper().startswith(_KNOWN):
        shown = schema or "nothing"
        msg = f"the STEP file follows {shown}, which describes no mechanical part known here"
        raise OrderError("step.schema", msg, place="FILE_SCHEMA", value=shown, limit="AP203, AP214, AP242", hint=EXPORT)
    faces = len(_FACE.findall(data))
    if faces > MOST_FACES:
        raise too_large("the part", faces, MOST_FACES, "faces")
    if b"GLOBAL_UNIT_ASSIGNED_CONTEXT" not in data:
        msg = "the STEP file does not say in which unit its lengths are"
        raise OrderError("step.no-unit", msg, place="GLOBAL_UNIT_ASSIGNED_CONTEXT", limit="a length unit", hint=EXPORT)
    return Glance(schema.partition("{")[0].strip(), faces, len(_INSTANCE.findall(data)))


def too_large(what: str, value: float, limit: float, unit: str) -> OrderError:
    """The refusal of something beyond a limit of size."""
    msg = f"{what} has {value:g} {unit}, at most {limit:g} are read"
    hint = "Export the part without fine detail (modelled threads, knurls, scanned meshes), as one solid."
    return OrderError("step.too-large", msg, place=unit, value=value, limit=limit, hint=hint)


def size_words(size: Sequence[float], places: int = 2) -> str:
    """A size in words: "101.60 x 50.80 x 12.70 mm"."""
    return " x ".join(f"{v:.{places}f}" for v in size) + " mm"


def plain_name(stem: str) -> str:
    """A name for folders and files made of a file's: ASCII letters, digits, dash, underscore; at most 40."""
    name = re.sub(r"[^A-Za-z0-9_]+", "-", stem).strip("-_")[:40].strip("-_")
    return name if re.search(r"[A-Za-z]", name) else f"part-{name}".strip("-")


def entity_ids(data: bytes) -> list[int]:
    """What the file calls its entities, in its order."""
    return [int(one) for one in _ID.findall(data)]


def _kind(data: bytes) -> str:
    low = data[:400].lstrip()
    if _IGES.match(data):
        return "an IGES file"
    for mark, name in _OTHERS:
        if low.startswith(mark.lstrip()):
            return name
    if len(data) >= 84 and len(data) == 84 + 50 * int.from_bytes(data[80:84], "little"):
        return "a binary STL mesh"
    return "binary data" if b"\0" in data[:4096] else "some other text"
