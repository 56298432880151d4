"""Blanks out of a text what names a person or says how to reach one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from model.errors import LotOneError
from model.finding import Finding
from pipeline.engine.outcome import Problem

MARK = "…"
SHORTEST = 3
TOGETHER = 6
"""Parts of an address looked for as they stand together."""
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CONTACT = re.compile(rf"{_EMAIL.pattern}|https?://\S+|(?<!\w)(?<!\d[.,])\+?\d(?:[\s()-]{{0,2}}\d){{9,14}}(?!\w)")
_RUSSIAN = re.compile(r"[А-ЯЁа-яё]{4,}")
_NUMBER = re.compile(r"[\d\s()+./–-]+")
_DIGITS = re.compile(r"(?<![\d.,])[+(]*\d(?:[\s()/–-]{0,2}\d){3,}(?![\d.,]\d)")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")


def names(personal: Mapping[str, str]) -> tuple[str, ...]:
    """What to look for in what a customer wrote, longest first: values, words of the name, the address's parts."""
    told = {value.strip() for value in personal.values()} | set(_WORD.findall(personal.get("name", "")))
    parts = [part.strip() for part in re.split(r"[,;\n]", personal.get("address", ""))]
    for first in (i for i, part in enumerate(parts) if _WORD.search(part)):
        told |= {", ".join(parts[first:last]) for last in range(first + 1, first + TOGETHER + 1)}
    return _longest_first(told)


def traces(personal: Mapping[str, str]) -> tuple[str, ...]:
    """The same for what is said of an order, where a text may be quoted in part: every word of the address too."""
    return _longest_first(
        {*names(personal), *(w for w in _WORD.findall(personal.get("address", "")) if len(w) > SHORTEST)}
    )


def _longest_first(told: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted((t for t in told if len(t) >= SHORTEST), key=lambda t: (-len(t), t)))


def without(text: str, hidden: Sequence[str], mark: Callable[[re.Match[str]], str] = lambda _: MARK) -> str:
    """The text with addresses of e-mail and the web, telephone numbers and ``hidden`` words replaced by the mark."""
    for pattern in (_CONTACT, *_patterns(hidden)):
        text = pattern.sub(mark, text)
    return text


def tells(text: str, hidden: Sequence[str]) -> bool:
    """Whether a text holds one of the ``hidden`` words, or anyone's e-mail address; a long number alone is none."""
    return any(pattern.search(text) for pattern in (_EMAIL, *_patterns(hidden)))


def _patterns(hidden: Sequence[str]) -> list[re.Pattern[str]]:
    phones = (re.sub(r"\D", "", p) for p in hidden if _NUMBER.fullmatch(p))
    found = [_phone(digits) for digits in phones if len(digits) > 6]
    if hidden:
        found.insert(0, re.compile(rf"(?<!\w)(?:{'|'.join(map(_written, hidden))})(?!\w)", re.IGNORECASE))
    return found


def quiet_text(text: str, hidden: Sequence[str], *kept: str) -> str:
    """The same; numbers of orders and the like, which are ``kept``, may look like a telephone's."""
    known = sorted(filter(None, kept), key=len, reverse=True)
    parts = re.split(f"({'|'.join(map(re.escape, known))})", text) if known else [text]
    numbers = [re.sub(r"\D", "", one) for one in hidden if _NUMBER.fullmatch(one)]
    return "".join(part if i % 2 else _in_part(without(part, hidden), numbers) for i, part in enumerate(parts))


def quiet(problem: Problem, hidden: Sequence[str], *kept: str) -> Problem:
    """A failure that quotes nothing personal."""
    say = _saying(hidden, kept)
    asked = tuple(replace(q, text=say(q.text), options=tuple(map(say, q.options))) for q in problem.questions)
    findings = tuple(_quiet_finding(one, say) for one in problem.findings)
    return replace(problem, **_quiet_facts(problem, say), findings=findings, questions=asked)


def hush(error: LotOneError, given: Mapping[str, Any], *kept: str) -> None:
    """Blank out of an error what a file says of its customer; ``given`` is the file's own values."""
    who = given.get("customer")
    told = {k: v for k, v in who.items() if isinstance(v, str)} if isinstance(who, dict) else {"": str(who or "")}
    own = given.get("id")
    say = _saying(traces(told), (own if isinstance(own, str) else "", *kept))
    for name, fact in _quiet_facts(error, say).items():
        setattr(error, name, fact)
    error.findings = tuple(_quiet_finding(one, say) for one in error.findings)
    error.args = (error.message,)


def _saying(hidden: Sequence[str], kept: Sequence[str]) -> Callable[[str], str]:
    return lambda text: quiet_text(text, hidden, *kept)


def _quiet_finding(one: Finding, say: Callable[[str], str]) -> Finding:
    return replace(one, **_quiet_facts(one, say))


def _quiet_facts(told: Finding | LotOneError | Problem, say: Callable[[str], str]) -> dict[str, Any]:
    facts = {name: getattr(told, name) for name in ("message", "place", "value", "limit", "hint")}
    return {name: say(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}


def _in_part(text: str, numbers: Sequence[str]) -> str:
    """Without what is left of a telephone number that was cut: six digits of it, or four that are parted."""

    def mark(found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found[0])
        told = len(digits) >= 6 or len(digits) < len(found[0])
        return MARK if told and any(digits in number for number in numbers) else found[0]

    return _DIGITS.sub(mark, text) if numbers else text


def _written(one: str) -> str:
    """How a name may be written: a Russian one in any of its cases."""
    stem = re.sub(r"(?:ая|яя|ий|ый|ой|[аеиоуыэюяйь])$", "", one)
    return f"{re.escape(stem)}[а-яё]{{0,3}}" if _RUSSIAN.fullmatch(one) else re.escape(one)


def _phone(digits: str) -> re.Pattern[str]:
    """A phone number however it is parted, with or without its country and area code."""
    gap = r"[\s()./–-]{0,3}"
    ahead = ""
    for i, digit in enumerate(digits[:-7]):
        first = "[78]" if i == 0 and digit in "78" else digit
        ahead = f"(?:{ahead}{first}{gap})?"
    core = ahead + gap.join(digits[-7:])
    return re.compile(rf"(?<!\d)[+(]*{core}(?!\d)")
