"""Search for a team or club by its name: forgiving of typos, accents, case and the order of words."""

import re
import threading
from collections.abc import Iterable
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process, utils
from sqlalchemy import Connection

from missing_table.answers import ClubAnswer, FoundTeamAnswer, SearchAnswer
from missing_table.bracket import bracket_answer
from missing_table.ingest.names import name_key
from missing_table.store import read
from missing_table.store.read import TeamRow
from missing_table.team import team_name

CLUBS: Final = 10
"""How many clubs one search gives, at most."""
ALIKE: Final = 72
"""Of 100: how like what was typed a name must be that does not hold it."""
SHORTEST: Final = 3
"""Characters from which on a typo is forgiven: shorter ones are like everything."""
WORDS: Final = 8
"""How many of the words that were typed are compared one by one."""
_AGE: Final = re.compile(r"\bu[\s-]?(\d{1,2})\b")


class _Names(NamedTuple):
    """Every name, as of one version of the directory."""

    version: int
    keys: list[str]
    clubs: list[str]
    """For each of `keys`, the key of the club's own name: another one where the first is an alias."""
    teams: dict[str, list[TeamRow]]
    """By the key of the club's name."""


class Search:
    """Finds teams by name. Holds the names in memory for as long as the directory stays as it is."""

    def __init__(self) -> None:
        self._names: _Names | None = None
        self._lock = threading.Lock()

    def __call__(self, connection: Connection, typed: str) -> SearchAnswer:
        """The clubs whose names are like what was typed, best first, each with its teams.

        An age group among the words narrows to it; a number is taken for a source's id as well.
        """
        names = self._known(connection)
        name, ages = taken_apart(typed)
        key = _key(name)
        clubs = {club: names.teams[club] for club in _ranked(names, key)}
        for team in read.teams_with_source_id(connection, typed.strip()) if typed.strip().isdecimal() else ():
            clubs.setdefault(_key(team.name), [team])
        chosen = {club: [team for team in teams if not ages or team.age_group in ages] for club, teams in clubs.items()}
        chosen = dict([(club, teams) for club, teams in chosen.items() if teams][:CLUBS])
        playing = read.brackets_of_teams(connection, (team.ref for teams in chosen.values() for team in teams))
        return SearchAnswer(
            items=[
                ClubAnswer(
                    club=teams[0].name,
                    teams=[
                        FoundTeamAnswer(
                            **team_name(team).model_dump(),
                            brackets=[bracket_answer(bracket) for bracket in playing.get(team.ref, ())],
                        )
                        for team in teams
                    ],
                )
                for teams in chosen.values()
            ]
        )

    def _known(self, connection: Connection) -> _Names:
        version = read.directory_version(connection)
        names = self._names
        if names is None or names.version != version:
            with self._lock:
                names = self._names
                if names is None or names.version != version:  # another request may have read them meanwhile
                    names = self._names = _read(connection, version)
        return names


def taken_apart(typed: str) -> tuple[str, set[str]]:
    """What was typed without its age groups, and these: U15 for u15, U-15 and u 15."""
    folded = typed.casefold()
    return _AGE.sub(" ", folded).strip(), {f"U{years}" for years in _AGE.findall(folded)}


def _read(connection: Connection, version: int) -> _Names:
    every, aliases = read.all_team_names(connection)
    teams: dict[str, list[TeamRow]] = {}
    for team in sorted(every, key=lambda team: (team.age_group, team.ref)):
        teams.setdefault(_key(team.name), []).append(team)
    by_ref = {team.ref: team for team in every}
    meant = {(_key(name), _key(by_ref[ref].name)) for name, ref in aliases} | {(club, club) for club in teams}
    pairs = sorted(pair for pair in meant if pair[0])
    return _Names(version, [key for key, _ in pairs], [club for _, club in pairs], teams)


def _ranked(names: _Names, key: str) -> Iterable[str]:
    """The clubs whose names are like `key`: the name itself, then what begins with it, and what holds it.

    Where no name holds it, those that resemble it.
    """
    if not key:
        return ()
    best: dict[str, tuple[int, float, str]] = {}

    def put(position: int, rank: int, likeness: float) -> None:
        club = names.clubs[position]
        best[club] = min(best.get(club, (9, 0.0, "")), (rank, -likeness, club))

    for position, name in enumerate(names.keys):
        if key in name:
            starts = name.startswith(key) or f" {key}" in name
            put(position, 0 if name == key else 1 if starts else 2, len(key) / len(name))
    if not best and len(key) >= SHORTEST:
        alike = process.extract(key, names.keys, scorer=_likeness, limit=2 * CLUBS, score_cutoff=ALIKE)
        for _, likeness, position in alike:
            put(position, 3, likeness)
    return sorted(best, key=lambda club: best[club])


def _likeness(typed: str, name: str, *, score_cutoff: float | None = None) -> float:  # noqa: ARG001 (rapidfuzz passes it)
    """Of 100: how like `name` is to what was typed, as a whole or word by word.

    Each word that was typed counts by its length, and by the word of the name that it is most like: so one word that
    many names share does not outdo the others.
    """
    words, others = typed.split()[:WORDS], name.split()
    by_word = sum(len(word) * max(fuzz.ratio(word, other) for other in others) for word in words)
    return max(fuzz.ratio(typed, name), by_word / sum(map(len, words)))


def _key(name: str) -> str:
    """`name` without case, accents and punctuation."""
    return " ".join(utils.default_process(name_key(name)).split())
