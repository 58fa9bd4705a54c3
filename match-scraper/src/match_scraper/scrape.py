"""One run: read what was asked for, make messages of it, send those that are new, and keep count.

The shell around it (command line, environment, screen) is `cli`; where matches come from and go to are the
`Source` and the `Destination` that are handed in.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog
from pydantic import ValidationError

from . import official
from .asked import Asked, frame_of, meant, pairs_without_bracket, wanted_of
from .delivery.base import Destination, Memory
from .errors import NotDelivered, ScraperError, SourceUnreadable, TurnedAway
from .listed import Lists
from .match_data import MatchData
from .message import in_words, to_message
from .sources.base import Bracket, Reading, Source, Wanted, plain
from .sources.oddities import listed
from .targets import matches_of

STALE = dt.timedelta(hours=48)
AHEAD = dt.timedelta(hours=1)
"""A source whose clock is further ahead than this is not believed by the consumer."""
NAMED = 10
"""So many matches that were not sent are named; the rest are counted."""


class Seen(Protocol):
    """What remembers which brackets had matches in earlier runs."""

    def vanished(self, reading: Reading, wanted: Wanted) -> str | None:
        """A sentence about the brackets of what was wanted that had matches and have none now."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A match that the contract does not allow."""

    match_id: str
    teams: str
    why: str


@dataclass
class Run:
    """What came of a run, so far. The counts add up:

    seen = asked for + not asked for + unreadable; asked for = mapped + broken;
    mapped = unchanged + sent + unsent; sent = confirmed + refused.
    """

    readings: list[Reading] = field(default_factory=list)
    messages: list[MatchData] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    unchanged: int = 0
    taken: dict[str, int] = field(default_factory=dict)
    """How many matches each destination has confirmed, by its name."""
    refused: list[tuple[MatchData, str]] = field(default_factory=list)
    unsent: list[MatchData] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    problems: list[ScraperError] = field(default_factory=list)
    brackets: official.Brackets = field(default_factory=official.Brackets)
    """The official tables, which are counted by themselves."""
    lists: Lists | None = None
    """What earlier runs have told of which matches there are."""

    @property
    def seen(self) -> int:
        return sum(reading.seen for reading in self.readings)

    @property
    def asked_for(self) -> int:
        return sum(len(reading.matches) for reading in self.readings)

    @property
    def unreadable(self) -> int:
        return sum(len(reading.unreadable) for reading in self.readings)

    @property
    def confirmed(self) -> int:
        return sum(self.taken.values())

    @property
    def sent(self) -> int:
        return self.confirmed + len(self.refused)


def read(
    run: Run, asked: Asked, source: Source, *, now: dt.datetime, strict: bool = False, targets: Seen | None = None
) -> None:
    """Read what was asked for into `run`, as messages.

    A league that cannot be read is a problem of the run; the others are read all the same.

    Parameters: `now` in UTC, which only says what season it is and whether a source is stale; `targets` remembers
    earlier runs. With `strict` these are problems of the run, not notes: a source that is stale or whose clock
    runs ahead, a match that cannot be read, a target that has vanished, a league that shows no match at
    all of what was asked for, and a club that it does not know.
    Raises `UsageProblem` for what cannot be asked.
    """
    frame = frame_of(asked, now.date())
    brackets: dict[str, Sequence[Bracket]] = {}
    for league in frame.leagues:
        try:
            brackets[league] = source.brackets(frame.season, league)
        except SourceUnreadable as error:
            run.problems.append(error)
    wanted = wanted_of(asked, frame, brackets)
    run.notices += pairs_without_bracket(wanted, brackets)
    for each in wanted:
        try:
            reading = source.read(each)
        except SourceUnreadable as error:
            run.problems.append(error)
            continue
        run.readings.append(reading)
        run.notices += reading.notices
        run.notices += run.lists.compare(reading) if run.lists else ()
        run.problems += reading.problems
        vanished = targets.vanished(reading, each) if targets else None
        doubts = [stale(reading, now), ahead(reading, now), vanished, _nothing(reading, each)]
        _doubt(run, [doubt for doubt in doubts if doubt], strict=strict)
        if strict and reading.unreadable:
            some = f"{reading.league} {reading.season}: {_matches(len(reading.unreadable))} could not be read"
            run.problems.append(SourceUnreadable(f"{some} (--strict)"))
        _map(run, reading)
        official.take_in(run.brackets, reading.official)
    if asked.clubs and run.readings:
        for sentence, known in clubs_without_match(asked.clubs, run.readings):
            _doubt(run, [sentence], strict=strict and not known)
    run.unsent = list(run.messages)
    run.problems += run.brackets.problems


def send(
    run: Run,
    destinations: Sequence[Destination],
    memory: Memory,
    *,
    everything: bool = False,
    strict: bool = False,
    each: Callable[[], None] | None = None,
) -> None:
    """Send what has not been confirmed yet, and remember for each match which destination confirmed it.

    The official tables follow, once no match is left.

    What the first destination does not take goes to the next, as all of them lead to the same missing-table; so what
    any of them has confirmed is not sent again.

    Parameters: `everything` sends also what has been confirmed before; `each` is called after each match is done with.
    What the last destination does not take is a problem of the run; with `strict` also that one before it is there and
    does not take it, as no later run goes better. When it is interrupted, `run` has the counts up to there.
    """
    keys = [destination.key for destination in destinations]
    pending = run.messages if everything else memory.unsent(run.messages, keys)
    run.unchanged = len(run.messages) - len(pending)
    run.unsent = list(pending)
    run.taken = dict.fromkeys((destination.name for destination in destinations), 0)
    official.due(run.brackets, pending, keys, memory, everything=everything)
    for number, destination in enumerate(destinations, start=1):
        further = destinations[number] if number < len(destinations) else None
        if not run.unsent:
            break
        problem = _send_to(run, destination, memory, last=further is None, each=each)
        if problem is not None and further is not None:
            _passed_on(run, problem, further, strict=strict)
        elif problem is not None:
            run.problems.append(problem)
    if run.unsent:
        run.problems.append(NotDelivered(f"{_matches(len(run.unsent))} not sent: {listed(numbers(run.unsent), NAMED)}"))
    else:
        passed_on = partial(_passed_on, run, strict=strict)
        run.problems += official.send(run.brackets, destinations, memory, passed_on=passed_on)
        run.notices += run.brackets.notices


