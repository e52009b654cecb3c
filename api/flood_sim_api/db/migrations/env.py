"""Alembic environment: the connection comes from `session.migrate`, or from -x url=… by hand."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine

from flood_sim_api.db.models import Base


def run(connection: Connection) -> None:
    # batch mode: SQLite cannot alter a column in place, the table is copied
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as opened:
        run(opened)
