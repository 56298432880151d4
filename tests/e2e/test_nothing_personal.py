"""Names, streets, addresses and numbers planted in a batch through every door: no output of it holds any of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

HOUSE = Path(__file__).resolve().parents[2]
ZEB = {"name": "Zebulon Quartermain", "email": "zeb.quartermain@planted.example", "phone": "+46 70 555 01 17",
       "address": "Whistlewood Lane 14, 11455 Stockholm"}  # fmt: skip
EFR = {"name": "Ефро Преображенская", "email": "efro@planted.example", "phone": "+7 912 345-67-89",
       "address": "ул. Заречная, 8, Екатеринбург"}  # fmt: skip
PLANTED = (
    "Zebulon", "Quartermain", "planted.example", "Whistlewood", "555 01 17", "5550117", "Secret Draughtsman",
    "Ефро", "Преображенск", "Заречн", "345-67-89", "345 67 89", "3456789",
)  # fmt: skip
ENGRAVED = "ЕФРО"
"""The product: it stays, whatever the customer is called."""
SHOP = """
name = "planted"
channel = "{0}"
secret = {{env = "PLANTED_SECRET"}}
[products."P"]
family = "nameplate"
material = "brass"
[fields]
"Text" = "parameters.text"
"Length" = "parameters.length_mm"
"Size" = {{to = "parameters.width_mm", values = {{"S" = 20}}}}
"""


class Bench:
    """A shop whose every output lies in one folder, and who remembers all that was said."""

    def __init__(self, at: Path) -> None:
        self.at = at
        self.said: list[str] = []
        places = {"LOTONE_STATE": "state.db", "XDG_DATA_HOME": "data", "LOTONE_CACHE": "cache"}
        self.env = {**os.environ, "PYTHONPATH": str(HOUSE), "PLANTED_SECRET": "plain"}
        self.env |= {name: str(at / place) for name, place in places.items()}

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "lotone", *arguments], cwd=self.at, env=self.env, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        self.said.append(done.stdout + done.stderr)
        return done.stdout

    def serve(self, letters: list[tuple[str, Any]]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "lotone", "receive", "serve", "--shops", "shops", "--port", str(port)]
        with (self.at / "server.log").open("wb") as log:
            server = subprocess.Popen(command, cwd=self.at, env=self.env, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{port}"
        try:
            self._wait(lambda: httpx.get(f"{url}/healthz").json())
            for shop, payload in letters:
                body = json.dumps(payload, ensure_ascii=False).encode()
                sign = base64.b64encode(hmac.digest(b"plain", body, hashlib.sha256)).decode()
                headers = {"x-shopify-hmac-sha256": sign, "x-wc-webhook-signature": sign}
                assert 200 == httpx.post(f"{url}/webhooks/{shop}", content=body, headers=headers).status_code
            self._wait(lambda: httpx.get(f"{url}/healthz").json()["waiting"] == 0)
        finally:
            server.send_signal(signal.SIGKILL)  # its log and the database's stay as they are
            server.wait()

    @staticmethod
    def _wait(until: Any) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if until():
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise TimeoutError


def contents(root: Path, apart: set[Path]) -> Iterator[tuple[str, bytes]]:
    """Every file there is, by its name and bytes; those of packed ones too."""
    for path in root.rglob("*"):
        if path.is_file() and path not in apart:
            yield str(path.relative_to(root)), path.read_bytes()
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as packed:
                    yield from ((f"{path.name}/{name}", packed.read(name)) for name in packed.namelist())


def forms(word: str) -> list[bytes]:
    """A word as it may be written into a file."""
    escaped = json.dumps(word)[1:-1]
    return [
        word.encode(),
        word.encode("utf-16-le"),
        escaped.encode(),
        *([word.encode("cp1251")] if escaped != word else []),
    ]


def found(root: Path, apart: set[Path] = frozenset()) -> set[tuple[str, str]]:  # type: ignore[assignment]
    return {
        (name, word)
        for name, data in contents(root, apart)
        for word in PLANTED
        if word in name or any(form in data for form in forms(word))
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Every door, with orders that are made, asked about and refused, and some that never get in."""
    bench = Bench(tmp_path_factory.mktemp("planted"))
    for place in ("drop", "shops"):
        (bench.at / place).mkdir()
    bench.run("customers", "key")
    good = {
        "spec": "order/1.0", "family": "nameplate", "material": "brass", "id": "GOOD",
        "customer": {**EFR, "ref": "c:1"},
        "wishes": [f"надпись «{ENGRAVED}»", f"матовая, {EFR['name']}, {EFR['phone']}, ул. Заречная, 8"],
    }  # fmt: skip
    step = (HOUSE / "samples/own-part/flange.step").read_text()
    (bench.at / "drop" / "flange.step").write_text(step.replace("FILE_NAME('", "FILE_NAME('Secret Draughtsman ", 1))
    must = {"kind": "must"}
    told = f"call {ZEB['name']} at {ZEB['phone']}, {ZEB['address']}, {ZEB['email']}"
    orders = {
        "good": good,
        "asks": {**good, "id": "ASKS", "customer": ZEB, "wishes": [f"not for Zebulon, {told}", "3 mm thick or 4 mm"]},
        "must": {**good, "id": "MUST", "customer": ZEB, "wishes": [{"text": f"3 mm or 4 mm: {told}", **must}]},
        "nobody": {**good, "id": "NOBODY", "customer": {}, "wishes": [f"3 mm or 4 mm, {ZEB['phone']}, {ZEB['email']}"]},
        "param": {**good, "id": "PARAM", "customer": ZEB, "wishes": [], "parameters": {"length_mm": told}},
        "long": {**good, "id": "LONG", "customer": EFR, "parameters": {"text": EFR["name"].upper() * 30}},
        "family": {**good, "id": "FAMILY", "customer": ZEB, "family": f"plate for {told}"[:200]},
        "part": {"spec": "order/1.0", "id": "PART", "customer": ZEB, "material": "unobtainium",
                 "attachments": [{"id": "Zebulon's", "kind": "step", "uri": "flange.step", "role": ZEB["email"]},
                                 {"id": "photo", "kind": "jpg", "uri": "Whistlewood.jpg"}]},
        "wrong": {**good, "id": "WRONG", "customer": ZEB, "finish": f"{told} " * 9},
        "id": {**good, "id": "for-Zebulon-1", "customer": ZEB},
    }  # fmt: skip
    for name, order in orders.items():
        (bench.at / "drop" / f"{name}.json").write_text(json.dumps(order, ensure_ascii=False))
    (bench.at / "orders.csv").write_text(
        "id,product,Text,Length,customer.name,customer.email,customer.phone,customer.address,wishes\n"
        f'ROW1,P,A,100,{ZEB["name"]},{ZEB["email"]},{ZEB["phone"]},"{ZEB["address"]}",3 mm or 4 mm for Zebulon\n'
        f'ROW2,P,A,{EFR["phone"]},{EFR["name"]},{EFR["email"]},{EFR["phone"]},"{EFR["address"]}",\n'
        f"ROW 3,P,A,100,{ZEB['name']},,,,{ZEB['name']}\n"
    )
    for channel in ("shopify", "woocommerce"):
        (bench.at / "shops" / f"{channel}.toml").write_text(SHOP.format(channel).replace('"planted"', f'"{channel}"'))
    (bench.at / "table.toml").write_text(SHOP.format("table"))
    first, last = ZEB["name"].split()
    shopify = {
        "id": 1, "financial_status": "paid", "email": ZEB["email"], "phone": ZEB["phone"],
        "note": f"3 mm or 4 mm, {first}",
        "shipping_address": {"name": ZEB["name"], "address1": "Whistlewood Lane 14", "city": "Stockholm"},
        "line_items": [{"id": 2, "sku": "P", "quantity": 1, "properties": [{"name": "Length", "value": ZEB["phone"]}]}],
    }  # fmt: skip
    woo = {
        "id": 5, "status": "processing", "customer_note": EFR["name"],
        "billing": {"first_name": first, "last_name": last, "email": ZEB["email"], "phone": EFR["phone"],
                    "address_1": "ул. Заречная, 8"},
        "line_items": [{"id": 6, "sku": "P", "quantity": 1, "meta_data": [{"key": "Size", "value": f"for {last}"}]}],
    }  # fmt: skip
    bench.serve([("shopify", shopify), ("woocommerce", woo)])
    bench.run("receive", "folder", "drop", "--once")
    bench.run("receive", "table", "orders.csv", "--shop", "table.toml", "--json")
    bench.run("batch", "work", "--workers", "2")
    for words in (["status", "--json"], ["status"], ["report"], ["report", "--json"]):
        bench.run("batch", *words)
    bench.run("receive", "inbox")
    return bench


