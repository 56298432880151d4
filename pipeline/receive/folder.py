"""Watches a folder: every order or table that stands still there is taken once, and its end is told beside it.

Who watches holds a folder of its own under ``work/``. What is claimed is moved there by one rename; what a watcher that
is no more has claimed is claimed from it.
"""

from __future__ import annotations

import os
import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from model.errors import ConfigError, LotOneError, OrderError
from pipeline.engine.codec import pretty
from pipeline.engine.outcome import Problem, problem_of
from pipeline.engine.store import disk_error, write_atomic
from pipeline.intake.attach import KIND, with_files
from pipeline.intake.cells import ENDINGS, read_cells
from pipeline.intake.documents import parse, read_text
from pipeline.intake.mapping import Shop
from pipeline.intake.read import SUFFIXES, order_from_text
from pipeline.intake.tables import orders_of
from pipeline.receive.door import Admitted, Door
from pipeline.receive.rows import admit_rows, as_csv

STILL_S = 2.0
PATIENCE_S = 10.0
"""What cannot be read, or whose part's file is not there, may be half written: so long it is waited for."""
SILENT_S = 60.0
POLL_S = 0.5
UNFINISHED = re.compile(r"\.|~\$|.*\.(?:tmp|part|filepart|crdownload|error\.json)$", re.IGNORECASE)
WORK, DONE, FAILED = "work", "done", "failed"

Tell = Callable[[str], None]


@dataclass(slots=True)
class Seen:
    """A file as it was last looked at, and since when it has been like that."""

    stamp: tuple[int, int, int]
    since_s: float


