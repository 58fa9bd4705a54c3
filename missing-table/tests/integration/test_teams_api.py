"""A team whole, and the search for one, on both databases."""

from typing import Any

import httpx

PLAIN: dict[str, Any] = {
    "date": "2026-09-05",
    "season": "2026-27",
    "age_group": "U15",
    "match_type": "League",
    "division": "Northeast",
    "observed_at": "2026-09-20T00:00:00Z",
}


def game(number: int, home: str, away: str, score: tuple[int, int] | None = None, **fields: Any) -> dict[str, Any]:
    scores = {"score_home": score[0], "score_away": score[1]} if score else {}
    return PLAIN | {"match_id": str(number), "home_team": home, "away_team": away} | scores | fields


def put(writer: httpx.Client, *games: dict[str, Any]) -> None:
    assert writer.post("/api/matches/submit", json=list(games)).status_code == 202


def ref_of(client: httpx.Client, name: str, age_group: str = "U15") -> int:
    clubs = client.get("/api/search", params={"q": name}).json()["items"]
    found: list[int] = [
        team["team_ref"]
        for club in clubs
        for team in club["teams"]
        if (team["team"], team["age_group"]) == (name, age_group)
    ]
    return found[0]


def found(client: httpx.Client, typed: str) -> list[str]:
    answer = client.get("/api/search", params={"q": typed})
    assert answer.status_code == 200, answer.text
    return [club["club"] for club in answer.json()["items"]]


def test_a_team_is_shown_whole(writer: httpx.Client) -> None:
    put(
        writer,
        game(1, "Chicago Fire", "Indiana Fire", (2, 1), home_team_id="17"),
        game(2, "Real Salt Lake", "Chicago Fire", (3, 0), date="2026-09-12"),
        game(3, "Chicago Fire", "Real Salt Lake", date="2026-09-19"),
        game(4, "Chicago Fire", "Indiana Fire", (1, 1), age_group="U16"),
        game(5, "Chicago Fire", "Indiana Fire", season="2025-26"),
        game(6, "Indiana Fire", "Real Salt Lake", (0, 0), date="2026-09-12"),
    )
    ref = ref_of(writer, "Chicago Fire")
    team = writer.get(f"/api/teams/{ref}").json()
    assert (team["team_ref"], team["team"], team["age_group"], team["provisional"]) == (
        ref,
        "Chicago Fire",
        "U15",
        False,
    )
    assert team["ids"] == [{"source": "mls-next", "team_id": "17"}]
    assert (team["season"], team["seasons"]) == ("2026-27", ["2026-27", "2025-26"])
    assert [match["match_id"] for match in team["matches"]] == ["1", "2", "3"]
    assert [(other["team"], other["age_group"]) for other in team["same_club"]] == [("Chicago Fire", "U16")]
    (bracket,) = team["brackets"]
    table = writer.get("/api/table?age_group=U15").json()
    row = next(row for row in table["rows"] if row["team_ref"] == ref)
    assert (bracket["division"], bracket["position"], bracket["of"]) == ("Northeast", row["position"], 3)
    assert (bracket["form"], bracket["movement"]) == (row["form"], row["movement"]) == ("WL", -1)
    assert (bracket["home"]["won"], bracket["away"]["lost"], bracket["overall"]["points"]) == (1, 1, 3)
    assert bracket["positions"] == [
        {"date": "2026-09-05", "position": 1, "of": 3},
        {"date": "2026-09-12", "position": 2, "of": 3},
    ]
    before = writer.get(f"/api/teams/{ref}", params={"season": "2025/26"}).json()
    assert [match["match_id"] for match in before["matches"]] == ["5"]


def test_a_team_that_is_not_there(writer: httpx.Client) -> None:
    put(writer, game(1, "Chicago Fire", "Indiana Fire", home_team_id="5656"))
    answer = writer.get("/api/teams/5656")
    assert answer.status_code == 404
    assert [team["team"] for team in answer.json()["nearest"]] == ["Chicago Fire"]
    assert writer.get("/api/teams/4711").json()["nearest"] == []
    other = writer.get(f"/api/teams/{ref_of(writer, 'Chicago Fire')}", params={"season": "2019-20"})
    assert other.status_code == 404
    assert other.json()["detail"].endswith("it has in: 2026-27")


def test_a_search_forgives(writer: httpx.Client) -> None:
    put(
        writer,
        game(1, "FC Westchester", "Ábaco Fútbol Club"),
        game(2, "St. Louis CITY SC", "Intercontinental Football Academy of New England"),
        game(3, "Chicago Fire", "Indiana Fire", home_team_id="5656"),
        game(4, "FC Westchester", "Indiana Fire", age_group="U14"),
    )
    for typed in ("westchester", "FC Westchestr", "wetschester fc", "WESTCHESTER  fc"):
        assert found(writer, typed)[0] == "FC Westchester", typed
    assert found(writer, "abaco futbol") == ["Ábaco Fútbol Club"]
    assert found(writer, "st louis") == ["St. Louis CITY SC"]
    assert found(writer, "new england academy")[0].endswith("New England")
    assert set(found(writer, "fire")) == {"Chicago Fire", "Indiana Fire"}
    assert found(writer, "fi") == ["Chicago Fire", "Indiana Fire"]
    assert found(writer, "5656") == ["Chicago Fire"]
    for nothing in ("zzzzzzzz", "!!!", "é́x"):
        assert found(writer, nothing) == [], nothing


def test_clubs_have_their_teams_by_age_with_their_brackets(writer: httpx.Client) -> None:
    put(
        writer,
        game(1, "Chicago Fire", "Indiana Fire"),
        game(2, "Chicago Fire", "Indiana Fire", age_group="U13", division="Mid-America"),
        game(3, "Chicago Fire", "Indiana Fire", age_group="U13", season="2025-26", division="Florida"),
    )
    (club,) = writer.get("/api/search", params={"q": "chicago"}).json()["items"]
    teams = [(team["age_group"], [(b["season"], b["division"]) for b in team["brackets"]]) for team in club["teams"]]
    assert teams == [("U13", [("2026-27", "Mid-America")]), ("U15", [("2026-27", "Northeast")])]
    (club,) = writer.get("/api/search", params={"q": "chicago u13"}).json()["items"]
    assert [team["age_group"] for team in club["teams"]] == ["U13"]


def test_a_new_team_is_found_at_once(writer: httpx.Client) -> None:
    assert found(writer, "chicago") == []
    put(writer, game(1, "Chicago Fire", "Indiana Fire"))
    assert found(writer, "chicago") == ["Chicago Fire"]
