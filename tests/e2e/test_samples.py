"""The three sample orders, all the way: released, repeatable, checkable, refused once a program is touched."""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from model.errors import VerificationError
from pipeline.cli.app import app
from pipeline.engine.folder import check_hashes
from pipeline.printing.engines import find_engine

HOUSE = Path(__file__).resolve().parents[2]
ORDERS = HOUSE / "samples" / "orders"
CUT = ("bracket-al6082", "nameplate-brass")
PRINTED = "enclosure-petg"
NO_ENGINE = "no slicing engine on this computer"
PERSONAL = ("Oleg Petrov", "oleg.petrov", "+7 900", "cust:7f3a1c", "cust:sh-2071", "cust:a91")

Edit = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Made:
    """The samples made once: where they are, where the store is, and what was told."""

    out: Path
    cache: Path
    told: dict[str, dict[str, object]]


def lotone(*words: str, cwd: Path, cache: Path, **more: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "LOTONE_CACHE": str(cache), "PYTHONPATH": str(HOUSE), **more}
    return subprocess.run(
        [sys.executable, "-m", "lotone", *words], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )


def tree(folder: Path) -> dict[str, bytes]:
    files = (p for p in folder.rglob("*") if p.is_file() and p.name != "events.jsonl")
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    where = tmp_path_factory.mktemp("samples")
    done = lotone("batch", "run", str(ORDERS), "--out", "out", "--json", cwd=where, cache=where / "cache")
    told = {o["order_id"]: o for o in json.loads(done.stdout)["orders"]}
    return Made(where / "out", where / "cache", told)


@pytest.fixture
def printed(made: Made) -> Path:
    if find_engine() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NO_ENGINE)
        pytest.skip(NO_ENGINE)
    return made.out / PRINTED


