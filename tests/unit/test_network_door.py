"""The hub's door, asked as anybody on the network might ask."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import tooling_db
from pipeline.engine.codec import encode
from pipeline.engine.store import Store, sha256
from pipeline.floor.state import opened
from pipeline.network.book import Book
from pipeline.network.describe import described
from pipeline.network.hub import MOST_BYTES, app_of
from pipeline.network.specify import Specified
from pipeline.network.words import Needs, Result

BENCH = described(tooling_db.load(), "bench")
Ask = Callable[..., httpx.Response]


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as engine:
        yield Book(engine, Store(tmp_path / "files"))


@pytest.fixture
def ask(book: Book) -> Ask:
    token = book.admit("bench")

    def asked(method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        async def once() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app_of(book)), base_url="http://hub") as line:
                given = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **headers}
                return await line.request(method, path, content=body, headers=given)

        return asyncio.run(once())

    return asked


def test_a_shop_joins_pulls_and_reports(book: Book, ask: Ask) -> None:
    needs = Needs("print", "petg", (50.0, 40.0, 30.0), 10.0, 10.0)
    joined = ask("PUT", "/shop", encode(BENCH))
    name = book.submit("order-1", Specified({"spec": "order/1.0"}, {"part.step": b"solid"}, needs), 1)
    ticket: Any = ask("POST", "/tickets/pull", b'{"have": []}').json()["ticket"]
    beaten = ask("POST", "/shop/beat", b'{"load": {"cut_h": 2}, "held": {"%s": 1, "T-x": 1}}' % name.encode()).json()
    file = ask("GET", f"/tickets/{name}/files/part.step").content
    told = ask("POST", f"/tickets/{name}/result", encode(Result(1, "waiting", "x", "?", 65)))

    assert 200 == joined.status_code
    assert (name, 1, {"part.step": sha256(b"solid")}) == (ticket["id"], ticket["fence"], ticket["files"])
    assert ["T-x"] == beaten["lost"]
    assert (b"solid", 200, "waiting") == (file, told.status_code, book.standings()[0]["state"])


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (401, ("PUT", "/shop", b"{}", {"Authorization": "Bearer wrong"})),
        (401, ("POST", "/tickets/pull", b'{"have": []}', {"Authorization": ""})),
        (411, ("PUT", "/shop", b"{}", {"Content-Length": "many"})),
        (413, ("PUT", "/shop", b"{}", {"Content-Length": str(MOST_BYTES + 1)})),
        (422, ("PUT", "/shop", b'{"name": 7}', {})),
        (422, ("PUT", "/shop", encode(BENCH).replace(b'"spread":1.3', b'"spread":NaN'), {})),
        (422, ("PUT", "/shop", encode(BENCH).replace(b'"spread":1.3', b'"spread":0.1'), {})),
        (422, ("POST", "/shop/beat", b'{"load": {"cut_h": -1}, "held": {}}', {})),
        (404, ("GET", "/tickets/T-0/files/part.step", b"", {})),
        (404, ("GET", "/tickets/..%2f..%2fetc/files/passwd", b"", {})),
        (404, ("PUT", f"/tickets/T-0/sent/{sha256(b'x')}?fence=1", b"x", {})),
        (404, ("POST", "/tickets/T-0/result", encode(Result(1, "refused", "x", "", 69)), {})),
        (422, ("POST", "/tickets/T-0/result", encode(Result(1, "released", "", "", 0)), {})),
    ],
)
def test_what_may_not_be_is_refused_by_its_number(
    ask: Ask, status: int, asked: tuple[str, str, bytes, dict[str, str]]
) -> None:
    method, path, body, headers = asked

    assert status == ask(method, path, body, **headers).status_code


def test_content_that_is_not_what_its_digest_says_is_not_kept(book: Book, ask: Ask) -> None:
    ask("PUT", "/shop", encode(BENCH))
    needs = Needs("print", "petg", (50.0, 40.0, 30.0), 10.0, 10.0)
    name = book.submit("order-1", Specified({}, {}, needs), 1)
    ask("POST", "/tickets/pull", b'{"have": []}')
    wrong = ask("PUT", f"/tickets/{name}/sent/{sha256(b'a')}?fence=1", b"b")
    stale = ask("PUT", f"/tickets/{name}/sent/{sha256(b'a')}?fence=0", b"a")

    assert [422, 409] == [wrong.status_code, stale.status_code]
    assert [None, None] == [book.store.get(sha256(data)) for data in (b"a", b"b")]
