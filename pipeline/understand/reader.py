"""Reads one wish: what it says of which parameter, what it leaves open, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from model.errors import OrderError
from model.finding import Finding
from model.order import Question, Wish
from model.units import plain_fractions
from pipeline.engine.personal import without
from pipeline.understand.bind import CONNECTORS, Claim, Op, Sentence, bind
from pipeline.understand.inscription import BLANK, Inscriptions, read_inscriptions
from pipeline.understand.leftovers import leftovers
from pipeline.understand.lexicon import IDLE, NEGATORS, SMALL_TALK, TEXT_LINKS, TEXT_TRIGGERS, say
from pipeline.understand.numbers import numerals
from pipeline.understand.things import Known, Things, WishReading
from pipeline.understand.words import Found, Word, find_names, words

_GAP = r"[\s()./–-]{1,2}"
_NUMBERS = re.compile(
    rf"(?<![\w.])\+?(?:\d(?:{_GAP}|)){{6,}}\d(?!\w|\s?(?:[mcмс]m|[mс]м|мм|mm|cm|см))|(?<!\w)\d+(?:{_GAP}\d+){{2,}}(?!\w)"
)


def read_wish(wish: Wish, known: Known, lang: str, personal: Sequence[str]) -> WishReading:
    """Read one wish. Contact details and ``personal`` values outside the text to cut are not read at all."""
    result = WishReading()
    text = plain_fractions(wish.text)
    names = known.names()
    slot = next((s for s in known.slots if s.role == "text"), None)
    reading = _inscriptions(text, names, known, slot.name) if slot else Inscriptions((), text, ())
    rest, contacts = _without_contacts(reading.rest, personal)
    if contacts:
        result.notes.append(say("contact", lang))
    sentence = Sentence(rest, [w for w in words(rest) if BLANK not in w.text], [], frozenset())
    found = find_names(sentence.words, names)
    sentence.products = frozenset(i for f in found if f.id.startswith("family:") for i in range(f.first, f.last + 1))
    try:
        sentence.numerals = numerals(_without_grades(sentence, found))
    except OrderError as error:
        result.findings.append(Finding(error.code, error.message, "wishes", error.value, error.limit, error.hint))
        return result
    result.claims += _numbers(sentence, known, result, lang, avoid=wish.kind == "avoid")
    materials = tuple(n for _, n in known.materials)
    things = Things(sentence, found, {s.name: s for s in known.slots}, materials, wish.kind == "avoid", result, lang)
    things.read()
    things.unknown_materials()
    if slot:
        _take_texts(slot.name, text, reading, sentence, result, lang, avoid=wish.kind == "avoid")
    asked, told = leftovers(sentence, known.slots, hide_names=wish.kind != "must")
    if wish.kind == "must" and (asked or told):
        result.questions.append(Question("wishes", say("must-unread", lang, words=", ".join([*asked, *told]))))
    elif asked:
        result.questions.append(Question("wishes", say("ask-unread", lang, words=", ".join(asked))))
    if wish.kind != "must" and told:
        result.notes.append(say("unread", lang, words=", ".join(told)))
    result.questions = [replace(q, text=_masked(q.text)) for q in result.questions]
    result.notes = [_masked(n) for n in result.notes]
    result.claims = [Claim(c.slot, c.value, c.words, c.op, wish.kind == "must") for c in result.claims]
    return result


def _numbers(sentence: Sentence, known: Known, result: WishReading, lang: str, *, avoid: bool) -> list[Claim]:
    """What the numbers say; what they leave open is asked, and a size without a unit is told to be millimetres."""
    claims = bind(sentence, known.slots)
    for template, said in sentence.asked:
        result.questions.append(Question("wishes", say(template, lang, words=said)))
    told = "".join(said for _, said in sentence.asked)
    for numeral in [n for n in sentence.numerals if n.bare and n in sentence.read]:
        said = sentence.text[numeral.start : numeral.end]
        if said not in told:
            result.notes.append(say("millimetres", lang, words=f"«{said}»"))
    if not avoid:
        return claims
    for claim in [c for c in claims if c.op != "="]:
        result.questions.append(Question(claim.slot, say("not-exact", lang, words=f"«{claim.words}»")))
    return [Claim(c.slot, c.value, c.words, "!=") for c in claims if c.op == "="]


def _inscriptions(text: str, names: list[tuple[str, str]], known: Known, slot: str) -> Inscriptions:
    """The texts to cut. A word that means something else here never begins a text without quotes."""
    told = words(text)
    meant = {i for f in find_names(told, names) if f.id != f"slot:{slot}" for i in range(f.first, f.last + 1)}
    meant |= {i for i, w in enumerate(told) if w.text.lower() in SMALL_TALK | NEGATORS and not _lettered(told, i)}
    starts = {told[i].start for i in meant} | {n.start for n in numerals(text) if n.kind != "count"}
    return read_inscriptions(text, tuple(n for _, n in known.products), frozenset(starts))


def _lettered(told: Sequence[Word], index: int) -> bool:
    """True for a small word in capitals that may belong to a text: "text THE CROWN", "text A B"."""
    word = told[index]
    if not word.text.isupper() or any(w.text.lower() in TEXT_TRIGGERS and w.text.isupper() for w in told):
        return False
    if len(word.text) > 1:
        return True
    behind = told[index + 1].text if index + 1 < len(told) else "A"
    opened = index > 0 and told[index - 1].text in TEXT_LINKS | TEXT_TRIGGERS | {told[index - 1].text.capitalize()}
    return opened and not behind[0].islower()


def _take_texts(
    slot: str, text: str, reading: Inscriptions, sentence: Sentence, result: WishReading, lang: str, *, avoid: bool
) -> None:
    for one in reading.found:
        loose = [i for i in sentence.between(one.end, one.run_end) if i not in sentence.used]
        numbers = [n for n in sentence.numerals if one.end <= n.start < one.run_end and n not in sentence.read]
        if numbers or any(sentence.words[i].text not in IDLE | CONNECTORS for i in loose):
            result.questions.append(Question(slot, say("quote-text", lang)))
        op: Op = "!=" if avoid else "="
        result.claims.append(Claim(slot, "\n".join(one.lines), text[one.start : one.end], op))
    for stray in reading.stray:
        result.questions.append(Question(slot, say("which-parameter", lang, words=stray)))


def _without_contacts(text: str, personal: Sequence[str]) -> tuple[str, bool]:
    cleaned = without(text, personal, lambda m: BLANK * len(m[0]))
    return cleaned, cleaned != text


def _masked(text: str) -> str:
    """A sentence without anything that may be a phone number; a range of millimetres is none."""
    return _NUMBERS.sub("…", text)


def _without_grades(sentence: Sentence, found: Sequence[Found]) -> str:
    """The text with the digits of material names and options ("6082", "M2.5") out of the numbers' way."""
    text = sentence.text
    for one in found:
        if one.id.partition(":")[0] in ("material", "option"):
            start, end = sentence.words[one.first].start, sentence.words[one.last].end
            text = text[:start] + BLANK * (end - start) + text[end:]
    return text
