"""The order file: what a customer or a shop may write, field by field (``spec: order/1.0``)."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StrictBool,
    StrictInt,
    StrictStr,
)

from model.constraint import contradictions, parse_constraint
from model.errors import OrderError
from model.order import Attachment, Order, Wish

SPEC = "order/1.0"
DEEPEST = 6


def _known_limit(text: str) -> str:
    try:
        return parse_constraint(text).text
    except OrderError as error:
        raise ValueError(error.message) from error


def _possible(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse limits no part can hold together."""
    if wrong := contradictions(parse_constraint(text) for text in texts):
        raise ValueError("; ".join(wrong))
    return texts


def _iso_time(text: str | None) -> str | None:
    if text is not None:
        datetime.fromisoformat(text)
    return text


def _one(value: Any) -> Any:
    """A single attachment may stand without the list's brackets."""
    return [value] if isinstance(value, (str, dict)) else value


def _attachment(value: Any) -> Any:
    """A file's name alone: it is called by its last part, and its kind is its ending."""
    if not isinstance(value, str):
        return value
    name = value.replace("\\", "/").rpartition("/")[2]
    ending = name.rpartition(".")[2] if "." in name else ""
    return {"id": name[-64:] or value[-64:], "kind": ending[:32] or "file", "uri": value}


def _kind(value: str) -> str:
    low = value.lower()
    return "step" if low in ("stp", "p21") else low


def _wish(value: Any) -> Any:
    return {"text": value} if isinstance(value, str) else value


def _small(value: JsonValue, depth: int = 0) -> JsonValue:
    if depth > DEEPEST:
        msg = f"nested deeper than {DEEPEST} levels"
        raise ValueError(msg)
    if isinstance(value, float) and not math.isfinite(value):
        msg = "not a finite number"
        raise ValueError(msg)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _small(item, depth + 1)
    return value


