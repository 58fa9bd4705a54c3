"""Where a choice of the switch leads, and what it offers there."""

from missing_table.bracket import Asked
from missing_table.standings import Bracket
from missing_table.web.switch import choices, meant

KNOWN = [
    Bracket("2025-26", "Homegrown", "U15", "Northeast"),
    Bracket("2026-27", "Flex", "U17", "Southeast"),
    Bracket("2026-27", "Homegrown", "U14", "Florida"),
    Bracket("2026-27", "Homegrown", "U14", "Northeast"),
    Bracket("2026-27", "Homegrown", "U15", "Northeast"),
    Bracket("2026-27", "Sunday League", "U15", None),
]


def test_every_bracket_is_reached_by_its_own_parts() -> None:
    for bracket in KNOWN:
        assert meant(KNOWN, Asked(*bracket)) == bracket


def test_another_part_keeps_what_exists_with_it() -> None:
    assert meant(KNOWN, Asked("2026-27", "Homegrown", "U14", "Northeast")) == KNOWN[3]
    assert meant(KNOWN, Asked("2026-27", "Homegrown", "U15", "Florida")) == KNOWN[4]
    assert meant(KNOWN, Asked("2026-27", "Flex", "U15", "Northeast")) == KNOWN[1]
    assert meant(KNOWN, Asked("2026-27", "Sunday League", "U15", "Northeast")) == KNOWN[5]


def test_what_is_not_known_leads_to_the_newest_season() -> None:
    assert meant(KNOWN, Asked("1999-00", "Homegrown", "U15", "Northeast")) == KNOWN[4]
    assert meant(KNOWN, Asked()).season == "2026-27"


def test_a_season_of_another_name_is_never_the_newest() -> None:
    known = [*KNOWN, Bracket("banana", "Homegrown", "U15", "Northeast")]
    assert meant(known, Asked()).season == "2026-27"
    assert choices(known, Asked("2026-27"))[0].values == ["2026-27", "2025-26", "banana"]
    assert meant(known[-1:], Asked()).season == "banana"


def test_a_choice_is_offered_within_those_before_it() -> None:
    season, league, age_group, division = choices(KNOWN, Asked("2026-27", "Homegrown", "U14", "Florida"))
    assert season.values == ["2026-27", "2025-26"]
    assert league.values == ["Flex", "Homegrown", "Sunday League"]
    assert age_group.values == ["U14", "U15"]
    assert division.values == ["Florida", "Northeast"]
    assert [each.chosen for each in (season, league, age_group, division)] == ["2026-27", "Homegrown", "U14", "Florida"]
