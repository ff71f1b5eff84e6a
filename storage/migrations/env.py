"""Run by Alembic: migrations on the connection that `storage.migrate` passes."""

from alembic import context

from storage.tables import METADATA


def _include(_obj, name, kind, _reflected, _compare):
    """Partitions belong to their parent table, not to the model."""
    return not (kind == "table" and "_p2" in (name or ""))


context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, include_object=_include)
with context.begin_transaction():
    context.run_migrations()
