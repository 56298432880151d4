"""What changes while the shop works, in a database: reports from the floor, stock, offcuts, and tools that wear.

SQLite in a file, or PostgreSQL by its address.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, String, Table, create_engine, event, insert, select
from sqlalchemy.exc import SQLAlchemyError

from model.errors import ConfigError
from model.floor import Observation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
TABLES = MetaData()


def _columns(**sizes: int) -> tuple[Column[Any], ...]:
    """What every report has, and texts of these sizes."""
    head: list[Column[Any]] = [Column("id", Integer, primary_key=True), Column("at", String(32), nullable=False)]
    texts = {"order_id": 120, **sizes}
    return (*head, *(Column(name, String(size), nullable=False) for name, size in texts.items()))


RUNS = Table(
    "observations", TABLES, *_columns(workshop=80, machine=80, material=80, what=20, note=500),
    Column("setup", Integer, nullable=False), Column("planned_min", Float, nullable=False),
    Column("actual_min", Float, nullable=False), Column("typical", Boolean, nullable=False),
)  # fmt: skip
TOOLS = Table(
    "tool_minutes", TABLES, *_columns(workshop=80, tool=80), Column("minutes", Float, nullable=False),
    Column("instance", String(80), nullable=False, server_default=""),
)  # fmt: skip
SCRAP = Table("scrap", TABLES, *_columns(workshop=80, why=500), Column("pieces", Integer, nullable=False))
MEASURED = Table("measurements", TABLES, *_columns(what=120), Column("value_mm", Float, nullable=False))
STOCK = Table(
    "stock_counts", TABLES, Column("workshop", String(80), primary_key=True),
    Column("row", String(120), primary_key=True), Column("pieces", Integer, nullable=False),
)  # fmt: skip
OFFCUTS = Table(
    "offcuts", TABLES, Column("id", Integer, primary_key=True), Column("at", String(32), nullable=False),
    Column("workshop", String(80), nullable=False), Column("material", String(80), nullable=False),
    Column("x_mm", Float, nullable=False), Column("y_mm", Float, nullable=False), Column("z_mm", Float, nullable=False),
    Column("taken_for", String(120), nullable=False),
)  # fmt: skip
TOOL_STATES = Table(
    "tool_states", TABLES, Column("instance", String(80), primary_key=True), Column("at", String(32), nullable=False),
    Column("state", String(20), nullable=False), Column("note", String(500), nullable=False),
)  # fmt: skip


@contextmanager
def opened(address: str) -> Iterator[Engine]:
    """The database, brought to the newest form.

    Raises:
        ConfigError: ``state.not-readable``: it cannot be reached, or is of a newer LotOne; ``state.no-driver``.
    """
    engine = _engine(address)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        if address.startswith("sqlite:///"):
            Path(address.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unusable(shown, error) from error
    try:
        _newest(engine)
        yield engine
    except SQLAlchemyError as error:
        raise _unusable(shown, error.__cause__ or error) from error
    finally:
        engine.dispose()


def _unusable(shown: str, cause: BaseException) -> ConfigError:
    message = f"the state database {shown} cannot be used: {cause}"
    hint = "Check the path or the server; LOTONE_STATE or --state names another."
    return ConfigError("state.not-readable", message, place=shown, hint=hint)


def _engine(address: str) -> Engine:
    """The engine of an address, without connecting; a password in the address is never told."""
    scheme = address.partition("://")[0]
    try:
        engine = create_engine(address)
    except ModuleNotFoundError as error:
        message = f"the driver of {scheme} is not installed ({error.name})"
        hint = "For PostgreSQL: postgresql+psycopg://user@host/name."
        raise ConfigError("state.no-driver", message, place=scheme, hint=hint) from error
    except SQLAlchemyError as error:
        message = f"{scheme} is no address of a state database"
        hint = "Give a file's path, or postgresql+psycopg://user@host/name."
        raise ConfigError("state.not-readable", message, place=scheme, hint=hint) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _shared)
    return engine


def _shared(connection: Any, _record: object) -> None:
    """A file that several processes write: readers go on, writers wait for one another."""
    connection.isolation_level = "IMMEDIATE"
    for pragma in ("busy_timeout=30000", "journal_mode=WAL"):
        connection.execute(f"PRAGMA {pragma}")


def _newest(engine: Engine) -> None:
    """Run the migrations that are still missing."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            message = f"the state database is of another version of LotOne: {error}"
            hint = "Install the newest LotOne, or name another file."
            raise ConfigError("state.not-readable", message, hint=hint) from error


def record(engine: Engine, runs: list[Observation], tools: list[dict[str, object]], scrap: list[dict[str, object]],
           measured: list[dict[str, object]]) -> None:  # fmt: skip
    """Write everything one report says, all or nothing, with the time of writing."""
    at = {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    with engine.begin() as connection:
        for table, rows in (
            (RUNS, [{name: getattr(one, name) for name in Observation.__dataclass_fields__} for one in runs]),
            (TOOLS, tools), (SCRAP, scrap), (MEASURED, measured),
        ):  # fmt: skip
            if rows:
                connection.execute(insert(table), [{**row, **at} for row in rows])


def observations(engine: Engine) -> list[Observation]:
    """Every run ever reported, in the order they were."""
    names = list(Observation.__dataclass_fields__)
    with engine.connect() as connection:
        rows = connection.execute(select(*(RUNS.c[name] for name in names)).order_by(RUNS.c.id))
        return [Observation(**row) for row in rows.mappings()]
