"""Reads the things a wish names without a number, a material, a finish, holes, corners, each wanted or not."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from model.finding import Finding
from model.order import Question
from model.tooling import Material
from pipeline.understand.bind import Claim, Sentence
from pipeline.understand.inscription import shown
from pipeline.understand.lexicon import (
    FINISHES,
    LISTING_AND,
    LISTING_OR,
    NEGATORS,
    OTHER_MATERIALS,
    SMALL_TALK,
    SQUARE,
    TEXT_TRIGGERS,
    UNNEEDED,
    say,
)
from pipeline.understand.slots import Slot
from pipeline.understand.words import Found, Word, phrase_at

EMPTY: dict[str, Any] = {"text": "", "count": 0, "list": ()}
"""What a parameter holds when there is none of it; naming it without a value asks for anything else."""

_ORDER = ("family", "material", "unknown-material", "finish", "option", "slot")
_MADE_OF = ("made of", "made from", "out of", "из")
_SCOPE = 4


@dataclass(slots=True)
class WishReading:
    """What one wish gave."""

    claims: list[Claim] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """The names a sentence may use: products, materials, finishes, and the family's own phrases and options."""

    products: tuple[tuple[str, str], ...]
    materials: tuple[tuple[str, str], ...]
    slots: tuple[Slot, ...]

    def names(self) -> list[tuple[str, str]]:
        """Every (what, name) to look for; ``what`` is "kind:id"."""
        found = [(f"family:{i}", n) for i, n in self.products] + [(f"material:{i}", n) for i, n in self.materials]
        found += [(f"finish:{i}", n) for i, told in FINISHES.items() for n in told]
        found += [(f"unknown-material:{n}", n) for n in OTHER_MATERIALS]
        for s in self.slots:
            found += [(f"option:{s.name}={value}", n) for value, told in s.options for n in told if not n.isdigit()]
            found += [(f"slot:{s.name}", p) for p in (*s.phrases, *(sorted(TEXT_TRIGGERS) if s.role == "text" else ()))]
        return found