def verify(*words: str | Path) -> tuple[int, dict[str, object]]:
    """``lotone verify --json`` in this process, where the kernels are loaded already."""
    result = CliRunner().invoke(app, ["verify", "--json", *map(str, words)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, json.loads(result.stdout)


def edited(folder: Path, name: str, edit: Edit, tmp_path: Path) -> Path:
    """A copy of a released program with one fault planted."""
    (program,) = (folder / "release" / "programs").glob(name)
    text = program.read_text()
    changed = edit(text)
    assert changed != text
    target = tmp_path / program.name
    target.write_text(changed)
    return target


# --- made, listed, repeatable -------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", CUT)
def test_a_cut_order_is_released(made: Made, order: str) -> None:
    assert ("released", 0) == (made.told[order]["verdict"], made.told[order]["exit_code"])


def test_the_printed_order_is_released(made: Made, printed: Path) -> None:
    assert ("released", 0) == (made.told[printed.name]["verdict"], made.told[printed.name]["exit_code"])


@pytest.mark.parametrize("order", CUT)
def test_a_released_order_has_a_price_that_adds_up(made: Made, order: str) -> None:
    quote = json.loads((made.out / order / "release" / "quote.json").read_text())

    assert ("", quote["total_cents"]) == (quote.get("refused", ""), sum(one["amount_cents"] for one in quote["lines"]))
    assert {"material", "setting up", "making", "finishing and checking", "business"} == {n for n, _ in quote["groups"]}
    assert all(one["quantity_from"] and one["rate_from"] for one in quote["lines"])


def test_what_the_floor_reports_changes_the_price_and_not_the_programs(made: Made, tmp_path: Path) -> None:
    shutil.copytree(made.out / CUT[0], tmp_path / "out" / CUT[0])
    release = tmp_path / "out" / CUT[0] / "release"
    before = json.loads((release / "quote.json").read_text()), tree(release / "programs")
    state = {"LOTONE_STATE": str(tmp_path / "state.db")}
    minutes = json.loads((release / "certificate.json").read_text())["metrics"]["setup_1_seconds"] / 60
    for _ in range(3):
        told = lotone(
            "feedback", f"out/{CUT[0]}", "--run", f"1={2 * minutes:.3f}", cwd=tmp_path, cache=made.cache, **state
        )
        assert 0 == told.returncode, told.stderr
    assert "x 1.6" in told.stdout  # three runs of double the plan, and the prior's one: 2 ** (3 / 4)
    again = lotone("make", str(ORDERS / f"{CUT[0]}.yaml"), cwd=tmp_path, cache=made.cache, **state)
    after = json.loads((release / "quote.json").read_text()), tree(release / "programs")

    assert 0 == again.returncode, again.stderr
    assert before[0]["total_cents"] < after[0]["total_cents"]
    assert any("learned from 3 runs" in one["quantity_from"] for one in after[0]["lines"])
    assert before[1] == after[1]


def test_without_an_engine_the_printed_order_says_so_and_keeps_its_solids(made: Made, tmp_path: Path) -> None:
    """A PATH without a slicer, and an interpreter without one beside it."""
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.symlink_to(sys.executable)
    script = "import sys; sys.executable = sys.argv.pop(1); from pipeline.cli.app import main; main()"
    words = [str(python), "make", str(ORDERS / "enclosure-petg.yaml"), "--out", "out", "--json"]
    env = {**os.environ, "LOTONE_CACHE": str(made.cache), "PYTHONPATH": str(HOUSE), "PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script, *words], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    (told,) = json.loads(done.stdout)["orders"]

    assert (69, "printing.no-slicing-engine") == (done.returncode, told["problem"]["code"])
    assert "deli-slicer" in told["problem"]["hint"]
    solids = {p.suffix for p in (tmp_path / "out" / PRINTED / "stages" / "3-export").iterdir()}
    assert {".stl", ".3mf", ".step"} <= solids
    assert not (tmp_path / "out" / PRINTED / "release").exists()


@pytest.mark.parametrize("order", CUT)
def test_every_file_is_in_the_manifest_with_its_hash(made: Made, order: str) -> None:
    listed = {f.path for f in check_hashes(made.out / order).files}

    assert set(tree(made.out / order)) - {"manifest.json"} == listed


@pytest.mark.parametrize("order", CUT)
def test_a_release_holds_programs_sheets_certificate_and_models(made: Made, order: str) -> None:
    kinds = {f.kind for f in check_hashes(made.out / order).files if f.path.startswith("release/")}

    assert {"program", "setup-sheet", "certificate", "step", "stl", "3mf", "glb", "picture"} <= kinds


def test_a_second_run_elsewhere_is_cached_and_the_same_to_the_byte(made: Made, tmp_path: Path) -> None:
    orders = [str(ORDERS / f"{name}.yaml") for name in made.told if made.told[name]["verdict"] == "released"]
    done = lotone("make", *orders, "--out", "elsewhere", "--json", cwd=tmp_path, cache=made.cache)
    told = json.loads(done.stdout)["orders"]

    assert [True] * len(orders) == [o["cached"] == o["stages"] for o in told]
    assert [tree(made.out / o["order_id"]) for o in told] == [
        tree(tmp_path / "elsewhere" / o["order_id"]) for o in told
    ]


def test_a_run_from_nothing_gives_the_same_bytes(made: Made, tmp_path: Path) -> None:
    """Another folder, an empty store, another hash seed, one process instead of a batch's worker."""
    order = str(ORDERS / "nameplate-brass.yaml")
    lotone("make", order, "--out", "a/b", cwd=tmp_path, cache=tmp_path / "c", PYTHONHASHSEED="7", TZ="Asia/Tokyo")

    assert tree(made.out / "nameplate-brass") == tree(tmp_path / "a" / "b" / "nameplate-brass")


def test_nothing_personal_leaves_the_door(made: Made) -> None:
    """Not only in the release: in no file of the folder, and in no result that is kept."""
    found = {
        (path.name, word)
        for root in (made.out, made.cache)
        for path in root.rglob("*")
        if path.is_file() and path.suffix not in {".png", ".pdf", ".3mf", ".glb", ".stl"}
        for word in PERSONAL
        if word.encode() in path.read_bytes()
    }

    assert set() == found


# --- checked again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", CUT)
def test_a_released_folder_passes_when_checked_again(made: Made, order: str) -> None:
    code, told = verify(made.out / order)

    assert (0, True) == (code, told["accepted"])


def test_the_certificate_says_what_the_check_says(made: Made) -> None:
    folder = made.out / "nameplate-brass"
    _, told = verify(folder)
    certificate = json.loads((folder / "release" / "certificate.json").read_bytes())

    assert certificate["gates"] == told["report"]["gates"]  # type: ignore[index]


def test_one_changed_byte_is_refused_with_exit_code_76(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "nameplate-brass"
    shutil.copytree(made.out / "nameplate-brass", folder)
    program = next((folder / "release" / "programs").glob("*.nc"))
    program.write_bytes(program.read_bytes() + b"\n")
    done = lotone("verify", str(folder), cwd=tmp_path, cache=made.cache)

    assert 76 == done.returncode
    assert done.stderr.startswith("folder.changed-file")


def relisted(folder: Path) -> None:
    """Bring the manifest to what the folder holds now, as one who hides a change would."""
    path = folder / "manifest.json"
    told = json.loads(path.read_text())
    rows = {f["path"]: f for f in told["files"]}
    blank = {"kind": "program", "media_type": "text/plain", "stage": "post", "made_from": []}
    told["files"] = [
        {**rows.get(name, blank), "path": name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        for name, data in sorted(tree(folder).items())
        if name != "manifest.json"
    ]
    path.write_text(json.dumps(told))


def in_manifest(field: str, value: str) -> Callable[[Path], object]:
    def harm(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))

    return harm


def written(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: next(folder.glob(name)).write_text(text)


def dropped(name: str) -> Callable[[Path], object]:
    return lambda folder: next(folder.glob(name)).unlink()


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (dropped("release/programs/*t5.nc"), "verify.release-differs"),
        (dropped("release/setup-1.en.pdf"), "verify.release-differs"),
        (written("release/programs/*t5.nc", "G21\nM30\n"), "verify.release-differs"),
        (lambda folder: (folder / "release/programs/more.nc").write_text("G21\nM30\n"), "verify.release-differs"),
        (written("release/certificate.json", "no JSON"), "verify.release-differs"),
        (dropped("inputs/tooling.json"), "verify.folder-incomplete"),
        (written("inputs/tooling.json", "{}"), "verify.folder-incomplete"),
        (written("stages/*-plan/output.json", "{}"), "verify.folder-incomplete"),
        (written("stages/*-post/output.json", "[1]"), "verify.folder-incomplete"),
        (written("stages/*-understand/output.json", "[" * 100000), "verify.folder-incomplete"),
        (in_manifest("process", "cast"), "verify.folder-incomplete"),
        (in_manifest("order_id", "another"), "verify.other-order"),
        (in_manifest("verdict", "refused"), "verify.not-released"),
    ],
)
def test_a_folder_that_does_not_hold_together_is_refused(
    made: Made, tmp_path: Path, harm: Callable[[Path], object], code: str
) -> None:
    """Every hash in the manifest is right, and still it is not what was made."""
    folder = tmp_path / "nameplate-brass"
    shutil.copytree(made.out / "nameplate-brass", folder)
    harm(folder)
    relisted(folder)
    with pytest.raises(VerificationError) as caught:
        verify(folder)

    assert code == caught.value.code


def with_certificate(folder: Path, edit: Edit) -> None:
    """Exchange the certificate in the release and in its stage's result alike."""
    path = folder / "release" / "certificate.json"
    data = edit(path.read_text()).encode()
    path.write_bytes(data)
    (stage,) = folder.glob("stages/*-papers/output.json")
    told = json.loads(stage.read_text())
    for file in told["files"]:
        if file["name"] == "certificate.json":
            file["data"] = base64.b64encode(data).decode()
    stage.write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda _: "no JSON", "verify.folder-incomplete"),
        (lambda text: text.replace("bound_to", "bound"), "verify.folder-incomplete"),
        (lambda text: text.replace('"program ', '"other '), "verify.other-program"),
    ],
)
def test_a_certificate_that_does_not_name_its_programs_is_refused(
    made: Made, tmp_path: Path, edit: Edit, code: str
) -> None:
    folder = tmp_path / "nameplate-brass"
    shutil.copytree(made.out / "nameplate-brass", folder)
    with_certificate(folder, edit)
    relisted(folder)
    with pytest.raises(VerificationError) as caught:
        verify(folder)

    assert code == caught.value.code


