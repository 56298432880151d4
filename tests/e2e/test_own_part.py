"""A customer's own STEP file, all the way: released, named on its papers, repeatable, checkable; bad ones refused."""

from __future__ import annotations

import hashlib
import json
import runpy
import shutil
from pathlib import Path

import pytest

import lotone
from geometry.step import step
from model.errors import VerificationError
from pipeline.engine.outcome import Outcome
from pipeline.recheck import recheck

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "own-part"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    folder = tmp_path_factory.mktemp("own")
    (outcome,) = lotone.make(SAMPLE / "flange.yaml", out=folder / "out", cache=folder / "cache")
    return outcome, folder


def test_the_sample_is_what_its_script_draws() -> None:
    drawn = runpy.run_path(str(SAMPLE / "flange.py"))["flange"]()

    assert (SAMPLE / "flange.step").read_bytes() == step(drawn.findSolid(), "flange")


def test_the_part_is_released_and_proved(made: tuple[Outcome, Path]) -> None:
    outcome, folder = made

    assert None is outcome.problem
    assert "the file is in millimetre; the part is 96.00 x 72.00 x 16.00 mm, 36 faces" in outcome.notes
    assert recheck(folder / "out" / "customer-flange").passed


def test_the_papers_name_the_file_and_the_folder_keeps_it(made: tuple[Outcome, Path]) -> None:
    root = made[1] / "out" / "customer-flange"
    data = (SAMPLE / "flange.step").read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    order = json.loads((root / "order.json").read_text())

    assert data == (root / "inputs" / "part.step").read_bytes()
    assert (
        digest == json.loads((root / "release/certificate.json").read_text())["bound_to"]["customer's file flange.step"]
    )
    assert {"id": "flange.step", "kind": "step", "sha256": digest, "uri": "flange.step"} == order["attachment"]
    assert len(data) > (root / "order.json").stat().st_size


def test_a_second_run_makes_nothing_again_and_a_changed_file_withdraws(made: tuple[Outcome, Path]) -> None:
    folder = made[1]
    orders = folder / "orders"
    shutil.copytree(SAMPLE, orders)
    (again,) = lotone.make(orders / "flange.yaml", out=folder / "out", cache=folder / "cache")
    (orders / "flange.step").write_bytes((SAMPLE / "flange.step").read_bytes()[:9000])
    (broken,) = lotone.make(orders / "flange.yaml", out=folder / "out", cache=folder / "cache")

    assert again.cached == again.stages
    assert broken.problem is not None
    assert ("step.truncated", "design") == (broken.problem.code, broken.problem.stage)
    assert not (folder / "out" / "customer-flange" / "release").exists()
    with pytest.raises(VerificationError):
        recheck(folder / "out" / "customer-flange")


def test_a_missing_file_withdraws_the_release_too(tmp_path: Path) -> None:
    root = tmp_path / "out" / "customer-flange"
    shutil.copytree(SAMPLE, tmp_path / "orders")
    (tmp_path / "orders" / "flange.step").write_bytes(b"")
    lotone.make(tmp_path / "orders" / "flange.yaml", out=tmp_path / "out", cache=tmp_path / "cache")
    (tmp_path / "orders" / "flange.step").unlink()
    (outcome,) = lotone.make(tmp_path / "orders" / "flange.yaml", out=tmp_path / "out", cache=tmp_path / "cache")

    assert outcome.problem is not None
    assert "intake.attachment-missing" == outcome.problem.code
    assert "intake.attachment-missing" == json.loads((root / "findings.json").read_text())["code"]


@pytest.mark.parametrize(
    ("machine", "code"), [("nope", "order.unknown-machine"), ("printer-marlin", "order.machine-process")]
)
def test_a_machine_that_cannot_be_is_refused(tmp_path: Path, machine: str, code: str) -> None:
    (tmp_path / "order.yaml").write_text(f"spec: order/1.0\nid: o\nfamily: bracket\nmachine: {machine}\n")
    (outcome,) = lotone.make(tmp_path / "order.yaml", out=tmp_path / "out", cache=tmp_path / "cache")

    assert outcome.problem is not None
    assert (code, True) == (outcome.problem.code, "mill-linuxcnc" in str(outcome.problem.limit))
