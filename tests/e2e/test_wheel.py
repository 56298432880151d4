"""The wheel: built, installed into a clean environment with the locked packages, and run from another folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command without a trace of this checkout in its environment."""
    env = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    env["LOTONE_CACHE"] = str(cwd / "cache")
    done = subprocess.run([str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def uv() -> str:
    for found in (shutil.which("uv"), HOUSE / ".tools" / "uv" / "bin" / "uv", Path(sys.executable).parent / "uv"):
        if found and Path(found).is_file():
            return str(found)
    if os.environ.get("CI") == "true":
        pytest.fail("no uv here; `make setup` brings it")
    pytest.skip("no uv here; `make setup` brings it")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", where, HOUSE, cwd=where)
    return next(where.glob("lotone-*.whl"))


@pytest.fixture(scope="module")
def installed(uv: str, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("clean")
    python = where / "env" / "bin" / "python"
    run(uv, "venv", "--quiet", "--no-project", "--python", sys.executable, where / "env", cwd=where)
    lock = HOUSE / "requirements.lock"
    run(uv, "pip", "sync", "--quiet", "--python", python, "--require-hashes", lock, cwd=where)
    run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel, cwd=where)
    return where / "env" / "bin" / "lotone"


def test_the_wheel_lays_one_name_into_site_packages(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    assert {"lotone"} == {n.partition("/")[0] for n in names if ".dist-info/" not in n}
    assert {"lotone/_house/postprocessors/grbl.toml", "lotone/_house/samples/orders/nameplate-brass.yaml"} <= set(names)
    assert [] == [n for n in names if "__pycache__" in n or n.endswith((".nbi", ".nbc", ".part"))]


def test_the_installed_command_knows_its_version_and_families(installed: Path, tmp_path: Path) -> None:
    from importlib.metadata import version

    told = json.loads(run(installed, "families", "--json", cwd=tmp_path))

    assert f"lotone {version('lotone')}\n" == run(installed, "--version", cwd=tmp_path)
    assert {"nameplate", "bracket", "enclosure"} <= {f["id"] for f in told["families"]}


def test_the_installed_command_makes_an_order_in_another_folder(installed: Path, tmp_path: Path) -> None:
    shutil.copy(HOUSE / "samples" / "orders" / "nameplate-brass.yaml", tmp_path / "order.yaml")
    told = json.loads(run(installed, "make", "order.yaml", "--json", cwd=tmp_path))
    (order,) = told["orders"]

    assert ("released", 0) == (order["verdict"], told["exit_code"])
    assert [] == [name for name in order["release"] if not (tmp_path / "out" / "nameplate-brass" / name).is_file()]
