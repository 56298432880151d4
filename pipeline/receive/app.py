"""The HTTP door: web shops call it; what they send is checked, kept as it came, answered, and worked later."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, HTTPException, Request
from fastapi import Path as InPath
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from model.errors import ConfigError
from pipeline.customers.inbox import Inbox
from pipeline.intake.mapping import Shop
from pipeline.receive.letters import Desk
from pipeline.receive.signed import DELIVERY, is_signed, secret_of

LARGEST_BYTES = 1_000_000
LOOK_S = 0.5
_PING = re.compile(rb"webhook_id=\d{1,20}")
"""What WooCommerce sends, unsigned, when a webhook is set up; it holds nothing."""


class Received(BaseModel):
    """The answer to a letter: ``stored`` is false when it was here before."""

    stored: bool


class Health(BaseModel):
    """Whether letters are taken; how many wait to be worked, and how many for people."""

    status: str
    waiting: int
    failed: int


def application(desk: Desk) -> FastAPI:
    """The application, with a thread of its own that works the letters."""

    @asynccontextmanager
    async def working(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=_work, args=(desk, stop))
        thread.start()
        yield
        stop.set()
        await run_in_threadpool(thread.join)

    app = FastAPI(title="LotOne", summary="Orders from web shops, into the queue.", lifespan=working)

    @app.post(
        "/webhooks/{shop}",
        responses={401: {"description": "The signature is wrong"}, 404: {"description": "No such shop"},
                   413: {"description": "The body is too large"}, 503: {"description": "Send it again later"}},
    )  # fmt: skip
    async def webhook(request: Request, shop: Annotated[str, InPath(max_length=40)]) -> Received:
        """Take a signed webhook of Shopify, WooCommerce or Etsy; sent again, it is taken once."""
        told = desk.shops.get(shop)
        if told is None or told.channel not in DELIVERY:
            raise HTTPException(404, "no such shop")
        body = await _body(request)
        if told.channel == "woocommerce" and _PING.fullmatch(body):
            return Received(stored=False)
        try:
            return Received(stored=await run_in_threadpool(_take, desk.inbox, told, body, dict(request.headers)))
        except (ConfigError, SQLAlchemyError) as error:
            desk.tell(f"{shop}: {error}")
            raise HTTPException(503, "cannot be kept now") from error

    @app.get("/healthz", responses={503: {"description": "The state database cannot be used"}})
    def health() -> Health:
        """Tell whether letters are taken."""
        try:
            counts = desk.inbox.counts()
        except SQLAlchemyError as error:
            raise HTTPException(503, "the state database cannot be used") from error
        return Health(status="ok", waiting=counts.get("new", 0), failed=counts.get("failed", 0))

    return app


async def _body(request: Request) -> bytes:
    """The body as it came, as long as it is not too long."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BYTES:
            raise HTTPException(413, f"at most {LARGEST_BYTES} bytes are taken")
        chunks.append(chunk)
    return b"".join(chunks)


def _take(inbox: Inbox, shop: Shop, body: bytes, headers: Mapping[str, str]) -> bool:
    if not is_signed(shop.channel, body, headers, secret_of(shop.secret, shop.name), time.time()):
        raise HTTPException(401, "the signature is wrong")
    name = headers.get(DELIVERY[shop.channel], "")
    delivery = name if re.fullmatch(r"[\x21-\x7e]{1,100}", name) else hashlib.sha256(body).hexdigest()
    return inbox.put(shop.name, delivery, body)


def _work(desk: Desk, stop: threading.Event) -> None:
    """Work letters as they come, and ask Etsy for what no letter told of, until it is to stop."""
    asked: dict[str, float] = {}
    while not stop.wait(LOOK_S):
        try:
            desk.work()
            for shop in desk.shops.values():
                every_s = shop.etsy.every_s if shop.etsy else 0.0
                if every_s and time.monotonic() >= asked.get(shop.name, 0.0):
                    asked[shop.name] = time.monotonic() + every_s
                    desk.poll(shop)
        except (ConfigError, SQLAlchemyError) as error:  # the database, the disk or the key is gone for a while
            desk.tell(f"{error}; it is tried again")
