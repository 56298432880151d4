"""Turns an order into a brief: a family with every parameter decided, each with the words it came from."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import generators
from generators.kit.family import Family, checked
from generators.kit.given import NAME, given
from model.constraint import parse_constraint
from model.errors import OrderError, QuestionError
from model.finding import Finding
from model.order import Brief, Order, Question, Reading
from model.tooling import Material, ShopData
from pipeline.engine.personal import names
from pipeline.understand.bind import Claim
from pipeline.understand.explicit import explicit
from pipeline.understand.lexicon import COMMON, FINISHES, say
from pipeline.understand.reader import read_wish
from pipeline.understand.slots import Slot, slots_of
from pipeline.understand.solid import customers_solid, untold, unused
from pipeline.understand.things import Known, names_of
from pipeline.understand.weigh import DEFAULT, Weighed, settle, weigh
from pipeline.understand.words import find_names, same, words

GENERAL_TOLERANCE = "ISO 2768-m"
MOST_PIECES = 1000
_TOLERANCE = re.compile(r"ISO 2768(?:-1)?[ -]?([fmcv])([HKL])?", re.IGNORECASE)
_AS_MADE = {"cut": "as-machined", "print": "as-printed"}


def understand(order: Order, shop: ShopData) -> Brief:
    """Decide the family and every parameter of an order.

    Explicit parameters win over hard constraints, those over wishes (English or Russian), those over the family's
    defaults; every parameter's reading tells which. The brief holds nothing personal.

    Raises:
        OrderError: ``understand.unknown-family``, ``understand.unknown-material``,
            ``understand.material-not-accepted``, ``understand.unknown-finish``, ``understand.unknown-tolerance``,
            ``understand.quantity-out-of-range``, ``order.*`` and ``units.*`` for the parameters; all findings together.
        QuestionError: ``understand.questions``: the order is unclear or contradicts itself and waits.
    """
    solid = customers_solid(order)
    if solid is None:
        brief = brief_of(order, {n: generators.get(n) for n in generators.names()}, shop.materials)
        return replace(brief, notes=(*brief.notes, *unused(order)))
    family = given(tuple(sorted(shop.materials)))
    brief = brief_of(replace(order, family=NAME), {NAME: family}, shop.materials)
    chosen = replace(brief.readings[0], words=f"attachments: {solid.uri}")
    return replace(
        brief,
        attachment=solid,
        readings=(chosen, *brief.readings[1:]),
        notes=(*brief.notes, *untold(brief), *unused(order)),
    )


def brief_of(order: Order, families: Mapping[str, Family], materials: Mapping[str, Material]) -> Brief:
    """The same against the given families and materials.

    Raises:
        OrderError: As :func:`understand`.
        QuestionError: As :func:`understand`.
    """
    lang = _language(order)
    chosen = _family(order, families, lang)
    name = chosen.value
    family = families[name]
    slots = slots_of(family)
    given, findings = explicit(order.parameters, slots)
    accepted = family.materials
    known = Known(
        tuple((name, w) for told in family.words.values() for w in told), names_of(materials, accepted), slots
    )
    read = [read_wish(w, known, lang, names(order.personal)) for w in order.wishes]
    claims = [c for r in read for c in r.claims]
    findings += [f for r in read for f in r.findings]
    weighed = weigh(slots, given, [parse_constraint(c) for c in order.constraints], claims, lang)
    material = _material(order, family, materials, claims, weighed, findings, lang)
    process = materials[material.value].process if material.value in materials else ""
    finish = _finish(order, process, claims, weighed, findings, lang)
    tolerance = _tolerance(order, findings)
    quantity = order.quantity if order.quantity > 1 else None
    counted = settle("quantity", COMMON[lang]["quantity"], (quantity, str(quantity)) if quantity else None, 1,
                     [c for c in claims if c.slot == "quantity"], weighed, lang)  # fmt: skip
    if not 1 <= counted.value <= MOST_PIECES:
        message = f"the quantity is {counted.value}, it must be from 1 to {MOST_PIECES}"
        limit, hint = f"1..{MOST_PIECES}", "Order more in several orders." if counted.value else "Say how many pieces."
        findings.append(Finding("understand.quantity-out-of-range", message, "quantity", counted.value, limit, hint))
    parameters = _checked(family, slots, weighed, findings)
    questions = _unique([q for r in read for q in r.questions] + weighed.questions)
    if questions:
        raise _waiting(questions)
    return Brief(
        order_id=order.id,
        family=name,
        parameters=parameters,
        readings=(
            chosen,
            *(replace(r, value=parameters[r.name]) for r in weighed.readings.values()),
            material,
            finish,
            tolerance,
            counted,
        ),
        material_id=material.value,
        finish=finish.value,
        tolerance_class=tolerance.value,
        quantity=counted.value,
        due=order.due,
        budget=order.budget,
        constraints=order.constraints,
        notes=tuple(dict.fromkeys([n for r in read for n in r.notes] + weighed.notes)),
        machine=order.machine,
        language=lang,
    )


def _language(order: Order) -> Literal["en", "ru"]:
    """Russian or English: the customer's locale, else the wishes' language, else the letters they are written in."""
    told = order.locale or next((w.lang for w in order.wishes if w.lang), "")
    if told:
        return "ru" if told.lower().startswith("ru") else "en"
    text = " ".join(re.sub(r"«[^»]*»|\"[^\"]*\"", "", w.text) for w in order.wishes)
    cyrillic, latin = len(re.findall(r"[а-яё]", text)), len(re.findall(r"[a-z]", text))
    return "ru" if cyrillic > latin else "en"


def _family(order: Order, families: Mapping[str, Family], lang: str) -> Reading:
    if order.family:
        if order.family in families:
            return Reading("family", order.family, "explicit", order.family)
        near = difflib.get_close_matches(order.family.lower(), sorted(families), 3)
        limit = ", ".join(sorted(families))
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Choose one of: {limit}."
        msg = f"there is no product family {order.family!r}"
        raise OrderError("understand.unknown-family", msg, place="family", value=order.family, limit=limit, hint=hint)
    names = [(n, w) for n, f in families.items() for told in f.words.values() for w in (n, *told)]
    found: dict[str, str] = {}
    for wish in [w for w in order.wishes if w.kind != "avoid"]:
        told = words(wish.text)
        for one in find_names(told, names):
            found.setdefault(one.id, wish.text[told[one.first].start : told[one.last].end])
    if len(found) == 1:
        return next(Reading("family", n, "wish", said) for n, said in found.items())
    options = tuple(sorted(found or families))
    raise _waiting([Question("family", say("which-family", lang), options)])


def _material(
    order: Order, family: Family, materials: Mapping[str, Material], claims: Sequence[Claim], weighed: Weighed,
    findings: list[Finding], lang: str,
) -> Reading:  # fmt: skip
    names = names_of(materials, family.materials)
    asked = None
    if order.material:
        ids = sorted({i for i, n in names if n.lower() == order.material.lower()})
        ids = ids or sorted({f.id for f in find_names(words(order.material), names)})
        if len(ids) == 1:
            asked = (ids[0], order.material)
        else:
            near = difflib.get_close_matches(order.material.lower(), [n.lower() for _, n in names], 3)
            hint = f"Did you mean {' or '.join(dict.fromkeys(near))}?" if near else "See `lotone materials`."
            message = f"{order.material!r} is not one material of this shop"
            limit = ", ".join(family.materials)
            findings.append(Finding("understand.unknown-material", message, "material", order.material, limit, hint))
            return Reading("material", family.material, "default", DEFAULT)
    own = [c for c in claims if c.slot == "material"]
    reading = settle("material", COMMON[lang]["material"], asked, family.material, own, weighed, lang)
    if not reading.value:  # a family that has no material of its own never guesses one
        weighed.questions.append(Question("material", say("which-material", lang), family.materials))
    elif reading.value not in family.materials:
        limit = ", ".join(family.materials)
        message = f"a {family.title.lower()} is not made of {materials[reading.value].name}"
        hint = f"Choose one of: {limit}."
        findings.append(
            Finding("understand.material-not-accepted", message, "material", str(reading.words), limit, hint)
        )
    return reading


def _finish(
    order: Order, process: str, claims: Sequence[Claim], weighed: Weighed, findings: list[Finding], lang: str
) -> Reading:
    asked = None
    if order.finish:
        low = order.finish.lower()
        ids = [i for i, told in FINISHES.items() if low == i or any(same(low, n) or low == n for n in told)]
        if ids:
            asked = (ids[0], order.finish)
        else:
            every = {n: i for i, told in FINISHES.items() for n in (i, *told)}
            near = list(dict.fromkeys(every[n] for n in difflib.get_close_matches(low, list(every), 3)))
            hint = f"Did you mean {' or '.join(near)}?" if near else f"Choose one of: {', '.join(FINISHES)}."
            message, limit = f"{order.finish!r} is no finish known here", ", ".join(FINISHES)
            findings.append(Finding("understand.unknown-finish", message, "finish", order.finish, limit, hint))
    own = [c for c in claims if c.slot == "finish"]
    return settle("finish", COMMON[lang]["finish"], asked, _AS_MADE.get(process, ""), own, weighed, lang)


def _tolerance(order: Order, findings: list[Finding]) -> Reading:
    if not order.tolerance_class:
        return Reading("tolerance_class", GENERAL_TOLERANCE, "default", "general tolerances of the house")
    match = _TOLERANCE.fullmatch(order.tolerance_class.strip())
    if match is None:
        message = f"{order.tolerance_class!r} is no tolerance class known here"
        limit = "ISO 2768-f, -m, -c, -v"
        hint = f"Write {GENERAL_TOLERANCE} or leave it out."
        findings.append(
            Finding("understand.unknown-tolerance", message, "tolerance_class", order.tolerance_class, limit, hint)
        )
        return Reading("tolerance_class", GENERAL_TOLERANCE, "default", "")
    value = f"ISO 2768-{match[1].lower()}{(match[2] or '').upper()}"
    return Reading("tolerance_class", value, "explicit", order.tolerance_class)


def _checked(family: Family, slots: Sequence[Slot], weighed: Weighed, findings: list[Finding]) -> dict[str, Any]:
    """The family's own check of everything decided; with it come all findings so far."""
    broken = {f.place.partition(".")[0] for f in findings}
    decided = {s.name: weighed.readings[s.name] for s in slots if s.name not in broken}
    values = {n: r.value for n, r in decided.items() if (r.source, r.words) != ("default", DEFAULT)}
    parameters: dict[str, Any] = {}
    try:
        parameters = checked(family, values).model_dump(mode="json")
    except OrderError as error:
        if findings or not weighed.questions or error.code in ("order.wrong-type", "order.out-of-range"):
            findings += error.findings
    if findings:
        raise _refused(findings)
    return parameters


def _refused(findings: Sequence[Finding]) -> OrderError:
    first = findings[0]
    code = first.code if len(findings) == 1 else "understand.several-problems"
    message = (
        first.message if len(findings) == 1 else f"{len(findings)} problems: " + "; ".join(f.message for f in findings)
    )
    return OrderError(code, message, hint=first.hint, place=first.place, value=first.value, limit=first.limit,
                      findings=tuple(findings))  # fmt: skip


def _unique(questions: Sequence[Question]) -> list[Question]:
    return list(dict.fromkeys(questions))


def _waiting(questions: Sequence[Question]) -> QuestionError:
    message = " ".join(q.text for q in questions)
    error = QuestionError("understand.questions", message, tuple(questions))
    error.place = questions[0].about
    return error
