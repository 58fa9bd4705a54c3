"""The page of the search: what is typed leads to teams, whatever is typed."""

import re

import httpx
import pytest

from pages import PLAIN, text_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "typed",
    ["chicago fire", "Chicgo", "CHICÁGO", "fire chicago", "  chicago  ", "Chicago U15", "chicago u-15", "u 15 Chcago"],
)
def test_a_team_is_found_whatever_way_it_is_typed(writer: httpx.Client, typed: str) -> None:
    writer.post("/api/matches/submit", json=PLAIN)
    page = writer.get("/search", params={"q": typed}).text
    links = re.findall(r'<a href="(/teams/[0-9]+)"><span class="unseen">Chicago Fire </span>U15</a>', page)
    assert links
    assert "Chicago Fire" in text_of(writer.get(links[0]).text)
    assert "Homegrown Northeast" in page


def test_nothing_found_and_nothing_typed_say_what_to_do(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN)
    assert "No team is called that" in writer.get("/search", params={"q": "zzzzqqq"}).text
    for address in ("/search", "/search?q=", "/search?q=%20"):
        assert "Find a team or club" in writer.get(address).text


def test_an_age_group_alone_leads_to_its_tables(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=[PLAIN, PLAIN | {"age_group": "U16", "date": "2026-09-12"}])
    for typed in ("u16", "U-16", " u 16 "):
        page = writer.get("/search", params={"q": typed}).text
        assert "No team is called that" not in page
        (link,) = re.findall(r'<a href="([^"]*)">the tables of U16</a>', page)
        there = writer.get(link, follow_redirects=True)
        assert "<h1>U16 Northeast</h1>" in there.text


def test_a_word_that_many_names_share_does_not_outdo_the_others(writer: httpx.Client) -> None:
    names = ("Cedar Stars Academy Bergen", *(f"{name} Academy" for name in ("Barca", "TSF", "Kings Hammer", "Star")))
    matches = [PLAIN | {"match_id": str(n), "home_team": name, "home_team_id": str(n)} for n, name in enumerate(names)]
    writer.post("/api/matches/submit", json=matches)
    found = writer.get("/api/search", params={"q": "Cedar Star Academy"}).json()["items"]
    assert found[0]["club"] == names[0]


def test_what_is_typed_is_text_and_never_markup(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"home_team": "<script>alert(1)</script> FC"})
    for typed in ('"><script>alert(1)</script>', "script alert", "\x00" + "x" * 10_000, "%", "'; DROP TABLE teams"):
        answer = writer.get("/search", params={"q": typed})
        assert answer.status_code == 200
        assert "<script>" not in answer.text
    assert "&lt;script&gt;" in writer.get("/search", params={"q": "script alert"}).text
