"""Databases for the tests that need one: each of the two kinds, migrated and empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from missing_table.store import engine as engines
from missing_table.store import schema


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine on an empty database with all its tables, once on SQLite and once on PostgreSQL."""
    url = f"sqlite:///{tmp_path / 'test.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    made = engines.create(url)
    schema.migrate(made)
    yield made
    made.dispose()
