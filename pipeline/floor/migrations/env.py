"""Runs the migrations on the connection `pipeline.floor.state` hands over."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
