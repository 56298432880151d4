"""Writes the page: one file that holds the viewer, the data and the pictures, and asks no network for anything."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.release.tones import TONES, UNCUT, ranges
from pipeline.release.words import LANGUAGES
from pipeline.show.words import WORDS, words

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("data.js", "stock.js", "draw.js", "chart.js", "listing.js", "view.js", "hands.js")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its file name, what it shows, and the PNG's bytes."""

    name: str
    caption: str
    data: bytes


def scale(cut_into_mm: float, left_on_mm: float) -> list[tuple[str, str, str]]:
    """The legend of deviations: colour, range in mm, and the key of a remark; most left on first."""
    notes = ["cut-into", "cut-into", "", "", "", "", "left-on", "left-on"]
    return [*reversed(list(zip(TONES, ranges(cut_into_mm, left_on_mm), notes, strict=True))), (UNCUT, "", "uncut")]


def page(record: dict[str, Any], blob: str, pictures: Sequence[Picture]) -> bytes:
    """The page of a scene (see :func:`pipeline.show.scene.scene`), the same bytes for the same scene."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    limits = record["limits_mm"]
    template = Environment(autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True).from_string(
        (PAGE / "index.html").read_text(encoding="utf-8")
    )
    script = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    text = template.render(
        record=record,
        words=words(record["language"]),
        column=LANGUAGES.index(record["language"]),
        scale=scale(limits["cut_into"], limits["left_on"]),
        pictures=[{"caption": p.caption, "data": base64.b64encode(p.data).decode()} for p in pictures],
        style=Markup((PAGE / "style.css").read_text(encoding="utf-8")),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own files
        table=_json(WORDS),
        told=_json(record),
        blob=Markup(blob),  # noqa: S704 - base64 only
    )
    return text.encode()


def _json(value: Any) -> Any:
    """JSON that nothing inside a page can end or change: no "<" is left in it."""
    from markupsafe import Markup

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - "<" is spelled out
