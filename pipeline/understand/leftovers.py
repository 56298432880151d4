"""Sorts what nobody understood: what may be a size, an amount or a refusal is asked, the rest is only told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from model.units import UNITS
from pipeline.understand.bind import CONNECTORS, Sentence
from pipeline.understand.lexicon import CANCELLING, IDLE, NEGATORS, NUMBER_WORDS, ROLE_WORDS, SIZING
from pipeline.understand.slots import Slot
from pipeline.understand.words import stem

_TELLING: Final = CANCELLING | NEGATORS | SIZING | frozenset(NUMBER_WORDS) | frozenset(UNITS)
_MEASURES: Final = frozenset(stem(w) for told in ROLE_WORDS.values() for w in told)


def leftovers(sentence: Sentence, slots: Sequence[Slot], *, hide_names: bool) -> tuple[list[str], list[str]]:
    """The words and numbers nobody used, each quoted: (what must be asked, what is only told).

    Asked is a phrase with a digit, a number word, a unit, a word of a parameter's name or a negation. Questions and
    notes travel with the order, so what may be a person's name is hidden when ``hide_names``.
    """
    loose: list[tuple[int, int, bool]] = [
        (n.start, n.end, True)
        for n in sentence.numerals
        if n not in sentence.read and NUMBER_WORDS.get(sentence.text[n.start : n.end].lower()) != 1
    ]
    for i in sentence.between(0, len(sentence.text)):
        word, low = sentence.words[i], sentence.words[i].text.lower()
        if i not in sentence.used and low not in (IDLE | CONNECTORS) - NEGATORS:
            loose.append((word.start, word.end, _telling(sentence, i, slots)))
    phrases: list[tuple[str, bool]] = []
    last = -2
    for start, end, telling in sorted(loose):
        shown = sentence.text[start:end]
        if hide_names and start > 0 and shown.isalpha() and shown.istitle() and not telling:
            shown = "…"
        if phrases and start - last <= 1:
            phrases[-1] = (f"{phrases[-1][0]} {shown}", phrases[-1][1] or telling)
        else:
            phrases.append((shown, telling))
        last = end
    return [f"«{p}»" for p, telling in phrases if telling], [f"«{p}»" for p, telling in phrases if not telling]


def _telling(sentence: Sentence, index: int, slots: Sequence[Slot]) -> bool:
    """Whether a word left over may ask for something that is made differently then."""
    word = sentence.words[index]
    if any(c.isdigit() for c in word.text) or word.text.lower() in _TELLING or word.stem in _MEASURES:
        return True
    naming = [frozenset().union(*s.bags) for s in slots]
    if not any(word.stem in names for names in naming):
        return False
    near = {sentence.words[i].stem for i in (index - 1, index + 1) if i in sentence.used}
    return not any(word.stem in names and names & near for names in naming)  # "screw" of "two screw holes"