@dataclass(slots=True)
class Watch:
    """One watcher of one folder."""

    folder: Path
    door: Door
    tell: Tell
    shop: Shop | None = None
    still_s: float = STILL_S
    patience_s: float = PATIENCE_S
    refused: int = 0
    _seen: dict[str, Seen] = field(default_factory=dict)
    _desk: Path = Path()

    def run(self, *, once: bool) -> None:
        """Take what comes, until the folder is empty (``once``) or for ever.

        Raises:
            ConfigError: The folder cannot be used.
        """
        self._desk = self.folder / WORK / f"{socket.gethostname()}~{os.getpid()}~{uuid.uuid4().hex[:8]}"
        try:
            for place in (self._desk, self.folder / DONE, self.folder / FAILED):
                place.mkdir(parents=True, exist_ok=True)
            while True:
                waits = self._round()
                if once and not waits:
                    self._desk.rmdir()
                    return
                time.sleep(POLL_S)
        except OSError as error:
            raise disk_error(self.folder, error) from error

    def _round(self) -> bool:
        """Look once; true while something is not finished."""
        os.utime(self._desk)
        for path in [*_files(self._desk), *self._orphans()]:
            self._take(path)
        waits = False
        for name in self._standing():
            claimed = self._desk / name
            if claimed.exists() or not self._ready(self.folder / name):
                waits = True
                continue
            with suppress(FileNotFoundError):  # another watcher was quicker
                (self.folder / name).rename(claimed)
                self._take(claimed)
        return waits or any(_files(self._desk))

    def _standing(self) -> list[str]:
        """The orders there, and since when each file has stood still."""
        now_s, found = time.monotonic(), {}
        for path in _files(self.folder):
            with suppress(FileNotFoundError):
                told = path.stat()
                stamp = (told.st_size, told.st_mtime_ns, told.st_ino)
                before = self._seen.get(path.name)
                found[path.name] = before if before and before.stamp == stamp else Seen(stamp, now_s)
        self._seen = found
        return sorted(name for name in found if Path(name).suffix.lower() in (*SUFFIXES, *ENDINGS))

    def _ready(self, path: Path) -> bool:
        """It stands still and can be read with the files it names; or that has been waited for long enough."""
        still = self._still_s(path.name)
        if still < self.still_s:
            return False
        try:
            if path.suffix.lower() in ENDINGS:
                return bool(read_cells(path.read_bytes(), path.name).rows)
            order = with_files(order_from_text(read_text(path), path.name), self.folder)
            return all(self._still_s(a.uri) >= self.still_s for a in order.attachments if a.kind == KIND)
        except LotOneError:
            return still >= self.patience_s

    def _still_s(self, name: str) -> float:
        return time.monotonic() - self._seen[name].since_s if name in self._seen else self.still_s

    def _orphans(self) -> Iterator[Path]:
        """What watchers that are no more had claimed, claimed anew; one after another."""
        now_s = self._desk.stat().st_mtime  # the clock of whoever keeps the folder
        for desk in sorted((self.folder / WORK).iterdir()):
            with suppress(FileNotFoundError, NotADirectoryError):
                if desk == self._desk or not _gone(desk.name, now_s - desk.stat().st_mtime):
                    continue
                for path in _files(desk):
                    claimed = self._desk / path.name
                    if not claimed.exists():
                        path.rename(claimed)
                        yield claimed
                for path in desk.iterdir():
                    if UNFINISHED.match(path.name):
                        path.unlink()
                with suppress(OSError):  # not empty: someone is at it as well
                    desk.rmdir()

    def _take(self, path: Path) -> None:
        """Let a claimed file in, and put its end beside it; what the queue cannot take now stays claimed."""
        try:
            if path.suffix.lower() in ENDINGS:
                done = self._table(path)
            else:
                one = self.door.admit(parse(read_text(path), path.name), path.name, self.folder, "folder")
                done = (one.order_id, (one,))
        except SQLAlchemyError as error:
            self.tell(f"{path.name}: {error.__cause__ or error}; it is tried again")
            return
        except LotOneError as error:
            if not isinstance(error, OrderError) and error.code != "intake.unreadable":
                raise
            self._fail(path, problem_of(error, "receive"))
            return
        self._tell_of(self.folder / DONE / f"{done[0]}.json", pretty({"orders": done[1]}))
        path.unlink(missing_ok=True)
        for one in done[1]:
            self.tell(f"{path.name}: {one.order_id} {one.state}")

    def _table(self, path: Path) -> tuple[str, tuple[Admitted, ...]]:
        """Let a table's rows in; those that cannot be are put beside as a table of their own."""
        table = orders_of(read_cells(path.read_bytes(), path.name), path.name, self.shop)
        taken = admit_rows(table, path.name, self.door, self.folder, self.shop, lambda: os.utime(self._desk))
        if taken.wrong:
            rest = self._desk / f".{path.stem}.csv"
            rest.write_bytes(as_csv(table.header, taken.wrong))
            self._fail(rest, taken.problem(path.name), path.with_suffix(".csv").name)
        return path.stem, taken.admitted

    def _tell_of(self, end: Path, data: bytes) -> None:
        """Write a file whole, put together at the desk: what a killed watcher left there is swept with it."""
        part = self._desk / f".{end.name}"
        write_atomic(part, data)
        part.replace(end)

    def _fail(self, path: Path, problem: Problem, name: str = "") -> None:
        self.refused += 1
        end = _free(self.folder / FAILED / (name or path.name))
        self._tell_of(end.with_name(f"{end.name}.error.json"), pretty(problem))
        with suppress(FileNotFoundError):  # whoever thought this watcher gone has it now
            path.replace(end)
        self.tell(f"{end.name}: {problem.code}: {problem.message}")


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if not UNFINISHED.match(p.name) and p.is_file())


def _free(path: Path) -> Path:
    """A name nobody has, and now is taken."""
    for number in range(1, 10_000):
        one = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
        with suppress(FileExistsError):
            one.touch(exist_ok=False)
            return one
    message = f"{path.parent} holds ten thousand files of one name"
    raise ConfigError("receive.full", message, place=str(path), hint="Clear it away.")


def _gone(desk: str, silent_s: float) -> bool:
    """Whether who watched at a desk is no more: by its process on this computer, else by its silence."""
    host, _, rest = desk.partition("~")
    if host == socket.gethostname() and not Path(f"/proc/{rest.partition('~')[0]}").exists() and Path("/proc").is_dir():
        return True
    return silent_s > SILENT_S
