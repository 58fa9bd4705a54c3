"""The page of the search: what is typed leads to teams, whatever is typed."""

import re

import httpx
import pytest

from pages import PLAIN, text_of

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.mark.parametrize("typed", ["chicago fire", "Chicgo", "CHICÁGO", "fire chicago", "  chicago  ", "Chicago U15"])
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


def test_what_is_typed_is_text_and_never_markup(writer: httpx.Client) -> None:
    writer.post("/api/matches/submit", json=PLAIN | {"home_team": "<script>alert(1)</script> FC"})
    for typed in ('"><script>alert(1)</script>', "script alert", "\x00" + "x" * 10_000, "%", "'; DROP TABLE teams"):
        answer = writer.get("/search", params={"q": typed})
        assert answer.status_code == 200
        assert "<script>" not in answer.text
    assert "&lt;script&gt;" in writer.get("/search", params={"q": "script alert"}).text
