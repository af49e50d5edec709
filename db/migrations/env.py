"""What Alembic runs: the migrations, on the connection and in the transaction that `upgrade` was given."""

from alembic import context

from db.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
