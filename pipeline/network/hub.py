"""The hub's door: what shops may ask of it over HTTPS, each with its own token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from model.errors import LotOneError, OrderError
from pipeline.engine.codec import plain
from pipeline.engine.store import sha256
from pipeline.network.book import Book
from pipeline.network.words import Beat, Description, Result

MOST_BYTES = 32_000_000
STATUS = {
    "network.unknown-ticket": 404, "network.unknown-file": 404, "network.stale-token": 409,
    "network.result-differs": 409,
}  # fmt: skip

routes = APIRouter()


def app_of(book: Book) -> FastAPI:
    """The hub as a web application over one book."""
    app = FastAPI(title="LotOne hub", version="1")
    app.state.book = book
    app.include_router(routes)
    app.middleware("http")(_bounded)
    app.exception_handler(LotOneError)(_refused)
    app.exception_handler(RequestValidationError)(_misread)
    return app


def _book(request: Request) -> Book:
    book: Book = request.app.state.book
    return book


TheBook = Annotated[Book, Depends(_book)]


def _shop(book: TheBook, authorization: Annotated[str, Header()] = "") -> str:
    kind, _, token = authorization.partition(" ")
    shop = book.who(token) if kind.lower() == "bearer" and token else None
    if shop is None:
        raise HTTPException(401, "no shop has this token", {"WWW-Authenticate": "Bearer"})
    return shop


async def _content(request: Request) -> bytes:
    return await request.body()


Caller = Annotated[str, Depends(_shop)]


@routes.put("/shop")
def join(shop: Caller, book: TheBook, description: Description) -> dict[str, Any]:
    """Tell what the shop can do."""
    book.join(shop, description)
    return {"shop": shop, "lease_s": book.terms.lease_s}


@routes.post("/shop/beat")
def beat(shop: Caller, book: TheBook, told: Beat) -> dict[str, Any]:
    """The shop lives; its leases are renewed."""
    return {"lost": book.beat(shop, told), "lease_s": book.terms.lease_s}


@routes.post("/tickets/pull")
def pull(shop: Caller, book: TheBook, have: Annotated[list[str], Body(embed=True, max_length=10_000)]) -> Any:
    """The next ticket, or none."""
    return {"ticket": plain(book.pull(shop, have))}


@routes.get("/tickets/{ticket}/files/{name}")
def file(shop: Caller, book: TheBook, ticket: str, name: str) -> Response:
    """A file that belongs to a ticket's order."""
    return Response(book.file(shop, ticket, name), media_type="application/octet-stream")


@routes.put("/tickets/{ticket}/sent/{digest}")
def sent(
    shop: Caller, book: TheBook, ticket: str, digest: str, fence: int, data: Annotated[bytes, Depends(_content)]
) -> dict[str, str]:
    """Bring a released file's content, before the result that names it."""
    book.own(shop, ticket, fence)
    if sha256(data) != digest:
        raise HTTPException(422, "the content is not what its digest says")
    book.store.put(digest, data)
    return {"sha256": digest}


@routes.post("/tickets/{ticket}/result")
def result(shop: Caller, book: TheBook, ticket: str, told: Result) -> dict[str, str]:
    """Tell how it ended."""
    book.finish(shop, ticket, told)
    return {"ticket": ticket}


async def _bounded(request: Request, call: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse what is too long, or does not say how long it is, before it is read."""
    told = request.headers.get("content-length", "0" if request.method == "GET" else "")
    if not told.isdigit():
        return JSONResponse({"code": "network.no-length", "message": "say how long it is"}, 411)
    if int(told) > MOST_BYTES:
        return JSONResponse({"code": "network.too-large", "message": f"at most {MOST_BYTES} bytes"}, 413)
    return await call(request)


async def _misread(_request: Request, error: Exception) -> JSONResponse:
    """Where and why a body is not understood; what stood there is not repeated."""
    found = error.errors() if isinstance(error, RequestValidationError) else []
    told = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found[:10])
    return JSONResponse({"code": "network.bad-request", "message": told}, 422)


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, LotOneError):
        raise error
    told = {"code": error.code, "message": error.message, "hint": error.hint, "place": error.place}
    return JSONResponse(told, STATUS.get(error.code, 422 if isinstance(error, OrderError) else 503))
