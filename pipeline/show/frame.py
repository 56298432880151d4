"""Puts a caption and a legend to a picture, and draws the chart of the load."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from pipeline.show.moves import RAPID, Track, load

WIDTH_PX, HEAD_PX, ROW_PX = 1200, 46, 26
FONT = 'font-family="DejaVu Sans Mono"'
COLUMNS = 1080
LANE_PX, LEFT_PX = 230, 90


@dataclass(frozen=True, slots=True)
class Label:
    """One line of a legend: a colour and what it stands for."""

    colour: str
    text: str


def framed(png: bytes, caption: str, legend: Sequence[Label], height_px: int = 800) -> bytes:
    """The picture (1200 px wide) under its caption, with its legend below it, as PNG."""
    rows = (len(legend) + 2) // 3
    data = base64.b64encode(png).decode()
    parts = [
        _text(16, 29, caption, 16),
        f'<image x="0" y="{HEAD_PX}" width="{WIDTH_PX}" height="{height_px}" href="data:image/png;base64,{data}"/>',
        *_legend(legend, HEAD_PX + height_px + 8),
    ]
    return _drawn("".join(parts), HEAD_PX + height_px + rows * ROW_PX + (14 if rows else 0))


def load_chart(
    caption: str,
    tracks: Sequence[Track],
    shades: Mapping[int, str],
    names: Mapping[int, str],
    told: Mapping[str, str],
) -> bytes:
    """Material removed a minute and engagement over a setup's time, coloured by tool, as PNG."""
    total = max(sum(float(t.seconds.sum()) for t in tracks), 1e-9)
    tops = np.zeros((2, COLUMNS))
    tool = np.zeros((2, COLUMNS), dtype=np.int64)
    start = 0.0
    for track in tracks:
        clock = start + np.concatenate([[0.0], np.cumsum(track.seconds)])
        start = float(clock[-1])
        values = np.stack([load(track), track.engaged_deg])
        for k in np.flatnonzero(track.manner != RAPID).tolist():
            a, b = int(clock[k] / total * COLUMNS), int(clock[k + 1] / total * COLUMNS)
            for lane in range(2):
                here = np.arange(a, min(b, COLUMNS - 1) + 1)
                here = here[tops[lane, here] < values[lane, k]]
                tops[lane, here], tool[lane, here] = values[lane, k], track.tool[k]
    parts = [_text(16, 29, caption, 16)]
    for lane, label in enumerate(("rate", "engaged")):
        foot = HEAD_PX + (lane + 1) * (LANE_PX + 34) - 20
        most = float(tops[lane].max())
        parts.append(f'<rect x="{LEFT_PX}" y="{foot - LANE_PX}" width="{COLUMNS}" height="{LANE_PX}" fill="#eceee9"/>')
        for column in np.flatnonzero(tops[lane] > 0).tolist():
            height = tops[lane, column] / most * (LANE_PX - 10)
            shade = shades.get(int(tool[lane, column]), "#444444")
            x, y = LEFT_PX + column, foot - height
            parts.append(f'<rect x="{x}" y="{y:.2f}" width="1.2" height="{height:.2f}" fill="{shade}"/>')
        parts += [
            _text(LEFT_PX - 8, foot - LANE_PX + 22, f"{most:.3g}", 15, "end"),
            _text(LEFT_PX - 8, foot, "0", 15, "end"),
            _text(LEFT_PX + 6, foot - LANE_PX - 6, told[label], 15),
        ]
    foot = HEAD_PX + 2 * (LANE_PX + 34) - 20
    parts.append(_text(LEFT_PX + COLUMNS, foot + 20, f"{int(total // 60)}:{int(total % 60):02d}", 15, "end"))
    used = [n for n in shades if any((t.tool == n).any() for t in tracks)]
    legend = [Label(shades[n], f"T{n} {names[n]}") for n in used]
    rows = (len(legend) + 2) // 3
    parts += _legend(legend, foot + 32)
    return _drawn("".join(parts), foot + 44 + rows * ROW_PX)


def _legend(legend: Sequence[Label], y: float) -> list[str]:
    parts = []
    for k, label in enumerate(legend):
        x, top = 16 + (k % 3) * 395, y + (k // 3) * ROW_PX
        parts.append(f'<rect x="{x}" y="{top}" width="16" height="16" fill="{label.colour}"/>')
        parts.append(_text(x + 24, top + 14, label.text, 14))
    return parts


def _text(x: float, y: float, text: str, size: int, anchor: str = "start") -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="#1b1f24" {FONT}>{escape(text)}</text>'
    )


def _drawn(inner: str, height_px: float) -> bytes:
    import typst

    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{height_px}" '
        f'viewBox="0 0 {WIDTH_PX} {height_px}"><rect width="100%" height="100%" fill="#ffffff"/>{inner}</svg>'
    )
    source = (
        f"#set page(width: {WIDTH_PX}pt, height: {height_px}pt, margin: 0pt)\n"
        '#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)\n'
    )
    made = typst.compile(source.encode(), format="png", ppi=72.0, sys_inputs={"svg": svg}, ignore_system_fonts=True)
    return bytes(made)
