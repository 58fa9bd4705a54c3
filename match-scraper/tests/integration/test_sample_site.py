"""The sample site: what it serves is the league's, in the league's shape, and it behaves as HTTP does."""

import csv
import json
import socket
import struct
import threading
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
import pytest

from match_scraper.sample_site import faults, feeds, matches_list
from match_scraper.sample_site.server import SampleSite, export

from .conftest import Site

SCHEDULE = "/data/schedule/mls-next-league-26-27.json"
STANDINGS = "/data/standings/mls-next-league-26-27.json"


def bundled_rows(name: str) -> list[dict[str, str]]:
    text = resources.files("match_scraper.sample_site").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def bracket(standings: Any, age_group: str) -> Any:
    (found,) = [
        held
        for held in standings["competition_season"]["competition_brackets"]
        if held["name"] == "Northeast" and held["age_group"]["name"] == age_group
    ]
    return found


def test_both_brackets_are_whole(site: Site) -> None:
    served = site()
    schedule = httpx.get(served.url + SCHEDULE).json()
    standings = httpx.get(served.url + STANDINGS).json()
    assert schedule["synced_at"] == "2026-10-05T04:40:03Z"
    for age_group, matches, scored, squads in (("U14", 272, 39, 22), ("U15", 190, 25, 20)):
        rows = bracket(standings, age_group)["standings"]
        ids = {row["team"]["squad_id"] for row in rows}
        events = [event for event in schedule["events"] if event["home_squad_id"] in ids]
        assert len(ids) == squads
        assert len(events) == matches
        assert sum(event["home_score"] is not None for event in events) == scored
        assert all(event["away_squad_id"] in ids for event in events)


def test_u15_stands_in_its_official_order_and_u14_has_none(site: Site) -> None:
    standings = httpx.get(site().url + STANDINGS).json()
    u15, u14 = bracket(standings, "U15"), bracket(standings, "U14")
    assert [row["position"] for row in u15["standings"]] == list(range(1, 21))
    assert u15["standings"][0]["team"]["name"] == "Beachside of Connecticut"
    assert u15["standings"][0]["tiebreaker_values"]["points"] == {"value": "9", "description": "9 points"}
    assert all(row["tiebreaker_values"] == {} for row in u14["standings"])
    assert u14["tiebreakers"] == ["Quality of Play"]


def test_every_flex_match_and_its_shootout_is_there(site: Site) -> None:
    events = httpx.get(site().url + "/data/schedule/mls-next-flex-26-27.json").json()["events"]
    shootouts = {
        event["game_key"]: (event["home_penalty_shootout_score"], event["away_penalty_shootout_score"])
        for event in events
        if event["home_penalty_shootout_score"] is not None
    }
    assert len(events) == len(bundled_rows("flex.csv")) == 25
    assert shootouts == {"26336": (3, 4), "26667": (6, 5), "27967": (1, 4), "27694": (4, 2)}


def test_numbers_of_matches_are_never_given_twice() -> None:
    keys = [event["game_key"] for document in feeds.bundled().schedule.values() for event in document["events"]]
    assert len(keys) == len(set(keys))


