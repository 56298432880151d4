"""Gives every number of a sentence to the parameter its neighbours name, or to none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise, product
from typing import Any, Literal

from pipeline.understand.inscription import shown
from pipeline.understand.lexicon import (
    AFTER_ONLY,
    AT_LEAST,
    AT_MOST,
    NEGATORS,
    NUMBER_WORDS,
    PIECES,
    ROLE_WORDS,
    SMALL_TALK,
    STRICT,
    spelled,
)
from pipeline.understand.numbers import Numeral
from pipeline.understand.slots import Slot
from pipeline.understand.words import Word, phrase_at, stem

Op = Literal["=", "<=", ">=", "!="]

CONNECTORS = frozenset(spelled("with and plus but и с со а но"))
_QUANTITY_WORDS = frozenset(stem(w) for w in ("quantity", "qty", "количество", "тираж"))
_WINDOW = 5
_MOST_IN_A_RUN = 7
_ROLE_STEMS = {role: frozenset(map(stem, told)) for role, told in ROLE_WORDS.items()}
_ANY_ROLE = frozenset().union(*_ROLE_STEMS.values())
_ROUNDED = frozenset(stem(w) for w in spelled("round rounded rounding скругление скруглённые скругленные"))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a wish says of one parameter ("material", "finish", "family" and "quantity" count as parameters too)."""

    slot: str
    value: Any
    words: str
    op: Op = "="
    must: bool = False


@dataclass(slots=True)
class Sentence:
    """One wish while it is read: its words and numerals, and what of them is used up."""

    text: str
    words: list[Word]
    numerals: list[Numeral]
    products: frozenset[int]
    used: set[int] = field(default_factory=set)
    read: set[Numeral] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def said(self, numeral: Numeral, indices: Sequence[int]) -> str:
        """The customer's words from the first to the last of these, numeral included."""
        start = min([numeral.start, *(self.words[i].start for i in indices)])
        end = max([numeral.end, *(self.words[i].end for i in indices)])
        return shown(self.text[start:end])

    def between(self, start: int, end: int) -> list[int]:
        """The words of ``text[start:end]`` that belong to no numeral."""
        inside = [i for i, w in enumerate(self.words) if start <= w.start and w.end <= end]
        return [
            i
            for i in inside
            if not any(n.start < self.words[i].end and self.words[i].start < n.end for n in self.numerals)
        ]

    def parted(self, start: int, end: int) -> bool:
        """True when a comma, a full stop, or "with" or "and" stands in ``text[start:end]``."""
        if any(c in ",;.!?()\n" for c in self.text[start:end]):
            return True
        return any(self.words[i].text.lower() in CONNECTORS for i in self.between(start, end))


def bind(sentence: Sentence, slots: Sequence[Slot]) -> list[Claim]:
    """Read every numeral that can be read: bounds, sizes, measures, counts and the quantity of pieces.

    What is open or could mean several things is left in ``sentence.asked``, as (template, words); what means
    nothing here is simply not in ``read``.
    """
    claims: list[Claim] = []
    for one in sentence.numerals:
        if one.kind == "range":
            _ask(sentence, one, "not-exact", [])
    for run in _runs(sentence):
        claims += _bind_run(sentence, run, slots)
    for one in list(sentence.numerals):
        if one.kind == "count" and one not in sentence.read:
            claims += _bind_count(sentence, one, slots)
    return claims


def _ask(sentence: Sentence, one: Numeral, template: str, used: Sequence[int]) -> None:
    sentence.read.add(one)
    sentence.used.update(used)
    sentence.asked.append((template, f"«{sentence.said(one, used)}»"))


def _claim(sentence: Sentence, one: Numeral, values: Sequence[tuple[str, Any]], used: Sequence[int]) -> list[Claim]:
    """Use a numeral up for (slot, value) pairs, with its bound; a negated one ("not 3 mm") leaves it open."""
    op, bound = _bound(sentence, one)
    words = [*used, *bound]
    denied = _denial(sentence, min([one.start, *(sentence.words[i].start for i in words)]))
    strict = " ".join(sentence.words[i].text.lower() for i in bound) in STRICT
    if denied or strict or (op != "=" and one.kind == "size"):
        _ask(sentence, one, "not-exact", [*words, *denied])
        return []
    sentence.read.add(one)
    sentence.used.update(words)
    return [Claim(name, value, sentence.said(one, words), op) for name, value in values]


def _denial(sentence: Sentence, start: int) -> list[int]:
    """The negation right before ``start``, small words aside: "without the two holes"."""
    for i in reversed(_clause_before(sentence, start)):
        low = sentence.words[i].text.lower()
        if low in NEGATORS and i not in sentence.used:
            return [i]
        if low not in SMALL_TALK:
            return []
    return []


