"""Labels of storms as long as they are, and the comparison that a run with measures belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LABELS = ("storm_label", "storm_label_en")


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        for label in LABELS:
            runs.alter_column(label, existing_type=sa.String(300), type_=sa.Text, existing_nullable=False)
        runs.add_column(sa.Column("comparison", sa.String(64)))


def downgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("comparison")
        for label in LABELS:
            runs.alter_column(label, existing_type=sa.Text, type_=sa.String(300), existing_nullable=False)
