"""The quote as JSON and as a page: the customer's five sums first, then every line with where it comes from."""

from __future__ import annotations

from typing import Any

from model.design import Design
from model.files import File
from model.order import Brief
from model.quote import Quote, QuoteLine
from pipeline.engine.codec import plain, pretty
from pipeline.release.typeset import pdf
from pipeline.release.words import number, words

SCHEMA = "lotone.quote/1"

UNITS = {
    "h": "ч", "kg": "кг", "kWh": "кВт·ч", "tool": "инстр.", "order": "заказ", "parcel": "посылка", "payment": "платёж",
    "EUR": "EUR",
}  # fmt: skip


def quote_paper(brief: Brief, design: Design, quote: Quote) -> tuple[File, ...]:
    """``quote.json`` with every line, and ``quote.pdf`` in the customer's language."""
    told = {
        "schema": SCHEMA, **plain(quote), "lines": [plain(line) for line in quote.lines],
        "groups": [[name, amount] for name, amount in quote.groups],
    }  # fmt: skip
    return (
        File("quote.json", "quote", "application/json", pretty(told)),
        File("quote.pdf", "quote", "application/pdf", pdf("quote", _page(brief, design, quote))),
    )


def _page(brief: Brief, design: Design, quote: Quote) -> dict[str, Any]:
    w = words(brief.language)
    lead = quote.lead
    return {
        "w": w,
        "language": brief.language,
        "title": f"{w['quote']} {quote.order_id}",
        "footer": f"{quote.order_id} · {design.title}",
        "order_id": quote.order_id,
        "part_title": design.title,
        "pieces": f"{quote.pieces} {w['pieces']}",
        "refused": quote.refused,
        "total": _eur(quote.total_cents),
        "low": _eur(quote.low_cents),
        "high": _eur(quote.high_cents),
        "groups": [[w[name], _eur(amount)] for name, amount in quote.groups],
        "drivers": [f"{line.what}: {_eur(line.amount_cents)} EUR" for line in quote.drivers],
        "lines": [_line(line, w, brief.language) for line in quote.lines],
        "p50": _hours(lead.p50_h, w) if lead else "",
        "p90": _hours(lead.p90_h, w) if lead else "",
        "phases": [[w.get(n, n), _hours(a, w), _hours(b, w)] for n, a, b in (lead.phases if lead else ())],
        "by": _by(brief.due, quote, w),
        "rush": _rush(quote, w),
        "without": list(lead.without) if lead else [],
        "not_priced": list(quote.not_priced),
    }


def _by(due: str, quote: Quote, w: dict[str, str]) -> str:
    return w["begin-by"].format(due=due[:16].replace("T", " "), by=_moment(quote.begin_by)) if quote.begin_by else ""


def _rush(quote: Quote, w: dict[str, str]) -> str:
    """What going before the queue costs and gains."""
    rush = quote.rush
    if rush is None:
        return ""
    told = w["rush"].format(more=_eur(rush.more_cents), hours=_hours(rush.p90_h, w))
    return told + (w["rush-by"].format(by=_moment(rush.begin_by)) if rush.begin_by else "") + "."


def _moment(iso: str) -> str:
    return iso[:16].replace("T", " ")


def _line(line: QuoteLine, w: dict[str, str], language: str) -> list[str]:
    unit = UNITS[line.unit] if language == "ru" else line.unit
    off = f" ±{line.share:.0%}" if line.share else ""
    origin = f"{line.quantity_from}; {line.rate_from}"
    quantity = f"{number(line.quantity, 3)} {unit}{off}"
    return [w[line.group], line.what, quantity, number(line.rate_eur, 4), _eur(line.amount_cents), origin]


def _eur(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def _hours(hours: float, w: dict[str, str]) -> str:
    if hours < 1:
        return f"{round(hours * 60)} {w['minutes']}"
    return f"{number(hours, 1)} {w['hours']}"