def names_of(materials: Mapping[str, Material], accepted: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each material's (id, name) pairs; one the family accepts hides others of the same name."""
    every = [(m.id, n) for m in materials.values() for n in (m.id, m.name, *m.aliases)]
    taken = {n.lower() for i, n in every if i in accepted}
    return tuple((i, n) for i, n in every if i in accepted or n.lower() not in taken)


@dataclass(frozen=True, slots=True)
class Things:
    """The named things of a sentence in order, each wanted or not."""

    sentence: Sentence
    found: list[Found]
    slots: dict[str, Slot]
    materials: tuple[str, ...]
    avoid: bool
    result: WishReading
    lang: str

    def read(self) -> None:
        """Turn every named thing that no number has used into a claim or a question."""
        free = [f for f in self.found if not self.sentence.used.intersection(range(f.first, f.last + 1))]
        firsts = sorted({f.first for f in free})
        claimed = {c.slot for c in self.result.claims}
        negated: dict[int, bool] = {}
        for index, first in enumerate(firsts):
            names = [f for f in free if f.first == first]
            before = firsts[index - 1] if index else None
            negated[first] = self._negated(names[0], before, negated)
            if self._doubtful(names[0], before, negated) and not negated[first]:
                self._ask("also-not", names[0])
                continue
            self._take(names, claimed, wanted=not (negated[first] or self.avoid))

    def _negated(self, one: Found, before: int | None, negated: dict[int, bool]) -> bool:
        """Whether a negation reaches it: "no holes", "holes are not needed", "no holes or vents"."""
        told = self.sentence.words
        start = max(0, one.first - _SCOPE) if before is None else max(before + 1, one.first - _SCOPE)
        ahead = [i for i in range(start, one.first) if not self._stop_between(told[i], told[one.first])]
        nots = [i for i in ahead if told[i].text.lower() in NEGATORS and i not in self.sentence.used]
        if nots:
            self.sentence.used.update(nots)
            return True
        listed = [i for i in ahead if told[i].text.lower() in LISTING_OR]
        if before is not None and negated.get(before) and listed:
            self.sentence.used.update(listed)
            return True
        behind = range(one.last + 1, min(len(told), one.last + 4))
        for i in behind:
            if told[i].text.lower() in NEGATORS and i + 1 < len(told) and told[i + 1].text.lower() in UNNEEDED:
                self.sentence.used.update((i, i + 1))
                return True
        return False

    def _stop_between(self, a: Word, b: Word) -> bool:
        gap = self.sentence.text[a.end : b.start]
        between = self.sentence.between(a.end, b.start)
        return any(c in ",;.!?()\n" for c in gap) or any(
            self.sentence.words[i].text.lower() in LISTING_AND for i in between
        )

    def _doubtful(self, one: Found, before: int | None, negated: dict[int, bool]) -> bool:
        """After "no holes and vents" nobody knows whether the vents are wanted."""
        if before is None or not negated.get(before) or not one.id.startswith("slot:"):
            return False
        between = [w.text.lower() for w in self.sentence.words[before + 1 : one.first]]
        joined = self.sentence.text[self.sentence.words[before].end : self.sentence.words[one.first].start]
        return bool(between) and between[-1] in LISTING_AND and "," not in joined

    def _said(self, one: Found) -> str:
        first, last = self.sentence.words[one.first], self.sentence.words[one.last]
        start = next(
            (w.start for w in self.sentence.words[max(0, one.first - 2) : one.first] if w.text.lower() in NEGATORS),
            first.start,
        )
        return shown(self.sentence.text[start : last.end])

    def _ask(self, template: str, one: Found) -> None:
        self.sentence.used.update(range(one.first, one.last + 1))
        kind, _, what = one.id.partition(":")
        about = kind if kind == "family" else what.partition("=")[0]
        self.result.questions.append(
            Question(about, say(template, self.lang, words=f"«{self._said(one)}»", name=about))
        )

    def _take(self, names: list[Found], claimed: set[str], *, wanted: bool) -> None:
        """One place of the sentence, which may name several things: products and materials come first."""
        one = min(names, key=lambda f: (_ORDER.index(f.id.partition(":")[0]), f.id))
        kind, _, what = one.id.partition(":")
        same = [f for f in names if f.id.startswith(kind + ":")]
        said = self._said(one)
        if kind == "unknown-material":
            if wanted:
                self._unknown_material(said)
        elif kind in ("family", "material", "finish"):
            if kind == "family" and not wanted:
                self._ask("also-not", one)
            elif wanted and len(same) > 1:
                options = tuple(f.id.partition(":")[2] for f in same)
                text = say("which-value", self.lang, name=kind, values=", ".join(options))
                self.result.questions.append(Question(kind, text, options))
            else:
                self.result.claims.append(Claim(kind, what, said, "=" if wanted else "!="))
        elif kind == "option" and (option := self._option(names)):
            name, _, value = option.id.partition(":")[2].partition("=")
            self.result.claims.append(Claim(name, self._typed(name, value), said, "=" if wanted else "!="))
        elif not any(
            self._mention(self.slots[f.id.partition(":")[2]], f, claimed, wanted=wanted)
            for f in names
            if f.id.startswith("slot:")
        ):
            return
        self.sentence.used.update(range(one.first, one.last + 1))

    def unknown_materials(self) -> None:
        """A word nobody knows behind "made of" is a material this shop does not have."""
        told = self.sentence.words
        for i in range(len(told)):
            length = max(phrase_at(told, i, p) for p in _MADE_OF)
            at = i + length
            if not length or at >= len(told) or at in self.sentence.used or told[at].text.lower() in SMALL_TALK:
                continue
            if not any(n.start < told[at].end and told[at].start < n.end for n in self.sentence.numerals):
                self._unknown_material(told[at].text)
                self.sentence.used.update(range(i, at + 1))

    def _unknown_material(self, said: str) -> None:
        near = difflib.get_close_matches(said.lower(), [n.lower() for n in self.materials], 2)
        hint = f"Did you mean {' or '.join(near)}?" if near else "Choose one of `lotone materials`."
        message = f"{said!r} is no material of this shop"
        self.result.findings.append(
            Finding("understand.unknown-material", message, "wishes", said, "a row of the tooling database", hint)
        )

    def _typed(self, name: str, value: str) -> object:
        return next(v for v, _ in self.slots[name].options if str(v) == value)

    def _option(self, names: list[Found]) -> Found | None:
        """The slot an option belongs to: the one named beside it ("M6 screws"), else the only one that has it."""
        options = [f for f in names if f.id.startswith("option:")]
        fits = [(one, beside) for one in options if (beside := self._beside(one))]
        if len(fits) == 1:
            self.sentence.used.update(fits[0][1])
            return fits[0][0]
        inner = frozenset().union(*(s.inner_options for s in self.slots.values()))
        if len(options) == 1 and options[0].id.partition("=")[2] not in inner:
            return options[0]
        return None

    def _beside(self, one: Found) -> list[int]:
        slot = self.slots[one.id.partition(":")[2].partition("=")[0]]
        told = self.sentence.words
        near = range(max(0, one.first - _SCOPE), min(len(told), one.last + _SCOPE + 1))
        return [
            i
            for i in near
            if not one.first <= i <= one.last
            and told[i].stem in slot.nouns
            and told[i].text.lower() not in SMALL_TALK
            and not self._apart(i, one)
        ]

    def _apart(self, index: int, one: Found) -> bool:
        first, last = min(index, one.first), max(index, one.last)
        return self.sentence.parted(self.sentence.words[first].end, self.sentence.words[last].start)

    def _mention(self, slot: Slot, one: Found, claimed: set[str], *, wanted: bool) -> bool:
        """A parameter named without a value: "with vents", "no pocket", "square corners". True when dealt with."""
        said = self._said(one)
        if slot.role == "radius" and one.first > 0 and self.sentence.words[one.first - 1].text.lower() in SQUARE:
            self.sentence.used.add(one.first - 1)
            said, wanted = f"{self.sentence.words[one.first - 1].text} {said}", not wanted
        if slot.role == "flag":
            self.result.claims.append(Claim(slot.name, wanted, said))
        elif not wanted:
            return self._without(slot, one, said)
        elif slot.role in EMPTY:
            self.result.claims.append(Claim(slot.name, EMPTY[slot.role], said, "!="))
        else:
            return slot.name in claimed or (slot.role == "radius" and bool(slot.default))
        return True

    def _without(self, slot: Slot, one: Found, said: str) -> bool:
        numeric = slot.role == "count" or slot.dimension == "length"
        if slot.role in ("text", "list"):
            self.result.claims.append(Claim(slot.name, EMPTY[slot.role], said))
        elif numeric and (slot.allows(0) and (not slot.options or any(v == 0 for v, _ in slot.options))):
            self.result.claims.append(Claim(slot.name, 0 if slot.role == "count" else 0.0, said))
        else:
            self._ask("instead", one)
        return True
