"""The sixteen ways in which the league's feed bites: what each does to messages, exit code and summary.

Each runs the command against the sample site with the fault of that name. The numbers are those of the list of
quirks; a test makes sure that no fault is left without one.
"""

import datetime as dt
import itertools
from pathlib import Path
from typing import Any

import pytest

from match_scraper.cli import running
from match_scraper.sample_site import faults

from .conftest import Ended, Message, Run, Site

OF_QUIRK = {
    1: ["division-names-disagree"],
    2: ["squad-in-two-brackets"],
    3: ["missing-from-standings", "bracket-without-teams"],
    4: ["cross-age-match"],
    5: ["other-competitions"],
    6: ["unknown-time-zone"],
    7: ["venue-not-set"],
    8: ["placeholder-moved"],
    9: ["completed-in-future"],
    10: ["score-missing", "no-scores", "no-scores-midweek"],
    11: ["web-page"],
    12: ["vanished-match", "always-304", "no-validators"],
    13: [
        "truncated",
        "truncated-once",
        "half-document",
        "half-document-once",
        "server-error",
        "server-error-once",
        "too-many-requests",
        "too-many-requests-once",
        "too-many-requests-until-a-date",
        "too-many-requests-until-a-date-once",
        "too-many-requests-for-an-hour",
        "time-out",
        "time-out-once",
    ],
    14: ["new-fields", "no-venues", "shootouts-renamed", "unreadable-event", "changed-shape", "impossible-score"],
    15: ["one-club-twice"],
    16: ["earlier-season", "academy-not-published"],
}
OF_THE_CLOCK = ["stale-feed", "out-of-season"]
OF_THE_FEED = [*itertools.chain.from_iterable(OF_QUIRK.values()), *OF_THE_CLOCK]
PATHWAY = "Northeast (Pro Player Pathway)"
U15 = ("-a", "U15", "-d", "Northeast")


@pytest.fixture
def baseline(site: Site, dry_run: Run) -> dict[str, Message]:
    """The messages of the sample as it is."""
    site()
    ended = dry_run()
    assert ended.code == 0
    assert ended.lines("note: ") == []
    assert ended.summary["mapped"] == 462
    return ended.messages


def changed(before: dict[str, Message], after: dict[str, Message]) -> dict[str, Message]:
    """What is new in the messages after, or differs from what it was; nothing may be gone."""
    assert before.keys() <= after.keys()
    return {match_id: message for match_id, message in after.items() if before.get(match_id) != message}


def differences(before: Message, after: Message) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def test_every_quirk_has_its_faults_and_every_fault_its_quirk() -> None:
    assert sorted(OF_QUIRK) == list(range(1, 17))
    assert len(OF_THE_FEED) == len(set(OF_THE_FEED))


