"""Finds the text a customer wants on the part, letter for letter, and never guesses where it ends."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipeline.understand.lexicon import TEXT_LINKS, TEXT_TRIGGERS
from pipeline.understand.words import Word, words

BLANK = "\ue000"
"""Stands in for every character of a text that was found, so that it is not read as a wish."""


def shown(text: str) -> str:
    """A piece of the wish as the customer may read it: what was blanked out is an ellipsis."""
    return re.sub(f"{BLANK}+", "…", text)


_QUOTED = re.compile(
    r"«(?P<a>[^»]*)»|“(?P<b>[^”“]*)[”“]|„(?P<c>[^“”„]*)[“”]"
    r"|(?<![\d\w])\"(?P<d>[^\"]*)\"|(?<![\w])'(?P<e>[^']*(?:(?<=\w)'(?=\w)[^']*)*)'(?!\w)|‘(?P<f>[^’]*)’"
)
_JOINED = re.compile(r"\s*(?:,|/|\+|and|и|,\s*and|,\s*и)?\s*", re.IGNORECASE)
_RUN_END = re.compile(r"[,;.!?\n()]|$")


@dataclass(frozen=True, slots=True)
class Inscription:
    """The lines to cut, where they stand in the wish, and whether their end was plain (quoted or one clear run).

    ``end`` is where an unquoted text was taken to end, ``run_end`` where the sentence goes on for sure: unread
    words in between make the text doubtful.
    """

    lines: tuple[str, ...]
    start: int
    end: int
    run_end: int


@dataclass(frozen=True, slots=True)
class Inscriptions:
    """Every text found, the wish with those texts blanked out, and quotations nobody gave a meaning."""

    found: tuple[Inscription, ...]
    rest: str
    stray: tuple[str, ...]


def read_inscriptions(text: str, openers: tuple[str, ...], known: frozenset[int]) -> Inscriptions:
    """Find the texts of one wish.

    ``openers`` are the product's names, behind which a quotation is the text ("nameplate «ОЛЕГ»"); ``known`` are
    the starts of words that mean something else (a material, a finish, a measure): a text without quotes never
    begins with one.
    """
    found: list[Inscription] = []
    stray: list[str] = []
    taken = 0
    for match in _QUOTED.finditer(text):
        if match.start() < taken:
            continue
        lines, end = _quoted_run(text, match)
        opened = _opened(text[taken : match.start()], openers)
        if opened is None:
            stray.append(match[0])
        else:
            found.append(Inscription(lines, taken + opened, end, end))
            taken = end
    rest = text
    for one in found:
        rest = _blanked(rest, one)
    if not found:
        found = _plain(rest, words(text), known)
        rest = _blanked(rest, found[0]) if found else rest
    for quotation in stray:
        rest = rest.replace(quotation, BLANK * len(quotation))
    return Inscriptions(tuple(found), rest, tuple(stray))


def _blanked(text: str, one: Inscription) -> str:
    return text[: one.start] + BLANK * (one.end - one.start) + text[one.end :]


def _quoted_run(text: str, first: re.Match[str]) -> tuple[tuple[str, ...], int]:
    """Quotations joined by commas or "and" are the lines of one text."""
    lines, end = [_inside(first)], first.end()
    while True:
        gap = _JOINED.match(text, end)
        following = _QUOTED.match(text, gap.end()) if gap else None
        if following is None:
            return tuple(lines), end
        lines.append(_inside(following))
        end = following.end()


def _inside(match: re.Match[str]) -> str:
    return next(g for g in match.groups() if g is not None)


def _opened(before: str, openers: tuple[str, ...]) -> int | None:
    """Where, in the words before a quotation, the phrase that makes it a text begins."""
    told = words(before)
    if before[told[-1].end :].strip(" :=—–-\t\n") if told else True:
        return None
    first = len(told)
    while first > 0 and told[first - 1].text.lower() in TEXT_LINKS | TEXT_TRIGGERS:
        first -= 1
    if any(w.text.lower() in TEXT_TRIGGERS for w in told[first:]):
        return told[first].start
    last = told[-1]
    return len(before) if any(last.stem == words(o)[-1].stem for o in openers) else None


def _plain(text: str, told: list[Word], known: frozenset[int]) -> list[Inscription]:
    """The first text without quotes, if any."""
    before = ""
    for trigger in told:
        if trigger.text.lower() in TEXT_TRIGGERS:
            if before.lower() in TEXT_TRIGGERS and trigger.text[0].isupper():
                return []  # "text Title Fight": whether the second belongs to the text is asked
            one = _unquoted(text, trigger, known)
            if one:
                return [one]
        before = trigger.text
    return []


def _unquoted(text: str, trigger: Word, known: frozenset[int]) -> Inscription | None:
    """A text without quotes: the capitals and numbers behind the word, or one run of words up to a comma."""
    end = _RUN_END.search(text, trigger.end)
    run_end = end.start() if end else len(text)
    run = [w for w in words(text[:run_end]) if w.start >= trigger.end]
    while run and run[0].text in TEXT_LINKS | TEXT_TRIGGERS:
        run = run[1:]
    if run and run[0].text.lower() in TEXT_TRIGGERS and (trigger.text.isupper() or not run[0].text.isupper()):
        return None
    if not run or run[0].start in known or BLANK in run[0].text:
        return None
    kept = [run[0]]
    for word in run[1:]:
        if not (word.text[0].isupper() or word.text[0].isdigit()) or word.start in known:
            break
        kept.append(word)
    if len(kept) == 1 and run[0].text[0].islower():
        clear = next((i for i, w in enumerate(run) if w.start in known), len(run))
        kept = run[:clear]
    start, stop = kept[0].start, kept[-1].end
    return Inscription((text[start:stop],), trigger.start, stop, run_end)
