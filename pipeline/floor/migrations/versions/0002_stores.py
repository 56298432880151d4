"""Stock counts, offcuts, states of counted tools; minutes say which tool of a kind worked them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables and the column."""
    op.add_column("tool_minutes", sa.Column("instance", sa.String(80), nullable=False, server_default=""))
    op.create_table(
        "stock_counts",
        sa.Column("workshop", sa.String(80), primary_key=True),
        sa.Column("row", sa.String(120), primary_key=True),
        sa.Column("pieces", sa.Integer, nullable=False),
    )
    op.create_table(
        "offcuts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("workshop", sa.String(80), nullable=False),
        sa.Column("material", sa.String(80), nullable=False),
        sa.Column("x_mm", sa.Float, nullable=False),
        sa.Column("y_mm", sa.Float, nullable=False),
        sa.Column("z_mm", sa.Float, nullable=False),
        sa.Column("taken_for", sa.String(120), nullable=False),
    )
    op.create_table(
        "tool_states",
        sa.Column("instance", sa.String(80), primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
    )


def downgrade() -> None:
    """Take them away."""
    for table in ("tool_states", "offcuts", "stock_counts"):
        op.drop_table(table)
    op.drop_column("tool_minutes", "instance")
