"""Who ordered, sealed; what they agreed to; what web shops sent."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "personal",
        sa.Column("file", sa.String(64), primary_key=True),
        sa.Column("order_id", sa.String(120), nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("wishes", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("erased_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("order_id", sa.String(120), nullable=False, index=True),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("text_version", sa.String(120), nullable=False),
        sa.Column("told_by", sa.String(120), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("shop", sa.String(40), nullable=False),
        sa.Column("delivery", sa.String(120), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due", sa.Float, nullable=False),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("orders", sa.Text, nullable=False),
        sa.UniqueConstraint("shop", "delivery"),
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("inbox", "consents", "personal"):
        op.drop_table(table)
