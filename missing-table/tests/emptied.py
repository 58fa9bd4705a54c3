"""A PostgreSQL database that one test after the other has to itself: emptied, which is quicker than to make another."""

from typing import Any, Final

import psycopg
from private_services.postgresql import PostgreSQL

FULL: Final = 2_000
"""So many rows, once deleted, are still in the way of who asks how a statement is planned."""
_SHAPE: Final = """
    SELECT (SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'i', 'S', 'v')), (SELECT count(*) FROM pg_attribute),
           (SELECT count(*) FROM pg_constraint), (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_proc)
"""


class Emptied:
    """A copy of the database `template`, for as long as nobody changes its tables or fills it."""

    def __init__(self, cluster: PostgreSQL, template: str) -> None:
        self._cluster = cluster
        self._template = template
        self._name: str | None = None
        self._made = 0
        self._shape: Any = None
        self._first: dict[str, bytes] = {}
        """What is in each table from the beginning, as COPY has it."""

    def take(self) -> str:
        """The URL of a database as it is after the migrations."""
        if self._name is None:
            self._made += 1
            self._name = f"emptied_{self._made}"
            self._cluster.execute(f"CREATE DATABASE {self._name} TEMPLATE {self._template}")
            with self._connected() as connection:
                self._shape = connection.execute(_SHAPE).fetchone()
                tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
                for (table,) in tables:
                    with connection.cursor().copy(f'COPY "{table}" TO STDOUT') as rows:
                        self._first[table] = b"".join(bytes(row) for row in rows)
        return self._cluster.url(self._name)

    def give_back(self) -> None:
        """Disconnects whoever still uses it, and makes it as it was at first."""
        with self._connected() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            as_made = connection.execute(_SHAPE).fetchone() == self._shape and self._empty(connection) < FULL
        if not as_made:
            assert self._name is not None
            self._cluster.drop_database(self._name)
            self._name = None

    def _connected(self) -> psycopg.Connection[Any]:
        assert self._name is not None
        return psycopg.connect(self._cluster.url(self._name), autocommit=True)

    def _empty(self, connection: psycopg.Connection[Any]) -> int:
        """How many rows there were."""
        connection.execute("SET session_replication_role = replica")  # in any order, whatever refers to what
        rows = 0
        for table, first in self._first.items():
            rows += connection.execute(f'DELETE FROM "{table}"').rowcount
            if first:
                with connection.cursor().copy(f'COPY "{table}" FROM STDIN') as copy:
                    copy.write(first)
        connection.execute("SELECT setval(seqrelid, seqstart, false) FROM pg_sequence")
        return rows
