"""Takes the names out of a STEP file: who drew it, for whom, with what; the geometry stays as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable

from model.errors import OrderError

TOKENS = re.compile(r"/\*.*?\*/|'(?:[^']|'')*'|[A-Z][A-Z0-9_]*", re.DOTALL)
HEAD = re.compile(r"FILE_DESCRIPTION\s*\([^;]*?\)\s*;|FILE_NAME\s*\([^;]*?\)\s*;", re.DOTALL)
EMPTY = {
    "FILE_DESCRIPTION": "FILE_DESCRIPTION((''),'2;1');",
    "FILE_NAME": "FILE_NAME('','2000-01-01T00:00:00',(''),(''),'','','');",
}
SAID = frozenset((
    "FILE_SCHEMA", "CONVERSION_BASED_UNIT", "APPLICATION_CONTEXT", "APPLICATION_PROTOCOL_DEFINITION", "PRODUCT_CONTEXT",
    "PRODUCT_DEFINITION_CONTEXT", "MECHANICAL_CONTEXT", "DESIGN_CONTEXT", "LENGTH_MEASURE", "PLANE_ANGLE_MEASURE",
    "SOLID_ANGLE_MEASURE",
))  # fmt: skip
"""Whose texts are the standard's own words, which readers look at; every other text is somebody's."""
UTF16 = re.compile(r"\\X2\\((?:[0-9A-F]{4})+)\\X0\\")


def nameless(step: bytes, personal: Iterable[str] = ()) -> bytes:
    """The file with every text emptied that is no word of the standard's own, and without comments.

    Raises:
        OrderError: ``network.names-customer``: one of the ``personal`` values still stands in it.
    """
    emptied = _Emptied()
    text = TOKENS.sub(emptied, _emptied_head(step.decode("latin-1")))
    kept = _readable("\n".join(emptied.kept)).casefold()
    for one in filter(None, personal):
        if re.search(rf"(?<!\w){re.escape(one.casefold())}(?!\w)", kept):
            message = "the customer's STEP file names the customer where the standard has a word of its own"
            hint = "Export it again as a plain solid (AP214 or AP242)."
            raise OrderError("network.names-customer", message, place="attachments", hint=hint)
    return text.encode("latin-1")


def _emptied_head(text: str) -> str:
    head, data, rest = text.partition("DATA;")
    texts: list[str] = []  # a text may hold ");", which ends no record

    def put_away(found: re.Match[str]) -> str:
        texts.append(found[0])
        return f"\0{len(texts) - 1}\0"

    head = re.sub(r"/\*.*?\*/|'(?:[^']|'')*'", lambda m: "" if m[0][0] == "/" else put_away(m), head, flags=re.DOTALL)
    head = HEAD.sub(lambda m: EMPTY["FILE_NAME" if m[0].startswith("FILE_NAME") else "FILE_DESCRIPTION"], head)
    return re.sub(r"\0(\d+)\0", lambda m: texts[int(m[1])], head) + data + rest


class _Emptied:
    """Empties each text by the word before it."""

    def __init__(self) -> None:
        self.word = ""
        self.kept: list[str] = []

    def __call__(self, found: re.Match[str]) -> str:
        token = found[0]
        if token.startswith("/*"):
            return ""
        if token[0] != "'":
            self.word = token
            return token
        if self.word in SAID or self.word in EMPTY:
            self.kept.append(token)
            return token
        return "''"


def _readable(text: str) -> str:
    return UTF16.sub(lambda m: bytes.fromhex(m[1]).decode("utf-16-be", "replace"), text)
