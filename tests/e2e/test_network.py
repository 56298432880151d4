"""A hub and two shops, each a process with its own state: nothing is lost, made twice, or told about the customer."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from model.errors import OrderError
from pipeline.engine.store import Store, sha256
from pipeline.floor.state import opened
from pipeline.network.book import Book
from pipeline.network.client import Hub
from pipeline.network.words import Result

HOUSE = Path(__file__).resolve().parents[2]
NAMES = ("Zinaida", "Quux", "zina@", "911 555", "Elm St", "450789469", "cust:7f3", "NICK-7", "as a surprise")
PLATE = """spec: order/1.0
id: NICK-7
family: nameplate
parameters: {text: TAG, length_mm: 60, width_mm: 30}
wishes: ["matt please, yours Zinaida Quux", "as a surprise"]
material: brass
due: 2099-01-01
source: {channel: shopify, external_order: "450789469"}
customer: {ref: "cust:7f3", name: Zinaida Quux, email: zina@quux.example, phone: +7 911 555-01-99, address: 1 Elm St}
"""
BOX = "spec: order/1.0\nid: BOX\nfamily: enclosure\nmaterial: PETG\n"


class Network:
    """Commands in folders of their own under one; the hub's address is that of a recorder before it."""

    def __init__(self, at: Path) -> None:
        self.at = at
        self.env = {**os.environ, "PYTHONPATH": str(HOUSE), "NO_PROXY": "localhost,127.0.0.1"}
        self.port = free_port()

    def start(self, who: str, *arguments: str) -> subprocess.Popen[bytes]:
        (self.at / who).mkdir(exist_ok=True)
        env = {
            **self.env,
            "LOTONE_STATE": str(self.at / who / "state.db"),
            "LOTONE_CACHE": str(self.at / who / "cache"),
        }
        command = [sys.executable, "-m", "lotone", *arguments]
        with (self.at / who / f"{arguments[1]}.told").open("wb") as told, (self.at / who / "log").open("ab") as log:
            return subprocess.Popen(command, cwd=self.at / who, env=env, stdout=told, stderr=log)

    def end(self, who: str, *arguments: str) -> tuple[int, str]:
        code = self.start(who, *arguments).wait()
        return code, (self.at / who / f"{arguments[1]}.told").read_text()

    def run(self, who: str, *arguments: str) -> str:
        code, told = self.end(who, *arguments)

        assert 0 == code, (self.at / who / "log").read_text()
        return told

    def status(self, order: str = "NICK-7") -> Any:
        with opened(f"sqlite:///{self.at / 'hub' / 'state.db'}") as engine:
            return Book(engine, Store(self.at / "hub" / "files")).standings(order)[0]

    def serve(self, *more: str) -> subprocess.Popen[bytes]:
        options = ("--port", str(self.port), "--files", "files", "--lease", "3", "--patience", "2", *more)
        hub = self.start("hub", "hub", "serve", *options)
        until(lambda: reachable(self.port), "the hub listens")
        return hub

    def admit(self, shop: str) -> Path:
        token = self.at / f"{shop}.token"
        token.write_text(self.run("hub", "hub", "admit", shop, "--files", "files"))
        return token


