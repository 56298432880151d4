"""Which order stands at which machine now, and when an order was made."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table and the column."""
    op.create_table(
        "at_machines",
        sa.Column("machine", sa.String(80), primary_key=True),
        sa.Column("workshop", sa.String(80), nullable=False),
        sa.Column("key", sa.String(160), nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
    )
    op.add_column("orders", sa.Column("made_at", sa.String(32), nullable=False, server_default=""))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("orders", "made_at")
    op.drop_table("at_machines")