def _send_to(
    run: Run, destination: Destination, memory: Memory, *, last: bool, each: Callable[[], None] | None
) -> NotDelivered | None:
    """Send what is unsent to this destination; what kept it from taking all of it."""
    pending = run.unsent
    name = destination.name
    log = structlog.get_logger(__name__).bind(destination=name)
    tell = log.debug if log.is_enabled_for(logging.DEBUG) else None
    done: set[int] = set()
    refusals: list[tuple[MatchData, str]] = []

    def settled(match: MatchData) -> None:
        done.add(id(match))
        if each:
            each()

    def confirmed(match: MatchData, task_id: str) -> None:
        memory.record(match, destination.key)
        run.taken[name] += 1
        if tell:
            tell("match_confirmed", task_id=task_id, match_id=match.match_id)
        settled(match)

    def refused(match: MatchData, why: str) -> None:
        refusals.append((match, why))
        if last:
            run.refused.append((match, why))
            settled(match)

    try:
        destination.send(pending, confirmed=confirmed, refused=refused)
    except NotDelivered as error:
        return error
    finally:
        run.unsent = [match for match in pending if id(match) not in done]
    if refusals:
        return TurnedAway(f"{name} refused {_matches(len(refusals))}: {refusals[0][1]}.")
    return None


def _passed_on(run: Run, problem: NotDelivered, further: Destination, *, strict: bool) -> None:
    """What one destination did not take goes to the next: a note, unless waiting mends nothing and nobody watches.

    Said once, whether it was matches or official tables.
    """
    lasting = isinstance(problem, TurnedAway)
    what = " It is there and does not take them: somebody has to see to that." if lasting else ""
    said = f"{problem}{what} What is left goes to {further.name}."
    if any(told.startswith(said) for told in (*run.notices, *map(str, run.problems))):
        return
    if lasting and strict:
        run.problems.append(TurnedAway(f"{said} (--strict)"))
    else:
        run.notices.append(said)


def _map(run: Run, reading: Reading) -> None:
    before = len(run.broken)
    for match in reading.matches:
        try:
            run.messages.append(to_message(match))
        except ValidationError as error:
            run.broken.append(Broken(match.match_id, f"{match.home_team} v {match.away_team}", in_words(error)))
    if broken := len(run.broken) - before:
        run.problems.append(
            NotDelivered(f"{reading.league}: {_matches(broken)} broke the contract on our side, and cannot be sent")
        )


def clubs_without_match(clubs: Iterable[str], readings: Collection[Reading]) -> Iterator[tuple[str, bool]]:
    """A sentence for each of these clubs that no match is one of, and whether the source shows such a club at all.

    Where it does not, the sentence asks for the club that was probably meant.
    """
    spelt = {name for each in readings for match in each.matches for name in (match.home_team, match.away_team)}
    names = {plain(name) for name in spelt}
    for club in clubs:
        if not any(plain(club) in name for name in names):
            shown = {name for each in readings for name in each.clubs()}
            known = any(plain(club) in plain(name) for name in shown)
            question = "" if known else meant(club, shown, in_part=True)
            yield (
                f"of what was asked for, no match is one of a club with “{club}” in its name "
                f"(`mls-scraper discover --clubs` lists the names){question and f'.{question}'}",
                known,
            )


def _doubt(run: Run, doubts: Iterable[str], *, strict: bool) -> None:
    """What should not pass quietly: a note, and for a job that nobody reads an error."""
    if strict:
        run.problems += [SourceUnreadable(f"{doubt} (--strict)") for doubt in doubts]
    else:
        run.notices += doubts


def stale(reading: Reading, now: dt.datetime) -> str | None:
    """A sentence, where the source has not been brought up to date for too long within its season."""
    if now.date() in reading.season and now - reading.synced_at > STALE:
        return f"{_made(reading)}, more than {STALE.total_seconds() / 3600:g} hours ago: it is stale"
    return None


def ahead(reading: Reading, now: dt.datetime) -> str | None:
    """A sentence, where the source's clock runs ahead of ours."""
    if reading.synced_at > now + AHEAD:
        return f"{_made(reading)}, which is still to come: one of the clocks is wrong"
    return None


def _made(reading: Reading) -> str:
    when = f"{reading.synced_at:%Y-%m-%d %H:%M} UTC"
    return f"{reading.league} {reading.season}: the source was last brought up to date at {when}"


def _nothing(reading: Reading, wanted: Wanted) -> str | None:
    shown = matches_of(reading, wanted)
    if (
        reading.matches
        or shown is None
        or any(count and wanted.names(at.age_group, at.division) for at, count in shown.items())
    ):
        return None
    return f"{reading.league} {reading.season}: the source shows no match at all of what was asked for, on any day"


def _matches(count: int) -> str:
    return f"{count} match" if count == 1 else f"{count} matches"


def numbers(matches: Iterable[MatchData]) -> list[str]:
    """Their match ids, or what else tells one from another."""
    return [match.match_id or f"{match.home_team} v {match.away_team} on {match.date}" for match in matches]
