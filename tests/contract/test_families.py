"""Every product family, also one from outside, keeps the contract."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import generators
import tooling_db
from generators.kit.draft import Draft
from generators.kit.family import Family, checked
from geometry.solids import load
from model.errors import OrderError
from pipeline.design.accept import accept
from pipeline.design.stl import stl

HOUSE = Path(generators.__file__).parents[1]
WORDS = ("", "ОЛЕГ", "Ёж и Й", "Å", "Dr. Müller\nHaus 12", "щука", "8B%&@", "ij.:;!?")
FAMILIES = generators.names()


def family_of(name: str) -> Family:
    return generators.get(name)


def limits(field: Any) -> tuple[float | None, float | None]:
    low = next((m.ge for m in field.metadata if hasattr(m, "ge")), None)
    high = next((m.le for m in field.metadata if hasattr(m, "le")), None)
    return low, high


def value_for(name: str, field: Any) -> st.SearchStrategy[Any]:
    """Any value the field's own limits allow, most of them near the default."""
    if get_origin(field.annotation) is Literal:
        return st.sampled_from(get_args(field.annotation))
    if field.annotation is bool:
        return st.booleans()
    if name in ("text", "label"):
        return st.sampled_from(WORDS)
    low, high = limits(field)
    if field.annotation is int:
        return st.integers(int(low or 0), int(high or 0))
    if low is None or high is None or field.default is None:
        return st.just(field.default)
    near = st.floats(max(low, field.default * 0.7), min(high, field.default * 1.4)).map(lambda v: round(v, 2))
    return st.one_of(near, st.floats(low, high).map(lambda v: round(v, 1))).filter(lambda v: low <= v <= high)


def drafted(family: Family, values: dict[str, Any]) -> Draft | OrderError:
    try:
        return family.build(checked(family, values))
    except OrderError as error:
        return error


@st.composite
def choices(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Up to four fields away from their defaults."""
    fields = family_of(name).params.model_fields
    chosen = draw(st.lists(st.sampled_from(sorted(fields)), max_size=4, unique=True))
    return {f: draw(value_for(f, fields[f])) for f in chosen}


def test_schemas_are_read_without_the_cad_kernel() -> None:
    program = (
        "import sys, json, generators\n"
        "s = {n: generators.get(n).params.model_json_schema() for n in generators.names()}\n"
        "json.dumps(s)\n"
        "print(json.dumps(sorted({'cadquery', 'OCP', 'vtkmodules', 'manifold3d', 'trimesh'} & set(sys.modules))))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True)

    assert [] == json.loads(done.stdout)


@pytest.mark.parametrize("name", FAMILIES)
def test_every_choice_is_described_limited_and_named_in_two_languages(name: str) -> None:
    family = family_of(name)
    lacking = []
    for field_name, field in family.params.model_fields.items():
        extra: Any = field.json_schema_extra
        told = isinstance(extra, dict) and extra["role"] and all(extra["words"][lang] for lang in ("en", "ru"))
        number = field.annotation in (int, float, float | None)
        bounded = None not in limits(field) or not number
        unit = field_name.endswith(("_mm", "_deg")) or field.annotation not in (float, float | None)
        if not (told and bounded and unit and field.description and not field.is_required()):
            lacking.append(field_name)

    assert [] == lacking


@pytest.mark.parametrize("name", FAMILIES)
def test_the_materials_are_rows_of_the_tooling_database(name: str) -> None:
    family = family_of(name)
    known = tooling_db.load().materials

    assert family.material in family.materials
    assert [] == [m for m in family.materials if m not in known]


@pytest.mark.parametrize("name", FAMILIES)
def test_the_defaults_make_an_accepted_solid_of_its_declared_size(name: str) -> None:
    family = family_of(name)
    draft = family.build(checked(family, {}))
    measured, findings = accept(draft)

    assert () == findings
    for piece in draft.pieces:
        again: Any = trimesh.load(io.BytesIO(stl(measured[piece.name].mesh, piece.name)), file_type="stl")
        assert again.is_watertight
        assert list(piece.expected.size_mm) == pytest.approx(again.extents, abs=0.01)
        assert piece.body.volume_mm3 == pytest.approx(again.volume, rel=1e-3)
        assert 1 == len(load(measured[piece.name].brep).Solids())


@pytest.mark.parametrize("name", FAMILIES)
def test_any_choice_is_made_as_promised_or_refused_with_a_reason(name: str) -> None:
    family = family_of(name)

    @settings(
        max_examples=8, deadline=None, derandomize=True, database=None,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )  # fmt: skip
    @given(given_values=choices(name))
    def law(given_values: dict[str, Any]) -> None:
        draft = drafted(family, given_values)

        if isinstance(draft, OrderError):
            assert all(f.code and f.place and f.hint and f.limit is not None for f in draft.findings)
        else:
            assert () == accept(draft)[1]

    law()


def test_another_process_makes_the_same_bytes() -> None:
    program = (
        "import hashlib, json, generators\n"
        "from generators.kit.family import checked\n"
        "from geometry.solids import dump\n"
        "print(json.dumps({f'{n}/{p.name}': hashlib.sha256(dump(p.body.solid)).hexdigest()\n"
        "    for n in generators.names() for f in [generators.get(n)] for p in f.build(checked(f, {})).pieces}))\n"
    )
    env = os.environ | {"PYTHONHASHSEED": "4711"}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=HOUSE, env=env, capture_output=True, text=True, check=True
    )
    here: dict[str, str] = {}
    for name in FAMILIES:
        family = family_of(name)
        draft = family.build(checked(family, {}))
        measured, _ = accept(draft)
        here |= {f"{name}/{p.name}": hashlib.sha256(measured[p.name].brep).hexdigest() for p in draft.pieces}

    assert here == json.loads(done.stdout)


def test_a_family_from_outside_is_found_by_its_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "coaster_family.py").write_text("from generators.nameplate import FAMILY\n", encoding="utf-8")
    info = tmp_path / "coaster-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: coaster\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[lotone.families]\ncoaster = coaster_family:FAMILY\n", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert "coaster" in generators.names()
    assert "Nameplate" == generators.get("coaster").title


def test_an_unknown_family_is_refused_with_those_there_are() -> None:
    with pytest.raises(OrderError) as caught:
        generators.get("teapot")

    assert ("order.unknown-family", "teapot") == (caught.value.code, caught.value.value)
    assert "nameplate" in str(caught.value.limit)
