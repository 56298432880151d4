"""What a family lets a customer choose, with the words that name each choice."""

from __future__ import annotations

import types
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from generators.kit.family import Family
from model.units import Dimension
from pipeline.understand.lexicon import AFTER_ONLY, ROLE_WORDS
from pipeline.understand.words import stem, words

SUFFIXES: dict[str, Dimension] = {"mm": "length", "g": "mass", "mm3": "volume", "deg": "angle"}


def dimension_of(name: str) -> Dimension | None:
    """The dimension a field's name tells by its last word: ``wall_mm`` is a length."""
    return SUFFIXES.get(name.rpartition("_")[2]) if "_" in name else None


@dataclass(frozen=True)
class Slot:
    """One parameter: ``phrases`` name it (English and Russian), ``options`` are the values of a choice.

    ``inner_options`` are the choices inside the items of a list: "left" may be the side of a cut-out. ``russian`` is
    its name in Russian.
    """

    name: str
    role: str
    phrases: tuple[str, ...]
    default: Any
    low: float | None
    high: float | None
    options: tuple[tuple[Any, tuple[str, ...]], ...]
    is_list: bool
    inner_options: frozenset[str]
    russian: str = ""

    def called(self, lang: str) -> str:
        """Its name in a sentence to the customer, "ru" or "en"."""
        return self.russian if lang == "ru" and self.russian else self.title

    @cached_property
    def dimension(self) -> Dimension | None:
        """What its numbers measure; None for counts and everything that is no measure."""
        return dimension_of(self.name)

    @cached_property
    def title(self) -> str:
        """Its name in a sentence: "hole diameter"."""
        unit = self.name.rpartition("_")[2]
        return self.name.removesuffix(f"_{unit}").replace("_", " ") if self.dimension else self.name.replace("_", " ")

    @cached_property
    def bags(self) -> tuple[frozenset[str], ...]:
        """The stems of each phrase, and of the name; a phrase is met when all its stems are."""
        return tuple({frozenset(stem(w.text) for w in words(p)): None for p in (*self.phrases, self.title)})

    @cached_property
    def nouns(self) -> frozenset[str]:
        """The stems that say whose measure it is: "pocket" of "pocket length"; none for the part's own length."""
        measures = {stem(w) for role in ROLE_WORDS.values() for w in role} - {stem(w) for w in AFTER_ONLY}
        return frozenset().union(*self.bags) - measures

    @cached_property
    def whole_part(self) -> bool:
        """True for the part's own length, width, height or thickness: plain "length" names it."""
        return self.role in ROLE_WORDS and frozenset({stem(self.role)}) in self.bags

    @property
    def outer(self) -> bool:
        """True when it is what one measures on the finished part from outside, and a limit may speak of it."""
        return self.title == self.role

    def allows(self, value: float) -> bool:
        """True when the limits of the schema let ``value`` stand."""
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


def slots_of(family: Family) -> tuple[Slot, ...]:
    """Every parameter of a family, in the order its schema has them."""
    return tuple(_slot(name, field) for name, field in family.params.model_fields.items())


def _slot(name: str, field: FieldInfo) -> Slot:
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    told: Any = extra.get("words", {})
    options: Any = extra.get("options", {})
    limits = {type(m): m for m in field.metadata}
    low = limits[Ge].ge if Ge in limits else limits[Gt].gt if Gt in limits else None
    high = limits[Le].le if Le in limits else limits[Lt].lt if Lt in limits else None
    hint = _without_none(field.annotation)
    return Slot(
        name=name,
        role=str(extra.get("role", "")),
        phrases=tuple(str(p) for lang in sorted(told) for p in told[lang]),
        default=field.get_default(call_default_factory=True),
        low=low,
        high=high,
        options=tuple((v, _option_words(v, options)) for v in _choices(hint)),
        is_list=get_origin(hint) in (tuple, list),
        russian=next((str(p) for p in told.get("ru", ())), ""),
        inner_options=frozenset(str(v) for m in get_args(hint) for v in _inner_choices(m)),
    )


def _option_words(value: Any, options: Any) -> tuple[str, ...]:
    """How a choice is spelled: itself, "М6" in Cyrillic for "M6", and what the family adds."""
    told = options.get(str(value), {})
    own = (str(value), str(value).replace("M", "М")) if str(value)[1:2].isdigit() else (str(value),)
    return tuple(dict.fromkeys((*own, *(str(w) for lang in sorted(told) for w in told[lang]))))


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, types.UnionType):
        kept = [a for a in get_args(hint) if a is not type(None)]
        return kept[0] if len(kept) == 1 else hint
    return hint


def _choices(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) is Literal else ()


def _inner_choices(item: Any) -> tuple[Any, ...]:
    if not (isinstance(item, type) and issubclass(item, BaseModel)):
        return ()
    return tuple(v for f in item.model_fields.values() for v in _choices(f.annotation))