def own(bench: Bench) -> set[Path]:
    """The shop's own files, as it gave them and as it got them back to be mended."""
    refused = {bench.at / "drop" / "failed" / f"{name}.json" for name in ("wrong", "param", "family", "id")}
    return {bench.at / "orders.csv", bench.at / "drop/flange.step", *refused}


def test_the_batch_went_as_it_was_meant_to(made: Bench) -> None:
    told = json.loads(made.run("batch", "status", "--json"))["orders"]
    states = {one["order_id"]: one["state"] for one in told}

    assert "released" == states["GOOD"]
    assert {"waiting", "refused"} == {state for name, state in states.items() if name != "GOOD"}
    assert {"GOOD", "ASKS", "MUST", "NOBODY", "LONG", "PART", "ROW1"} == set(states)
    assert [] == [path for path in own(made) if not path.is_file()]
    assert ["receive.personal", "intake.unmapped-value"] == [
        letter["problem"]["code"] for letter in json.loads(made.run("receive", "inbox"))["letters"]
    ]


def test_no_output_of_the_batch_holds_anything_planted(made: Bench) -> None:
    """Folders, spool, store, logs, events, the databases' raw bytes with their logs, programs, papers, the screen."""
    seen = {name for name, _ in contents(made.at, own(made))}

    assert {"state.db", "state-steps.db", "server.log", "out/GOOD/release/certificate.json"} <= seen
    assert set() == found(made.at, own(made))
    assert [] == [word for word in PLANTED if any(word in said for said in made.said)]


