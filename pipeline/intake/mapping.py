"""A shop's own words: which product, field or column means what in an order. Data, one TOML file a shop."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from model.errors import ConfigError, OrderError
from model.finding import Finding
from model.units import parse_number
from pipeline.intake.schema import SPEC, BudgetFile, ConsentFile, CustomerFile, OrderFile, SourceFile

IGNORE = "ignore"
NUMBERS = ("quantity", "revision")
LISTS = ("wishes", "constraints", "attachments")
PRODUCT = "product"
GROUPS: dict[str, type[BaseModel]] = {
    "customer": CustomerFile,
    "source": SourceFile,
    "consent": ConsentFile,
    "budget": BudgetFile,
}
"""The parts of an order file a column reaches into by one more name: customer.email."""
_GERMAN_OR_RUSSIAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_TRUE, _FALSE = ("yes", "true", "1", "да", "x"), ("no", "false", "0", "нет", "")


def _known(to: str) -> str:
    head, _, rest = to.partition(".")
    fields = GROUPS[head].model_fields if head in GROUPS else OrderFile.model_fields
    known = (rest if head in GROUPS else to) in fields and to not in ("parameters", "spec", *GROUPS)
    if not (known or (head == "parameters" and rest) or to in (IGNORE, PRODUCT)):
        msg = f"{to!r} is no place in an order"
        raise ValueError(msg)
    return to


Place = Annotated[str, AfterValidator(_known)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """Where a field's value goes; ``values`` says in the order's words what the shop's choices mean."""

    to: Place
    values: dict[str, JsonValue] = {}


class Product(_Part):
    """What every order of a product has, whatever its customer chose."""

    family: str = ""
    material: str = ""
    finish: str = ""
    tolerance_class: str = ""
    machine: str = ""
    parameters: dict[str, JsonValue] = {}
    wishes: tuple[str, ...] = ()


class Secret(_Part):
    """Where a secret is found; it never stands here itself."""

    env: str = ""
    file: str = ""


class Etsy(_Part):
    """How receipts are fetched from Etsy: ``every_s`` is how often they are asked for without being told, 0: never."""

    shop_id: int
    key: Secret
    token: Secret
    url: str = "https://openapi.etsy.com/v3/application"
    every_s: float = 300.0


