"""Faults of what the documents say: the quirks of the feeds, which the other sources show as far as they have them."""

import datetime as dt
from typing import Any

from .fault import changes
from .feeds import ACADEMY, FLEX, HOMEGROWN, SYNCED_AT, Document, Documents, Seat, bracket, organisation

NORTHEAST = "Northeast"
PATHWAY_BRACKET = "Northeast (Pro Player Pathway)"
PATHWAY_SQUAD = 99_001
EXTRA_MATCH = "99900"
"""The number of a match that a fault adds."""
MOVED_PLACEHOLDER = dt.date(2027, 5, 26)
MIDWEEK = dt.date(2026, 9, 30)
"""The Wednesday before the sample was made."""
_TIME = "%Y-%m-%dT%H:%M:%SZ"


# ---- the schedule and the standings disagree


@changes("division-names-disagree", "the schedule's own division names are not those of the standings")
def _division_names_disagree(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        for number, event in enumerate(document["events"]):
            event["division"] = {"id": number % 3, "name": ("MLS Next", "Florida", "North East Div.")[number % 3]}


@changes("squad-in-two-brackets", "a squad stands in two brackets; a match belongs to the one that holds both sides")
def _squad_in_two_brackets(site: Documents, _request: int) -> None:
    held = _bracket(site, "U15")
    if held is None:
        return
    shared = held["standings"][0]["team"]
    seats = [
        Seat("Homegrown", "U15", PATHWAY_BRACKET, shared["squad_id"], shared["name"]),
        Seat("Homegrown", "U15", PATHWAY_BRACKET, PATHWAY_SQUAD, "Sample Academy"),
    ]
    # In front of the real one, so that "the first bracket found" is the wrong answer.
    _brackets(site).insert(0, bracket(901, "U15", PATHWAY_BRACKET, seats))
    event = _extra(site, _a_match(site, held))
    event.update(
        home_squad_id=shared["squad_id"],
        home_organisation=organisation(shared["name"]),
        away_squad_id=PATHWAY_SQUAD,
        away_organisation=organisation("Sample Academy"),
        competition={"id": 1606, "name": "League (Pro Player Pathway)"},
    )


@changes("missing-from-standings", "a squad plays a full schedule and stands in no bracket")
def _missing_from_standings(site: Documents, _request: int) -> None:
    for age_group in ("U14", "U15"):
        held = _bracket(site, age_group)
        if held is not None:
            playing = {event["home_squad_id"] for event in site.schedule[HOMEGROWN]["events"]}
            rows = held["standings"]
            rows.remove(next(row for row in reversed(rows) if row["team"]["squad_id"] in playing))


@changes("bracket-without-teams", "a bracket of the standings has lost all of its teams, though they play")
def _bracket_without_teams(site: Documents, _request: int) -> None:
    held = _bracket(site, "U15")
    if held is not None:
        held["standings"] = []


@changes("cross-age-match", "a squad plays in the schedule of another age group")
def _cross_age_match(site: Documents, _request: int) -> None:
    older, younger = _bracket(site, "U15"), _bracket(site, "U14")
    if older is None or younger is None:
        return
    event = _extra(site, _a_match(site, older))
    guest = younger["standings"][0]["team"]
    event.update(away_squad_id=guest["squad_id"], away_squad_name="U14", away_organisation=organisation(guest["name"]))


@changes("other-competitions", "events of other competitions: a pathway match, a Flex match, and one nobody knows")
def _other_competitions(site: Documents, _request: int) -> None:
    names = ("League (Pro Player Pathway)", "MLS NEXT Flex", "Autumn Showcase")
    for event, name in zip(_northeast(site, "U15"), names, strict=False):
        event["competition"] = {"id": 1, "name": name}


# ---- days and times


@changes("unknown-time-zone", "a venue's time zone is missing, or is none that anybody knows")
def _unknown_time_zone(site: Documents, _request: int) -> None:
    for event, zone in zip(_northeast(site, "U15"), (None, "America/New_Amsterdam"), strict=False):
        event["local_timezone"] = zone


@changes("venue-not-set", "venue TBD: the stored time is a filler, here one that is the next day in UTC")
def _venue_not_set(site: Documents, _request: int) -> None:
    for event in _ahead(site)[:1]:
        event["event_location"] = {"id": 0, "name": "TBD"}
        event["start_time"] = "2026-11-08T04:59:00Z"


@changes("out-of-season", "a match is dated seven years before its season")
def _out_of_season(site: Documents, _request: int) -> None:
    for event in _northeast(site, "U15")[:1]:
        event["start_time"] = "2019-09-05T14:00:00Z"


@changes("placeholder-moved", "postponed matches are parked on another midweek day, and one of them has been played")
def _placeholder_moved(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        parked = [event for event in document["events"] if event["start_time"].startswith("2027-06-08")]
        for event in parked:
            event["start_time"] = f"{MOVED_PLACEHOLDER}{event['start_time'][10:]}"
        for event in parked[:1]:
            _give_score(event, 2, 1)


@changes("completed-in-future", "a match has a score, though it is dated after the feed was made")
def _completed_in_future(site: Documents, _request: int) -> None:
    for event in _ahead(site)[:1]:
        _give_score(event, 4, 0)


@changes("score-missing", "a match was played, and its score has not come in")
def _score_missing(site: Documents, _request: int) -> None:
    for event in [event for event in _northeast(site, "U15") if event["home_score"] is not None][-1:]:
        event.update(completed=True, home_score=None, away_score=None)


@changes("no-scores", "the feed broke: no match of the last week has a score")
def _no_scores(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        for event in document["events"]:
            event.update(completed=False, home_score=None, away_score=None)


@changes("no-scores-midweek", "the last week was all played on a Wednesday, and no match of it has a score")
def _no_scores_midweek(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        for event in document["events"]:
            if f"{MIDWEEK - dt.timedelta(days=2)}" <= event["start_time"] < SYNCED_AT:
                event.update(start_time=f"{MIDWEEK}T22:00:00Z", completed=False, home_score=None, away_score=None)


@changes("stale-feed", "the feed was made ten days earlier than it should have been")
def _stale_feed(site: Documents, _request: int) -> None:
    made = dt.datetime.strptime(SYNCED_AT, _TIME) - dt.timedelta(days=10)
    for document in site.schedule.values():
        document["synced_at"] = made.strftime(_TIME)


# ---- shape


@changes("new-fields", "fields nobody has seen before, and some that nobody needs gone null")
def _new_fields(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        document["generator"] = {"version": 9}
        for event in document["events"]:
            event.update(broadcast={"channel": None}, division=None, round_number={"name": "Round 1"}, id=None)
            event["home_organisation"]["logo_full_path"] = None
    for document in site.standings.values():
        for held in document["competition_season"]["competition_brackets"]:
            held.update(gender=None, tiebreakers=None, quality="high")


@changes("no-venues", "no event tells its venue any more, so nothing tells a kick-off from a filler")
def _no_venues(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        for event in document["events"]:
            event["event_location"] = None


@changes("shootouts-renamed", "the fields of a shootout have another name in every event")
def _shootouts_renamed(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        for event in document["events"]:
            for side in ("home", "away"):
                event[f"{side}_shootout"] = event.pop(f"{side}_penalty_shootout_score")


@changes("unreadable-event", "one event lacks what makes it a match")
def _unreadable_event(site: Documents, _request: int) -> None:
    for event in _northeast(site, "U14")[:1]:
        event["start_time"] = None


@changes("changed-shape", "a field that is needed has another name in every tenth event")
def _changed_shape(site: Documents, _request: int) -> None:
    for document in site.schedule.values():
        for event in document["events"][::10]:
            event["score"] = [event.pop("home_score"), event.pop("away_score")]


@changes("impossible-score", "a score that the contract does not allow")
def _impossible_score(site: Documents, _request: int) -> None:
    for event in [event for event in _northeast(site, "U15") if event["home_score"] is not None][:1]:
        event["home_score"] = 121


@changes("one-club-twice", "two squads of one club meet: equal names, different ids")
def _one_club_twice(site: Documents, _request: int) -> None:
    brackets = site.standings[FLEX]["competition_season"]["competition_brackets"] if FLEX in site.standings else []
    events = site.schedule[FLEX]["events"] if FLEX in site.schedule else []
    if not brackets or not events:
        return
    squads = (5804, 7276)
    for number, squad in enumerate(squads):
        row = bracket(0, "U17", "", [Seat("Flex", "U17", "", squad, "FC Dallas")])["standings"][0]
        brackets[0]["standings"].append(row | {"position": 90 + number})
    event = _copy_of(events[-1])
    event.update(
        home_squad_id=squads[0],
        away_squad_id=squads[1],
        home_organisation=organisation("FC Dallas"),
        away_organisation=organisation("FC Dallas"),
    )
    events.append(event)


@changes("vanished-match", "from the second read on, a match is gone")
def _vanished_match(site: Documents, request: int) -> None:
    if request > 1:
        gone = _northeast(site, "U14")[:1]
        events = site.schedule[HOMEGROWN]["events"]
        events[:] = [event for event in events if event not in gone]


@changes("earlier-season", "the key of an earlier season answers with this season's data")
def _earlier_season(site: Documents, _request: int) -> None:
    for documents in (site.schedule, site.standings):
        for key in list(documents):
            documents[key.replace("26-27", "25-26")] = documents[key]


@changes("academy-not-published", "the Academy's season is not published yet: its key answers with the viewer's page")
def _academy_not_published(site: Documents, _request: int) -> None:
    for documents in (site.schedule, site.standings):
        documents.pop(ACADEMY, None)


# ---- finding something to spoil


def _brackets(site: Documents) -> list[Document]:
    held: list[Document] = site.standings[HOMEGROWN]["competition_season"]["competition_brackets"]
    return held


def _bracket(site: Documents, age_group: str) -> Document | None:
    if HOMEGROWN not in site.standings or HOMEGROWN not in site.schedule:
        return None
    for held in _brackets(site):
        if held["name"] == NORTHEAST and held["age_group"]["name"] == age_group:
            return held
    return None


def _northeast(site: Documents, age_group: str) -> list[Document]:
    """The events of this bracket that have a venue, in the order of the feed."""
    held = _bracket(site, age_group)
    if held is None:
        return []
    squads = {row["team"]["squad_id"] for row in held["standings"]}
    events = site.schedule[HOMEGROWN]["events"]
    return [e for e in events if e["home_squad_id"] in squads and e["event_location"]["name"] != "TBD"]


def _ahead(site: Documents) -> list[Document]:
    """Events of U15 Northeast that are still to be played, and have not been put off."""
    return [e for e in _northeast(site, "U15") if SYNCED_AT < e["start_time"] < "2027-06-01"]


def _a_match(site: Documents, held: Document) -> Document:
    return next(iter(_northeast(site, held["age_group"]["name"])))


def _extra(site: Documents, like: Document) -> Document:
    event = _copy_of(like)
    site.schedule[HOMEGROWN]["events"].append(event)
    return event


def _copy_of(event: Document) -> dict[str, Any]:
    return event | {"id": 5_999_900, "game_key": EXTRA_MATCH}


def _give_score(event: Document, home: int, away: int) -> None:
    event.update(completed=True, home_score=home, away_score=away)
