"""Tells whether a web shop really sent what came: its signature over the bytes as they came."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from pathlib import Path

from model.errors import ConfigError
from pipeline.intake.mapping import Secret

OLDEST_S = 300.0
DELIVERY = {"shopify": "x-shopify-webhook-id", "woocommerce": "x-wc-webhook-delivery-id", "etsy": "webhook-id"}
"""The header that names a delivery; it stays the same when one is sent again."""
SIGNATURE = {"shopify": "x-shopify-hmac-sha256", "woocommerce": "x-wc-webhook-signature", "etsy": "webhook-signature"}


def secret_of(secret: Secret, what: str) -> bytes:
    """A secret from where a shop's file says it is, read anew every time.

    Raises:
        ConfigError: ``receive.no-secret``.
    """
    try:
        told = os.environ.get(secret.env, "") if secret.env else Path(secret.file).read_text(encoding="utf-8")
    except OSError:
        told = ""
    if told.strip():
        return told.strip().encode()
    place = f"the environment's {secret.env}" if secret.env else secret.file or "its file, which names no place"
    hint = "Put it there; a shop's file only names the place: secret = {env = ...} or {file = ...}."
    raise ConfigError("receive.no-secret", f"{what}: there is no secret in {place}", place=place, hint=hint)


def is_signed(channel: str, body: bytes, headers: Mapping[str, str], secret: bytes, now_s: float) -> bool:
    """Whether the body is from whoever knows the secret; compared in constant time.

    Shopify and WooCommerce send base64 of HMAC-SHA256 over the body. Etsy follows Standard Webhooks: over
    ``id.timestamp.body``, the key in base64 behind ``whsec_``, one of several signatures behind ``v1,``; a letter more
    than five minutes old is not taken.
    """
    given = headers.get(SIGNATURE[channel], "")
    if channel != "etsy":
        return _same(given, hmac.digest(secret, body, hashlib.sha256))
    moment = headers.get("webhook-timestamp", "")
    try:
        key = base64.b64decode(secret.removeprefix(b"whsec_"), validate=True)
    except binascii.Error:
        return False
    if not re.fullmatch(r"\d{1,12}", moment) or abs(now_s - int(moment)) > OLDEST_S:
        return False
    signed = f"{headers.get('webhook-id', '')}.{moment}.".encode() + body
    expected = hmac.digest(key, signed, hashlib.sha256)
    return any(_same(one.removeprefix("v1,"), expected) for one in given.split(" ") if one.startswith("v1,"))


def _same(given: str, expected: bytes) -> bool:
    return hmac.compare_digest(given.encode(), base64.b64encode(expected))
