"""What a paper is: blocks of rows and pictures, set as PDF, HTML and JSON from the same cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from model.files import File
from pipeline.engine.codec import pretty
from pipeline.release.typeset import TEMPLATES, pdf

SCHEMA = "lotone.paper/1"


Style = Literal["", "small", "mono", "strong"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One box of a row: its text, its share of the row's width, and whether the text stands at the right.

    ``label`` is printed small in the box's corner; an empty text leaves the box to be filled by hand.
    """

    text: str
    share: float = 1.0
    right: bool = False
    label: str = ""
    style: Style = ""


Row = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a plain table: its heading, share of the width, and whether it holds numbers."""

    name: str
    share: float = 1.0
    right: bool = False
    style: Style = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of boxes; ``head`` is repeated on every page. ``quiet`` rows have no frame (a sheet's facts).

    ``tall`` rows leave room to write in by hand.
    """

    rows: tuple[Row, ...]
    head: tuple[Row, ...] = ()
    title: str = ""
    note: str = ""
    quiet: bool = False
    tall: bool = False
    new_page: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG picture by its file name, so wide as a share of the paper; the bytes stand beside the paper's cells."""

    name: str
    svg: bytes
    caption: str = ""
    wide: float = 1.0


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper in one language. ``name`` and ``language`` make its files' names; a ``form`` lies across."""

    name: str
    role: str
    language: str
    heading: str
    order: str
    order_id: str
    under: str
    footer: str
    blocks: tuple[Rows | Picture, ...]
    form: bool = False


def table(
    columns: Sequence[Column], rows: Iterable[Sequence[str]], title: str = "", note: str = "", *, tall: bool = False
) -> Rows:
    """A plain table: every row takes its widths and sides from the columns."""
    head = tuple(Cell(c.name, c.share, c.right) for c in columns)
    body = tuple(
        tuple(Cell(t, c.share, c.right, style=c.style) for c, t in zip(columns, row, strict=True)) for row in rows
    )
    return Rows(body, (head,), title, note, tall=tall)


def facts(pairs: Iterable[Sequence[str]]) -> Rows:
    """Label and value, two pairs a row."""
    flat = [Cell(text, share) for pair in pairs for text, share in zip(pair, (1.0, 2.0), strict=True)]
    flat += [Cell("", 1.0), Cell("", 2.0)] * (len(flat) // 2 % 2)
    return Rows(tuple(tuple(flat[k : k + 4]) for k in range(0, len(flat), 4)), quiet=True)


def lines(title: str, texts: Iterable[str]) -> Rows:
    """Plain lines under a title."""
    return Rows(tuple((Cell(text),) for text in texts), title=title, quiet=True)


def files(paper: Paper, folder: str = "papers/") -> tuple[File, ...]:
    """The paper as ``<folder><name>.<language>`` in PDF, HTML and JSON, every cell the same in each."""
    page = _page(paper)
    name = f"{folder}{paper.name}.{paper.language}"
    pictures = {b.name: b.svg for b in paper.blocks if isinstance(b, Picture)}
    drawn = {name: Markup(svg.decode()) for name, svg in pictures.items()}  # noqa: S704 - our own drawing
    return (
        File(f"{name}.pdf", paper.role, "application/pdf", pdf("paper", page, pictures)),
        File(
            f"{name}.html",
            paper.role,
            "text/html",
            _PAGE.get_template("paper.html").render(page, pictures=drawn).encode(),
        ),
        File(f"{name}.json", paper.role, "application/json", pretty({"schema": SCHEMA, **page})),
    )


def _page(paper: Paper) -> dict[str, Any]:
    """The paper as plain data: what the templates show and the JSON holds; pictures by their names."""
    kinds = {Rows: "rows", Picture: "picture"}
    page = asdict(paper)
    page["blocks"] = [{"kind": kinds[type(b)], **told} for b, told in zip(paper.blocks, page["blocks"], strict=True)]
    for block in page["blocks"]:
        block.pop("svg", None)
    return {**page, "title": f"{paper.heading} {paper.order_id}"}


_PAGE = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
