"""An order as it came in, and as it was understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Wish:
    """Free text of the customer, with its language ("" when not told)."""

    text: str
    lang: str = ""
    kind: Literal["must", "want", "avoid"] = "want"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with the order.

    ``content`` is what was read of it at the door (STEP files only), ``sha256`` its digest; the content travels beside
    the order, never in a brief or a paper.
    """

    id: str
    kind: str
    uri: str
    role: str = ""
    sha256: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class Order:
    """What the customer asked for, checked for shape but not yet for meaning.

    ``parameters`` are the explicit ones, as given (numbers, or text with units).
    ``personal`` holds everything that names a person; it never leaves ``intake``'s output.
    ``material`` may leave several open ("pom or petg"). ``budget`` is (amount, currency); ``due`` and ``placed`` are
    ISO 8601 times: when it is wanted, and when it came in ("": now). ``locale`` ("ru-RU") is the language
    to answer in. ``machine`` is the row it must be made on ("": the shop chooses).
    """

    id: str
    family: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    constraints: tuple[str, ...] = ()
    wishes: tuple[Wish, ...] = ()
    material: str = ""
    finish: str = ""
    tolerance_class: str = ""
    quantity: int = 1
    due: str = ""
    budget: tuple[float, str] | None = None
    consent: Mapping[str, bool] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    source: Mapping[str, str] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)
    revision: int = 1
    locale: str = ""
    machine: str = ""
    placed: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One parameter and where it comes from: ``words`` are the customer's own, or the reason."""

    name: str
    value: Any
    source: Literal["explicit", "wish", "default"]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What must be asked before the order can go on."""

    about: str
    text: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """The order as understood: a family with all its parameters, and no personal data.

    ``parameters`` holds every field of the family's parameter class, in its units.
    ``material_id`` is a row of the tooling database. ``notes`` go to the customer. ``attachment`` is the customer's own
    solid, without its content, where the order is made from one; ``machine`` the row it must be made on.
    ``language`` ("en" or "ru") is the one to answer the customer in.
    """

    order_id: str
    family: str
    parameters: Mapping[str, Any]
    readings: tuple[Reading, ...]
    material_id: str
    finish: str
    tolerance_class: str
    quantity: int
    due: str = ""
    budget: tuple[float, str] | None = None
    constraints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    attachment: Attachment | None = None
    machine: str = ""
    language: Literal["en", "ru"] = "en"