def test_a_release_under_another_name_is_refused(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "nameplate-steel"
    shutil.copytree(made.out / "nameplate-brass", folder)
    with pytest.raises(VerificationError) as caught:
        verify(folder)

    assert ("verify.other-order", "nameplate-steel") == (caught.value.code, caught.value.value)


@pytest.mark.parametrize("data", [b"", b" \n", b"\x7fELF\0\xff\xfe", b"G21\0\n", b"hello\n"])
def test_what_is_no_program_is_refused_with_a_finding(made: Made, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "mine.nc").write_bytes(data)
    with pytest.raises(VerificationError) as caught:
        verify(made.out / "nameplate-brass", "--program", tmp_path / "mine.nc")

    assert ("verify.no-program", ["verify.no-program"]) == (caught.value.code, [f.code for f in caught.value.findings])


@pytest.mark.parametrize(("order", "name"), [("bracket-al6082", "*s1.ngc"), ("nameplate-brass", "*t5.nc")])
def test_a_released_program_stands_in_its_own_place(made: Made, order: str, name: str) -> None:
    (program,) = (made.out / order / "release" / "programs").glob(name)
    code, told = verify(made.out / order, "--program", program)

    assert (0, True, program.name) == (code, told["accepted"], told["replaces"])


# --- planted faults -----------------------------------------------------------------------------------------------


def deeper(text: str) -> str:
    """A gouge: the floor of the second tool's work (or the only one's) is cut 0.3 mm too deep."""
    start = max(text.find("\n(T2 "), 0)
    end = text.find("\n(T", start + 1) if start else len(text)
    floor = min((float(z) for z in re.findall(r"Z(-\d+\.?\d*)", text[start:end])), default=0.0)
    work = re.sub(rf"Z{floor:g}\b", f"Z{floor - 0.3:g}", text[start:end])
    return text[:start] + work + text[end:]


def through_stock(text: str) -> str:
    """A rapid through stock: the second lift to the clearance height is lost, the link after it stays a rapid."""
    first = text.index("G0 Z3\nX")
    second = text.index("G0 Z3\nX", first + 1)
    return text[:second] + "G0 X" + text[second + len("G0 Z3\nX") :]


def no_spindle(text: str) -> str:
    """The first spindle start is lost."""
    return re.sub(r"(?m)^(S\d+) M3$|^M3 (S\d+)$", lambda m: m[1] or m[2], text, count=1)


def swapped_tool(text: str) -> str:
    """The first tool is exchanged for another the machine has."""
    old = re.search(r"(?m)^T(\d+)", text)
    assert old is not None
    new = "14" if old[1] == "1" else "1"
    return re.sub(rf"(?m)^T{old[1]}\b", f"T{new}", re.sub(rf"\bH{old[1]}\b", f"H{new}", text))


def other_offset(text: str) -> str:
    """The work offset is the next one."""
    return re.sub(r"(?m)^G54$", "G55", text)


def moved_a_little(text: str) -> str:
    """One finished wall is 0.05 mm off: a height field does not see it."""
    lines = text.splitlines()
    at = [i for i, line in enumerate(lines) if re.fullmatch(r"(?:G1 )?X-?\d+\.?\d*(?: Y-?\d+\.?\d*)?", line)][-1]
    x = re.search(r"X(-?\d+\.?\d*)", lines[at])
    assert x is not None
    lines[at] = lines[at].replace(x[0], f"X{float(x[1]) + 0.05:g}")
    return "\n".join(lines) + "\n"


FAULTS = (deeper, through_stock, no_spindle, swapped_tool, other_offset, moved_a_little)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(("order", "name"), [("bracket-al6082", "*s1.ngc"), ("nameplate-brass", "*t5.nc")])
def test_a_planted_fault_is_refused(made: Made, tmp_path: Path, order: str, name: str, fault: Edit) -> None:
    program = edited(made.out / order, name, fault, tmp_path)
    code, told = verify(made.out / order, "--program", program)

    assert (76, False, program.name) == (code, told["accepted"], told["replaces"])


@pytest.mark.parametrize("layer", [1, 60])
def test_a_missing_layer_is_refused(printed: Path, tmp_path: Path, layer: int) -> None:
    def without_layer(text: str) -> str:
        head, *layers = re.split(r"(?m)^(?=;LAYER_CHANGE$)", text)
        return head + "".join(layers[:layer] + layers[layer + 1 :])

    program = edited(printed, "*marlin.gcode", without_layer, tmp_path)
    code, told = verify(printed, "--program", program)

    assert (76, False) == (code, told["accepted"])


def test_a_text_that_could_stand_for_two_programs_is_asked_about(made: Made, tmp_path: Path) -> None:
    (tmp_path / "mine.nc").write_text("G21 G90\nM30\n")
    folder = str(made.out / "nameplate-brass")
    done = lotone("verify", folder, "--program", "mine.nc", cwd=tmp_path, cache=made.cache)

    assert 78 == done.returncode
    assert done.stderr.startswith("verify.which-program")
    assert "--replaces" in done.stderr


# --- interruptions ------------------------------------------------------------------------------------------------


def test_a_killed_run_leaves_no_release_and_a_rerun_goes_on(made: Made, tmp_path: Path) -> None:
    order, folder = str(ORDERS / "nameplate-brass.yaml"), tmp_path / "out" / "nameplate-brass"
    env = {**os.environ, "LOTONE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(HOUSE)}
    command = [sys.executable, "-m", "lotone", "make", order, "--out", "out"]
    with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        events = folder / "events.jsonl"
        while run.poll() is None and not (events.exists() and '"stage": "design"' in events.read_text()):
            time.sleep(0.02)
        run.send_signal(signal.SIGKILL)
    left = sorted(p.name for p in folder.iterdir())
    done = lotone("make", order, "--out", "out", "--json", cwd=tmp_path, cache=tmp_path / "cache")
    (told,) = json.loads(done.stdout)["orders"]

    assert -signal.SIGKILL == run.returncode
    assert ["events.jsonl"] == left
    assert ("released", True) == (told["verdict"], told["cached"] >= 1)
    assert tree(made.out / "nameplate-brass") == tree(folder)


@pytest.mark.parametrize("writes", [3, 12, 25])
def test_a_full_disk_is_named_and_a_rerun_goes_on(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    """The disk takes some files and then no more, in the store or anywhere in the order's folder."""
    left, sync = [writes], os.fsync

    def full(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    words = ["make", str(ORDERS / "nameplate-brass.yaml"), "--out", str(tmp_path), "--cache", str(made.cache), "--json"]
    monkeypatch.setattr(os, "fsync", full)
    broken = CliRunner().invoke(app, words)
    monkeypatch.setattr(os, "fsync", sync)
    folder = tmp_path / "nameplate-brass"
    left_behind = [p.name for p in tmp_path.rglob("*") if p.name in {"release", "release.part", "manifest.json"}]
    mended = CliRunner().invoke(app, words)

    assert (78, "store.disk-full") == (broken.exit_code, json.loads(broken.stdout)["orders"][0]["problem"]["code"])
    assert [] == left_behind
    assert 0 == mended.exit_code
    assert tree(made.out / "nameplate-brass") == tree(folder)


@pytest.mark.parametrize(
    ("old", "new"), [("consent: {produce: true", "consent: {produce: false"), ("quantity: 1", "quantity: 0")]
)
def test_an_order_now_refused_at_the_door_loses_its_old_release(made: Made, tmp_path: Path, old: str, new: str) -> None:
    text = (ORDERS / "nameplate-brass.yaml").read_text()
    order, folder = tmp_path / "order.yaml", tmp_path / "out" / "nameplate-brass"
    shutil.copytree(made.out / "nameplate-brass", folder)
    order.write_text(text.replace(old, new))
    done = lotone("make", "order.yaml", cwd=tmp_path, cache=made.cache)

    assert text != order.read_text()
    assert 65 == done.returncode
    assert ["findings.json", "manifest.json"] == sorted(p.name for p in folder.iterdir() if p.name != "events.jsonl")


def test_an_order_that_now_fails_loses_its_old_release(made: Made, tmp_path: Path) -> None:
    text = (ORDERS / "nameplate-brass.yaml").read_text()
    order = tmp_path / "order.yaml"
    order.write_text(text)
    lotone("make", "order.yaml", cwd=tmp_path, cache=made.cache)
    had = (tmp_path / "out" / "nameplate-brass" / "release").is_dir()
    order.write_text(text.replace("length_mm: 120", "length_mm: 12"))
    done = lotone("make", "order.yaml", cwd=tmp_path, cache=made.cache)

    assert had
    assert 65 == done.returncode
    assert not (tmp_path / "out" / "nameplate-brass" / "release").exists()
    assert (tmp_path / "out" / "nameplate-brass" / "findings.json").is_file()