def test_the_search_finds_what_is_there(made: Bench, tmp_path: Path) -> None:
    """The same search, over the files the shop gave, and over one of the tables not sealed."""
    (tmp_path / "plain.db").write_bytes(b"\0" + "Заречная".encode() + b"\0")

    assert {"Zebulon", "Quartermain", "Whistlewood", "planted.example", "Secret Draughtsman"} <= {
        word for _, word in found(made.at)
    }
    assert {("plain.db", "Заречн")} == found(tmp_path)


def test_what_is_engraved_stays(made: Bench) -> None:
    order = json.loads((made.at / "out/GOOD/order.json").read_text())

    assert ENGRAVED == order["parameters"]["text"]
    assert "matt" == order["finish"]


def test_the_customer_gets_it_all_and_after_erasing_nothing(made: Bench) -> None:
    said = list(made.said)
    told = made.run("customers", "export", ZEB["email"])
    made.run("customers", "erase", ZEB["email"], EFR["phone"])
    gone = json.loads(made.run("customers", "export", ZEB["email"], EFR["email"]))
    made.said = said

    assert [] == [word for word in (ZEB["name"], ZEB["phone"], ZEB["address"], "not for Zebulon") if word not in told]
    assert "GOOD" not in {one["order_id"] for one in json.loads(told)["orders"]}
    assert {"schema": "lotone.customer/1", "orders": [], "consents": [], "inbox": []} == gone
    assert set() == found(made.at, own(made))
    assert (made.at / "out/GOOD/release/certificate.json").is_file()
