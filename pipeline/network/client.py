"""A shop's line to its hub: HTTPS with the hub's certificate checked, its own token, and errors told apart."""

from __future__ import annotations

import ssl
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from model.errors import ConfigError, LotOneError, OrderError
from pipeline.engine.codec import decode, encode, plain
from pipeline.engine.folder import safe_name
from pipeline.engine.store import sha256
from pipeline.network.words import HERE, Beat, Description, Result, Ticket

SECONDS = 30.0
LATER = frozenset({408, 429, 500, 502, 503, 504})


class Unreachable(Exception):  # noqa: N818 - it is the hub that is
    """The hub does not answer now; it is asked again later."""


class Hub:
    """One hub, spoken to with one shop's token.

    Raises:
        ConfigError: ``network.no-token``; ``network.plain-http``: the address is not https, not this computer, and
            plain HTTP was not asked for; ``network.bad-ca``.
    """

    def __init__(self, url: str, token_file: Path, ca: Path | None = None, *, plain_http: bool = False) -> None:
        self.url = checked(url, plain_http=plain_http)
        try:
            token = token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _no_token(token_file) from error
        if not token:
            raise _no_token(token_file)
        try:
            trust = ssl.create_default_context(cafile=None if ca is None else str(ca))
        except OSError as error:
            message = f"{ca} holds no certificates: {error}"
            raise ConfigError("network.bad-ca", message, place=str(ca), hint="Give a PEM file.") from error
        headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(base_url=self.url, headers=headers, verify=trust, timeout=SECONDS)

    def __enter__(self) -> Self:
        """Speak."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self._http.close()

    def join(self, description: Description) -> float:
        """Tell what the shop can do; returns the seconds a lease lasts."""
        return float(self._told("PUT", "/shop", encode(description))["lease_s"])

    def beat(self, beat: Beat) -> tuple[tuple[str, ...], float]:
        """Live; returns the tickets that are lost, and the seconds a lease lasts."""
        told = self._told("POST", "/shop/beat", encode({"load": plain(beat.load), "held": beat.held}))
        return tuple(told["lost"]), float(told["lease_s"])

    def pull(self, have: tuple[str, ...]) -> Ticket | None:
        """The next ticket, if there is one."""
        told = self._told("POST", "/tickets/pull", encode({"have": have}))["ticket"]
        if told is None:
            return None
        ticket = decode(Ticket, encode(told))
        safe_name(ticket.id)  # it names a folder here
        return ticket

    def file(self, ticket: str, name: str, digest: str) -> bytes:
        """A file of a ticket.

        Raises:
            OrderError: ``network.file-differs``.
        """
        data = self._ask("GET", f"/tickets/{ticket}/files/{name}").content
        if sha256(data) != digest:
            message = f"{name} of ticket {ticket} is not the file its digest says"
            raise OrderError("network.file-differs", message, place=name, value=sha256(data), limit=digest)
        return data

    def send(self, ticket: str, fence: int, data: bytes) -> str:
        """Bring a file's content; returns its digest."""
        digest = sha256(data)
        self._ask("PUT", f"/tickets/{ticket}/sent/{digest}?fence={fence}", data)
        return digest

    def finish(self, ticket: str, result: Result) -> None:
        """Report; see :meth:`pipeline.network.book.Book.finish`."""
        self._ask("POST", f"/tickets/{ticket}/result", encode(result))

    def _told(self, method: str, path: str, body: bytes) -> Any:
        """Ask, and read the answer.

        Raises:
            Unreachable: Something between here and the hub answered in its place.
        """
        answer = self._ask(method, path, body)
        try:
            return answer.json()
        except ValueError as error:
            told = f"{self.url} does not answer as a hub: {answer.text[:80]}"
            raise Unreachable(told) from error

    def _ask(self, method: str, path: str, body: bytes | None = None) -> httpx.Response:
        """Ask once.

        Raises:
            Unreachable: No answer, or one that says later.
            LotOneError: What the hub refused, by its code; ``network.not-admitted``: it does not know the token.
        """
        kind = "application/octet-stream" if "/sent/" in path else "application/json"
        try:
            answer = self._http.request(method, path, content=body, headers={"Content-Type": kind} if body else None)
        except httpx.TransportError as error:
            if "CERTIFICATE_VERIFY" in str(error):
                message = f"{self.url} is not who it says: {error}"
                hint = "Give the certificate of the hub's authority with --ca."
                raise ConfigError("network.not-trusted", message, place=self.url, hint=hint) from error
            told = f"{self.url} does not answer: {error}"
            raise Unreachable(told) from error
        if answer.status_code in LATER:
            told = f"{self.url} answers {answer.status_code}"
            raise Unreachable(told)
        if answer.is_success:
            return answer
        raise _refusal(answer, self.url)


def checked(url: str, *, plain_http: bool) -> str:
    """The address of a hub, if a token may travel there.

    Raises:
        ConfigError: ``network.bad-address``, ``network.plain-http``.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
        raise ConfigError("network.bad-address", f"{url!r} is no address of a hub", place="hub", value=url,
                          hint="Write https://hub.example:8443.")  # fmt: skip
    if parts.scheme == "http" and parts.hostname not in HERE and not plain_http:
        message = f"{url} would carry the shop's token and its orders in the open"
        hint = "Use https, or say --plain-http if the line itself is safe (a VPN)."
        raise ConfigError("network.plain-http", message, place="hub", value=url, limit="https", hint=hint)
    return url.rstrip("/")


def _no_token(path: Path) -> ConfigError:
    message = f"{path} holds no token"
    hint = "Ask the hub's keeper: lotone hub admit prints one."
    return ConfigError("network.no-token", message, place=str(path), hint=hint)


def _refusal(answer: httpx.Response, url: str) -> LotOneError:
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        message = f"{url} does not know this shop's token"
        hint = "Ask the hub's keeper for a new one."
        return ConfigError("network.not-admitted", message, place=url, hint=hint)
    try:
        told = answer.json()
        code, message, hint = told["code"], told["message"], told.get("hint", "")
    except (ValueError, KeyError, TypeError):
        code, message, hint = "network.refused", f"{url} answers {answer.status_code}: {answer.text[:200]}", ""
    return OrderError(code, message, place=url, value=answer.status_code, hint=hint)
