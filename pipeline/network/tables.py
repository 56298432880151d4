"""The network's own tables: the hub's shops, orders and tickets; a shop's hub and the tickets in its hands."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, MetaData, String, Table, Text

from pipeline.engine.columns import needed

TABLES = MetaData()


SHOPS = Table(
    "hub_shops", TABLES, Column("id", String(80), primary_key=True),
    Column("token_sha256", String(64), nullable=False, unique=True), *needed(Text, "description"),
    *needed(String(64), "described"), *needed(Float, "cut_h", "print_h", "seen"),
)  # fmt: skip
"""The admitted shops; of a token only its digest, which is as good: tokens are 256 bits of chance."""

ORDERS = Table(
    "hub_orders", TABLES, Column("order_id", String(120), primary_key=True),
    Column("ticket", String(40), nullable=False, index=True), *needed(String(64), "digest"),
    *needed(String(32), "submitted_at"),
)  # fmt: skip
"""Which ticket an order became: the one place that knows, never shown to a shop."""

TICKETS = Table(
    "hub_tickets", TABLES, Column("id", String(40), primary_key=True), *needed(Text, "document", "files", "needs"),
    *needed(String(10), "process"), *needed(Integer, "rank", "fence"),
    Column("state", String(20), nullable=False, index=True), *needed(Float, "opened", "until", "hours"),
    Column("shop", String(80), nullable=False, index=True), *needed(LargeBinary, "routing"),
    *needed(Text, "gave_back", "result"), *needed(String(32), "ended_at"),
)  # fmt: skip
"""``shop`` is the one a ticket is leased to, or was last; ``until`` when the lease ends; ``routing`` is zipped JSON."""

OFFERS = Table(
    "hub_offers", TABLES, Column("ticket", String(40), primary_key=True),
    Column("shop", String(80), primary_key=True, index=True), *needed(Integer, "position"),
)  # fmt: skip
"""Who may take an open ticket, and after how many turns of patience."""

HUBS = Table(
    "shop_hub", TABLES, Column("id", Integer, primary_key=True), *needed(String(80), "workshop"),
    *needed(Text, "url", "token_file", "ca"), *needed(Boolean, "plain"),
)  # fmt: skip
"""The hub this shop has joined, one row; the token itself stays in its file."""

HELD = Table(
    "shop_tickets", TABLES, Column("id", String(40), primary_key=True), *needed(Integer, "fence"),
    Column("state", String(20), nullable=False, index=True), *needed(String(160), "key"),
)  # fmt: skip
