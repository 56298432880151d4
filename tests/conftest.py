"""What every test needs: what this computer's own floor has taught stays out of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("ci", derandomize=True, suppress_health_check=[HealthCheck.too_slow])
if os.environ.get("CI"):  # the same examples on every run, however slow the machine; elsewhere new ones are looked for
    settings.load_profile("ci")


@pytest.fixture(scope="session", autouse=True)
def _nothing_learned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    before = os.environ.get("LOTONE_STATE")
    os.environ["LOTONE_STATE"] = str(tmp_path_factory.mktemp("state") / "none.db")
    yield
    if before is None:
        del os.environ["LOTONE_STATE"]
    else:
        os.environ["LOTONE_STATE"] = before


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server of this run's own, on a socket in a folder that is thrown away."""

    address: str
    control: tuple[str, ...]
    start: tuple[str, ...]
    folder: Path

    def restart(self) -> None:
        """Stop it as a power cut does, and start it again."""
        subprocess.run([*self.control, "-m", "immediate", "stop"], cwd=self.folder, check=True)
        subprocess.run([*self.control, *self.start], cwd=self.folder, check=True)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The server; skips where PostgreSQL is not installed."""
    programs = [Path(found).resolve().parent for name in ("initdb", "pg_ctl") if (found := shutil.which(name))]
    programs += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    home = next((place for place in programs if (place / "initdb").is_file() and (place / "pg_ctl").is_file()), None)
    if home is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="lo-pg-"))  # a socket's path is short
    as_server: tuple[str, ...] = ()
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        as_server = ("runuser", "-u", "postgres", "--")
    data = str(folder / "data")
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    made = Server(
        f"postgresql+psycopg://lotone@/postgres?host={folder}",
        (*as_server, str(home / "pg_ctl"), "-D", data, "-w", "-s"),
        ("-l", str(folder / "log"), "-o", options, "start"),
        folder,
    )
    try:
        subprocess.run([*as_server, str(home / "initdb"), "-D", data, "-U", "lotone", "-A", "trust", "-N"],
                       cwd=folder, check=True, stdout=subprocess.DEVNULL)  # fmt: skip
        subprocess.run([*made.control, *made.start], cwd=folder, check=True)
        yield made
    finally:
        subprocess.run([*made.control, "-m", "immediate", "stop"], cwd=folder, check=False)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server: Server) -> str:
    """The server's address."""
    return server.address


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty state database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'deep' / 'state.db'}"
    from sqlalchemy import create_engine

    address: str = request.getfixturevalue("postgres")
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop schema if exists dbos cascade")
        connection.exec_driver_sql("drop schema public cascade")
        connection.exec_driver_sql("create schema public")
    engine.dispose()
    return address
