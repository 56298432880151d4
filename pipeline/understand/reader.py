"""Reads one wish: what it says of which parameter, what it leaves open, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Sequence

from model.errors import OrderError
from model.finding import Finding
from model.order import Question, Wish
from model.units import plain_fractions
from pipeline.understand.bind import CONNECTORS, Claim, Op, Sentence, bind
from pipeline.understand.inscription import BLANK, Inscriptions, read_inscriptions
from pipeline.understand.lexicon import IDLE, NEGATORS, NUMBER_WORDS, SMALL_TALK, say
from pipeline.understand.numbers import numerals
from pipeline.understand.things import Known, Things, WishReading
from pipeline.understand.words import Found, find_names, words

_CONTACT = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|https?://\S+|(?<!\w)\+?\d(?:[\s()-]{0,2}\d){9,14}(?!\w)")


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
    unread = _unread(sentence, hide_names=wish.kind != "must")
    if unread and wish.kind == "must":
        result.questions.append(Question("wishes", say("must-unread", lang, words=unread)))
    elif unread:
        result.notes.append(say("unread", lang, words=unread))
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
    meant |= {i for i, w in enumerate(told) if w.text.lower() in SMALL_TALK | NEGATORS}
    starts = {told[i].start for i in meant} | {n.start for n in numerals(text) if n.kind != "count"}
    return read_inscriptions(text, tuple(n for _, n in known.products), frozenset(starts))


def _take_texts(
    slot: str, text: str, reading: Inscriptions, sentence: Sentence, result: WishReading, lang: str, *, avoid: bool
) -> None:
    for one in reading.found:
        loose = [i for i in sentence.between(one.end, one.run_end) if i not in sentence.used]
        numbers = [n for n in sentence.numerals if one.end <= n.start < one.run_end and n not in sentence.read]
        if numbers or any(sentence.words[i].text.lower() not in IDLE | CONNECTORS for i in loose):
            result.questions.append(Question(slot, say("quote-text", lang)))
        op: Op = "!=" if avoid else "="
        result.claims.append(Claim(slot, "\n".join(one.lines), text[one.start : one.end], op))
    for stray in reading.stray:
        result.questions.append(Question(slot, say("which-parameter", lang, words=stray)))


def _without_contacts(text: str, personal: Sequence[str]) -> tuple[str, bool]:
    told = [re.escape(p) for p in sorted(personal, key=len, reverse=True) if len(p) > 2]
    patterns = [_CONTACT, re.compile(rf"(?<!\w)(?:{'|'.join(told)})(?!\w)", re.IGNORECASE)] if told else [_CONTACT]
    cleaned = text
    for pattern in patterns:
        cleaned = pattern.sub(lambda m: BLANK * len(m[0]), cleaned)
    return cleaned, cleaned != text


def _without_grades(sentence: Sentence, found: Sequence[Found]) -> str:
    """The text with the digits of material names and options ("6082", "M2.5") out of the numbers' way."""
    text = sentence.text
    for one in found:
        if one.id.partition(":")[0] in ("material", "option"):
            start, end = sentence.words[one.first].start, sentence.words[one.last].end
            text = text[:start] + BLANK * (end - start) + text[end:]
    return text


def _unread(sentence: Sentence, *, hide_names: bool) -> str:
    """The words and numbers nobody used, quoted, or "".

    Notes travel with the order, so what may be a name is hidden there.
    """
    loose = [
        (n.start, n.end)
        for n in sentence.numerals
        if n not in sentence.read and sentence.text[n.start : n.end].lower() not in NUMBER_WORDS
    ]
    for i in sentence.between(0, len(sentence.text)):
        word, low = sentence.words[i], sentence.words[i].text.lower()
        if i not in sentence.used and low not in IDLE | CONNECTORS:
            loose.append((word.start, word.end))
    phrases: list[str] = []
    last = -2
    for start, end in sorted(loose):
        shown = sentence.text[start:end]
        if hide_names and start > 0 and shown.isalpha() and shown.istitle():
            shown = "…"
        if phrases and start - last <= 1:
            phrases[-1] += f" {shown}"
        else:
            phrases.append(shown)
        last = end
    return ", ".join(f"«{p}»" for p in phrases)