Name = Annotated[StrictStr, Field(max_length=200)]
Text = Annotated[StrictStr, Field(min_length=1, max_length=2000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Locale = Annotated[StrictStr, Field(pattern=r"^([A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*)?$")]


class SourceFile(_Part):
    """Where the order comes from: the sales channel and its own numbers (quote them: numbers lose leading zeros)."""

    channel: Annotated[Name, Field(description="Sales channel: etsy, shopify, ozon, counter, ...")] = ""
    shop: Annotated[Name, Field(description="The shop's name at that channel.")] = ""
    external_order: Annotated[Name, Field(description="The channel's order number.")] = ""
    external_line: Annotated[Name, Field(description="The channel's line number.")] = ""


class CustomerFile(_Part):
    """Who orders. Everything but ``ref`` and ``locale`` is personal and stays in the intake."""

    ref: Annotated[Name, Field(description="The customer's opaque reference; never a name.")] = ""
    name: Annotated[Name, Field(description="Personal.")] = ""
    email: Annotated[Name, Field(description="Personal.")] = ""
    phone: Annotated[Name, Field(description="Personal.")] = ""
    address: Annotated[StrictStr, Field(max_length=1000, description="Personal.")] = ""
    locale: Annotated[Locale, Field(description='Language to answer in: "ru-RU", "en".')] = ""


class WishFile(_Part):
    """One wish in the customer's own words; a plain string is a ``want``."""

    text: Text
    lang: Annotated[Locale, Field(description='Language of the text: "ru", "en".')] = ""
    kind: Literal["must", "want", "avoid"] = "want"


class BudgetFile(_Part):
    """The most the customer will pay."""

    amount: Annotated[float, Field(gt=0, le=1e9, strict=True, allow_inf_nan=False)]
    currency: Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$", description="ISO 4217: EUR, RUB, USD.")]


class ConsentFile(_Part):
    """What the customer agreed to. Without ``produce`` nothing may be made."""

    produce: StrictBool = True
    store_design: StrictBool = False
    learn_preferences: StrictBool = False
    share_with_factory: StrictBool = False


class AttachmentFile(_Part):
    """A file that came with the order; its name alone will do. One STEP file in place of a family is the part."""

    id: Annotated[StrictStr, Field(min_length=1, max_length=64)]
    kind: Annotated[
        StrictStr,
        Field(min_length=1, max_length=32, description="step, stl, svg, png, pdf, ...; a part is made of step"),
        AfterValidator(_kind),
    ]
    uri: Annotated[
        StrictStr, Field(min_length=1, max_length=1000, description="The file, beside the order file or below it.")
    ]
    role: Name = ""
    sha256: Annotated[StrictStr, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


class OrderFile(_Part):
    """One order for one item. Explicit parameters win over constraints, constraints over wishes."""

    model_config = ConfigDict(extra="forbid", frozen=True, title="LotOne order file")

    spec: Annotated[Literal["order/1.0"], Field(description="The version of this form.")]
    id: Annotated[
        StrictStr,
        Field(
            pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9_-])?$",
            description="Names the output folder: letters, digits, dot, dash, underscore; at most 64.",
        ),
    ]
    revision: Annotated[StrictInt, Field(ge=1, le=9999)] = 1
    source: SourceFile = SourceFile()
    customer: CustomerFile = CustomerFile()
    family: Annotated[Name, Field(description="A product family of `lotone families`; may be left to the wishes.")] = ""
    parameters: Annotated[
        dict[str, JsonValue],
        AfterValidator(_small),
        Field(description='The family\'s own parameters: numbers, or text with a unit ("1/4 in", "6 мм").'),
    ] = {}
    constraints: Annotated[
        tuple[Annotated[StrictStr, Field(max_length=200), AfterValidator(_known_limit)], ...],
        Field(max_length=50, description='Hard limits on the finished part: "mass <= 200 g".'),
        AfterValidator(_possible),
    ] = ()
    wishes: Annotated[
        tuple[Annotated[WishFile, BeforeValidator(_wish, json_schema_input_type=WishFile | Text)], ...],
        Field(max_length=50, description="Free text, English or Russian."),
    ] = ()
    material: Annotated[
        Name,
        Field(description='A row of `lotone materials`, or its common name: "brass", "латунь"; "POM or PETG": either.'),
    ] = ""
    finish: Annotated[Name, Field(description='How the surface shall look: "matt", "brushed", "матовая".')] = ""
    tolerance_class: Annotated[Name, Field(description='General tolerances, for example "ISO 2768-m".')] = ""
    quantity: Annotated[StrictInt, Field(ge=1, le=1000)] = 1
    due: Annotated[StrictStr | None, AfterValidator(_iso_time), Field(description="ISO 8601 date or time.")] = None
    placed: Annotated[
        StrictStr | None, AfterValidator(_iso_time), Field(description="When it was ordered, ISO 8601; else now.")
    ] = None
    budget: BudgetFile | None = None
    consent: ConsentFile = ConsentFile()
    attachments: Annotated[
        tuple[
            Annotated[AttachmentFile, BeforeValidator(_attachment, json_schema_input_type=AttachmentFile | Text)], ...
        ],
        Field(max_length=50),
        BeforeValidator(_one, json_schema_input_type=tuple[AttachmentFile | Text, ...] | AttachmentFile | Text),
    ] = ()
    machine: Annotated[Name, Field(description="A row of `lotone machines`, if no other will do.")] = ""

    def order(self) -> Order:
        """The model's order, with everything personal set apart."""
        who = {"name": self.customer.name, "email": self.customer.email, "phone": self.customer.phone}
        who["address"] = self.customer.address
        source = {**self.source.model_dump(), "customer": self.customer.ref}
        return Order(
            id=self.id,
            family=self.family,
            parameters=self.parameters,
            constraints=self.constraints,
            wishes=tuple(Wish(w.text, w.lang, w.kind) for w in self.wishes),
            material=self.material,
            finish=self.finish,
            tolerance_class=self.tolerance_class,
            quantity=self.quantity,
            due=self.due or "",
            placed=self.placed or "",
            budget=(self.budget.amount, self.budget.currency) if self.budget else None,
            consent=self.consent.model_dump(),
            attachments=tuple(Attachment(a.id, a.kind, a.uri, a.role, a.sha256) for a in self.attachments),
            source={k: v for k, v in source.items() if v},
            personal={k: v for k, v in who.items() if v},
            revision=self.revision,
            locale=self.customer.locale,
            machine=self.machine,
        )


def order_schema() -> dict[str, Any]:
    """The order file's JSON Schema (draft 2020-12)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **OrderFile.model_json_schema()}
