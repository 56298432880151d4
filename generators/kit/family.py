"""The contract of a product family: what a customer may choose, and who builds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from model.errors import OrderError
from model.finding import Finding

if TYPE_CHECKING:
    from generators.kit.draft import Draft

Role = Literal[
    "length", "width", "height", "thickness", "depth", "diameter", "radius", "distance", "angle",
    "text", "count", "flag", "choice", "list",
]  # fmt: skip
_CLASH = "clash"


def said(
    role: Role, en: tuple[str, ...], ru: tuple[str, ...], options: Mapping[str, Mapping[str, list[str]]] | None = None
) -> dict[str, Any]:
    """What the schema tells about a field besides its limits: its role, and the words customers use for it.

    ``options`` gives, for a choice, each value's words by language.
    """
    words: dict[str, Any] = {"role": role, "words": {"en": list(en), "ru": list(ru)}}
    return words if options is None else words | {"options": options}


class Params(BaseModel):
    """What a customer may choose. Numbers are in the unit their name ends with.

    A subclass gives each field limits, a description and ``json_schema_extra=said(...)``, and tells in
    :meth:`clashes` which values do not go together. Making one with clashing values raises pydantic's
    ``ValidationError``; :func:`checked` turns that into the house's own error.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def clashes(self) -> tuple[Finding, ...]:
        """Every pair of values that cannot stand together; place, value, limit and hint filled in."""
        return ()

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        found = self.clashes()
        if found:
            words = "; ".join(f.message for f in found)
            raise PydanticCustomError(_CLASH, "{words}", {"words": words, "findings": found})
        return self


@dataclass(frozen=True, slots=True)
class Family:
    """One product family.

    ``build`` takes a checked parameter object and gives the draft. ``materials`` are the ids it may be made
    of (rows of the tooling database), ``material`` is taken when nobody says. ``process`` is how it is made:
    cut ("mill") or printed ("print"). ``words`` are the product's names by language ("en", "ru").
    """

    params: type[Params]
    build: Callable[[Any], Draft]
    title: str
    process: Literal["mill", "print"]
    material: str
    materials: tuple[str, ...]
    words: Mapping[str, tuple[str, ...]]


def checked(family: Family, given: Mapping[str, Any]) -> Params:
    """The family's parameter object, defaults filled in.

    Raises:
        OrderError: Something is unknown, of the wrong type, out of range, or clashes; all findings together.
    """
    try:
        return family.params.model_validate(dict(given))
    except ValidationError as error:
        findings = tuple(f for e in error.errors() for f in _findings(family, e))
    first = findings[0]
    more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
    raise OrderError(
        first.code,
        first.message + more,
        place=first.place,
        value=first.value,
        limit=first.limit,
        hint=first.hint,
        findings=findings,
    )


def _findings(family: Family, error: Any) -> tuple[Finding, ...]:
    """One of pydantic's errors as findings."""
    context, kind = error.get("ctx", {}), str(error["type"])
    if kind == _CLASH:
        return tuple(context["findings"])
    place = ".".join(str(p) for p in error["loc"])
    given = error.get("input")
    value = given if isinstance(given, (int, float, str)) and not isinstance(given, bool) else repr(given)
    fields = family.params.model_fields
    if kind == "extra_forbidden":
        known = ", ".join(fields)
        message = f"{place} is not a parameter of this family"
        return (Finding("order.unknown-parameter", message, place, value, known, f"It has: {known}."),)
    field = fields.get(str(error["loc"][0])) if error["loc"] else None
    for bound, word in (("ge", "at least"), ("le", "at most"), ("gt", "more than"), ("lt", "less than")):
        if bound in context:
            limit = context[bound]
            message = f"{place} is {value}, it must be {word} {limit}"
            return (Finding("order.out-of-range", message, place, value, limit, _range(place, field)),)
    if kind == "literal_error":
        options = str(context["expected"])
        message = f"{place} is {value}, it must be {options}"
        return (Finding("order.out-of-range", message, place, value, options, f"Choose {options}."),)
    message = f"{place}: {error['msg']} (given: {value!r})"
    return (Finding("order.wrong-type", message, place, value, kind, _range(place, field)),)


def _range(place: str, field: FieldInfo | None) -> str:
    """The allowed range in words."""
    if field is None:
        return f"Correct {place}."
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    ends = f" from {low} to {high}" if low is not None and high is not None else ""
    return f"{place}: {field.description or 'see the schema'}{ends}; the default is {field.default!r}."
