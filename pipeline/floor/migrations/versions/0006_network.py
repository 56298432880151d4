"""The network: the hub's shops, orders, tickets and offers; a shop's hub and the tickets in its hands."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "hub_shops",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("described", sa.String(64), nullable=False),
        sa.Column("cut_h", sa.Float, nullable=False),
        sa.Column("print_h", sa.Float, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
    )
    op.create_table(
        "hub_orders",
        sa.Column("order_id", sa.String(120), primary_key=True),
        sa.Column("ticket", sa.String(40), nullable=False, index=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("submitted_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "hub_tickets",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("files", sa.Text, nullable=False),
        sa.Column("needs", sa.Text, nullable=False),
        sa.Column("process", sa.String(10), nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("opened", sa.Float, nullable=False),
        sa.Column("until", sa.Float, nullable=False),
        sa.Column("hours", sa.Float, nullable=False),
        sa.Column("shop", sa.String(80), nullable=False, index=True),
        sa.Column("routing", sa.LargeBinary, nullable=False),
        sa.Column("gave_back", sa.Text, nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("ended_at", sa.String(32), nullable=False),
    )
    op.create_table(
        "hub_offers",
        sa.Column("ticket", sa.String(40), primary_key=True),
        sa.Column("shop", sa.String(80), primary_key=True, index=True),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "shop_hub",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("workshop", sa.String(80), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("token_file", sa.Text, nullable=False),
        sa.Column("ca", sa.Text, nullable=False),
        sa.Column("plain", sa.Boolean, nullable=False),
    )
    op.create_table(
        "shop_tickets",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("key", sa.String(160), nullable=False),
    )


def downgrade() -> None:
    """Take the tables away."""
    for table in ("shop_tickets", "shop_hub", "hub_offers", "hub_tickets", "hub_orders", "hub_shops"):
        op.drop_table(table)
