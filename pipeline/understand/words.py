"""Splits a customer's sentence into words and knows a word again in another case or number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from pipeline.understand.lexicon import spelled

_RU_ENDINGS = sorted(
    spelled(
        "иями ями ами ого его ому ему ыми ими иях ях ах ием ией ий ый ой ей ая яя ое ее ые ие ую юю ым им ом ем ам ям",
        "ов ев ию ия ии ью а я о е ы и у ю ь й",
    ),
    key=lambda e: -len(e),
)
_RU_FROM_NOUN = ("н", "нн", "ьн", "ян", "янн", "енн", "ев", "иев", "ов")
_CYRILLIC = re.compile(r"[а-яё]")
_SHORTEST_STEM = 3


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a wish and where it stands: ``text[start:end]``."""

    text: str
    start: int
    end: int

    @property
    def stem(self) -> str:
        """What stays the same through cases and plurals."""
        return stem(self.text)


def words(text: str) -> list[Word]:
    """The words of a text; digits inside a word belong to it ("M5", "CuZn39Pb3")."""
    return [Word(m[0], m.start(), m.end()) for m in re.finditer(r"[^\W_]+", text)]


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Cut the ending off: Russian cases, adjective endings and the fleeting vowel before -к; English plurals."""
    low = word.lower().replace("ё", "е")
    if not _CYRILLIC.search(low):
        if len(low) > 4 and low.endswith(("xes", "ches", "shes", "sses")):
            return low[:-2]
        return low[:-1] if len(low) > 3 and low.endswith("s") and not low.endswith(("ss", "us", "is")) else low
    for ending in _RU_ENDINGS:
        if low.endswith(ending) and len(low) - len(ending) >= _SHORTEST_STEM:
            low = low[: -len(ending)]
            break
    return re.sub(r"(?<=..)[ео]к$", "к", low)


@lru_cache(maxsize=65536)
def same(word: str, known: str) -> bool:
    """True when ``word`` is ``known`` in some form; a Russian adjective is known by its noun: латунная, латунь."""
    given, root = stem(word), stem(known)
    if given == root:
        return True
    if not _CYRILLIC.search(root) or not given.startswith(root):
        return False
    return given[len(root) :] in _RU_FROM_NOUN


@lru_cache(maxsize=4096)
def spelling(phrase: str) -> tuple[str, ...]:
    """The words of a phrase, lower case."""
    return tuple(w.text.lower() for w in words(phrase))


def phrase_at(sentence: list[Word], index: int, phrase: str) -> int:
    """How many words from ``index`` on spell ``phrase`` (0: they do not)."""
    wanted = spelling(phrase)
    if not wanted or len(sentence) < index + len(wanted):
        return 0
    return len(wanted) if all(same(sentence[index + i].text, w) for i, w in enumerate(wanted)) else 0


@dataclass(frozen=True, slots=True)
class Found:
    """A name found in a sentence: words ``first`` to ``last`` (inclusive) spell one of the names of ``id``."""

    id: str
    first: int
    last: int


def find_names(sentence: list[Word], names: Iterable[tuple[str, str]]) -> list[Found]:
    """Every place where a name is spelled; the longest wins, and words are used once.

    ``names`` are (id, name). Where the same words name two ids, both are found.
    """
    known = sorted(set(names))
    found: list[Found] = []
    index = 0
    while index < len(sentence):
        spelled_here = [(length, i, n) for i, n in known if (length := phrase_at(sentence, index, n))]
        longest = max((length for length, _, _ in spelled_here), default=0)
        here = [(i, n) for length, i, n in spelled_here if length == longest]
        exact = [i for i, n in here if _exact(sentence, index, n)]
        found += [Found(i, index, index + longest - 1) for i in sorted(set(exact or [i for i, _ in here]))]
        index += max(1, longest)
    return found


def _exact(sentence: list[Word], index: int, name: str) -> bool:
    return all(sentence[index + i].stem == stem(w) for i, w in enumerate(spelling(name)))
