"""A showing tells the truth about its order: every move and gate, stock, deviation, and whether it is certified."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tooling_db
from model.design import Design
from model.errors import CapabilityError, ConfigError, LotOneError, VerificationError
from model.finding import Finding, Report
from model.order import Order
from model.plan import ProcessPlan
from model.program import Programs
from model.toolpath import Toolpaths
from pipeline.engine.codec import decode, encode, pretty
from pipeline.engine.folder import Entry, Manifest, check_hashes, listed, publish, read_manifest
from pipeline.engine.outcome import problem_of
from pipeline.engine.store import Store
from pipeline.intake.read import read_sources
from pipeline.line import make_order
from pipeline.show.page import page
from pipeline.show.scene import scene
from pipeline.show.source import MILLED, opened, order_folder
from pipeline.show.study import solid, study
from pipeline.show.write import show
from pipeline.verify.milling import verify_milling
from pipeline.verify.path import path_of
from pipeline.verify.programs import judged

HOUSE = Path(__file__).resolve().parents[2]
ORDER = "queue-small-bracket"
TYPES = {"int8": "i1", "uint8": "u1", "uint16": "<u2", "int32": "<i4", "uint32": "<u4", "float32": "<f4"}
UNKNOWN = -(2**31)


@dataclass(frozen=True)
class Read:
    """A page as a program without our code reads it."""

    text: str
    record: dict[str, Any]
    tables: bytes

    def table(self, told: dict[str, Any]) -> np.ndarray:
        return np.frombuffer(self.tables, dtype=TYPES[told["type"]], count=told["n"], offset=told["at"])


def read_page(data: bytes) -> Read:
    text = data.decode()
    record, packed = (
        re.search(rf'<script type="[a-z/-]+" id="{name}">(.*?)</script>', text, re.DOTALL)
        for name in ("record", "tables")
    )
    assert record
    assert packed
    return Read(text, json.loads(record[1]), zlib.decompress(base64.b64decode(packed[1])))


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small bracket, made in two setups."""
    base = tmp_path_factory.mktemp("made")
    store = Store(base / "cache")
    (asked,) = read_sources([str(HOUSE / "samples" / "queue" / "03-small-bracket.json")], store)
    assert isinstance(asked, Order)
    outcome = make_order(asked, tooling_db.load(), base / "out", store)
    assert "released" == outcome.verdict
    return base / "out" / ORDER


