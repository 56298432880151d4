"""Where what is known of customers stands in the state database: sealed, but for what they agreed to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, Text, UniqueConstraint

TABLES = MetaData()


def _needed(kind: Any, *names: str) -> list[Column[Any]]:
    return [Column(name, kind, nullable=False) for name in names]


PERSONAL = Table(
    "personal", TABLES, Column("file", String(64), primary_key=True),
    Column("order_id", String(120), nullable=False, index=True), *_needed(Integer, "revision"),
    *_needed(Boolean, "wishes"), *_needed(Text, "sealed"), *_needed(String(32), "at", "erased_at"),
)  # fmt: skip
"""``file`` is the digest of the order's file in the queue, which holds none of it."""
CONSENTS = Table(
    "consents", TABLES, Column("id", Integer, primary_key=True),
    Column("order_id", String(120), nullable=False, index=True), *_needed(String(40), "purpose"),
    *_needed(Boolean, "given"), *_needed(String(120), "text_version", "told_by"), *_needed(String(32), "at"),
)  # fmt: skip
"""What a customer agreed to; lines are added, never changed."""
INBOX = Table(
    "inbox", TABLES, Column("id", Integer, primary_key=True), *_needed(String(40), "shop"),
    *_needed(String(120), "delivery"), *_needed(String(32), "at"), *_needed(Text, "sealed"),
    Column("state", String(20), nullable=False, index=True), *_needed(Integer, "tries"), *_needed(Float, "due"),
    *_needed(Text, "problem", "orders"), UniqueConstraint("shop", "delivery"),
)  # fmt: skip
"""What a web shop sent, as it came; the body goes once orders were made of it."""
