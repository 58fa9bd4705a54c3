"""What a person asked for, checked against what there is.

Pure. A name that is not known is answered with what was probably meant, and with the known ones.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from .errors import UsageProblem
from .season import Season, parse_season, season_of
from .sources.base import AGE_GROUPS, HOMEGROWN_DIVISIONS, LEAGUES, Bracket, Wanted, of_our_times, plain

ALL = "all"
_ALIKE = 60
"""Of a hundred: two names closer than this may be one with a slip of the finger."""
_ALIKE_IN_PART = 70
"""The same for a name that is only a part of the known one, which more are alike to."""
_OFFERED = 5
"""So many divisions are offered in place of one that an age group is not played in."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The words of a command line, or of the environment where it is silent."""

    age_groups: Sequence[str]
    divisions: Sequence[str]
    leagues: Sequence[str] = ("Homegrown",)
    season: str | None = None
    clubs: Sequence[str] = ()
    first_day: str | None = None
    last_day: str | None = None


@dataclass(frozen=True, slots=True)
class Frame:
    """What can be checked before anything is read: the season, the leagues and the window of days."""

    season: Season
    leagues: tuple[str, ...]
    first_day: dt.date | None
    last_day: dt.date | None


def frame_of(asked: Asked, today: dt.date) -> Frame:
    """Season, leagues and days of what was asked.

    Parameters: `today` is in UTC. Without a season it is that of the first day asked for, or else of the last, or else
    of today.
    Raises `UsageProblem` for a league or a season that is not one, and for days that make no window in the season.
    """
    if not asked.age_groups:
        raise UsageProblem("Which age group? Say --age-group U14 (or several, or all), or set AGE_GROUP.")
    if not asked.divisions:
        raise UsageProblem("Which division? Say --division Northeast (or several, or all), or set DIVISION.")
    leagues = leagues_of(asked.leagues)
    first, last = day_named("--from", asked.first_day), day_named("--to", asked.last_day)
    if asked.season is not None:
        season = season_named(asked.season, today)
    else:
        season = season_of(first or last or today)
    if first and last and last < first:
        raise UsageProblem(f"Wrong date range: --from {first} is after --to {last}.")
    if (first and first > season.last_day) or (last and last < season.first_day):
        days = " ".join(f"{option} {day}" for option, day in (("--from", first), ("--to", last)) if day)
        raise UsageProblem(
            f"Wrong date range: {days} lies outside season {season}, which runs from {season.first_day} to "
            f"{season.last_day}."
        )
    return Frame(season, leagues, first, last)


def leagues_of(names: Sequence[str]) -> tuple[str, ...]:
    """The leagues of these names. Raises `UsageProblem` for one that is none."""
    return _known_names("league", names, LEAGUES) or LEAGUES


def season_named(text: str, today: dt.date) -> Season:
    """The season of this label. Raises `UsageProblem` where it is none."""
    try:
        return parse_season(text)
    except ValueError as error:
        raise UsageProblem(f"Unknown season: {error}; today's is {season_of(today)}.") from None


def wanted_of(asked: Asked, frame: Frame, brackets: dict[str, Sequence[Bracket]]) -> tuple[Wanted, ...]:
    """What to read of each league.

    Parameters: `brackets` by league, as far as they could be read.
    Raises `UsageProblem` for an age group that is not known, and for a division that is not known where the brackets
    of every league could be read: a league that could not be read may have it.
    """
    found = [bracket for held in brackets.values() for bracket in held]
    named = [f"U{name.strip()}" if name.strip().isdecimal() else name for name in asked.age_groups]
    age_groups = _known_names("age group", named, _merged(AGE_GROUPS, (b.age_group for b in found)))
    held = _merged((b.division for b in found), HOMEGROWN_DIVISIONS if "Homegrown" in frame.leagues else ())
    all_read = set(frame.leagues) <= set(brackets)
    divisions = _known_names("division", asked.divisions, held if all_read else (*asked.divisions, *held))
    return tuple(
        Wanted(
            frame.season,
            league,
            None if age_groups is None else frozenset(age_groups),
            None if divisions is None else frozenset(divisions),
            tuple(asked.clubs),
            frame.first_day,
            frame.last_day,
        )
        for league in frame.leagues
        if league in brackets
    )


