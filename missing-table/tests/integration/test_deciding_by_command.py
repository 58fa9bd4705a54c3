"""The maintainer's commands: what waits, each decision, and tokens."""

import datetime as dt
import json
from typing import Any

import pytest
from typer.testing import CliRunner

from messages import NOW, delivery, match, observed
from missing_table import logs
from missing_table.cli import app
from missing_table.errors import MissingTableError
from missing_table.ingest.pipeline import Ingest
from missing_table.match_data import MatchData
from missing_table.store import engine as engines

SCORE = {"score_home": 3, "score_away": 1}


@pytest.fixture
def database(sqlite_file: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """One of everything that waits."""
    monkeypatch.setenv("DATABASE_URL", sqlite_file)
    monkeypatch.setattr(logs, "configure", lambda _level: None)  # it is the process's, which other tests share
    engine = engines.create(sqlite_file)
    ingest = Ingest(engine, default_league="Homegrown", message_limit=100_000)
    ingest.enter(MatchData.model_validate(match(observed_at=None, score_home=2, score_away=2)), now=NOW, by="coach")
    for payload in (
        match(observed_at=observed(600), score_home=4, score_away=1),
        match(match_id="2", observed_at=observed(600), **SCORE),
        match(match_id="3", home_team="Westchester", home_team_id=None, date="2026-10-20", **SCORE),
        match(match_id="4", date="2026-11-01", observed_at="2026-09-01T00:00:00Z"),
    ):
        ingest.process([delivery(payload)], NOW)
    engine.dispose()
    return sqlite_file


def said(*arguments: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def listed(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said(*arguments, "--format", "json"))
    return found


@pytest.mark.usefixtures("database")
def test_what_waits_is_listed_and_decided() -> None:
    ours = {(row["field"], row["ours"], row["theirs"]) for row in listed("matches", "disputes")}
    assert ours == {("score_home", "2", "4"), ("score_away", "2", "1")}
    ref = str(listed("matches", "disputes")[0]["match"])
    taken = said("matches", "decide", ref, "result", "take")
    assert taken == (
        f"match {ref}: the dispute about its result is settled: theirs is taken, and pinned "
        "(score_home 2 → 4; score_away 2 → 1)\n"
    )
    (twin,) = listed("matches", "duplicates")
    assert "is match" in said("matches", "same", str(twin["match"]), str(twin["of"]))
    (gone,) = listed("matches", "vanished")
    assert "is cancelled" in said("matches", "cancel", str(gone["match"]))
    for kind in ("disputes", "duplicates", "vanished"):
        assert listed("matches", kind) == []


@pytest.mark.usefixtures("database")
def test_a_verdict_that_changes_nothing_shown_says_what_it_settled() -> None:
    ref = str(listed("matches", "disputes")[0]["match"])
    kept = said("matches", "decide", ref, "result", "keep")
    assert kept == (
        f"match {ref}: the dispute about its result is settled: ours stays until the source says something else\n"
    )
    assert listed("matches", "disputes") == []
    freed = said("matches", "decide", ref, "result", "unpin")
    assert freed.startswith(f"match {ref}: its result follows the source from now on (score_home 2 → 4")


@pytest.mark.usefixtures("database")
def test_an_alias_is_undone_by_command() -> None:
    (team,) = listed("teams", "list")
    gone, known = str(team["team_id"]), str(team["nearest"][0]["team_id"])
    assert f"teams unmerge {gone}" in said("teams", "alias", gone, known)
    assert [(row["name"], row["by"]) for row in listed("teams", "merges")] == [("Westchester", "command line")]
    assert f"Westchester (U14) is team {gone} again" in said("teams", "unmerge", gone)
    assert listed("teams", "list") == [team]


@pytest.mark.usefixtures("database")
def test_a_token_has_a_scope_and_an_end() -> None:
    assert said("token", "create", "--name", "guest", "--scope", "submit", "--expires", "90d").startswith("mt_")
    (token,) = listed("token", "list")
    assert token["scope"] == "submit"
    ends = dt.datetime.fromisoformat(token["expires_at"]) - dt.datetime.fromisoformat(token["created_at"])
    assert ends == dt.timedelta(days=90)


@pytest.mark.parametrize(
    "wrong",
    [
        ("token", "create", "--name", "x", "--expires", "soon"),
        ("token", "create", "--name", "x", "--expires", "0d"),
        ("token", "create", "--name", "x", "--expires", "99999999d"),
        ("token", "create", "--name", " "),
        ("token", "create", "--name", "a\x1b[31m"),
        ("teams", "unmerge", "99"),
        ("matches", "same", "1", "1"),
        ("matches", "decide", "99", "result", "keep"),
        ("matches", "keep", "99"),
    ],
)
@pytest.mark.usefixtures("database")
def test_what_cannot_be_is_one_sentence(wrong: tuple[str, ...]) -> None:
    with pytest.raises(MissingTableError) as raised:
        CliRunner().invoke(app, list(wrong), catch_exceptions=False)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)
