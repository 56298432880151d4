"""The network's own tables: the hub's shops, orders and tickets; a shop's hub and the tickets in its hands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table, Text

TABLES = MetaData()


def _needed(kind: Any, *names: str) -> list[Column[Any]]:
    return [Column(name, kind, nullable=False) for name in names]


SHOPS = Table(
    "hub_shops", TABLES, Column("id", String(80), primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True), *_needed(Text, "description"),
    *_needed(String(64), "described"), *_needed(Float, "cut_h", "print_h", "seen"),
)  # fmt: skip
"""The admitted shops; of a token only its digest, which is as good: tokens are 256 bits of chance."""

ORDERS = Table(
    "hub_orders", TABLES, Column("order_id", String(120), primary_key=True),
    Column("ticket", String(40), nullable=False, index=True), *_needed(String(64), "digest"),
    *_needed(String(32), "submitted_at"),
)  # fmt: skip
"""Which ticket an order became: the one place that knows, never shown to a shop."""

TICKETS = Table(
    "hub_tickets", TABLES, Column("id", String(40), primary_key=True), *_needed(Text, "document", "files", "needs"),
    *_needed(String(10), "process"), *_needed(Integer, "rank", "fence"),
    Column("state", String(20), nullable=False, index=True), *_needed(Float, "opened", "until", "hours"),
    Column("shop", String(80), nullable=False, index=True), *_needed(LargeBinary, "routing"),
    *_needed(Text, "gave_back", "result"), *_needed(String(32), "ended_at"),
)  # fmt: skip
"""``shop`` is the one a ticket is leased to, or was last; ``until`` when the lease ends; ``routing`` is zipped JSON."""

OFFERS = Table(
    "hub_offers", TABLES, Column("ticket", String(40), primary_key=True),
    Column("shop", String(80), primary_key=True, index=True), *_needed(Integer, "position"),
)  # fmt: skip
"""Who may take an open ticket, and after how many turns of patience."""

HUBS = Table(
    "shop_hub", TABLES, Column("id", Integer, primary_key=True), *_needed(String(80), "workshop"),
    *_needed(Text, "url", "token_file", "ca"), *_needed(Boolean, "plain"),
)  # fmt: skip
"""The hub this shop has joined, one row; the token itself stays in its file."""

HELD = Table(
    "shop_tickets", TABLES, Column("id", String(40), primary_key=True), *_needed(Integer, "fence"),
    Column("state", String(20), nullable=False, index=True), *_needed(String(160), "key"),
)  # fmt: skip
