"""The hot folder: what stands still is taken once, by however many watchers, whoever is killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pipeline.batch.ledger import Ledger
from pipeline.floor.state import opened

HOUSE = Path(__file__).resolve().parents[2]
ORDER = "spec: order/1.0\nid: {0}\nfamily: teapot\ncustomer: {{name: Oleg Petrov}}\nwishes: [matt]\n"


class Bench:
    """A shop with a key, a folder and a queue of its own."""

    def __init__(self, at: Path) -> None:
        self.at, self.drop = at, at / "drop"
        self.drop.mkdir()
        self.database = f"sqlite:///{at / 'state.db'}"
        assert 0 == self.run("customers", "key").returncode

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        places = {
            "LOTONE_STATE": self.database,
            "LOTONE_CACHE": str(self.at / "c"),
            "XDG_DATA_HOME": str(self.at / "d"),
        }
        env = {**os.environ, "PYTHONPATH": str(HOUSE), **places}
        command = [sys.executable, "-m", "lotone", *arguments]
        pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=self.at, env=env, **pipes)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def drain(self) -> subprocess.CompletedProcess[str]:
        return self.run("receive", "folder", str(self.drop), "--once")

    def queued(self) -> dict[str, int]:
        """Every order in the queue, and how often it was put there."""
        with opened(self.database) as engine:
            return {one.order_id: one.number for one in Ledger(engine).list()}

    def names(self, place: str) -> list[str]:
        return sorted(p.name for p in (self.drop / place).iterdir())


def test_good_orders_go_bad_ones_are_told_unfinished_ones_are_left(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (bench.drop / "one.yaml").write_text(ORDER.format("ONE"))
    (bench.drop / "torn.yaml").write_text("spec: order/1.0\nid: [")
    (bench.drop / "wrong.json").write_text('{"spec": "order/1.0", "id": "W", "quantity": "many"}')
    for name in (".hidden.yaml", "copy.yaml.part", "copy.yaml.tmp"):
        (bench.drop / name).write_text(ORDER.format("NO"))
    done = bench.drain()
    told = json.loads((bench.drop / "failed" / "wrong.json.error.json").read_text())

    assert 65 == done.returncode, done.stderr
    assert {"ONE": 1} == bench.queued()
    assert ["ONE.json"] == bench.names("done")
    assert ["torn.yaml", "torn.yaml.error.json", "wrong.json", "wrong.json.error.json"] == bench.names("failed")
    assert ("intake.wrong-type", "quantity", "many") == (told["code"], told["place"], told["value"])
    assert told["hint"]
    assert [".hidden.yaml", "copy.yaml.part", "copy.yaml.tmp", "done", "failed", "work"] == bench.names(".")
    assert [] == bench.names("work")


def test_the_same_order_again_is_known_and_another_of_its_id_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    (bench.drop / "a.yaml").write_text(ORDER.format("ONE"))
    bench.drain()
    (bench.drop / "b.yaml").write_text(ORDER.format("ONE"))
    (bench.drop / "c.yaml").write_text(ORDER.format("ONE") + "quantity: 2\n")
    (bench.drop / "d.yaml").write_text(ORDER.format("ONE").replace("matt", "polished"))
    bench.drain()

    assert {"ONE": 1} == bench.queued()
    assert ["c.yaml", "c.yaml.error.json", "d.yaml", "d.yaml.error.json"] == bench.names("failed")
    assert "receive.same-id" == json.loads((bench.drop / "failed" / "d.yaml.error.json").read_text())["code"]

    (bench.drop / "e.yaml").write_text(ORDER.format("ONE") + "revision: 2\nquantity: 2\n")
    bench.drain()

    assert {"ONE": 2} == bench.queued()


def test_a_step_file_comes_along_and_says_no_more_who_drew_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    step = (HOUSE / "samples/own-part/flange.step").read_text().replace("FILE_NAME('", "FILE_NAME('Ivan o''Draw;", 1)
    (bench.drop / "part.yaml").write_text("spec: order/1.0\nid: PART\nmaterial: brass\nattachments: [flange.step]\n")
    watcher = bench.start("receive", "folder", str(bench.drop), "--once")
    time.sleep(4)  # the order stands still by now; its part is still to come
    (bench.drop / "flange.step").write_text(step)
    watcher.communicate(timeout=60)
    (spooled,) = (bench.at / "d" / "lotone" / "spool" / "PART").iterdir()
    order = json.loads((spooled / "order.json").read_text())

    assert {"PART": 1} == bench.queued()
    assert [] == bench.names("failed")
    assert ["part-1.step"] == [one["uri"] for one in order["attachments"]]
    assert b"ENDSEC;" in (spooled / "part-1.step").read_bytes()
    assert b"Ivan" in (bench.drop / "flange.step").read_bytes()
    assert b"Ivan" not in (spooled / "part-1.step").read_bytes()


def test_a_file_that_grows_is_not_taken(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    watcher = bench.start("receive", "folder", str(bench.drop))
    text = ORDER.format("SLOW")
    for length in range(8, len(text), 8):  # every part of it but the first can be read as YAML, some as orders
        (bench.drop / "slow.yaml").write_text(text[:length])
        time.sleep(0.3)
    (bench.drop / "slow.yaml").write_text(text)
    early = bench.queued()
    end = time.monotonic() + 60
    while not bench.queued() and time.monotonic() < end:
        time.sleep(0.2)
    watcher.kill()
    watcher.communicate()
    (file,) = (bench.at / "d" / "lotone" / "spool" / "SLOW").iterdir()

    assert {} == early
    assert {"SLOW": 1} == bench.queued()
    assert "teapot" == json.loads((file / "order.json").read_text())["family"]
    assert [] == bench.names("failed")


def test_watchers_killed_in_the_middle_lose_nothing_and_take_nothing_twice(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    chance = random.Random(7)
    names = [f"N{i:02}" for i in range(40)]
    for name in names:
        (bench.drop / f"{name}.yaml").write_text(ORDER.format(name))
    kills = 0
    for _ in range(4):
        pair = [bench.start("receive", "folder", str(bench.drop)) for _ in range(2)]
        end = time.monotonic() + 150
        before = len(list(bench.drop.glob("done/*")))
        while len(list(bench.drop.glob("done/*"))) < before + 3 and list(bench.drop.glob("*.yaml")):
            assert time.monotonic() < end
            time.sleep(0.01)
        time.sleep(chance.random() * 0.2)
        for one in pair:
            one.send_signal(signal.SIGKILL)
            one.communicate()
            kills += 1
        if not list(bench.drop.glob("*.yaml")):
            break
    left = len(list(bench.drop.glob("work/*/*")))
    done = bench.drain()

    assert 0 == done.returncode, (done.stderr, left)
    assert kills >= 2
    assert dict.fromkeys(names, 1) == bench.queued()
    assert [f"{name}.json" for name in names] == bench.names("done")
    assert ([], []) == (bench.names("work"), bench.names("failed"))
    assert [] == list(bench.drop.glob("*.yaml"))


def test_a_crash_at_any_step_of_letting_in_is_made_good(tmp_path: Path) -> None:
    """The order is claimed and nothing, something or everything of it is written when the watcher dies."""
    bench = Bench(tmp_path)
    (bench.drop / "one.yaml").write_text(ORDER.format("ONE"))
    bench.drain()
    dead = bench.drop / "work" / f"{os.uname().nodename}~999999999~00000000"
    for step in ("everything", "not yet in the queue", "not yet in the spool"):
        dead.mkdir()
        (dead / "one.yaml").write_text(ORDER.format("ONE"))
        (dead / ".ONE.json.x7f3.part").write_text("{")
        if step != "everything":
            with opened(bench.database) as engine, engine.begin() as connection:
                connection.exec_driver_sql("delete from orders")
        if step == "not yet in the spool":
            shutil.rmtree(bench.at / "d" / "lotone" / "spool")
        done = bench.drain()

        assert 0 == done.returncode, done.stderr
        assert {"ONE": 1} == bench.queued(), step
        assert [] == bench.names("work")
    with opened(bench.database) as engine, engine.connect() as connection:
        agreed = connection.exec_driver_sql("select count(*) from consents where purpose = 'produce'").scalar()

    assert 1 == agreed


def test_a_tables_good_rows_go_and_the_others_come_back_to_be_mended(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    shop = str(HOUSE / "samples/shops/counter.toml")
    table = (HOUSE / "samples/tables/counter.csv").read_text()
    (bench.drop / "monday.csv").write_bytes(table.encode("cp1251"))
    done = bench.run("receive", "folder", str(bench.drop), "--once", "--shop", shop)
    told = json.loads((bench.drop / "failed" / "monday.csv.error.json").read_text())
    left = (bench.drop / "failed" / "monday.csv").read_text("utf-8-sig")

    assert 65 == done.returncode, done.stderr
    assert {"counter-101": 1, "counter-102": 1} == bench.queued()
    assert ["monday.json"] == bench.names("done")
    assert ["row 5, column Изделие", "row 5, column Кол-во"] == [one["place"] for one in told["findings"]]
    assert ("counter-103" in left, "counter-101" in left) == (True, False)

    mended = left.replace("деревянная", "латунная").replace("две", "2")
    (bench.drop / "mended.csv").write_text(mended)
    (tmp_path / "again.csv").write_text(table)
    bench.run("receive", "folder", str(bench.drop), "--once", "--shop", shop)
    again = bench.run("receive", "table", "again.csv", "--shop", shop, "--json")
    told = json.loads(again.stdout)

    assert {"counter-101": 1, "counter-102": 1, "counter-103": 1} == bench.queued()
    assert 65 == again.returncode
    assert ["known", "known"] == [one["state"] for one in told["orders"]]
    assert [] == bench.names("work")