class Shop(_Part):
    """One shop: its name begins its orders' ids."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
    channel: Literal["table", "shopify", "woocommerce", "etsy"]
    secret: Secret = Secret()
    terms: str = ""
    consent: dict[str, bool] = {"produce": True}
    others: Literal["refuse", "ignore"] = "refuse"
    products: dict[str, Product] = {}
    fields: dict[str, Annotated[Rule | Place, Field(union_mode="left_to_right")]] = {}
    note: Place = "wishes"
    etsy: Etsy | None = None


@dataclass(slots=True)
class Draft:
    """An order file in the making, field by field; what cannot be read is a finding with its place."""

    shop: Shop | None
    value: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def put(self, name: str, given: object, place: str) -> None:
        """Take one field by the shop's rule, or, without one, by its own name where that is one of an order's."""
        text = str(given).strip() if given is not None else ""
        rule = rule_of(self.shop, name)
        if rule is None:
            message = f"nothing says what {name!r} means"
            hint = f'Say so in the shop\'s file, under [fields]: "{name}" = "parameters.text", or "ignore".'
            self.findings.append(
                Finding("intake.unmapped-field", message, place, name, "a field of the shop's file", hint)
            )
            return
        if rule.to == IGNORE or not text:
            return
        value: Any = given
        if rule.values:
            known = {_plain(k): v for k, v in rule.values.items()}
            if _plain(text) not in known:
                message = f"{name} is {text!r}, which the shop's file does not know"
                limit = ", ".join(rule.values)
                hint = "Add it to the field's values there, or correct it here."
                self.findings.append(Finding("intake.unmapped-value", message, place, text[:80], limit, hint))
                return
            value = known[_plain(text)]
        self._set(rule.to, value, place)

    def note(self, text: str, place: str) -> None:
        """Take what the customer wrote of the whole order."""
        if self.shop is not None and self.shop.note != IGNORE:
            self._set(self.shop.note, text, place)

    def _set(self, to: str, value: Any, place: str) -> None:
        head, _, rest = to.partition(".")
        if to in NUMBERS or to == "budget.amount":
            value = self._number(value, place)
        elif head == "consent":
            value = self._yes(value, place)
        elif head == "parameters":
            value = (
                _measure(value) if measured(rest) else value if isinstance(value, (list, dict)) else str(value).strip()
            )
        elif not isinstance(value, (list, dict)):
            value = str(value).strip()
            if to == "due" and (told := _GERMAN_OR_RUSSIAN.fullmatch(value)):
                value = f"{told[3]}-{int(told[2]):02}-{int(told[1]):02}"
        if value is None:
            return
        if head in LISTS:
            self.value.setdefault(head, []).extend(value if isinstance(value, list) else [value])
        elif rest:
            self.value.setdefault(head, {})[rest] = value
        else:
            self.value[to] = value

    def _number(self, value: Any, place: str) -> float | None:
        try:
            number = parse_number(str(value).strip()) if isinstance(value, str) else value
            return int(number) if number == int(number) else float(number)
        except (OrderError, ValueError, TypeError):
            message = f"{value!r} is not a number"
            self.findings.append(
                Finding("intake.bad-number", message, place, str(value)[:80], "a number", "Write a number.")
            )
            return None

    def _yes(self, value: Any, place: str) -> bool | None:
        text = str(value).strip().casefold()
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        message = f"{value!r} is neither yes nor no"
        hint = f"Write {' or '.join((_TRUE[0], _TRUE[3], _FALSE[0], _FALSE[3]))}."
        self.findings.append(Finding("intake.bad-consent", message, place, str(value)[:80], "yes or no", hint))
        return None

    def begin(self, product: str, place: str) -> bool:
        """Take what every order of a product has; false: it is nothing the shop makes here."""
        made = self.shop.products.get(product) if self.shop else None
        if made is None:
            if self.shop is not None and self.shop.others == "ignore":
                return False
            message = f"nothing says what {product!r} is made of"
            hint = f'Add [products."{product}"] to the shop\'s file; or others = "ignore", if it is not made here.'
            known = ", ".join(self.shop.products) if self.shop else "no product"
            self.findings.append(Finding("intake.unmapped-product", message, place, product, known, hint))
            return True
        given = made.model_dump(exclude_defaults=True)
        self.value = {**given, "parameters": dict(given.get("parameters", {})), "wishes": list(given.get("wishes", ()))}
        return True

    def finish(self, order_id: str, source: Mapping[str, str]) -> dict[str, Any]:
        """The order file's value."""
        value = {k: v for k, v in self.value.items() if v not in ({}, [])}
        consent = {**(self.shop.consent if self.shop else {}), **value.pop("consent", {})}
        told = {**{k: v for k, v in source.items() if v}, **value.pop("source", {})}
        value.pop("product", None)
        return {**value, "spec": SPEC, "id": order_id, **({"consent": consent} if consent else {}),
                **({"source": told} if told else {})}  # fmt: skip


def rule_of(shop: Shop | None, name: str) -> Rule | None:
    """What a shop's file says of a field; letter case and spaces do not matter."""
    for told, rule in (shop.fields if shop else {}).items():
        if _plain(told) == _plain(name):
            return rule if isinstance(rule, Rule) else Rule(to=rule)
    try:
        return Rule(to=name.strip())
    except ValidationError:
        return None


def read_shop(path: Path) -> Shop:
    """A shop's file.

    Raises:
        ConfigError: ``intake.bad-shop``, with every line that is wrong.
    """
    hint = "See docs/howto/receive-orders.md and samples/shops/."
    try:
        return Shop.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        findings = tuple(
            Finding("intake.bad-shop", one["msg"], ".".join(map(str, one["loc"])))
            for one in error.errors(include_url=False)
        )
        message = f"{path}: " + "; ".join(f"{f.place}: {f.message}" for f in findings)
        raise ConfigError("intake.bad-shop", message, place=str(path), hint=hint, findings=findings) from error
    except (OSError, ValueError) as error:
        raise ConfigError("intake.bad-shop", f"{path} cannot be read: {error}", place=str(path), hint=hint) from error


def unmapped(names: Sequence[str], shop: Shop | None) -> list[str]:
    """Those of some columns nothing is known of."""
    return [name for name in names if rule_of(shop, name) is None]


def measured(name: str) -> bool:
    """Whether a parameter is a size or a number of things; any other value is kept as it is written."""
    return re.search(r"_(?:mm|mm3|g|deg|count)$", name) is not None


def _measure(value: Any) -> Any:
    """A number written with a decimal comma is a number; what has a unit, or may be read twice, stays text."""
    if not isinstance(value, str):
        return value
    try:
        number = parse_number(value.strip())
    except OrderError:
        return value.strip()
    return int(number) if number.denominator == 1 else float(number)


def _plain(text: str) -> str:
    return " ".join(str(text).casefold().split())