@pytest.fixture(scope="module")
def files(order: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What ``show`` writes for it."""
    steps: list[str] = []
    to = tmp_path_factory.mktemp("shown") / "there"
    shown, paths = show(order, to, steps.append)
    assert "certified" == shown.verdict
    assert ["read", "simulate", "pictures", "page"] == steps
    assert sorted(paths) == sorted(to.iterdir())
    return {p.name: p.read_bytes() for p in paths}


@pytest.fixture(scope="module")
def told(files: dict[str, bytes]) -> Read:
    return read_page(files["index.html"])


def value(root: Path, name: str) -> Any:
    path, kind = MILLED[name]
    return decode(kind, (root / path).read_bytes())


def test_every_move_the_control_makes_is_in_the_page_and_begins_where_it_does(order: Path, told: Read) -> None:
    plan: ProcessPlan = value(order, "plan")
    programs: Programs = value(order, "programs")
    setups = {s.index: s for s in plan.setups}
    shown = {p["name"]: p for s in told.record["setups"] for p in s["programs"]}
    assert [p.name for p in programs.programs] == list(shown)

    for program in programs.programs:
        one, moves = shown[program.name], judged(program, setups[program.setup], plan).read.moves
        columns = one["moves"]
        xyz = np.stack([told.table(columns[k]) for k in "xyz"], axis=1)
        expected = np.array([(m.x_mm, m.y_mm, m.z_mm) for m in moves])
        whole = np.where(np.isnan(expected), UNKNOWN, np.round(expected * 1e4)).astype(np.int64)
        assert program.text.encode() == told.table(one["text"]).tobytes()
        assert whole.tolist() == xyz.tolist()
        assert [m.line for m in moves] == told.table(columns["line"]).tolist()
        assert [m.tool for m in moves] == told.table(columns["tool"]).tolist()
        assert [m.kind for m in moves] == [("rapid", "line", "cw", "ccw")[k] for k in told.table(columns["kind"])]
        centres = [round(v * 1e4) for m in moves if m.kind in {"cw", "ccw"} for v in (m.cx_mm, m.cy_mm)]
        assert centres == told.table(columns["centres"]).tolist()
        path = path_of(moves, {a.number: k for k, a in enumerate(plan.tools)})
        starts = np.concatenate([np.full((1, 3), UNKNOWN), xyz[:-1]])
        starts[told.table(columns["starts_at"])] = told.table(columns["starts"]).reshape(-1, 3)
        assert np.round(path.geometry[:, 1:4] * 1e4).astype(np.int64).tolist() == starts[path.move].tolist()


def test_the_page_tells_every_gate_and_its_numbers(order: Path, told: Read) -> None:
    report: Report = value(order, "report")

    assert [(g.name, g.verdict, g.value) for g in report.gates] == [
        (g["name"], g["verdict"], g["value"]) for g in told.record["gates"]
    ]
    assert len(report.gates) == len(re.findall(r'<tr class="(?:pass|fail|not-applicable)">', told.text))


def test_the_page_asks_no_network_for_anything_and_opens_alone(files: dict[str, bytes], told: Read) -> None:
    sources = re.findall(r'(?:src|href)="([^"]{0,30})', told.text)

    assert [] == [s for s in sources if not s.startswith("data:image/png;base64,")]
    assert re.search(r"https?://|url\(|@import", told.text) is None
    assert len(files["index.html"]) < 2_000_000


def test_the_same_order_gives_the_same_page(order: Path, told: Read) -> None:
    texts = set()
    for _ in range(2):
        shown = opened(order)
        assert shown.plan
        assert shown.programs
        seen = study(shown.design, shown.plan, shown.programs)
        texts.add(page(*scene(shown, solid(shown.design, shown.plan), seen), []))
    (only,) = texts

    assert told.tables == read_page(only).tables
    assert told.record == read_page(only).record


def volume(told: Read, setup: dict[str, Any], shot: dict[str, Any]) -> float:
    high, low = (told.table(shot[k]).astype(np.float64) for k in ("high", "low"))
    there = (high < 65535) & (low < 65535)
    deeper = told.table(shot["stretches"]).reshape(-1, 2).astype(np.float64)
    steps = (high - low)[there].sum() + (deeper[:, 0] - deeper[:, 1]).sum()
    return float(steps * setup["height"]["step"] * setup["grid"][2] * setup["grid"][3])


def test_the_stock_loses_what_is_cut_and_ends_as_the_part(order: Path, told: Read) -> None:
    report: Report = value(order, "report")
    plan: ProcessPlan = value(order, "plan")
    first, last = told.record["setups"][0], told.record["setups"][-1]
    volumes = [[volume(told, s, shot) for shot in s["shots"]] for s in told.record["setups"]]
    x, y, z = plan.stock.size_mm

    assert 2 <= len(told.record["setups"])
    assert pytest.approx(x * y * z, rel=1e-3) == volume(told, first, first["shots"][0])
    assert all(list(v) == sorted(v, reverse=True) for v in volumes)
    assert all(pytest.approx(a[-1], rel=2e-3) == b[0] for a, b in pairwise(volumes))
    assert pytest.approx(report.metrics["part_mm3"], rel=0.02) == volume(told, last, last["shots"][-1])


def test_the_worst_deviation_drawn_is_the_one_the_proof_found(order: Path, told: Read) -> None:
    report: Report = value(order, "report")
    off = told.table(told.record["marks"]["deviation"])
    points = told.table(told.record["marks"]["points"]).reshape(-1, 3)
    places = np.array(told.record["marks"]["low"]) + points * np.array(told.record["marks"]["step"])
    low, high = np.array(told.record["part"]["low"]), np.array(told.record["part"]["high"])

    assert pytest.approx(report.metrics["deepest_gouge_mm"], abs=1e-6) == max(0.0, -float(np.nanmin(off)))
    assert len(off) == len(places) == len(told.table(told.record["marks"]["line"]))
    assert (places >= low - 0.01).all()
    assert (places <= high + 0.01).all()


def test_there_is_a_picture_of_everything_where_the_computer_can_draw(files: dict[str, bytes]) -> None:
    drawn = {f"setup-{n}-load.png" for n in (1, 2)}
    solid_pictures = {f"setup-{n}-{what}.png" for n in (1, 2) for what in ("before", "paths", "after")}
    solid_pictures |= {"deviation-above.png", "deviation-below.png"}

    assert drawn <= set(files)
    assert set(files) - drawn - {"index.html"} in (set(), solid_pictures)
    assert all(data.startswith(b"\x89PNG") for name, data in files.items() if name.endswith(".png"))


def test_showing_leaves_the_orders_folder_as_it_was(order: Path, files: dict[str, bytes]) -> None:
    assert "index.html" in files
    assert "released" == check_hashes(order).verdict
    with pytest.raises(ConfigError) as caught:
        show(order, order / "show", lambda _: None)
    assert "show.into-order" == caught.value.code


def spoilt(order: Path, to: Path) -> Report:
    """The same order with a line that goes into the floor, as a run that failed its proof would have left it."""
    design, plan, programs = (value(order, n) for n in ("design", "plan", "programs"))
    paths = decode(Toolpaths, (order / "stages/5-toolpaths/output.json").read_bytes())
    assert isinstance(design, Design)
    first = programs.programs[0]
    lines = first.text.split("\n")
    at = [k for k, line in enumerate(lines) if re.fullmatch(r"X\S+ Y\S+ Z-\d+\.\d+|X\S+ Z-\d+\.\d+", line)][-1]
    lines[at] = re.sub(r"Z-[\d.]+", "Z-12.5", lines[at])
    programs = Programs((replace(first, text="\n".join(lines)), *programs.programs[1:]))
    report = verify_milling(design, plan, paths, programs)
    why = problem_of(VerificationError("release.not-certified", "The proof did not pass", findings=report.failures))
    made = {"design": encode(design), "plan": encode(plan), "programs": encode(programs), "report": encode(report)}
    made["understand"] = (order / MILLED["understand"][0]).read_bytes()
    rewrite(order, to, {MILLED[n][0]: data for n, data in made.items()} | {"findings.json": pretty(why)})
    return report


def rewrite(order: Path, to: Path, data: dict[str, bytes], process: str = "cut") -> None:
    """A refused order's folder with these files."""
    entries = tuple(Entry(path, held, "stage-output", "application/json", "s") for path, held in data.items())
    manifest: Manifest = read_manifest(order)
    publish(to, entries, replace(manifest, verdict="refused", process=process, files=listed(entries)))


def test_an_order_that_failed_its_proof_is_shown_as_not_certified_with_the_fault_in_its_place(
    order: Path, tmp_path: Path
) -> None:
    report = spoilt(order, tmp_path / ORDER)
    gouges = [f for f in report.failures if f.code == "verify.gouge"]
    shown = opened(tmp_path / ORDER)
    assert shown.plan
    assert shown.programs
    seen = study(shown.design, shown.plan, shown.programs)
    told = read_page(page(*scene(shown, solid(shown.design, shown.plan), seen), []))
    found = [f for f in told.record["findings"] if f["code"] == "verify.gouge"]
    off = told.table(told.record["marks"]["deviation"])
    points = told.table(told.record["marks"]["points"]).reshape(-1, 3)
    places = np.array(told.record["marks"]["low"]) + points * np.array(told.record["marks"]["step"])
    worst = int(np.nanargmin(off))

    assert gouges
    assert 'data-w="not-certified">NOT CERTIFIED<' in told.text
    assert 'data-w="certified"' not in told.text
    assert len(gouges) == len(found)
    assert pytest.approx(float(gouges[0].value or 0), abs=1e-3) == -float(off[worst])
    assert gouges[0].place == f"{found[0]['program']} line {found[0]['line']}"
    assert np.linalg.norm(np.array(found[0]["at"]) - places[worst]) < 2 * told.record["marks"]["spacing_mm"]
    assert found[0]["line"] == told.table(told.record["marks"]["line"])[worst]


def test_a_refused_plan_shows_the_part_and_the_places_of_the_findings(order: Path, tmp_path: Path) -> None:
    refused = CapabilityError(
        "plan.unreachable",
        "1 face is out of reach",
        findings=(Finding("plan.undercut", "no tool gets <there>", "face 3", 2.5, hint="Open it."),),
    )
    data = {MILLED[n][0]: (order / MILLED[n][0]).read_bytes() for n in ("understand", "design")}
    rewrite(order, tmp_path / ORDER, {**data, "findings.json": pretty(problem_of(refused))})
    to = tmp_path / "shown"
    to.mkdir()
    (to / "setup-1-after.png").write_bytes(b"of an earlier showing")
    shown, paths = show(tmp_path / ORDER, to, lambda _: None)
    told = read_page((to / "index.html").read_bytes())

    assert "no-programs" == shown.verdict
    assert 'data-w="not-certified">NOT CERTIFIED<' in told.text
    assert [("plan.undercut", [2])] == [(f["code"], f["faces"]) for f in told.record["findings"]]
    assert "no tool gets &lt;there&gt;" in told.text
    assert 3 in told.table(told.record["part"]["face"])
    assert sorted(paths) == sorted(to.iterdir())
    assert '<html lang="en">' in told.text
    assert "ru" == opened(tmp_path / ORDER, "ru").language


@pytest.mark.parametrize(
    ("spoil", "code", "kind"),
    [
        (lambda root: (root / "manifest.json").unlink(), "folder.no-manifest", VerificationError),
        (lambda root: (root / "note.txt").write_text("x"), "folder.extra-file", VerificationError),
        (lambda root: (root / MILLED["plan"][0]).write_text("{}"), "folder.changed-file", VerificationError),
        (lambda root: rewrite(root, root, {MILLED["design"][0]: b"[1]"}), "show.cannot-read", VerificationError),
        (lambda root: rewrite(root, root, {"findings.json": b"{}"}), "show.cannot-read", VerificationError),
        (
            lambda root: rewrite(
                root, root, {"findings.json": pretty(problem_of(CapabilityError("a.b", "c", hint="d")))}
            ),
            "show.no-design",
            CapabilityError,
        ),
        (lambda root: rewrite(root, root, {}, process="print"), "show.printed", CapabilityError),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_reason(
    order: Path, tmp_path: Path, spoil: Callable[[Path], object], code: str, kind: type[LotOneError]
) -> None:
    root = tmp_path / ORDER
    shutil.copytree(order, root)
    if "rewrite" in spoil.__code__.co_names:
        shutil.rmtree(root / "release")
    spoil(root)
    with pytest.raises(kind) as caught:
        show(root, tmp_path / "shown", lambda _: None)

    assert code == caught.value.code
    assert not (tmp_path / "shown").exists()


def test_a_renamed_folder_is_another_orders(order: Path, tmp_path: Path) -> None:
    shutil.copytree(order, tmp_path / "other")
    with pytest.raises(VerificationError) as caught:
        opened(tmp_path / "other")

    assert "show.other-order" == caught.value.code


def test_an_order_is_found_by_its_folder_or_its_id(order: Path) -> None:
    assert order == order_folder(str(order), Path("nowhere"))
    assert order == order_folder(ORDER, order.parent)


def lotone(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(HOUSE)}
    return subprocess.run(
        [sys.executable, "-m", "lotone", "show", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def test_the_verb_writes_where_it_is_told_and_lists_it(order: Path, tmp_path: Path) -> None:
    data = {MILLED[n][0]: (order / MILLED[n][0]).read_bytes() for n in ("understand", "design")}
    rewrite(order, tmp_path / "out" / ORDER, data)
    done = lotone(ORDER, "--json", cwd=tmp_path)
    told = json.loads(done.stdout)

    assert 0 == done.returncode
    assert "no-programs" == told["verdict"]
    assert f"show/{ORDER}/index.html" == told["files"][0]
    assert sorted(told["files"]) == sorted(f"show/{ORDER}/{p.name}" for p in (tmp_path / "show" / ORDER).iterdir())
    assert f"{ORDER}: pictures" in done.stderr


def test_the_verb_names_an_order_that_is_not_there(tmp_path: Path) -> None:
    done = lotone("nothing", "--json", cwd=tmp_path)

    assert 78 == done.returncode
    assert "show.no-order" == json.loads(done.stdout)["problem"]["code"]
    assert "hint" in done.stderr


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium to open the page with")
def test_the_page_runs_in_a_browser_without_an_error(files: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "index.html").write_bytes(files["index.html"])
    done = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader",
         "--enable-unsafe-swiftshader", f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=3000",
         "--enable-logging=stderr", "--dump-dom", (tmp_path / "index.html").as_uri()],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    state = re.search(r'<output id="state"[^>]*>([^<]*)<', done.stdout)

    assert [] == re.findall(r"CONSOLE.*(?:Error|error).*", done.stderr)
    assert state
    assert re.match(r"0:00 / \d+:\d\d", state[1])
    assert 'aria-current="true"' in done.stdout
