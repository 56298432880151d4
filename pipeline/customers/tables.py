"""Where what is known of customers stands in the state database: sealed, but for what they agreed to."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, Text, UniqueConstraint

from pipeline.engine.columns import needed

TABLES = MetaData()


PERSONAL = Table(
    "personal", TABLES, Column("file", String(64), primary_key=True),
    Column("order_id", String(120), nullable=False, index=True), *needed(Integer, "revision"),
    *needed(Boolean, "wishes"), *needed(Text, "sealed"), *needed(String(32), "at", "erased_at"),
)  # fmt: skip
"""``file`` is the digest of the order's file in the queue, which holds none of it."""
CONSENTS = Table(
    "consents", TABLES, Column("id", Integer, primary_key=True),
    Column("order_id", String(120), nullable=False, index=True), *needed(String(40), "purpose"),
    *needed(Boolean, "given"), *needed(String(120), "text_version", "told_by"), *needed(String(32), "at"),
)  # fmt: skip
"""What a customer agreed to; lines are added, never changed."""
INBOX = Table(
    "inbox", TABLES, Column("id", Integer, primary_key=True), *needed(String(40), "shop"),
    *needed(String(120), "delivery"), *needed(String(32), "at"), *needed(Text, "sealed"),
    Column("state", String(20), nullable=False, index=True), *needed(Integer, "tries"), *needed(Float, "due"),
    *needed(Text, "problem", "orders"), UniqueConstraint("shop", "delivery"),
)  # fmt: skip
"""What a web shop sent, as it came; the body goes once orders were made of it."""
