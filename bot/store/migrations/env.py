"""Alembic's entry: run the revisions on the connection that `upgrade` was given."""

from alembic import context

from bot.store.every_table import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
