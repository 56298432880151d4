"""Splits a block of a Sinumerik program into its words, calls and assignments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipeline.verify.readers.words import MOST, LineError, checked, code

NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
CALL = re.compile(r"(MCALL\s+)?(CYCLE[0-9]+)\s*\(([^()]*)\)")
ASSIGNED = re.compile(rf"([A-Z]+)\s*=\s*(?:(AC)\(\s*({NUMBER})\s*\)|({NUMBER}))")
NAME = re.compile(r"[A-Z][A-Z]+(?![A-Z=])")
WORD = re.compile(rf"([A-Z])({NUMBER})")
NUMBERED = re.compile(r"N([0-9]{1,8})(?:\s+|$)")
GAP = re.compile(r"\s*")

GROUPS = {
    **dict.fromkeys(("G0", "G1", "G2", "G3"), "motion"),
    **dict.fromkeys(("G4", "G53", "G153", "SUPA", "TRANS"), "once"),
    **dict.fromkeys(("G17", "G18", "G19"), "plane"),
    **dict.fromkeys(("G40", "G41", "G42"), "compensation"),
    **dict.fromkeys(("G54", "G55", "G56", "G57", "G500", *(f"G{n}" for n in range(505, 600))), "offset"),
    **dict.fromkeys(("G60", "G64"), "path"),
    **dict.fromkeys(("G70", "G71", "G700", "G710"), "units"),
    **dict.fromkeys(("G90", "G91"), "distance"),
    **dict.fromkeys(("RTLION", "RTLIOF"), "rapids"),
    **dict.fromkeys(("G93", "G94", "G95"), "feed-mode"),
    **dict.fromkeys(("M0", "M1", "M2", "M30"), "stop"),
    **dict.fromkeys(("M3", "M4", "M5"), "spindle"),
    "M6": "change",
    **dict.fromkeys(("M7", "M8", "M9"), "coolant"),
}
"""Every code this reader knows, by modal group; G58 and G59 shift axes here and are not among them."""

LETTERS = ("X", "Y", "Z", "I", "J", "F", "S", "T", "D")
ASSIGNABLE = (*LETTERS, "CR", "TURN", "TOFFR")


@dataclass(slots=True)
class Block:
    """One block: codes by modal group, values by address, the centre's absolute ones, a cycle called or begun.

    ``number`` is the block's N (-1: none). ``modal`` marks MCALL; MCALL with an empty ``cycle`` ends the modal call.
    ``arguments`` left empty are None.
    """

    codes: dict[str, str] = field(default_factory=dict)
    values: dict[str, float] = field(default_factory=dict)
    absolute: dict[str, float] = field(default_factory=dict)
    cycle: str = ""
    arguments: tuple[float | None, ...] = ()
    modal: bool = False
    number: int = -1


def block(raw: str) -> Block:
    """One line's block without its comment and block number.

    Raises:
        LineError: The line holds something that is not of the language's part this reader knows.
    """
    text = _without_comment(checked(raw.removesuffix("\r"))).strip().upper()
    if not text.isascii():
        raise LineError("read.character", "a character outside ASCII", "Only comments may hold it.")
    if text.startswith("/"):
        raise LineError("read.cannot-judge", "a block that may be skipped cannot be judged", "Write it out.")
    found = Block()
    numbered = NUMBERED.match(text)
    at = 0
    if numbered:
        found.number, at = int(numbered[1]), numbered.end()
    while at < len(text):
        at = _one(text, at, found)
        gap = GAP.match(text, at)
        at = gap.end() if gap else at
    return found


def _without_comment(line: str) -> str:
    quoted = False
    for k, c in enumerate(line):
        if c == '"':
            quoted = not quoted
        if c == ";" and not quoted:
            return line[:k]
    if quoted:
        raise LineError("read.comment", "a text in quotation marks is not closed")
    return line


def _one(text: str, at: int, found: Block) -> int:
    """Read what stands at ``at``; returns where it ends."""
    call = CALL.match(text, at)
    if call:
        _cycle(found, call[2], tuple(_argument(a) for a in call[3].split(",")), modal=bool(call[1]))
        return call.end()
    assigned = ASSIGNED.match(text, at)
    if assigned and assigned[1] in ASSIGNABLE:
        if assigned[2]:
            if assigned[1] not in {"I", "J"}:
                raise LineError("read.word-unknown", f"{assigned[0]} is not a word this reader knows")
            _value(found, found.absolute, assigned[1], float(assigned[3]))
        else:
            _value(found, found.values, assigned[1], float(assigned[4]))
        return assigned.end()
    name = NAME.match(text, at)
    if name and name[0] == "MCALL":
        _cycle(found, "", (), modal=True)
        return name.end()
    if name and name[0] in GROUPS:
        _code(found, name[0])
        return name.end()
    word = None if name else WORD.match(text, at)
    if word is None or (word[1] not in "GM" and word[1] not in LETTERS):
        raise LineError("read.word-unknown", f"{text[at : at + 16]!r} is not a word this reader knows")
    if word[1] in "GM":
        _code(found, code(word[1], float(word[2])))
    else:
        _value(found, found.values, word[1], float(word[2]))
    return word.end()


def _code(found: Block, name: str) -> None:
    group = GROUPS.get(name)
    if group is None:
        raise LineError("read.code-unsupported", f"{name} is not a code this reader knows")
    if group in found.codes:
        raise LineError("read.modal-group", f"{found.codes[group]} and {name} cannot stand in one block")
    found.codes[group] = name


def _value(found: Block, values: dict[str, float], name: str, number: float) -> None:
    if name in found.values or name in found.absolute:
        raise LineError("read.word-repeated", f"the word {name} stands twice in one block")
    if abs(number) > MOST:
        raise LineError("read.number-too-large", f"{name}{number:g} is more than {MOST:g}")
    values[name] = number


def _cycle(found: Block, cycle: str, arguments: tuple[float | None, ...], *, modal: bool) -> None:
    if found.cycle or found.modal:
        raise LineError("read.cycle", "two calls in one block")
    found.cycle, found.arguments, found.modal = cycle, arguments, modal


def _argument(text: str) -> float | None:
    plain = text.strip()
    if not plain:
        return None
    if not re.fullmatch(NUMBER, plain):
        raise LineError("read.cycle", f"{plain!r} is not a plain number", "Formulas cannot be judged.")
    if abs(float(plain)) > MOST:
        raise LineError("read.number-too-large", f"{plain} is more than {MOST:g}")
    return float(plain)