def _runs(sentence: Sentence) -> list[list[Numeral]]:
    """Measures and sizes that share their words: nothing but words stands between them."""
    runs: list[list[Numeral]] = []
    for one in [n for n in sentence.numerals if n.kind in ("size", "measure")]:
        if runs and len(runs[-1]) < _MOST_IN_A_RUN and not sentence.parted(runs[-1][-1].end, one.start):
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs


@dataclass(frozen=True, slots=True)
class _Fit:
    score: float
    slots: tuple[Slot, ...]
    used: tuple[int, ...]
    tied: bool = False


_NONE = _Fit(0.0, (), ())


def _bind_run(sentence: Sentence, run: list[Numeral], slots: Sequence[Slot]) -> list[Claim]:
    """Share the words between the numerals so that most of them find a name; in doubt the name comes first."""
    lead = _clause_before(sentence, run[0].start)
    tail = _clause_after(sentence, run[-1].end)
    gaps = [sentence.between(a.end, b.start) for a, b in pairwise(run)]
    best: tuple[tuple[float, ...], list[_Fit]] | None = None
    for shares in product((0, 1), repeat=len(gaps)):  # 1: the gap's words name the numeral behind them
        fits = []
        for i, one in enumerate(run):
            left = lead if i == 0 else gaps[i - 1] if shares[i - 1] else []
            right = tail if i == len(run) - 1 else gaps[i] if not shares[i] else []
            fits.append(_fit(sentence, one, left[-_WINDOW:], right[:_WINDOW], slots))
        rank = (float(sum(f.score > 0 for f in fits)), sum(f.score for f in fits), float(sum(shares)))
        if best is None or rank > best[0]:
            best = (rank, fits)
    claims: list[Claim] = []
    for one, fit in zip(run, best[1] if best else [], strict=True):
        claims += _claims(sentence, one, fit)
    return claims


def _clause_before(sentence: Sentence, start: int) -> list[int]:
    found = sentence.between(0, start)
    while found and sentence.parted(sentence.words[found[0]].start, start):
        found = found[1:]
    return found


def _clause_after(sentence: Sentence, end: int) -> list[int]:
    found = sentence.between(end, len(sentence.text))
    while found and sentence.parted(end, sentence.words[found[-1]].end):
        found = found[:-1]
    following = next((n.start for n in sentence.numerals if n.start >= end), len(sentence.text))
    return [i for i in found if sentence.words[i].start < following]


def _fit(sentence: Sentence, one: Numeral, left: list[int], right: list[int], slots: Sequence[Slot]) -> _Fit:
    near = {i: sentence.words[i].stem for i in left if sentence.words[i].text.lower() not in AFTER_ONLY}
    near |= {i: sentence.words[i].stem for i in right}
    if one.kind == "size":
        return _fit_size(one, near, frozenset(sentence.words[i].stem for i in right[:2]), slots)
    telling = [[i for i in side if sentence.words[i].text.lower() not in SMALL_TALK] for side in (left, right)]
    beside = {sentence.words[i].stem for i in (*telling[0][-1:], *telling[1][:1])}
    measuring = [s for s in slots if s.dimension and not s.is_list]
    every = [(s, f) for s in measuring if (f := _fit_measure(one, near, beside, s)).score]
    fits = sorted((f for s, f in every if s.dimension == one.dimension), key=lambda f: -f.score)
    if not fits:  # "120 kg long" names a length and gives none
        return _Fit(every[0][1].score, (every[0][0],), every[0][1].used, tied=True) if every else _NONE
    tied = len(fits) > 1 and fits[0].score == fits[1].score
    return _Fit(fits[0].score, tuple(s for f in fits if f.score == fits[0].score for s in f.slots), fits[0].used, tied)


def _fit_measure(one: Numeral, near: dict[int, str], beside: set[str], slot: Slot) -> _Fit:
    """How well the words near a measure name a slot: a whole phrase of its own first, its kind of measure second."""
    stems = frozenset(near.values()) | ({stem(one.sign)} if one.sign else frozenset())
    role = _ROLE_STEMS.get(slot.role, frozenset()) & stems
    bag = max((b for b in slot.bags if b <= stems), key=len, default=frozenset[str]())
    nouns = slot.nouns & stems - SMALL_TALK
    if slot.role == "radius" and not role and not (bag & beside or stems & _ROUNDED):
        return _NONE  # "4 mm holes in the corners"
    if slot.role == "diameter" and nouns & beside and not bag and not stems & _ANY_ROLE:
        score = 2.5  # "5 mm holes"
    elif bag:
        score = 2.0 * len(bag) + (1.0 if role - bag else 0.0)
    elif role:
        score = 2.0 if nouns else 0.75 if slot.whole_part else 0.5
    elif slot.role == "diameter" and nouns & beside:
        score = 1.0
    else:
        return _NONE
    return _Fit(score, (slot,), tuple(i for i, s in near.items() if s in bag | role | nouns))


