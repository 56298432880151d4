"""Three customers' parts on one print plate: planned, proved, released once each; faults and bad plans are refused."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import cadquery as cq
import pytest

import lotone
import tooling_db
from geometry.step import step
from model.errors import LotOneError, OrderError, VerificationError
from model.group import Group
from model.order import Brief, Order
from model.program import PrintFiles
from pipeline.engine.claim import claimed
from pipeline.engine.code import code_digest
from pipeline.engine.codec import decode
from pipeline.engine.outcome import Outcome
from pipeline.engine.stage import Run
from pipeline.engine.store import Store, sha256
from pipeline.group.check import checked
from pipeline.group.gather import Candidate, gathered
from pipeline.group.line import PLATE, travel_together
from pipeline.group.make import make_group
from pipeline.group.plan import Plan, Plate, Source, read, written
from pipeline.group.suggest import suggested
from pipeline.intake.read import read_by_place
from pipeline.line import declared
from pipeline.printing.engines import find_engine
from pipeline.recheck import recheck

SHOP = tooling_db.load()
SIZES = {"coaster-a": (18.0, 12.0), "coaster-b": (24.0, 10.0), "coaster-c": (14.0, 14.0)}


@dataclasses.dataclass(frozen=True)
class Shop:
    """The orders, what was gathered of them, the plan, and where it was made."""

    folder: Path
    orders: list[Order]
    found: Mapping[str, Candidate | str]
    plan: Plan
    made: Outcome

    @property
    def digests(self) -> dict[str, str]:
        return {name: one.order_sha256 for name, one in self.found.items() if isinstance(one, Candidate)}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    if find_engine() is None:
        reason = "no slicing engine on this computer"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("group")
    for name, (wide, deep) in SIZES.items():
        body = (
            cq.Workplane().box(wide, deep, 2, centered=False).cut(cq.Workplane(origin=(5, 5, 0)).circle(2).extrude(2))
        )
        shape = body.val()
        assert isinstance(shape, cq.Shape)
        (folder / f"{name}.step").write_bytes(step(shape, name))
        (folder / f"{name}.yaml").write_text(
            f"spec: order/1.0\nid: {name}\nattachments: {name}.step\nmaterial: PETG\nconsent: {{produce: true}}\n"
        )
    store = Store(folder / "cache")
    places = read_by_place([str(folder)], store)
    orders = [one for one in places.values() if isinstance(one, Order)]
    found = gathered(orders, SHOP, store)
    sources = [Source(o.id, p, sha256(Path(p).read_bytes())) for p, o in zip(places, orders, strict=True)]
    plan = suggested(sources, found, SHOP)
    (folder / "groups.toml").write_text(written(plan))
    (group,) = checked(read(folder / "groups.toml"), found, SHOP)
    digests = {name: one.order_sha256 for name, one in found.items() if isinstance(one, Candidate)}
    return Shop(folder, orders, found, plan, make_group(group, digests, SHOP, folder / "out", store))


def test_three_orders_share_a_plate_and_are_proved(shop: Shop) -> None:
    (plate,) = shop.plan.plates

    assert None is shop.made.problem
    assert tuple(SIZES) == plate.orders
    assert recheck(shop.folder / "out" / plate.id).passed
    assert recheck(shop.folder / "out" / "coaster-b").passed
    for name in SIZES:
        assert f"release/orders/{name}/quote.json" in shop.made.release


def test_the_plan_reads_back_as_it_was_written(shop: Shop) -> None:
    bare = dataclasses.replace(shop.plan, plates=tuple(dataclasses.replace(p, saves="") for p in shop.plan.plates))

    assert bare == read(shop.folder / "groups.toml")


def test_every_order_pays_less_than_alone(shop: Shop) -> None:
    root = shop.folder / "out" / shop.plan.plates[0].id / "release" / "orders"
    for name, one in shop.found.items():
        assert isinstance(one, Candidate)
        assert 0 < json.loads((root / name / "quote.json").read_text())["total_cents"] < one.quote.total_cents


def test_an_order_on_a_plate_is_not_made_again(shop: Shop) -> None:
    (again,) = lotone.make(shop.folder / "coaster-a.yaml", out=shop.folder / "out", cache=shop.folder / "cache")

    assert ("released", ("release/group.json",)) == (again.verdict, again.release)
    assert not (shop.folder / "out/coaster-a/release/programs").exists()


def test_a_changed_order_is_not_made_beside_its_plate(shop: Shop) -> None:
    text = (shop.folder / "coaster-a.yaml").read_text()
    changed = shop.folder / "changed" / "coaster-a.yaml"
    changed.parent.mkdir()
    changed.write_text(text + "quantity: 2\n")
    (changed.parent / "coaster-a.step").write_bytes((shop.folder / "coaster-a.step").read_bytes())
    (refused,) = lotone.make(changed, out=shop.folder / "out", cache=shop.folder / "cache")

    assert refused.problem is not None
    assert "order.in-group" == refused.problem.code
    assert claimed(shop.folder / "out" / "coaster-a") is not None


def test_a_fault_at_one_piece_names_its_order(shop: Shop) -> None:
    (group,) = checked(shop.plan, shop.found, SHOP)
    run = Run(group.id, Store(shop.folder / "cache"), code_digest())
    travel_together(group, SHOP, run)
    prints: PrintFiles = run.value(PrintFiles)
    (one,) = prints.files
    spot = next(p for p in one.placements if p.part.startswith("coaster-b/"))
    bad = dataclasses.replace(one, text=_without_one_layer(one.text, spot.x_mm, spot.y_mm, SIZES["coaster-b"]))
    run.give(PrintFiles((bad,)))
    stages = {s.name: s for s in declared(PLATE)}
    run.run(stages["verify"], 0)
    run.run(stages["quote"], 0)
    with pytest.raises(VerificationError) as refused:
        run.run(stages["papers"], 0)

    assert bad.text != one.text
    assert ("group.orders-failed", "coaster-b") == (refused.value.code, refused.value.value)


def _without_one_layer(text: str, x: float, y: float, size: tuple[float, float]) -> str:
    """The print with every bead of one layer inside a box turned into a travel."""
    out, z = [], 0.0
    for line in text.splitlines():
        level = re.search(r"^G1 .*\bZ([\d.]+)", line)
        z = float(level[1]) if level else z
        at = re.match(r"G1 X([\d.]+) Y([\d.]+) E[\d.]+", line)
        inside = at is not None and x <= float(at[1]) <= x + size[0] and y <= float(at[2]) <= y + size[1]
        out.append(re.sub(r" E[\d.]+", "", line) if inside and abs(z - 1.0) < 0.01 else line)
    return "\n".join(out) + "\n"


Edit = Callable[[Plate], Plate]


def _moved(plate: Plate, **to: Any) -> Plate:
    return dataclasses.replace(plate, spots=(dataclasses.replace(plate.spots[0], **to), *plate.spots[1:]))


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda p: _moved(p, x_mm=p.spots[1].x_mm, y_mm=p.spots[1].y_mm), "group.too-near"),
        (lambda p: _moved(p, x_mm=2.0), "group.off-bed"),
        (lambda p: _moved(p, turn_deg=45.0), "group.turn"),
        (lambda p: _moved(p, copy=2), "group.piece-count"),
        (lambda p: _moved(p, order_id="nobody"), "group.unknown-order"),
        (lambda p: dataclasses.replace(p, filament_id="pla-generic"), "group.other-material"),
        (lambda p: dataclasses.replace(p, id="coaster-a"), "group.plate-id"),
        (lambda p: dataclasses.replace(p, spots=p.spots[:1]), "group.one-order"),
    ],
)
def test_an_edited_plan_is_refused_by_place_and_number(shop: Shop, edit: Edit, code: str) -> None:
    plan = dataclasses.replace(shop.plan, plates=(edit(shop.plan.plates[0]),))
    with pytest.raises(OrderError) as refused:
        checked(plan, shop.found, SHOP)

    assert code in {f.code for f in refused.value.findings}
    assert all(f.place and f.message for f in refused.value.findings)


def test_an_order_taken_off_its_plate_is_made_alone_and_then_stays_alone(shop: Shop) -> None:
    (plate,) = shop.plan.plates
    (whole,) = checked(shop.plan, shop.found, SHOP)
    less = dataclasses.replace(plate, spots=tuple(s for s in plate.spots if s.order_id != "coaster-c"))
    (group,) = checked(dataclasses.replace(shop.plan, plates=(less,)), shop.found, SHOP)
    out, store = shop.folder / "out-less", Store(shop.folder / "cache")
    first = make_group(whole, shop.digests, SHOP, out, store)
    second = make_group(group, shop.digests, SHOP, out, store)
    off = claimed(out / "coaster-c")
    (alone,) = lotone.make(shop.folder / "coaster-c.yaml", out=out, cache=shop.folder / "cache")
    twice = make_group(whole, shop.digests, SHOP, out, store)

    assert ("released", "released", None) == (first.verdict, second.verdict, off)
    assert "coaster-a" == getattr(claimed(out / "coaster-a"), "order_id", "")
    assert any(path.startswith("release/programs/") for path in alone.release)
    assert twice.problem is not None
    assert ("group.made-already", "coaster-c") == (twice.problem.code, twice.problem.place)


def test_a_group_holds_no_other_orders_words(shop: Shop) -> None:
    root = shop.folder / "out" / shop.plan.plates[0].id
    group = decode(Group, (root / "inputs" / "group.json").read_bytes())

    assert [type(m.brief) for m in group.members] == [Brief] * 3
    with pytest.raises(LotOneError):
        read(root / "inputs" / "group.json")
