"""Tokens: made once, known by their digest, ended at once."""

import datetime as dt

import pytest
from sqlalchemy import Engine, select

from missing_table.errors import NotFound
from missing_table.store import tokens
from missing_table.store.engine import reading
from missing_table.store.tables import tokens as table

NOW = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)


def test_a_token_is_stored_as_a_digest_only(engine: Engine) -> None:
    text = tokens.create(engine, "match-scraper", NOW)
    assert text.startswith("mt_")
    assert len(text) > 40
    with reading(engine) as connection:
        (row,) = connection.execute(select(table))
    assert text not in str(row)
    assert text.removeprefix("mt_") not in str(row)
    found = tokens.verify(engine, text, NOW)
    assert found is not None
    assert found.name == "match-scraper"


@pytest.mark.parametrize("text", ["", "mt_", "mt_wrong", "Bearer", "mt_" + "x" * 10_000, "mt_\0\ud800", "mt_é"])
def test_any_other_text_is_no_token(engine: Engine, text: str) -> None:
    tokens.create(engine, "match-scraper", NOW)
    assert tokens.verify(engine, text, NOW) is None


def test_a_revoked_token_is_over_at_once(engine: Engine) -> None:
    text, other = tokens.create(engine, "a", NOW), tokens.create(engine, "b", NOW)
    assert tokens.revoke(engine, "a", NOW) == 1
    assert tokens.verify(engine, text, NOW) is None
    assert tokens.verify(engine, other, NOW) is not None
    with pytest.raises(NotFound, match="there is no token called 'a'; there are: b"):
        tokens.revoke(engine, "a", NOW)
    assert [(token.name, token.revoked_at) for token in tokens.listed(engine)] == [("a", NOW), ("b", None)]


def test_its_use_is_noted_once_a_minute(engine: Engine) -> None:
    text = tokens.create(engine, "a", NOW)

    def used_at(seconds: int) -> dt.datetime | None:
        tokens.verify(engine, text, NOW + dt.timedelta(seconds=seconds))
        return tokens.listed(engine)[0].last_used_at

    assert used_at(0) == NOW
    assert used_at(59) == NOW
    assert used_at(60) == NOW + dt.timedelta(seconds=60)