def test_1_division_names_of_the_schedule_are_not_believed(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("division-names-disagree")
    ended = dry_run()
    assert (ended.code, ended.messages) == (0, baseline)


def test_2_a_squad_in_two_brackets_plays_each_match_in_the_one_that_holds_both_sides(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("squad-in-two-brackets")
    both = dry_run("-a", "U14", "-a", "U15", "-d", "Northeast", "-d", PATHWAY)
    (extra,) = changed(baseline, both.messages).values()
    assert (both.code, both.summary["asked for"]) == (0, 463)
    assert (extra["division"], extra["match_type"], extra["league"]) == (PATHWAY, "League", "Homegrown")
    assert dry_run().messages == baseline


def test_3_a_squad_missing_from_the_standings_keeps_its_matches_and_is_named(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("missing-from-standings")
    ended = dry_run()
    assert (ended.code, ended.messages) == (0, baseline)
    (note,) = ended.lines("note: ")
    assert "missing from the standings, filed with their opponents: New England Revolution (5914)" in note


def test_3_a_bracket_that_has_lost_its_teams_is_a_problem_and_not_a_bracket_nobody_asked_for(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("bracket-without-teams")
    ended = dry_run()
    assert (ended.code, ended.summary["asked for"], ended.summary["not asked for"]) == (3, 272, 292)
    assert ended.messages.items() <= baseline.items()
    (problem,) = ended.lines("problem: ")
    assert "U15: no squad stands in a bracket" in problem
    assert "which may be one that was asked for, of 190 matches: " in problem
    assert "Northeast has none: the standings lack teams" in problem
    everything = dry_run("-a", "U15", "-d", "all")
    assert (everything.code, everything.messages.keys() >= baseline.keys() - ended.messages.keys()) == (0, True)


def test_4_a_match_across_age_groups_is_filed_at_home_and_names_the_guests_age_group(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("cross-age-match")
    (extra,) = changed(baseline, dry_run().messages).values()
    assert (extra["age_group"], extra["away_age_group"], extra.get("away_division")) == ("U15", "U14", None)
    for age_group, matches in (("U14", 273), ("U15", 191)):
        ended = dry_run("-a", age_group, "-d", "Northeast")
        assert (ended.code, ended.summary["mapped"]) == (0, matches)
        assert extra["match_id"] in ended.messages


def test_5_the_event_says_its_competition_and_an_unknown_one_is_reported(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("other-competitions")
    ended = dry_run()
    (flex,) = changed(baseline, ended.messages).values()
    assert (flex["match_type"], flex["league"]) == ("Flex", "Flex")
    (note,) = ended.lines("note: ")
    assert "competition “Autumn Showcase” is not known" in note
    assert "1 match: " in note
    assert ended.code == 0


def test_6_an_unknown_time_zone_is_said_and_utc_used(site: Site, dry_run: Run, baseline: dict[str, Message]) -> None:
    site("unknown-time-zone")
    ended = dry_run()
    for match_id, message in changed(baseline, ended.messages).items():
        assert differences(baseline[match_id], message).keys() == {"match_time", "timezone"}
        assert message["timezone"] == "UTC"
        assert int(message["match_time"][:2]) == int(baseline[match_id]["match_time"][:2]) + 4
    assert [note.split("“")[1].split("”")[0] for note in ended.lines("note: ")] == ["none", "America/New_Amsterdam"]
    assert ended.code == 0


def test_7_a_venue_not_set_means_a_day_without_a_time(site: Site, dry_run: Run, baseline: dict[str, Message]) -> None:
    assert sum("match_time" not in message for message in baseline.values()) == 131 + 103 + 13
    site("venue-not-set")
    (message,) = changed(baseline, dry_run().messages).values()
    assert (message["date"], message["status"]) == ("2026-11-07", "scheduled")
    assert "match_time" not in message
    assert "location" not in message


def test_8_postponed_matches_are_known_by_shape_and_found_in_every_window(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    postponed = {match_id for match_id, message in baseline.items() if message["status"] == "postponed"}
    assert len(postponed) == 13
    site("placeholder-moved")
    ended = dry_run("--from", "2026-09-05", "--to", "2026-09-06")
    elsewhere = {match_id: message for match_id, message in ended.messages.items() if match_id in postponed}
    assert {message["date"] for message in elsewhere.values()} == {"2027-05-26"}
    (played,) = [message for message in elsewhere.values() if message["status"] != "postponed"]
    assert (played["status"], played["score_home"], played["score_away"]) == ("completed", 2, 1)
    assert len(elsewhere) == 13
    assert all("score_home" not in message for message in elsewhere.values() if message is not played)
    weekend = {message["date"] for match_id, message in ended.messages.items() if match_id not in postponed}
    assert weekend == {"2026-09-05", "2026-09-06"}
    assert ended.code == 0


def test_9_a_score_from_the_future_is_left_out(site: Site, dry_run: Run, baseline: dict[str, Message]) -> None:
    site("completed-in-future")
    ended = dry_run()
    assert (ended.code, ended.messages) == (0, baseline)


def test_10_a_played_match_without_a_score_is_tbd(site: Site, dry_run: Run, baseline: dict[str, Message]) -> None:
    assert {m["match_id"] for m in baseline.values() if m["status"] == "tbd"} == {"28069", "28057"}
    site("score-missing")
    ended = dry_run()
    ((match_id, message),) = changed(baseline, ended.messages).items()
    assert differences(baseline[match_id], message).keys() == {"status", "score_home", "score_away"}
    assert (ended.code, message["status"]) == (0, "tbd")


def test_10_a_week_without_any_score_ends_with_5_and_sends_what_there_is(site: Site, dry_run: Run) -> None:
    site("no-scores")
    ended = dry_run()
    assert (ended.code, ended.summary["mapped"]) == (5, 462)
    assert {message["status"] for message in ended.messages.values()} == {"scheduled", "postponed", "tbd"}
    (problem,) = ended.lines("problem: ")
    assert "none of them has a score" in problem


@pytest.mark.parametrize("source", ["assist", "modular11"])
def test_10_a_midweek_round_without_any_score_is_not_taken_for_the_day_of_put_off_matches(
    site: Site, dry_run: Run, baseline: dict[str, Message], source: str
) -> None:
    site("no-scores-midweek")
    ended = dry_run("--source", source)
    moved = [message for message in ended.messages.values() if message["date"] == "2026-09-30"]
    assert (ended.code, len(moved), {message["status"] for message in moved}) == (5, 21, {"tbd"})
    put_off = {match_id for match_id, message in ended.messages.items() if message["status"] == "postponed"}
    assert put_off == {match_id for match_id, message in baseline.items() if message["status"] == "postponed"}
    (problem,) = ended.lines("problem: ")
    assert "Homegrown: 37 matches were to be played" in problem


def test_11_a_web_page_in_place_of_data_is_said_in_words_and_asked_for_once(site: Site, dry_run: Run) -> None:
    served = site("web-page")
    ended = dry_run()
    assert (ended.code, ended.messages) == (3, {})
    (problem,) = ended.lines("problem: ")
    assert "Homegrown 2026-27 is not published, or its key is wrong" in problem
    assert len(served.asked) == 1


def vanished(ended: Ended) -> list[str]:
    return [note for note in ended.lines("note: ") if "vanished from the feed since the last run" in note]


@pytest.mark.usefixtures("home")
def test_12_a_match_that_has_gone_is_reported_once_and_the_rest_goes_on(site: Site, run: Run) -> None:
    scrape = ("scrape", "-a", "U14", "-a", "U15", "-d", "Northeast", "--use-queue")
    site("vanished-match")
    assert run(*scrape).summary["mapped"] == 462
    ended = run(*scrape)
    assert (ended.code, ended.summary["mapped"]) == (0, 461)
    (note,) = ended.lines("note: ")
    assert "vanished from the feed since the last run, and kept as stored: 26090 (FC Westchester v TSF Academy" in note
    assert run(*scrape).lines("note: ") == []


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "others",
    [
        ["doctor"],
        ["release", "--season", "2026-27"],
        ["upcoming"],
        ["scrape", *U15, "--use-queue", "--quiet"],
        ["scrape", *U15, "--dry-run"],
    ],
    ids=" ".join,
)
def test_12_whoever_reads_in_between_and_tells_nobody_keeps_no_vanished_match_from_the_next_run(
    site: Site, run: Run, others: list[str]
) -> None:
    scrape = ("scrape", *U15, "--use-queue")
    site("vanished-match")
    assert not vanished(run(*scrape))
    run(*others)
    run(*others)
    assert len(vanished(run(*scrape))) == 1
    assert not vanished(run(*scrape))


@pytest.mark.usefixtures("home")
def test_12_a_match_that_went_from_a_stale_source_is_told_by_a_strict_run_too(site: Site, run: Run) -> None:
    scrape = ("scrape", *U15, "--use-queue")
    site("vanished-match", "stale-feed")
    assert not vanished(run(*scrape))
    strict = run(*scrape, "--strict")
    assert (strict.code, len(vanished(strict))) == (3, 1)
    assert not vanished(run(*scrape))


def test_12_an_unchanged_feed_does_not_travel_again(site: Site, dry_run: Run) -> None:
    served = site()
    once, again = dry_run(), dry_run()
    assert once == again
    assert [status for _, status in served.asked] == [200, 200, 304, 304]


@pytest.mark.parametrize("damage", [b"", b"{}", b"not json\n{}", b"\xff\xfe", b'{"url": 7}\nx'])
def test_12_a_damaged_cache_is_ignored(site: Site, dry_run: Run, tmp_path: Path, damage: bytes) -> None:
    served = site()
    once = dry_run()
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(damage)
    again = dry_run()
    assert (again.code, again.messages) == (0, once.messages)
    assert [status for _, status in served.asked] == [200] * 4


def test_12_a_cache_cut_short_is_ignored(site: Site, dry_run: Run, tmp_path: Path) -> None:
    served = site()
    once = dry_run()
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:-100])
    assert dry_run().messages == once.messages
    assert [status for _, status in served.asked] == [200] * 4


def test_12_a_cache_that_cannot_be_written_is_no_obstacle(
    site: Site, dry_run: Run, tmp_path: Path, baseline: dict[str, Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLS_SCRAPER_CACHE_DIR", str(tmp_path / "file" / "cache"))
    site()
    ended = dry_run()
    assert (ended.code, ended.messages) == (0, baseline)


def test_12_a_304_that_means_nothing_is_asked_again_in_full_and_then_given_up(site: Site, dry_run: Run) -> None:
    served = site("always-304")
    ended = dry_run()
    assert (ended.code, ended.messages) == (3, {})
    assert len(served.asked) == 2


def test_12_a_site_without_validators_is_read_in_full_each_time(site: Site, dry_run: Run) -> None:
    served = site("no-validators")
    once, again = dry_run(), dry_run()
    assert (once.code, once) == (0, again)
    assert [status for _, status in served.asked] == [200] * 4


@pytest.mark.parametrize(
    "fault",
    [
        "truncated",
        "half-document",
        "server-error",
        "too-many-requests",
        "too-many-requests-until-a-date",
        "time-out",
    ],
)
def test_13_a_hiccup_is_got_over(
    site: Site, dry_run: Run, baseline: dict[str, Message], monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_TIMEOUT_SECONDS", "0.5")
    served = site(f"{fault}-once")
    ended = dry_run()
    assert (ended.code, ended.messages) == (0, baseline)
    assert len(served.asked) == 4  # each of the two documents twice


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("truncated", "connection failed"),
        ("half-document", "cut short"),
        ("server-error", "answered 500 Internal Server Error"),
        ("too-many-requests", "answered 429 Too Many Requests"),
        ("too-many-requests-until-a-date", "answered 429 Too Many Requests"),
        ("time-out", "no answer within 0.3 seconds"),
    ],
)
def test_13_a_site_that_stays_broken_is_given_up_after_a_few_attempts(
    site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch, fault: str, words: str
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_TIMEOUT_SECONDS", "0.3")
    served = site(fault)
    ended = dry_run()
    assert (ended.code, ended.messages) == (3, {})
    (problem,) = ended.lines("problem: ")
    assert words in problem
    assert "asked 2 times" in problem
    assert len(served.asked) == 2


def test_13_a_site_that_wants_to_be_left_alone_for_an_hour_is_left_alone(site: Site, dry_run: Run) -> None:
    served = site("too-many-requests-for-an-hour")
    ended = dry_run()
    assert ended.code == 3
    assert "to be left alone for 3600 seconds" in ended.err
    assert len(served.asked) == 1


def test_13_a_site_that_is_not_there_ends_with_3(dry_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLS_ASSIST_URL", "http://127.0.0.1:9")
    ended = dry_run()
    assert (ended.code, ended.messages) == (3, {})


def test_14_new_fields_and_nulls_that_nobody_needs_change_nothing(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("new-fields")
    ended = dry_run()
    assert (ended.code, ended.messages) == (0, baseline)


@pytest.mark.parametrize("source", ["assist", "modular11"])
def test_14_without_venues_no_time_is_believed(
    site: Site, dry_run: Run, baseline: dict[str, Message], source: str
) -> None:
    site("no-venues")
    ended = dry_run("--source", source)
    assert (ended.code, ended.messages.keys()) == (0, baseline.keys())
    for match_id, message in ended.messages.items():
        assert message["date"] == baseline[match_id]["date"]
        assert not message.keys() & {"match_time", "location"}
    (note,) = ended.lines("note: ")
    assert "no venue, which would tell whether the kick-off is set, so none was taken for 462 matches" in note


def test_14_a_shootout_that_is_not_told_any_more_costs_no_match_and_is_said(site: Site, dry_run: Run) -> None:
    flex = ("--league", "Flex", "-a", "U17", "-d", "all")
    site()
    before = dry_run(*flex)
    shootouts = {match_id for match_id, message in before.messages.items() if "penalty_home" in message}
    assert (before.code, before.lines("note: "), len(shootouts) > 0) == (0, [], True)
    site("shootouts-renamed")
    ended = dry_run(*flex)
    assert (ended.code, ended.messages.keys()) == (0, before.messages.keys())
    assert changed(before.messages, ended.messages).keys() == shootouts
    (note,) = ended.lines("note: ")
    assert (
        f"no field for a shootout, not even an empty one, so none was taken for {len(before.messages)} matches" in note
    )


def test_14_an_event_that_cannot_be_read_is_counted_and_named(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("unreadable-event")
    ended = dry_run()
    assert (ended.code, ended.summary["unreadable"], ended.summary["mapped"]) == (0, 1, 461)
    assert ended.messages.keys() == baseline.keys() - {"26090"}
    (line,) = ended.lines("unreadable: ")
    assert line.startswith("match 26090: ")
    assert "start_time" in line


def test_14_a_changed_shape_sends_nothing_and_ends_with_3(site: Site, dry_run: Run) -> None:
    site("changed-shape")
    ended = dry_run()
    assert (ended.code, ended.messages) == (3, {})
    (problem,) = ended.lines("problem: ")
    assert "57 of 564 events cannot be read, so the feed has changed shape" in problem


def test_14_what_breaks_the_contract_is_named_and_the_rest_goes_on(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("impossible-score")
    ended = dry_run()
    assert (ended.code, ended.summary["broken"], ended.summary["mapped"]) == (4, 1, 461)
    (line,) = ended.lines("broken: ")
    assert "score_home: Input should be less than or equal to 99" in line
    assert ended.messages.items() <= baseline.items()


def test_15_two_squads_of_one_club_may_meet_because_the_message_has_their_ids(site: Site, dry_run: Run) -> None:
    site("one-club-twice")
    ended = dry_run("--league", "Flex", "-a", "U17", "-d", "all")
    message = ended.messages[faults.EXTRA_MATCH]
    assert (message["home_team"], message["away_team"]) == ("FC Dallas", "FC Dallas")
    assert (message["home_team_id"], message["away_team_id"]) == ("5804", "7276")
    assert (ended.code, ended.summary["mapped"]) == (0, 26)


def test_16_an_earlier_season_is_not_here_and_that_is_said(
    site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "assist")
    site()
    ended = dry_run("--season", "2025-26")
    assert (ended.code, ended.messages) == (3, {})
    assert "Homegrown 2025-26 is not published" in ended.err
    assert "this site's data begins with 2026-27" in ended.err


def test_16_another_seasons_data_under_an_earlier_key_is_not_taken_for_it(
    site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLS_SCRAPER_SOURCE", "assist")
    site("earlier-season")
    ended = dry_run("--season", "2025-26")
    assert (ended.code, ended.messages) == (3, {})
    assert "the site answered with mls-next-league-26-27" in ended.err


def test_16_a_league_that_is_not_published_yet_does_not_keep_the_others_from_being_read(
    site: Site, dry_run: Run, baseline: dict[str, Message]
) -> None:
    site("academy-not-published")
    ended = dry_run("--league", "Homegrown,Academy", "-a", "U14,U15", "-d", "northeast")
    assert (ended.code, ended.messages) == (3, baseline)
    (problem,) = ended.lines("problem: ")
    assert "Academy 2026-27 is not published" in problem


def test_a_stale_feed_is_a_note_and_with_strict_an_error(site: Site, dry_run: Run) -> None:
    site("stale-feed")
    ended = dry_run()
    (note,) = ended.lines("note: ")
    assert "2026-09-25 04:40 UTC, more than 48 hours ago: it is stale" in note
    assert (ended.code, ended.summary["mapped"]) == (0, 462)
    strict = dry_run("--strict")
    assert (strict.code, strict.summary, strict.messages) == (3, ended.summary, ended.messages)
    assert strict.lines("problem: ") == [f"{note} (--strict)"]


@pytest.mark.usefixtures("home")
def test_what_a_stale_feed_has_is_sent_all_the_same(site: Site, run: Run) -> None:
    site("stale-feed")
    ended = run("scrape", *U15, "--use-queue", "--strict")
    assert (ended.code, ended.summary["seen"], ended.summary["confirmed"]) == (3, 564, 190)


def test_a_match_on_a_day_outside_its_season_is_said(site: Site, dry_run: Run, baseline: dict[str, Message]) -> None:
    site("out-of-season")
    ended = dry_run()
    ((match_id, message),) = changed(baseline, ended.messages).items()
    assert (ended.code, message["date"]) == (0, "2019-09-05")
    (note,) = ended.lines("note: ")
    assert f"on a day outside the season, as the source has it: 1 match: {match_id} (2019-09-05)" in note


def test_the_clock_is_the_feeds_and_not_ours(
    site: Site, dry_run: Run, baseline: dict[str, Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "utc_now", lambda: dt.datetime(2027, 9, 1, tzinfo=dt.UTC))
    site()
    ended: Ended = dry_run("--season", "2026-27")
    assert (ended.code, ended.messages) == (0, baseline)
    assert ended.lines("note: ") == []  # a season that is over is not expected to be fresh
