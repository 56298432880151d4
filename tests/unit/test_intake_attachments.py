"""STEP files come in from beside the order and from nowhere else, whole, and as the order means them."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from geometry.steptext import LARGEST_BYTES
from model.errors import LotOneError, OrderError
from model.order import Attachment, Order
from pipeline.engine.store import Store
from pipeline.intake.attach import is_model
from pipeline.intake.read import order_from_text, read_order_file, read_sources

HEAD = "spec: order/1.0\nid: own-1\nmaterial: brass\n"
STEP = b"ISO-10303-21; not really"


def order_file(folder: Path, attachments: str, name: str = "order.yaml") -> Path:
    path = folder / name
    path.write_text(f"{HEAD}attachments: {attachments}\n", encoding="utf-8")
    return path


def refusal(path: Path) -> OrderError:
    with pytest.raises(OrderError) as refused:
        read_order_file(path)
    assert "own-1" == refused.value.order_id
    assert refused.value.hint
    return refused.value


@pytest.mark.parametrize(
    "written", ["part.step", "[part.step]", "{id: a, kind: STEP, uri: part.step}", '["file:part.step"]', "./part.step"]
)
def test_a_step_file_beside_the_order_is_read_with_its_digest(tmp_path: Path, written: str) -> None:
    (tmp_path / "part.step").write_bytes(STEP)
    (one,) = read_order_file(order_file(tmp_path, written)).attachments

    assert ("step", STEP, hashlib.sha256(STEP).hexdigest()) == (one.kind, one.content, one.sha256)


def test_names_in_other_scripts_and_folders_below_are_read(tmp_path: Path) -> None:
    (tmp_path / "детали").mkdir()
    (tmp_path / "детали" / "Фланец №5.stp").write_bytes(STEP)
    (one,) = read_order_file(order_file(tmp_path, '["детали/Фланец №5.stp"]')).attachments

    assert ("Фланец №5.stp", "step", STEP) == (one.id, one.kind, one.content)


def test_other_files_are_named_but_not_read(tmp_path: Path) -> None:
    order = read_order_file(order_file(tmp_path, "[logo.svg, {id: b, kind: pdf, uri: https://x.example/y.pdf}]"))

    assert (Attachment("logo.svg", "svg", "logo.svg"), Attachment("b", "pdf", "https://x.example/y.pdf")) == (
        order.attachments
    )


def test_text_alone_brings_no_content() -> None:
    (one,) = order_from_text(HEAD + "attachments: part.step\n", "order.yaml").attachments

    assert ("part.step", b"") == (one.uri, one.content)


@pytest.mark.parametrize(
    "uri",
    ["../part.step", "a/../../part.step", "/etc/passwd", "file:/etc/passwd", "https://x.example/part.step",
     "ftp://x/part.step", "data:application/step,ISO", "C:/part.step", "..\\\\part.step"],
)  # fmt: skip
def test_ways_out_of_the_orders_folder_are_refused(tmp_path: Path, uri: str) -> None:
    home = tmp_path / "orders"
    home.mkdir()
    (tmp_path / "part.step").write_bytes(STEP)
    error = refusal(order_file(home, f'[{{id: a, kind: step, uri: "{uri}"}}]'))

    assert "intake.attachment-outside" == error.code


def test_links_out_of_the_folder_are_refused_and_links_within_are_followed(tmp_path: Path) -> None:
    home = tmp_path / "orders"
    (home / "real").mkdir(parents=True)
    (home / "real" / "a.step").write_bytes(STEP)
    (tmp_path / "secret.step").write_bytes(STEP)
    (home / "out.step").symlink_to(tmp_path / "secret.step")
    (home / "up").symlink_to(tmp_path)
    (home / "in.step").symlink_to(home / "real" / "a.step")
    (home / "ring.step").symlink_to(home / "ring.step")

    assert "intake.attachment-outside" == refusal(order_file(home, "out.step")).code
    assert "intake.attachment-outside" == refusal(order_file(home, "up/secret.step")).code
    assert STEP == read_order_file(order_file(home, "in.step")).attachments[0].content
    with pytest.raises(LotOneError):
        read_order_file(order_file(home, "ring.step"))


def test_what_is_no_plain_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.step")
    (tmp_path / "folder.step").mkdir()

    assert "intake.attachment-no-file" == refusal(order_file(tmp_path, "pipe.step")).code
    assert "intake.attachment-no-file" == refusal(order_file(tmp_path, "folder.step")).code
    assert "intake.attachment-missing" == refusal(order_file(tmp_path, "gone.step")).code
    assert "intake.attachment-missing" == refusal(order_file(tmp_path, "order.yaml/gone.step")).code


def test_a_file_of_two_gigabytes_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    with (tmp_path / "huge.step").open("wb") as file:
        file.truncate(2_000_000_000)
    error = refusal(order_file(tmp_path, "huge.step"))

    assert ("intake.attachment-too-large", LARGEST_BYTES) == (error.code, error.limit)
    assert "2000.0 MB" in error.message


def test_another_digest_than_the_orders_is_refused(tmp_path: Path) -> None:
    (tmp_path / "part.step").write_bytes(STEP)
    digest = hashlib.sha256(STEP).hexdigest()
    good = order_file(tmp_path, f"[{{id: a, kind: step, uri: part.step, sha256: {digest}}}]", "good.yaml")
    bad = order_file(tmp_path, f"[{{id: a, kind: step, uri: part.step, sha256: {digest[::-1]}}}]", "bad.yaml")

    assert digest == read_order_file(good).attachments[0].sha256
    assert "intake.attachment-differs" == refusal(bad).code


def test_a_changed_step_file_is_seen_though_the_order_file_is_kept(tmp_path: Path) -> None:
    store, path = Store(tmp_path / "cache"), order_file(tmp_path, "part.step")
    contents = []
    for data in (STEP, STEP + b" changed"):
        (tmp_path / "part.step").write_bytes(data)
        (order,) = read_sources([str(path)], store)
        assert isinstance(order, Order)
        contents.append(order.attachments[0].content)

    assert [STEP, STEP + b" changed"] == contents


def test_the_kept_order_holds_no_content(tmp_path: Path) -> None:
    (tmp_path / "part.step").write_bytes(STEP * 10_000)
    read_sources([str(order_file(tmp_path, "part.step"))], Store(tmp_path / "cache"))

    assert 10_000 > sum(p.stat().st_size for p in (tmp_path / "cache").rglob("*") if p.is_file())


def test_a_step_file_at_the_door_is_an_order(tmp_path: Path) -> None:
    path = tmp_path / "Flange v2 (final).STP"
    path.write_bytes(STEP)
    (order,) = read_sources([str(path)], material="brass", machine="mill")
    digest = hashlib.sha256(STEP).hexdigest()
    expected = Order(
        id=f"Flange-v2-final-{digest[:8]}",
        family="",
        material="brass",
        machine="mill",
        attachments=(Attachment(path.name, "step", path.name, "", digest, STEP),),
        consent={"produce": True},
    )

    assert expected == order


def test_a_step_file_that_is_not_there_is_no_sentence() -> None:
    (error,) = read_sources(["nowhere.step"])

    assert isinstance(error, OrderError)
    assert ("intake.attachment-missing", "nowhere") == (error.code, error.order_id)


def test_step_files_in_a_folder_of_orders_are_not_orders(tmp_path: Path) -> None:
    (tmp_path / "part.step").write_bytes(STEP)
    orders = read_sources([str(order_file(tmp_path, "part.step").parent)])

    assert ["own-1"] == [o.id for o in orders if isinstance(o, Order)]
    assert 1 == len(orders)


def test_the_machine_of_the_command_goes_before_the_orders(tmp_path: Path) -> None:
    path = tmp_path / "order.yaml"
    path.write_text(HEAD + "machine: first\n")
    (plain,), (told,) = read_sources([str(path)]), read_sources([str(path)], machine="second")

    assert isinstance(plain, Order)
    assert "first" == plain.machine
    assert replace(plain, machine="second") == told


@pytest.mark.parametrize(
    ("name", "content", "step"),
    [
        ("part.txt", STEP, True),
        ("part.IGS", b"anything", True),
        ("part.stl", b"solid", True),
        ("order.yaml", b"spec: order/1.0", False),
        ("none.yaml", None, False),
    ],
)
def test_a_model_is_looked_at_as_one_whatever_it_is_called(
    tmp_path: Path, name: str, content: bytes | None, *, step: bool
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    assert step == is_model(tmp_path / name)