def pairs_without_bracket(wanted: Iterable[Wanted], brackets: dict[str, Sequence[Bracket]]) -> list[str]:
    """A line for each age group and division that were asked for, are known, and do not occur together."""
    lines = []
    for each in wanted:
        held = {(bracket.age_group, bracket.division) for bracket in brackets[each.league]}
        for age_group in sorted(each.age_groups or ()):
            if each.divisions is None:
                if not any(age_group == known for known, _ in held):
                    lines.append(f"{each.league} {each.season} has no {age_group}")
                continue
            lines += [
                f"{each.league} {each.season} has no {age_group} in {division}{_instead(age_group, division, held)}"
                for division in sorted(each.divisions)
                if (age_group, division) not in held
            ]
    return lines


def _instead(age_group: str, division: str, held: Iterable[tuple[str, str]]) -> str:
    there = nearest_first(division, sorted({name for known, name in held if known == age_group}))
    return f"; it has {age_group} in {', '.join(there[:_OFFERED])}" if there else ""


def unknown(kind: str, name: str, known: Collection[str]) -> UsageProblem:
    """A name that is none of those known, and what was probably meant."""
    return UsageProblem(f"Unknown {kind} “{name}”.{meant(name, known)} Known are {', '.join(sorted(known))}.")


def meant(name: str, known: Collection[str], *, in_part: bool = False) -> str:
    """The question for the known name that is nearest to this one, or for two that are equally near; else nothing.

    Parameters: `in_part`, whether a part of the known name was to be given.
    """
    from rapidfuzz import fuzz

    nearest = nearest_first(name, known)
    foremost = [each for each in nearest if _likeness(name, each) == _likeness(name, nearest[0])]
    alike, enough = (fuzz.partial_ratio, _ALIKE_IN_PART) if in_part else (fuzz.ratio, _ALIKE)
    if 1 <= len(foremost) <= 2 and alike(plain(name), plain(foremost[0])) >= enough:
        return f" Did you mean {' or '.join(sorted(foremost))}?"
    return ""


def nearest_first(name: str, known: Collection[str]) -> list[str]:
    """The known names, the one most like this name first."""
    return sorted(known, key=lambda each: _likeness(name, each), reverse=True)


def _likeness(name: str, known: str) -> tuple[float, float]:
    """How alike two names are: first of all as parts of each other, then by how few slips lie between them."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import OSA

    return fuzz.WRatio(plain(name), plain(known)), OSA.normalized_similarity(plain(name), plain(known))


def _known_names(kind: str, names: Sequence[str], known: Collection[str]) -> tuple[str, ...] | None:
    """The names as they are known, without doubles; None for all."""
    if _is_all(names):
        return None
    by_plain = {plain(each): each for each in known}
    for name in names:
        if plain(name) not in by_plain:
            raise unknown(kind, name, known)
    return tuple(dict.fromkeys(by_plain[plain(name)] for name in names))


def _is_all(names: Sequence[str]) -> bool:
    return any(plain(name) == ALL for name in names)


def _merged(first: Iterable[str], second: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def day_named(option: str, text: str | None) -> dt.date | None:
    """The day that was given with this option. Raises `UsageProblem` where it is none."""
    if text is None:
        return None
    try:
        day = dt.datetime.strptime(text.strip(), "%Y-%m-%d").date()
    except ValueError:
        raise UsageProblem(f"Unknown date “{text}” for {option}; a date is YYYY-MM-DD, such as 2026-09-05.") from None
    if not of_our_times(day):
        raise UsageProblem(f"{option} {day} is not a day of our times.")
    return day
