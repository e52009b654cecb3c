"""Opening the database: SQLite in WAL mode, brought to the newest schema at start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from flood_sim.errors import StorageError

BUSY_TIMEOUT_MS = 5000
MIGRATIONS = Path(__file__).parent / "migrations"


def open_database(path: Path) -> tuple[Engine, sessionmaker[Session]]:
    """The engine and its sessions; StorageError when the file is no database of this program."""
    engine = create_engine(f"sqlite:///{path}")
    event.listen(engine, "connect", _pragmas)
    try:
        migrate(engine)
    except Exception as error:  # alembic raises its own kinds beside SQLAlchemy's
        engine.dispose()
        raise StorageError(
            f"the database of runs cannot be opened ({_reason(error)})", where=path.name,
            hint="Restore it, or move it away: finished results are found again",
        ) from error  # fmt: skip
    return engine, sessionmaker(engine, expire_on_commit=False)


def migrate(engine: Engine) -> None:
    """Run every migration that the database has not seen yet."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _pragmas(connection, _record) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", f"busy_timeout={BUSY_TIMEOUT_MS}", "foreign_keys=ON", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _reason(error: Exception) -> str:
    origin = error.orig if isinstance(error, SQLAlchemyError) and hasattr(error, "orig") else error
    return str(origin).splitlines()[0][:200]
