"""The first form: observations, tool minutes, scrap, measurements."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    report = (
        lambda: sa.Column("id", sa.Integer, primary_key=True),
        lambda: sa.Column("at", sa.String(32), nullable=False),
        lambda: sa.Column("order_id", sa.String(120), nullable=False),
    )
    op.create_table(
        "observations",
        *(column() for column in report),
        sa.Column("workshop", sa.String(80), nullable=False),
        sa.Column("machine", sa.String(80), nullable=False),
        sa.Column("material", sa.String(80), nullable=False),
        sa.Column("setup", sa.Integer, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("planned_min", sa.Float, nullable=False),
        sa.Column("actual_min", sa.Float, nullable=False),
        sa.Column("typical", sa.Boolean, nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
    )
    op.create_table(
        "tool_minutes",
        *(column() for column in report),
        sa.Column("workshop", sa.String(80), nullable=False),
        sa.Column("tool", sa.String(80), nullable=False),
        sa.Column("minutes", sa.Float, nullable=False),
    )
    op.create_table(
        "scrap",
        *(column() for column in report),
        sa.Column("workshop", sa.String(80), nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
    )
    op.create_table(
        "measurements",
        *(column() for column in report),
        sa.Column("what", sa.String(120), nullable=False),
        sa.Column("value_mm", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("measurements", "scrap", "tool_minutes", "observations"):
        op.drop_table(table)
