"""Holds an order file against its form and says in plain words everything that is wrong with it."""

from __future__ import annotations

import difflib

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from model.errors import OrderError
from model.finding import Finding
from pipeline.intake.documents import Document
from pipeline.intake.schema import (
    SPEC,
    AttachmentFile,
    BudgetFile,
    ConsentFile,
    CustomerFile,
    OrderFile,
    SourceFile,
    WishFile,
)

GUIDE = "See docs/reference/order.md."

_PARTS: dict[str | int, type[BaseModel]] = {
    "source": SourceFile,
    "customer": CustomerFile,
    "wishes": WishFile,
    "budget": BudgetFile,
    "consent": ConsentFile,
    "attachments": AttachmentFile,
}
_PERSONAL = ("customer", "wishes")
_EXPECTED = {
    "string_type": "text (quote it)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "dict_type": "named values",
    "model_type": "named values",
    "tuple_type": "a list",
}
_HINTS: dict[str | int, str] = {
    "id": "Use letters, digits, dot, dash and underscore, at most 64, beginning with a letter or digit.",
    "due": "Write an ISO 8601 date: 2026-12-24, or with a time: 2026-12-24T17:00:00Z.",
    "placed": "Write an ISO 8601 date or time: 2026-12-01T09:30:00Z.",
    "currency": "Write the three letters of ISO 4217: EUR.",
    "locale": "Write a language tag: ru-RU.",
}


def check(document: Document, name: str) -> OrderFile:
    """Check a whole order file; ``name`` is what the messages call it.

    Raises:
        OrderError: The code of the one problem (``intake.unknown-version``, ``intake.missing-field``,
            ``intake.unknown-field``, ``intake.wrong-type``, ``intake.bad-value``, ``intake.no-consent``,
            ``constraint.*`` or ``units.*``), or ``intake.several-problems``; all are its findings.
    """
    spec = document.value.get("spec")
    if isinstance(spec, str) and spec != SPEC:
        message = f"{spec!r} is not a version of the order file known here"
        raise _refusal(
            name, [_at(document, ("spec",), "intake.unknown-version", message, spec, SPEC, f'Write "spec: {SPEC}".')]
        )
    try:
        made = OrderFile.model_validate(document.value)
    except ValidationError as error:
        raise _refusal(name, [_finding(document, one) for one in error.errors(include_url=False)]) from error
    findings = []
    if not made.consent.produce:
        message, hint = "the customer did not agree to production", "Ask the customer; nothing is made without it."
        findings.append(_at(document, ("consent", "produce"), "intake.no-consent", message, "false", "true", hint))
    names = [a.id for a in made.attachments]
    for double in sorted({n for n in names if names.count(n) > 1}):
        message = f"two attachments are called {double!r}"
        findings.append(_at(document, ("attachments",), "intake.bad-value", message, double, "one", "Rename one."))
    if findings:
        raise _refusal(name, findings)
    return made


def _finding(document: Document, error: ErrorDetails) -> Finding:
    """One of pydantic's errors in the house's words; personal values are not repeated."""
    loc, kind, ctx = error["loc"], error["type"], error.get("ctx", {})
    place = ".".join(map(str, loc))
    value = None if loc[0] in _PERSONAL else str(error["input"])[:80]
    if kind == "missing":
        hint = f'Write "spec: {SPEC}".' if place == "spec" else f"Add {loc[-1]}."
        return _at(document, loc, "intake.missing-field", f"{place} is missing", None, "required", hint)
    if kind == "extra_forbidden":
        known = list((_PARTS[loc[0]] if len(loc) > 1 else OrderFile).model_fields)
        near = difflib.get_close_matches(str(loc[-1]), known, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."
        message = f"{place} is not a field of an order"
        return _at(document, loc, "intake.unknown-field", message, str(loc[-1]), ", ".join(known), hint)
    if kind in _EXPECTED:
        message = f"{place} must be {_EXPECTED[kind]}, not {type(error['input']).__name__}"
        return _at(document, loc, "intake.wrong-type", message, value, _EXPECTED[kind], GUIDE)
    cause = ctx.get("error")
    if isinstance(cause, ValueError) and isinstance(cause.__cause__, OrderError):  # a limit that cannot be read
        told = cause.__cause__
        return _at(document, loc, told.code, told.message, value, told.limit, told.hint)
    limits = ("ge", "gt", "le", "lt", "max_length", "min_length", "expected", "pattern")
    limit = next((ctx[k] for k in limits if k in ctx), None)
    words = error["msg"].removeprefix("Value error, ")
    message = f"{place}: {words[:1].lower()}{words[1:]}"
    return _at(document, loc, "intake.bad-value", message, value, limit, _HINTS.get(loc[-1], GUIDE))


def _at(
    document: Document,
    loc: tuple[str | int, ...],
    code: str,
    message: str,
    value: float | str | None,
    limit: float | str | None,
    hint: str,
) -> Finding:
    place = ".".join(map(str, loc))
    line = next((document.lines[loc[:n]] for n in range(len(loc), 0, -1) if loc[:n] in document.lines), None)
    return Finding(code, message, f"{place} (line {line})" if line else place, value, limit, hint)


def _refusal(name: str, findings: list[Finding]) -> OrderError:
    first = findings[0]
    if len(findings) == 1:
        code, message = first.code, f"{name}: {first.message}"
    else:
        code = "intake.several-problems"
        message = f"{name} has {len(findings)} problems: " + "; ".join(f.message for f in findings)
    return OrderError(
        code,
        message,
        hint=first.hint,
        place=first.place,
        value=first.value,
        limit=first.limit,
        findings=tuple(findings),
    )
