"""Fetches receipts from Etsy: the one a webhook tells of, and those no webhook told of."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import httpx

from model.errors import ConfigError, OrderError
from pipeline.intake.mapping import Etsy, Shop
from pipeline.receive.signed import secret_of

TIMEOUT_S = 20.0
PAGE = 100
LOOK_BACK_S = 3 * 86400
"""Receipts changed since then are asked for; those that are known cost nothing more."""
_RECEIPT = re.compile(r"/receipts/(\d{1,20})/?$")


class Unreachable(Exception):  # noqa: N818 - no fault: it is tried again
    """Etsy does not answer now, or not with what was asked for."""


def told_receipt(payload: Any) -> str:
    """The receipt's number of an ``order.paid`` letter; "" for a receipt itself. The address in it is not followed.

    Raises:
        OrderError: ``intake.bad-payload``.
    """
    if not isinstance(payload, dict) or "resource_url" not in payload:
        return ""
    found = _RECEIPT.search(str(payload["resource_url"]))
    if found and payload.get("event_type") == "order.paid":
        return found[1]
    message = f"an Etsy letter of {payload.get('event_type')!r} that tells of no receipt"
    raise OrderError("intake.bad-payload", message, place="resource_url", hint="Subscribe to order.paid only.")


def receipt(shop: Shop, number: str) -> Any:
    """One receipt.

    Raises:
        Unreachable: Etsy does not give it now.
        ConfigError: The key or the token is not where the shop's file says.
    """
    return _get(shop, f"/receipts/{number}", {})


def receipts(shop: Shop) -> Iterator[tuple[str, bytes]]:
    """Every paid receipt changed lately: a name for this state of it, and its bytes.

    Raises:
        Unreachable: As :func:`receipt`.
        ConfigError: As :func:`receipt`.
    """
    for page in range(1000):
        asked = {"was_paid": "true", "limit": PAGE, "offset": page * PAGE,
                 "min_last_modified": int(time.time() - LOOK_BACK_S)}  # fmt: skip
        found = _get(shop, "/receipts", asked).get("results") or []
        for one in found:
            changed = one.get("updated_timestamp") or one.get("update_timestamp") or 0
            yield f"receipt-{one['receipt_id']}-{changed}", json.dumps(one, ensure_ascii=False).encode()
        if len(found) < PAGE:
            return


def _get(shop: Shop, path: str, asked: dict[str, Any]) -> Any:
    api = api_of(shop)
    headers = {"x-api-key": secret_of(api.key, shop.name).decode(),
               "authorization": f"Bearer {secret_of(api.token, shop.name).decode()}"}  # fmt: skip
    try:
        answer = httpx.get(f"{api.url}/shops/{api.shop_id}{path}", params=asked, headers=headers, timeout=TIMEOUT_S)
        if answer.status_code != httpx.codes.OK:
            message = f"Etsy answers {answer.status_code} to {path}"
            raise Unreachable(message)
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        message = f"Etsy does not answer: {type(error).__name__}"
        raise Unreachable(message) from error
    if not isinstance(told, dict):
        message = "Etsy answers with something else than was asked for"
        raise Unreachable(message)
    return told


def api_of(shop: Shop) -> Etsy:
    """How a shop's receipts are fetched.

    Raises:
        ConfigError: ``receive.no-etsy``: its file does not say.
    """
    if shop.etsy is None:
        hint = "Add shop_id, key and token; see samples/shops/little-signs.toml."
        raise ConfigError("receive.no-etsy", f"{shop.name} has no [etsy]", place="etsy", hint=hint)
    return shop.etsy
