"""The table of runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

REUSABLE = "state NOT IN ('failed', 'cancelled')"


def upgrade() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("content_id", sa.String(64), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("created", sa.String(40), nullable=False),
        sa.Column("started", sa.String(40)),
        sa.Column("finished", sa.String(40)),
        sa.Column("scenario", sa.JSON, nullable=False),
        sa.Column("terrain", sa.String(64)),
        sa.Column("terrain_name", sa.String(200), nullable=False),
        sa.Column("storm_label", sa.String(300), nullable=False),
        sa.Column("storm_label_en", sa.String(300), nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("simulated_s", sa.Float, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("steps", sa.Integer, nullable=False),
        sa.Column("wall_s", sa.Float, nullable=False),
        sa.Column("eta_s", sa.Float),
        sa.Column("mass_error", sa.Float),
        sa.Column("max_depth_m", sa.Float),
        sa.Column("mcell_per_s", sa.Float),
        sa.Column("message", sa.Text),
        sa.Column("message_en", sa.Text),
    )
    op.create_index("runs_by_creation", "runs", ["created"])
    op.create_index(
        "one_answer_per_content", "runs", ["content_id"], unique=True,
        sqlite_where=sa.text(REUSABLE), postgresql_where=sa.text(REUSABLE),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("runs")