def test_an_unknown_key_answers_with_the_viewers_page(site: Site) -> None:
    served = site()
    for path in ("/data/schedule/no-such-key.json", "/", "/data/schedule/../secret", "/data/elsewhere/x.json"):
        answer = httpx.get(served.url + path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/html")
        assert 600 <= len(answer.content) <= 660


@pytest.mark.parametrize(("ours", "theirs"), [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")])
def test_what_has_not_changed_is_not_sent_again(site: Site, ours: str, theirs: str) -> None:
    served = site()
    first = httpx.get(served.url + SCHEDULE)
    again = httpx.get(served.url + SCHEDULE, headers={ours: first.headers[theirs]})
    assert (again.status_code, again.content) == (304, b"")
    assert httpx.get(served.url + SCHEDULE, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_folder_is_read_again_for_each_request(site: Site, tmp_path: Path) -> None:
    export(tmp_path)
    served = site(folder=tmp_path)
    assert httpx.get(served.url + SCHEDULE).json() == feeds.bundled().schedule[feeds.HOMEGROWN]
    file = tmp_path / "schedule" / "mls-next-league-26-27.json"
    file.write_text('{"events": []}')
    assert httpx.get(served.url + SCHEDULE).text == '{"events": []}'
    file.write_text("{ not json")
    assert httpx.get(served.url + SCHEDULE).text == "{ not json"
    file.unlink()
    assert httpx.get(served.url + SCHEDULE).headers["Content-Type"].startswith("text/html")


def test_a_fault_also_spoils_what_is_in_a_folder(site: Site, tmp_path: Path) -> None:
    export(tmp_path)
    served = site("no-scores", folder=tmp_path)
    events = httpx.get(served.url + SCHEDULE).json()["events"]
    assert all(event["home_score"] is None for event in events)
    scored = json.loads((tmp_path / "schedule" / "mls-next-league-26-27.json").read_text())["events"]
    assert any(event["home_score"] is not None for event in scored)


def test_an_empty_folder_has_nothing_published_whatever_the_fault(tmp_path: Path) -> None:
    for name, fault in faults.known().items():
        if fault.change is None:
            continue
        with SampleSite(folder=tmp_path, faults=[name]) as served:
            assert httpx.get(served.url + SCHEDULE).headers["Content-Type"].startswith("text/html"), name


def test_every_fault_changes_something() -> None:
    plain = feeds.bundled()
    for name, fault in faults.known().items():
        if fault.change is not None:
            spoilt = feeds.bundled()
            fault.change(spoilt, 2)
            assert spoilt != plain, name


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError):
        SampleSite(faults=["no-such-fault"])


def test_two_sites_on_one_port_are_one_too_many() -> None:
    with SampleSite() as served, pytest.raises(OSError, match="Address already in use"):
        SampleSite(port=int(served.url.rpartition(":")[2]))


def test_the_list_counts_pages_from_1_and_0_silently_means_1(site: Site) -> None:
    served = site()
    answers = {
        number: httpx.get(f"{served.url}{matches_list.PATH}", params={"tournament": 35, "open_page": number}).text
        for number in (0, 1, 2, 99)
    }
    assert answers[0] == answers[1] == answers[99] != answers[2]
    assert "1 page out of 9" in answers[1]  # a hundred matches of 2026-27 and 120 of the season before
    assert answers[1].count("hidden-xs") == answers[1].count("visible-xs") == 25


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"tournament": 7}, "Error: unknown tournament"),
        ({"tournament": 12, "status": "over"}, "Error: unknown status"),
        ({"tournament": 12, "open_page": "last"}, "Error: wrong parameter"),
        ({"tournament": 12, "start_date": "soon"}, "Error: wrong parameter"),
        ({"tournament": 12, "match_type": 9}, "No data available."),
        ({"tournament": 12, "age[]": 21}, "No data available."),
    ],
)
def test_a_bad_question_is_answered_with_200_and_words(
    site: Site, parameters: dict[str, str | int], words: str
) -> None:
    answer = httpx.get(f"{site().url}{matches_list.PATH}", params=parameters)
    assert (answer.status_code, words in answer.text) == (200, True)


def test_the_public_page_holds_a_viewer_of_another_site_under_a_banner(site: Site) -> None:
    served = site()
    page = httpx.get(served.page_url).text
    assert 'src="http://localhost:' in page
    assert "onetrust-accept-btn-handler" in page
    assert httpx.get(served.url + "/assets/viewer-81d0ea.js").headers["Content-Type"].startswith("text/javascript")


def test_the_sites_clock_stands_still(site: Site) -> None:
    served = site()
    for address in (served.page_url, served.url + SCHEDULE, f"{served.url}{matches_list.PATH}?tournament=12"):
        assert httpx.get(address).headers["Date"] == "Mon, 05 Oct 2026 04:40:03 GMT"


def test_a_client_that_breaks_off_is_no_error_of_the_site(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    served = site()
    with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2]))) as client:
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        client.recv(1)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing is a reset
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(10)
    assert capfd.readouterr().err == ""
