"""Tokens: made once, known by their digest, ended at once."""

import datetime as dt

import pytest
from alembic import command
from sqlalchemy import Engine, select, text

from missing_table.errors import NotFound, Refused
from missing_table.store import schema, tokens
from missing_table.store.engine import reading, writing
from missing_table.store.tables import tokens as table
from missing_table.store.tokens import TokenRefused

NOW = dt.datetime(2026, 10, 5, 12, tzinfo=dt.UTC)


def test_a_token_is_stored_as_a_digest_only(engine: Engine) -> None:
    text = tokens.create(engine, "match-scraper", NOW)
    assert text.startswith("mt_")
    assert len(text) > 40
    with reading(engine) as connection:
        (row,) = connection.execute(select(table))
    assert text not in str(row)
    assert text.removeprefix("mt_") not in str(row)
    assert tokens.verify(engine, text, NOW).name == "match-scraper"


@pytest.mark.parametrize("text", ["", "mt_", "mt_wrong", "Bearer", "mt_" + "x" * 10_000, "mt_\0\ud800", "mt_é"])
def test_any_other_text_is_no_token(engine: Engine, text: str) -> None:
    tokens.create(engine, "match-scraper", NOW)
    with pytest.raises(TokenRefused, match="not known"):
        tokens.verify(engine, text, NOW)


def test_a_revoked_token_is_over_at_once(engine: Engine) -> None:
    text, other = tokens.create(engine, "a", NOW), tokens.create(engine, "b", NOW)
    assert tokens.revoke(engine, "a", NOW) == 1
    with pytest.raises(TokenRefused, match="the token was revoked"):
        tokens.verify(engine, text, NOW)
    assert tokens.verify(engine, other, NOW).name == "b"
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


def test_a_token_ends_at_its_time_and_says_so(engine: Engine) -> None:
    made = tokens.create(engine, "guest", NOW, expires_at=NOW + dt.timedelta(days=90))
    last = NOW + dt.timedelta(days=90) - dt.timedelta.resolution
    assert tokens.verify(engine, made, last).name == "guest"
    with pytest.raises(TokenRefused, match="the token expired on 2027-01-03"):
        tokens.verify(engine, made, NOW + dt.timedelta(days=90))


def test_a_scope_is_what_a_token_may_do(engine: Engine) -> None:
    submit = tokens.verify(engine, tokens.create(engine, "scraper", NOW, scope="submit"), NOW)
    admin = tokens.verify(engine, tokens.create(engine, "anna", NOW, scope="admin"), NOW)
    assert (submit.may("submit"), submit.may("admin")) == (True, False)
    assert (admin.may("submit"), admin.may("admin")) == (True, True)


def test_a_token_from_before_there_were_scopes_keeps_all_its_rights(engine: Engine) -> None:
    config = schema._config()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        columns = "name, digest, created_at"
        connection.execute(
            text(f"INSERT INTO tokens ({columns}) VALUES ('old', :digest, '2026-01-01T00:00:00.000000Z')"),
            {"digest": tokens.digest("mt_old")},
        )
    schema.migrate(engine)
    found = tokens.verify(engine, "mt_old", NOW)
    assert (found.name, found.scope, found.expires_at) == ("old", "admin", None)


def test_a_name_is_one_tokens_while_that_is_in_use(engine: Engine) -> None:
    day = dt.timedelta(days=1)
    tokens.create(engine, "the scraper", NOW, expires_at=NOW + day)
    with pytest.raises(Refused, match=r"in use already: .* `missing-table token revoke --name 'the scraper'`"):
        tokens.create(engine, "the scraper", NOW)
    tokens.create(engine, "the scraper", NOW + day)
    tokens.create(engine, "another", NOW)
    tokens.revoke(engine, "the scraper", NOW + day)
    tokens.create(engine, "the scraper", NOW + day)
