"""Web shops at the door: a real server, real HTTP, real signatures, and a small server that plays Etsy."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import httpx
import pytest

from pipeline.batch.ledger import Ledger
from pipeline.floor.state import opened

HOUSE = Path(__file__).resolve().parents[2]
SIGNED_WITH = "plain secret"
WHSEC = "whsec_" + base64.b64encode(b"etsy secret").decode()
OAK, TAB, LS = "oak-and-brass", "tablichki", "little-signs"


def sample(name: str) -> Any:
    return json.loads((HOUSE / f"samples/webhooks/{name}.json").read_text())


class PlayedEtsy(BaseHTTPRequestHandler):
    """Answers as Etsy documents: one receipt by its number, or a page of them, to whoever has key and token."""

    receipts: dict[int, Any]
    asked: list[str]
    down = False

    def do_GET(self) -> None:
        url = urlparse(self.path)
        self.asked.append(self.path)
        told = (self.headers["x-api-key"], self.headers["authorization"])
        status, body = 200, b""
        if self.down or told != ("key", "Bearer token"):
            status = 503 if self.down else 401
        elif url.path == "/v3/application/shops/42/receipts":
            asked = {k: v[0] for k, v in parse_qs(url.query).items()}
            first, count = int(asked["offset"]), int(asked["limit"])
            page = list(self.receipts.values())[first : first + count]
            body = json.dumps({"count": len(self.receipts), "results": page}).encode()
        elif (number := int(url.path.rpartition("/")[2])) in self.receipts:
            body = json.dumps(self.receipts[number]).encode()
        else:
            status = 404
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


class Bench:
    """A shop with its server, and someone who plays Etsy."""

    def __init__(self, at: Path, every_s: float = 0.0) -> None:
        self.at, self.database = at, f"sqlite:///{at / 'state.db'}"
        self.etsy: Any = type("Etsy", (PlayedEtsy,), {"receipts": {3310055512: sample("etsy-receipt")}, "asked": []})
        self._played = ThreadingHTTPServer(("127.0.0.1", 0), self.etsy)
        threading.Thread(target=self._played.serve_forever, daemon=True).start()
        shops = at / "shops"
        shops.mkdir()
        for name in (OAK, TAB, LS):
            text = (HOUSE / f"samples/shops/{name}.toml").read_text()
            text = text.replace("shop_id = 42", f'shop_id = 42\nurl = "{self._url(self._played.server_port)}"')
            text = text.replace("every_s = 300", f"every_s = {every_s}").replace("/etc/lotone", str(at))
            (shops / f"{name}.toml").write_text(text)
        (at / "little-signs.token").write_text("token\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server: subprocess.Popen[bytes] | None = None
        self.run("customers", "key")

    @staticmethod
    def _url(port: int) -> str:
        return f"http://127.0.0.1:{port}/v3/application"

    def command(self, *arguments: str) -> tuple[list[str], dict[str, Any]]:
        places = {
            "LOTONE_STATE": self.database,
            "XDG_DATA_HOME": str(self.at / "d"),
            "LOTONE_CACHE": str(self.at / "c"),
        }
        secrets = {"OAK_AND_BRASS_SECRET": SIGNED_WITH, "TABLICHKI_SECRET": SIGNED_WITH, "LITTLE_SIGNS_SECRET": WHSEC,
                   "LITTLE_SIGNS_KEY": "key", "PYTHONPATH": str(HOUSE)}  # fmt: skip
        return [sys.executable, "-m", "lotone", *arguments], {
            "cwd": self.at,
            "env": {**os.environ, **places, **secrets},
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command, how = self.command(*arguments)
        return subprocess.run(command, **how, capture_output=True, text=True, check=False)

    def start(self) -> None:
        command, how = self.command("receive", "serve", "--shops", "shops", "--port", str(self.port))
        with (self.at / "log").open("ab") as log:
            self.server = subprocess.Popen(command, **how, stdout=log, stderr=log)
        self.wait(lambda: self.health()["status"] == "ok")

    def stop(self, how: int = signal.SIGTERM) -> int:
        assert self.server is not None
        self.server.send_signal(how)
        return self.server.wait(timeout=60)

    def close(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.stop(signal.SIGKILL)
        self._played.shutdown()
        self._played.server_close()

    def health(self) -> Any:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz").json()
        except httpx.HTTPError:
            return {"status": "down"}

    def wait(self, until: Callable[[], Any]) -> None:
        end = time.monotonic() + 60
        while not until():
            assert time.monotonic() < end, (self.at / "log").read_text()
            time.sleep(0.1)

    def settled(self) -> None:
        self.wait(lambda: self.health().get("waiting") == 0)

    def post(self, shop: str, payload: Any, delivery: str = "d-1", **headers: str) -> httpx.Response:
        body = payload if isinstance(payload, bytes) else json.dumps(payload, ensure_ascii=False).encode()
        sign = base64.b64encode(hmac.digest(SIGNED_WITH.encode(), body, hashlib.sha256)).decode()
        moment = str(int(time.time()))
        signed = f"{delivery}.{moment}.".encode() + body
        etsy = base64.b64encode(hmac.digest(b"etsy secret", signed, hashlib.sha256)).decode()
        told = {
            OAK: {"x-shopify-hmac-sha256": sign, "x-shopify-webhook-id": delivery, "x-shopify-topic": "orders/paid"},
            TAB: {"x-wc-webhook-signature": sign, "x-wc-webhook-delivery-id": delivery},
            LS: {"webhook-id": delivery, "webhook-timestamp": moment, "webhook-signature": f"v1,{etsy}"},
        }.get(shop, {})
        return httpx.post(f"http://127.0.0.1:{self.port}/webhooks/{shop}", content=body, headers={**told, **headers})

    def queued(self) -> dict[str, int]:
        with opened(self.database) as engine:
            return {one.order_id: one.number for one in Ledger(engine).list() if one.state == "queued"}

    def letters(self) -> list[Any]:
        found: list[Any] = json.loads(self.run("receive", "inbox").stdout)["letters"]
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    one = Bench(tmp_path)
    yield one
    one.close()


SHOPIFY_IDS = {f"{OAK}-820982911946154508-866550311766439020-{n}": 1 for n in (1, 2)}
WOO_ID, ETSY_ID = f"{TAB}-727-315-1", f"{LS}-3310055512-4400112233-1"


def test_what_three_shops_send_is_in_the_queue_once_however_often_it_is_sent(bench: Bench) -> None:
    bench.start()
    answers = [bench.post(OAK, sample("shopify-order")) for _ in range(2)]
    answers += [bench.post(OAK, sample("shopify-order"), delivery="d-2")]
    answers += [bench.post(TAB, sample("woocommerce-order")), bench.post(LS, sample("etsy-order-paid"))]
    bench.settled()

    assert [200] * 5 == [a.status_code for a in answers]
    assert [True, False, True, True, True] == [a.json()["stored"] for a in answers]
    assert {**SHOPIFY_IDS, WOO_ID: 1, ETSY_ID: 1} == bench.queued()
    assert [] == bench.letters()

    paths = httpx.get(f"http://127.0.0.1:{bench.port}/openapi.json").json()["paths"]

    assert {"/healthz", "/webhooks/{shop}"} == set(paths)
    assert 200 == httpx.get(f"http://127.0.0.1:{bench.port}/docs").status_code
    assert bench.stop() in (0, -signal.SIGTERM)


def test_what_is_not_signed_too_long_or_for_nobody_leaves_nothing(bench: Bench) -> None:
    bench.start()
    good = sample("shopify-order")
    answers = {
        "forged": bench.post(OAK, good, **{"x-shopify-hmac-sha256": base64.b64encode(b"0" * 32).decode()}),
        "unsigned": bench.post(OAK, good, **{"x-shopify-hmac-sha256": ""}),
        "old": bench.post(LS, sample("etsy-order-paid"), **{"webhook-timestamp": str(int(time.time()) - 4000)}),
        "long": bench.post(OAK, b"{" + b" " * 1_000_000 + b"}"),
        "nobody": bench.post("no-shop", good),
        "ping": bench.post(TAB, b"webhook_id=17", **{"x-wc-webhook-signature": ""}),
    }
    codes = {name: a.status_code for name, a in answers.items()}

    assert {"forged": 401, "unsigned": 401, "old": 401, "long": 413, "nobody": 404, "ping": 200} == codes
    assert {"status": "ok", "waiting": 0, "failed": 0} == bench.health()
    assert {} == bench.queued()
    with opened(bench.database) as engine, engine.connect() as connection:
        assert 0 == connection.exec_driver_sql("select count(*) from inbox").scalar()


def test_a_letter_nobody_understands_waits_until_the_shops_file_is_mended(bench: Bench) -> None:
    bench.start()
    order = copy.deepcopy(sample("woocommerce-order"))
    order["line_items"][0]["meta_data"].append({"id": 1, "key": "Цвет", "value": "звоните Наталье +7 912 000-00-14"})
    bench.post(TAB, order)
    bench.post(TAB, b"[" * 100_000, delivery="deep")
    bench.settled()
    told = bench.letters()

    assert {} == bench.queued()
    assert ["intake.unmapped-field", "intake.bad-payload"] == [one["problem"]["code"] for one in told]
    assert "line 315, Цвет" == told[0]["problem"]["place"]
    assert 2 == bench.health()["failed"]

    shop = bench.at / "shops" / f"{TAB}.toml"
    shop.write_text(shop.read_text() + '"Цвет" = "ignore"\n')
    bench.stop()
    bench.run("receive", "inbox", "--retry")
    bench.start()
    bench.settled()

    assert {WOO_ID: 1} == bench.queued()
    assert ["intake.bad-payload"] == [one["problem"]["code"] for one in bench.letters()]


def test_a_cancelled_order_leaves_the_queue_and_does_not_come_back(bench: Bench) -> None:
    bench.start()
    order = sample("shopify-order")
    bench.post(OAK, order)
    bench.settled()
    before = bench.queued()
    bench.post(OAK, {**order, "cancelled_at": "2026-11-22T09:00:00Z"}, delivery="d-2")
    bench.post(OAK, {**order, "financial_status": "pending"}, delivery="d-3")
    bench.post(OAK, order, delivery="d-4")
    bench.settled()

    assert SHOPIFY_IDS == before
    assert {} == bench.queued()


def test_etsy_may_be_down_and_a_letter_may_name_any_address(bench: Bench) -> None:
    bench.etsy.down = True
    bench.start()
    letter = {**sample("etsy-order-paid"), "resource_url": "http://127.0.0.1:1/v3/shops/666/receipts/3310055512"}
    bench.post(LS, letter)
    bench.wait(lambda: bench.letters()[0]["tries"])
    waiting = bench.letters()
    bench.etsy.down = False
    bench.run("receive", "inbox", "--retry")
    bench.settled()

    assert "receive.unreachable" == waiting[0]["problem"]["code"]
    assert {ETSY_ID: 1} == bench.queued()
    assert {"/v3/application/shops/42/receipts/3310055512"} == set(bench.etsy.asked)


def test_receipts_no_letter_told_of_are_asked_for_page_by_page(tmp_path: Path) -> None:
    bench = Bench(tmp_path, every_s=1.0)
    try:
        bench.etsy.receipts = {
            number: {**sample("etsy-receipt"), "receipt_id": number, "is_paid": number != 7} for number in range(1, 104)
        }
        bench.start()
        bench.post(LS, {**sample("etsy-order-paid"), "resource_url": "https://etsy.example/shops/42/receipts/5"})
        bench.wait(lambda: len(bench.queued()) >= 102 and len(bench.etsy.asked) > 6)
        bench.settled()

        assert {f"{LS}-{n}-4400112233-1": 1 for n in range(1, 104) if n != 7} == bench.queued()
    finally:
        bench.close()


def test_a_server_killed_with_letters_in_hand_loses_none(bench: Bench) -> None:
    bench.start()
    wanted = {}
    for number in range(60):
        answer = bench.post(TAB, {**sample("woocommerce-order"), "id": number}, delivery=f"d-{number}")
        if answer.status_code == 200:
            wanted[f"{TAB}-{number}-315-1"] = 1
        if number in (15, 40):
            bench.stop(signal.SIGKILL)
            bench.start()
    bench.settled()

    assert 60 == len(wanted)
    assert wanted == bench.queued()
