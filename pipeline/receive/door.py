"""Lets one order in: who ordered is sealed away, the rest goes to the spool, and from there into the queue, once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from model.errors import OrderError
from model.order import Order
from pipeline.batch.ledger import Ledger
from pipeline.batch.port import Request
from pipeline.batch.submit import requests
from pipeline.customers.vault import Consent, Held, Vault, now
from pipeline.engine.personal import hush, names, tells
from pipeline.engine.store import sha256, write_atomic
from pipeline.intake.attach import KIND, with_files
from pipeline.intake.check import check
from pipeline.intake.documents import Document
from pipeline.intake.mapping import measured
from pipeline.intake.schema import OrderFile

_FILE_NAME = re.compile(rb"FILE_NAME\s*\((?:[^';]|'(?:[^']|'')*')*\)\s*;")
_NOBODY = b"FILE_NAME('','',(''),(''),'','','');"
"""The line of a STEP file that names who drew it."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """An order that is in the queue under ``key``; ``known``: it was there before, and nothing was done."""

    order_id: str
    key: str
    state: Literal["queued", "known"]


@dataclass(frozen=True, slots=True)
class Door:
    """Where orders go: the spool, the ledger, the vault; and how they are to be made."""

    spool: Path
    ledger: Ledger
    vault: Vault
    out: Path
    machine: str = ""
    priority: int = 5
    minutes: float = 30.0

    def admit(self, document: Document, name: str, folder: Path, told_by: str, text_version: str = "") -> Admitted:
        """Let an order in; done twice, it is in once.

        ``document`` is an order file's, ``name`` what the messages call it, ``folder`` where the files it names are.

        Raises:
            OrderError: As the intake; ``receive.personal``: a field that is not sealed names who ordered;
                ``receive.same-id``: another order of that id is in the queue.
            ConfigError: The key, the spool or the database cannot be used.
        """
        try:
            form = check(document, name)
            _names_nobody(form, told_by)
            order = with_files(form.order(), folder)
        except OrderError as error:
            hush(error, document.value)
            raise
        held = Held(_who(form), tuple(w.model_dump(exclude_defaults=True) for w in form.wishes))
        bare, files = _apart(form, order)
        data = (json.dumps(bare, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
        digest = sha256(data)
        if (key := self._known(form, digest, held)) is not None:
            self.vault.keep(digest, form.id, form.revision, held, ())
            return Admitted(form.id, key, "known")
        place = self.spool / form.id / digest[:12]
        at, agreed = now(), form.consent.model_dump()
        consents = [Consent(purpose, given, at, text_version, told_by) for purpose, given in agreed.items()]
        self.vault.keep(digest, form.id, form.revision, held, consents)
        for file, content in files.items():
            write_atomic(place / file, content)
        write_atomic(place / "order.json", data)
        return Admitted(form.id, self.ledger.submit(self._request(place / "order.json", order)), "queued")

    def withdraw(self, order_ids: Sequence[str]) -> int:
        """Cancel those of some orders that are in the queue and not over."""
        known = {one.order_id: one.key for one in self.ledger.list(("queued", "running"))}
        return self.ledger.cancel([known[one] for one in order_ids if one in known])

    def _request(self, path: Path, order: Order) -> Request:
        source = str(path.resolve())
        made = requests(
            {source: order}, self.out, machine=self.machine, material="", priority=self.priority, minutes=self.minutes
        )
        return made[source][0]

    def _known(self, form: OrderFile, digest: str, held: Held) -> str | None:
        """The key of the same order in the queue; None: there is none, or this revision takes its place."""
        try:
            before = self.ledger.status(form.id)
        except OrderError:
            return None
        file = before.request.sha256
        if file == digest:
            try:
                was = self.vault.held(file)
            except OrderError:  # erased: it was this order, or nobody can know
                return before.key
            if was is None or list(map(dict, was.wishes)) == list(map(dict, held.wishes)):
                return before.key
        elif 0 < self.vault.revision(file) < form.revision:
            return None
        message = f"another order {form.id} is in the queue already ({before.state}), and this one differs from it"
        hint = "Give it its own id; or, where it takes the other's place, a higher revision."
        raise OrderError("receive.same-id", message, place="id", value=form.id, hint=hint)


def _names_nobody(form: OrderFile, told_by: str) -> None:
    """Refuse an order that names its customer where the workshop reads: in its id, a material, a size.

    A text to engrave is the product. One word alone may be a name and a finish ("matt").
    """
    who = _who(form)
    whole = [value for name, value in who.items() if name != "ref" and not value.isalpha()]
    fields = {name: getattr(form, name) for name in ("family", "material", "finish", "tolerance_class", "machine")}
    fields |= {f"source.{name}": value for name, value in form.source.model_dump().items()}
    fields |= {f"parameters.{name}": str(v) for name, v in form.parameters.items() if measured(name)}
    named = next((place for place, value in fields.items() if tells(value, whole)), "")
    words = [word for word in names({"name": who.get("name", "")}) if len(word) > 3]
    if not named and tells(re.sub(r"[._-]", " ", form.id.removeprefix(told_by)), words):
        named = "id"
    if named:
        message = f"{named} names who ordered, and is read by everyone who makes it"
        hint = "Say it under customer or wishes, which are sealed; the id is a number of yours."
        raise OrderError("receive.personal", message, place=named, hint=hint)


def _who(form: OrderFile) -> Mapping[str, str]:
    return {name: value for name, value in form.customer.model_dump().items() if value and name != "locale"}


def _apart(form: OrderFile, order: Order) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The order file without its customer, and the files it names, under names that tell nothing."""
    bare = form.model_dump(mode="json", exclude_defaults=True, exclude={"customer", "wishes", "attachments"})
    bare["spec"] = form.spec
    if form.customer.locale:
        bare["customer"] = {"locale": form.customer.locale}
    files: dict[str, bytes] = {}
    told = []
    for number, one in enumerate(order.attachments, 1):
        name = f"part-{number}.{one.kind if one.kind.isalnum() else 'file'}"
        entry = {"id": name, "kind": one.kind, "uri": name}
        if one.kind == KIND:
            files[name] = _FILE_NAME.sub(_NOBODY, one.content, count=1)
            entry["sha256"] = sha256(files[name])
        told.append(entry)
    return {**bare, **({"attachments": told} if told else {})}, files
