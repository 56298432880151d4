"""The command line with bad input: a clear error with code, place, number, limit and hint, and its exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
PLATE = "spec: order/1.0\nid: {id}\nfamily: nameplate\nparameters: {{text: A{more}}}\nmaterial: {material}\n"


def lotone(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "LOTONE_CACHE": str(cwd / "cache"), "PYTHONPATH": str(HOUSE)}
    return subprocess.run(
        [sys.executable, "-m", "lotone", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def write(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return name


def plate(more: str = "", material: str = "brass", order_id: str = "p-1") -> str:
    return PLATE.format(id=order_id, more=more, material=material)


@pytest.mark.parametrize(
    ("text", "code", "exit_code"),
    [
        (plate().replace("nameplate", "teapot"), "understand.unknown-family", 65),
        (plate(", length_mm: 5000"), "order.out-of-range", 65),
        (plate(", length_mm: 20 kg"), "units.", 65),
        (plate(", length_mm: [1, 2]"), "order.", 65),
        (plate(", colour: red"), "order.unknown-parameter", 65),
        (plate(material="unobtainium"), "", 65),
        ("{ this is not: [yaml", "intake.", 65),
        ("just words\n", "intake.", 65),
        (plate().replace("id: p-1", "id: ../../etc"), "intake.", 65),
    ],
)
def test_a_bad_order_is_named_on_one_screen(tmp_path: Path, text: str, code: str, exit_code: int) -> None:
    done = lotone("make", write(tmp_path, "o.yaml", text), "--json", cwd=tmp_path)
    (told,) = json.loads(done.stdout)["orders"]
    problem = told["problem"]

    assert (exit_code, exit_code) == (done.returncode, told["exit_code"])
    assert problem["code"].startswith(code) or any(f["code"].startswith(code) for f in problem.get("findings", []))
    assert all(problem.get(word) for word in ("message", "hint", "stage"))
    assert problem["code"] in done.stderr
    assert not list(tmp_path.glob("out/*/release"))


def test_a_lathe_is_listed_and_says_that_turning_is_not_programmed(tmp_path: Path) -> None:
    listed = lotone("machines", cwd=tmp_path).stdout
    done = lotone("make", write(tmp_path, "o.yaml", plate()), "--machine", "lathe-bench", "--json", cwd=tmp_path)
    (told,) = json.loads(done.stdout)["orders"]

    assert "lathe-bench" in listed
    assert (69, "plan.not-programmed") == (done.returncode, told["problem"]["code"])


def test_a_machine_that_was_named_and_cannot_is_told_with_the_others(tmp_path: Path) -> None:
    text = plate(", length_mm: 400")
    done = lotone("make", write(tmp_path, "o.yaml", text), "--machine", "mill-haas", "--json", cwd=tmp_path)
    (told,) = json.loads(done.stdout)["orders"]

    assert 69 == done.returncode
    assert "Only mill-haas was asked; the shop has The bench: router-grbl" in told["problem"]["hint"]
    assert "The works: mill-fanuc" in told["problem"]["hint"]


def test_two_orders_with_one_id_are_both_refused(tmp_path: Path) -> None:
    names = [write(tmp_path, f"{n}.yaml", plate(order_id="same")) for n in "ab"]
    done = lotone("make", *names, "--json", cwd=tmp_path)

    assert 65 == done.returncode
    assert ["intake.duplicate-id"] * 2 == [o["problem"]["code"] for o in json.loads(done.stdout)["orders"]]


def test_a_tool_without_a_diameter_is_a_matter_of_the_data(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    for file in (HOUSE / "tooling_db").rglob("*.toml"):
        target = shop / file.relative_to(HOUSE / "tooling_db")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text().replace("diameter_mm = 3.0\n", "\n", 1))
    order = write(tmp_path, "o.yaml", plate())
    done = lotone("make", order, "--tooling", str(shop), "--json", cwd=tmp_path)
    told = json.loads(done.stdout)

    assert 78 == done.returncode
    assert ("lotone.problem/1", 78) == (told["schema"], told["exit_code"])
    assert told["problem"]["code"].startswith("tooling.")
    assert "diameter_mm" in done.stderr


def test_an_unknown_tool_is_named_with_what_there_is(tmp_path: Path) -> None:
    done = lotone("tools", "show", "em-77", cwd=tmp_path)

    assert 78 == done.returncode
    assert done.stderr.startswith("cli.unknown-id")
    assert "em-3" in done.stderr


def test_a_folder_that_is_no_release_is_refused(tmp_path: Path) -> None:
    done = lotone("verify", str(tmp_path), cwd=tmp_path)

    assert 76 == done.returncode
    assert done.stderr.startswith("folder.no-manifest")


@pytest.mark.parametrize("noun", ["families", "machines", "tools", "materials"])
def test_every_list_is_one_json_object_too(tmp_path: Path, noun: str) -> None:
    told = json.loads(lotone(noun, "list", "--json", cwd=tmp_path).stdout)

    assert [noun] == list(told)
    assert told[noun]


@pytest.mark.parametrize(
    ("noun", "row"),
    [("machines", "router-grbl"), ("machines", "printer-marlin"), ("tools", "em-3"), ("materials", "petg")],
)
def test_a_row_is_shown_with_everything_known(tmp_path: Path, noun: str, row: str) -> None:
    told = json.loads(lotone(noun, "show", row, cwd=tmp_path).stdout)

    assert row == told["id"]


def test_the_doctor_tells_what_is_here_as_json(tmp_path: Path) -> None:
    told = json.loads(lotone("doctor", "--json", cwd=tmp_path).stdout)

    assert {"Python", "packages", "slicing engine", "rs274", "graphics", "fonts", "tooling database"} == {
        c["name"] for c in told["checks"]
    }
    assert [] == [c["name"] for c in told["checks"] if c["verdict"] != "good" and not c.get("remedy")]


def test_a_schema_is_json(tmp_path: Path) -> None:
    assert "properties" in json.loads(lotone("schema", "order", cwd=tmp_path).stdout)
    assert "text" in json.loads(lotone("families", "show", "nameplate", "--schema", cwd=tmp_path).stdout)["properties"]
