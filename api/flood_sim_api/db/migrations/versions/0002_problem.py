"""Why a run failed, in the parts of the error."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("problem", sa.JSON))


def downgrade() -> None:
    op.drop_column("runs", "problem")
