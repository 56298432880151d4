"""What is held on a customer: sealed, told in full to whoever asks by right, erased without a trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet

from model.errors import ConfigError, OrderError
from pipeline.batch.ledger import Ledger
from pipeline.batch.port import Request
from pipeline.customers import key
from pipeline.customers.inbox import Inbox
from pipeline.customers.vault import Consent, Held, Vault
from pipeline.engine.outcome import Outcome, Problem
from pipeline.engine.personal import names
from pipeline.floor.state import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

OLEG = {"name": "Олег Петров", "email": "Oleg.Petrov@example.com", "phone": "+7 (900) 123-45-67",
        "address": "ул. Кирова, 5, Челябинск", "ref": "cust:7"}  # fmt: skip
ANNA = {"name": "Anna Petrov", "email": "anna@example.com", "phone": "+7 900 765-43-21", "address": "ул. Кирова, 5"}
YES = Consent("produce", given=True, at="2026-11-23T01:00:00+00:00", text_version="terms-3", told_by="brass-and-oak")


@pytest.fixture
def vault(tmp_path: Path, database: str) -> Iterator[Vault]:
    key.make(tmp_path / "key")
    with opened(database) as engine:
        one = Vault(engine, tmp_path / "key")
        one.keep("a" * 64, "O-1", 1, Held(OLEG, ({"text": "matt, for Олег"},)), [YES])
        one.keep("b" * 64, "O-2", 1, Held(ANNA), [YES])
        yield one


def raw(vault: Vault) -> bytes:
    """All that is stored: the file's bytes and its log's, or every row of a server's tables."""
    file = vault.engine.url.database or ""
    if vault.engine.dialect.name == "sqlite":
        return b"".join(p.read_bytes() for p in Path(file).parent.iterdir() if p.name.startswith(Path(file).name))
    with vault.engine.connect() as connection:
        tables = ("personal", "consents", "inbox", "orders", "events")
        rows = [repr(list(map(tuple, connection.exec_driver_sql(f"select * from {name}")))) for name in tables]  # noqa: S608
    return "".join(rows).encode()


def test_what_is_kept_comes_back_and_nobody_reads_it_in_the_file(vault: Vault) -> None:
    found = vault.held("a" * 64)
    stored = raw(vault)

    assert Held(OLEG, ({"text": "matt, for Олег"},)) == found
    assert None is vault.held("c" * 64)
    assert [] == [v for v in (*OLEG.values(), *ANNA.values()) if v.encode() in stored]
    assert b"terms-3" in stored


@pytest.mark.parametrize("who", ["O-1", "o-1", "cust:7", "oleg.petrov@EXAMPLE.com", "8 900 123 45 67", "+79001234567"])
def test_everything_held_on_one_customer_is_told_and_nothing_of_another(vault: Vault, who: str) -> None:
    told = vault.export([who])

    assert ["O-1"] == [one["order_id"] for one in told["orders"]]
    assert OLEG == told["orders"][0]["customer"]
    assert [("produce", True, "terms-3")] == [(c["purpose"], c["given"], c["text_version"]) for c in told["consents"]]
    assert "anna" not in json.dumps(told)


@pytest.mark.parametrize("who", ["", "Петров", "ул. Кирова, 5", "1234567", "O-3", "@"])
def test_nobody_is_found_by_what_many_share(vault: Vault, who: str) -> None:
    assert [] == vault.export([who])["orders"]
    assert {} == vault.erase([who])


def test_what_is_erased_is_gone_from_the_file_and_stays_gone(vault: Vault) -> None:
    with vault.engine.connect() as connection:
        sealed = connection.exec_driver_sql("select sealed from personal where order_id = 'O-1'").scalar_one()
    before = raw(vault)
    gone = vault.erase(["oleg.petrov@example.com"])
    after = raw(vault)
    vault.keep("a" * 64, "O-1", 1, Held(OLEG), [YES])  # delivered once more

    assert ["O-1"] == list(gone)
    assert sealed.encode() in before
    assert sealed.encode() not in after
    assert [] == vault.export(["O-1"])["orders"]
    assert Held(ANNA) == vault.held("b" * 64)
    with pytest.raises(OrderError, match="erased") as caught:
        vault.held("a" * 64)
    assert "customers.erased" == caught.value.code