def stop(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def reachable(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def until(true: Callable[[], bool], what: str, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.2)


@contextmanager
def recorded(port: int) -> Iterator[tuple[int, bytearray]]:
    """A port that passes everything on to another and keeps it."""
    heard = bytearray()
    door = socket.create_server(("127.0.0.1", 0))

    def pass_on(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                heard.extend(data)
                sink.sendall(data)
        except OSError:
            pass
        for one in (source, sink):
            one.close()

    def listen() -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", port))
            except OSError:
                near.close()
                continue
            for pair in ((near, far), (far, near)):
                threading.Thread(target=pass_on, args=pair, daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    yield door.getsockname()[1], heard
    door.close()


def south_tooling(at: Path) -> str:
    """A tooling database of its own: the bench without printers, in Vienna."""
    folder = at / "tooling"
    shutil.copytree(
        HOUSE / "tooling_db", folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "instances.toml")
    )
    file = folder / "workshops.toml"
    bench = file.read_text().split("\n[[workshop]]")[1]
    bench = bench.replace('printers = ["printer-marlin", "printer-klipper"]', "printers = []")
    file.write_text("[[workshop]]" + bench.replace("[52.52, 13.4]", "[48.21, 16.37]"))
    return str(folder)


def test_a_killed_shop_and_a_killed_hub_lose_nothing_and_no_shop_learns_who_ordered(tmp_path: Path) -> None:
    net = Network(tmp_path)
    (tmp_path / "orders").mkdir()
    for name, text in (("plate", PLATE), ("box", BOX)):
        (tmp_path / "orders" / f"{name}.yaml").write_text(text)
    tooling = south_tooling(tmp_path)
    with ExitStack() as stack:
        hub = net.serve()
        stack.callback(stop, hub)
        port, heard = stack.enter_context(recorded(net.port))
        url = f"http://localhost:{port}"
        tokens = {shop: net.admit(shop) for shop in ("north", "south")}
        net.run("north", "shop", "join", url, "--token-file", str(tokens["north"]), "-w", "bench")
        net.run("south", "shop", "join", url, "--token-file", str(tokens["south"]), "--tooling", tooling)
        net.run("hub", "hub", "submit", str(tmp_path / "orders"), "--files", "files", "--to", "52.5,13.4")
        ticket = net.status()["ticket"]

        north = net.start("north", "shop", "work", "--workers", "1")
        stack.callback(stop, north)
        until((tmp_path / "north" / "out" / ticket / "events.jsonl").is_file, "north is at work on it")
        stop(north)
        before = net.status()

        south = net.start("south", "shop", "work", "--workers", "1", "--tooling", tooling)
        stack.callback(stop, south)
        until((tmp_path / "south" / "out" / ticket / "events.jsonl").is_file, "south has taken it")
        stop(hub)
        during = net.status()
        stack.callback(stop, net.serve())
        until(lambda: net.status()["state"] == "released", "south has reported")
        after = net.status("NICK-7")
        with Hub(f"http://localhost:{net.port}", tokens["north"]) as line, pytest.raises(OrderError) as stale:
            line.finish(ticket, Result(1, "refused", "late", "", 69))
        box = net.status("BOX")

        assert ("north", 1) == (before["shop"], before["fence"])
        assert ("leased", "south", 2) == (during["state"], during["shop"], during["fence"])
        assert ("released", "south", 2) == (after["state"], after["shop"], after["fence"])
        assert "network.stale-token" == stale.value.code
        assert ("open", "") == (box["state"], box["shop"])
        assert ["north"] == [b["shop"] for b in box["routing"]["ranked"]]
        assert {"south": "process: print is not done"} == box["routing"]["cannot"]
        release = tmp_path / "south" / "out" / ticket
        assert after["result"]["release"] == {
            p.relative_to(release).as_posix(): sha256(p.read_bytes())
            for p in (release / "release").rglob("*")
            if p.is_file()
        }
        kept = {sha256(p.read_bytes()) for p in (tmp_path / "hub" / "files" / "blobs").rglob("*") if p.is_file()}
        assert set(after["result"]["sent"].values()) <= kept

    assert f"POST /tickets/{ticket}/result".encode() in heard
    assert [] == told_of(tmp_path / "north") + told_of(tmp_path / "south")
    hub_told = [
        name for place in ("state.db", "state.db-wal", "files") for _, name in told_of(tmp_path / "hub" / place)
    ]
    assert {"NICK-7"} == set(hub_told)
    assert [] == [name for name in NAMES if name.encode() in heard]


def told_of(place: Path) -> list[tuple[str, str]]:
    """Where planted words stand in a file, or a folder's files."""
    found = []
    for path in (place, *place.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        found += [(path.name, name) for name in NAMES if name.encode() in data]
    return found


def test_a_shop_joins_over_tls_and_trusts_only_its_hubs_certificate(tmp_path: Path) -> None:
    net = Network(tmp_path)
    cert, key = certificate(tmp_path)
    hub = net.serve("--tls-cert", str(cert), "--tls-key", str(key))
    try:
        url, token = f"https://localhost:{net.port}", net.admit("north")
        ask = ("shop", "join", url, "--token-file", str(token), "-w", "bench")
        joined = net.run("north", *ask, "--ca", str(cert))
        stranger, _ = net.end("north", *ask)
        token.write_text("somebody else's")
        unknown, _ = net.end("north", *ask, "--ca", str(cert))
        outside, _ = net.end("hub", "hub", "serve", "--host", "0.0.0.0")  # noqa: S104 - it is refused
    finally:
        stop(hub)
    log = (tmp_path / "north" / "log").read_text()

    assert "has joined" in joined
    assert [78, 78, 78] == [stranger, unknown, outside]
    assert "network.not-trusted" in log
    assert "network.not-admitted" in log
    assert "network.plain-http" in (tmp_path / "hub" / "log").read_text()


def certificate(at: Path) -> tuple[Path, Path]:
    """A certificate of localhost's own and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = at / "hub.pem", at / "hub.key"
    pem = serialization.Encoding.PEM
    cert_file.write_bytes(made.public_bytes(pem))
    key_file.write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return cert_file, key_file