def _fit_size(one: Numeral, near: dict[int, str], behind: frozenset[str], slots: Sequence[Slot]) -> _Fit:
    """A size belongs to the noun beside it ("pocket 60 x 40 mm"), else to the whole part; "4 x 5 mm holes" to none."""
    orders = [("length", "width", third) for third in ("depth", "thickness", "height")]
    stems = frozenset(near.values()) - SMALL_TALK
    for noun in sorted(stems):
        own = {s.role: s for s in reversed(slots) if noun in s.nouns and s.dimension == "length" and not s.is_list}
        chosen = _along(own, orders, len(one.values))
        if chosen:
            return _Fit(3.0, chosen, tuple(i for i, s in near.items() if s == noun))
    counted = {s for s in slots if s.role == "count" and any(b <= behind for b in s.bags)}
    whole = {s.role: s for s in slots if s.whole_part}
    orders = [("length", "width", third) for third in ("thickness", "height", "depth")]
    chosen = _along(whole, orders, len(one.values))
    return _Fit(1.0, chosen, (), tied=bool(counted)) if chosen else _NONE


def _along(own: dict[str, Slot], orders: Sequence[tuple[str, ...]], wanted: int) -> tuple[Slot, ...]:
    for order in orders:
        if all(r in own for r in order[:wanted]):
            return tuple(own[r] for r in order[:wanted])
    return ()


def _claims(sentence: Sentence, one: Numeral, fit: _Fit) -> list[Claim]:
    if not fit.slots:
        return []
    if fit.tied:
        _ask(sentence, one, "which-parameter", fit.used)
        return []
    values = [(s.name, float(v)) for s, v in zip(fit.slots, one.values, strict=True)]
    return _claim(sentence, one, values, fit.used)


def _bound(sentence: Sentence, one: Numeral) -> tuple[Op, list[int]]:
    """Words such as "at least" right before a number, or "max" right behind it."""
    before = _clause_before(sentence, one.start)
    after = _clause_after(sentence, one.end)
    ops: tuple[tuple[Op, tuple[str, ...]], ...] = (("<=", AT_MOST), (">=", AT_LEAST))
    known = sorted(((p, op) for op, phrases in ops for p in phrases), key=lambda k: -len(k[0].split()))
    for phrase, op in known:
        length = len(phrase.split())
        if len(before) >= length and phrase_at(sentence.words, before[-length], phrase) == length:
            return op, before[-length:]
        if after and phrase in ("max", "min", "maximum", "minimum") and phrase_at(sentence.words, after[0], phrase):
            return op, after[:1]
    return "=", []


def _bind_count(sentence: Sentence, one: Numeral, slots: Sequence[Slot]) -> list[Claim]:
    """A bare number counts what is named behind it ("two holes") or right before it ("holes: 2").

    Behind a measure's name ("radius 8") it is millimetres.
    """
    value = one.values[0]
    behind = sentence.between(one.end, _next_stop(sentence, one.end))[:_WINDOW]
    ahead = _clause_before(sentence, one.start)[-_WINDOW:]
    if value.denominator == 1:
        counting = [s for s in slots if s.role == "count"]
        for near in (behind, ahead[-3:]):
            bags = [(b, s) for s in counting for b in s.bags if b <= {sentence.words[i].stem for i in near}]
            if not bags:
                continue
            bag, slot = max(bags, key=lambda f: len(f[0]))
            used = [i for i in near if sentence.words[i].stem in bag]
            if near is behind and any(i in sentence.products and i < min(used) for i in near):
                break  # "three plates with holes": the plates are counted
            return _claim(sentence, one, [(slot.name, int(value))], used)
        pieces = _bind_quantity(sentence, one, value, behind, ahead)
        if pieces:
            return pieces
    measure = replace(one, kind="measure", dimension="length", bare=True)
    fit = _fit(sentence, measure, ahead[-3:], [], slots)
    if fit.score < 2 or sentence.text[one.start : one.end].lower() in NUMBER_WORDS:
        return []
    sentence.numerals[sentence.numerals.index(one)] = measure
    return _claims(sentence, measure, fit)


def _bind_quantity(
    sentence: Sentence, one: Numeral, value: Fraction, behind: list[int], ahead: list[int]
) -> list[Claim]:
    named = [i for i in behind if i in sentence.products or sentence.words[i].text.lower() in PIECES][:1]
    named = named or [i for i in ahead[-1:] if sentence.words[i].stem in _QUANTITY_WORDS]
    if not named:
        return []
    sentence.read.add(one)
    sentence.used.update(named)
    return [Claim("quantity", int(value), sentence.said(one, named))]


def _next_stop(sentence: Sentence, start: int) -> int:
    """Where the clause behind a count ends: at a comma, a connector or the next count; measures may stand in it."""
    stop = next((n.start for n in sentence.numerals if n.start >= start and n.kind == "count"), len(sentence.text))
    for i in sentence.between(start, stop):
        if sentence.parted(start, sentence.words[i].end):
            return sentence.words[i].start
    return stop