def test_a_customer_without_wishes_can_be_erased_and_the_order_still_be_made(vault: Vault) -> None:
    vault.erase(["O-2"])

    assert Held() == vault.held("b" * 64)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (Fernet.generate_key(), "customers.wrong-key"),
        (b"not a key", "customers.bad-key"),
        (b"", "customers.bad-key"),
        (None, "customers.no-key"),
    ],
    ids=["another", "no key", "empty", "none"],
)
def test_another_key_or_none_opens_nothing(vault: Vault, tmp_path: Path, content: bytes | None, code: str) -> None:
    (tmp_path / "key").unlink()
    if content is not None:
        (tmp_path / "key").write_bytes(content)
        (tmp_path / "key").chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        vault.held("a" * 64)

    assert code == caught.value.code


def test_without_a_key_nothing_is_written(vault: Vault, tmp_path: Path) -> None:
    (tmp_path / "key").unlink()
    with pytest.raises(ConfigError, match="key is not in"):
        vault.keep("d" * 64, "O-4", 1, Held(ANNA), [YES])
    with vault.engine.connect() as connection:
        kept = connection.exec_driver_sql("select order_id from personal union select order_id from consents").all()

    assert {("O-1",), ("O-2",)} == set(kept)


def test_a_key_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    place = tmp_path / "deep" / "key"
    key.make(place)
    mode = place.stat().st_mode & 0o777
    with pytest.raises(ConfigError) as twice:
        key.make(place)
    place.chmod(0o640)
    with pytest.raises(ConfigError) as seen:
        key.read(place)

    assert 0o600 == mode
    assert ["customers.key-exists", "customers.open-key"] == [twice.value.code, seen.value.code]


def test_after_two_renewals_old_copies_cannot_be_opened(vault: Vault, tmp_path: Path) -> None:
    old = (tmp_path / "key").read_bytes()
    with vault.engine.connect() as connection:
        sealed = connection.exec_driver_sql("select sealed from personal where order_id = 'O-1'").scalar_one()
    counts = [vault.renew()]
    once = vault.unseal(sealed)
    counts.append(vault.renew())
    with pytest.raises(ConfigError) as caught:
        vault.unseal(sealed)

    assert [2, 2] == counts
    assert OLEG == json.loads(once)["customer"]
    assert "customers.wrong-key" == caught.value.code
    assert Held(ANNA) == vault.held("b" * 64)
    assert old.strip() not in (tmp_path / "key").read_bytes()
    assert 0o600 == (tmp_path / "key").stat().st_mode & 0o777


def test_what_the_queue_tells_of_an_order_forgets_the_customer_too(vault: Vault) -> None:
    ledger = Ledger(vault.engine)
    problem = Problem("x.y", "order", "«для Олега Петрова, Олег» is O-1's", 65, value="+7 900 123 45 67")
    key_ = ledger.submit(Request("O-1", "f", "", "out"), Outcome("O-1", "refused", problem=problem, notes=("Олег!",)))
    ledger.hush("O-1", names(OLEG))
    told = ledger.status(key_).outcome

    assert told is not None
    assert told.problem is not None
    assert ("«для … …, …» is O-1's", "…", ("…!",)) == (told.problem.message, told.problem.value, told.notes)


def test_a_letter_is_kept_once_byte_for_byte_until_it_is_worked(vault: Vault) -> None:
    inbox = Inbox(vault)
    body = b'{"email": "Oleg.Petrov@example.com", "torn": "\xff'
    stored = [inbox.put("s", "d-1", body), inbox.put("s", "d-1", body), inbox.put("t", "d-1", body)]
    first, second = inbox.due()
    inbox.done(first, ["O-7"])
    inbox.later(second, Problem("x.y", "config", "not now", 78))
    waiting, due = inbox.counts(), inbox.due()
    kept = raw(vault)

    assert [True, False, True] == stored
    assert (body, body) == (first.body, second.body)
    assert ({"done": 1, "new": 1}, ()) == (waiting, due)
    assert b"example.com" not in kept
    assert ["t"] == [one["shop"] for one in inbox.waiting()]
    assert 1 == inbox.again()
    assert [second.body] == [one.body for one in inbox.due()]


def test_letters_of_a_customer_are_told_and_erased_with_the_rest(vault: Vault) -> None:
    inbox = Inbox(vault)
    for delivery, address in (("d-1", "oleg.petrov@example.com"), ("d-2", "anna@example.com")):
        inbox.put("s", delivery, json.dumps({"billing": {"email": address}}).encode())
    told = vault.export(["OLEG.petrov@example.com"])
    vault.erase(["OLEG.petrov@example.com"])

    assert [{"billing": {"email": "oleg.petrov@example.com"}}] == [one["body"] for one in told["inbox"]]
    assert ["d-2"] == [one["delivery"] for one in inbox.waiting()]
