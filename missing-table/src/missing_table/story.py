"""One match as its readers see it: as it stands, and all that happened to it, from one function for all."""

from collections.abc import Sequence

from sqlalchemy import Connection

from missing_table.answers import DisputeAnswer, HistoryAnswer, MatchAnswer, MatchStoryAnswer
from missing_table.bracket import stored_answers
from missing_table.errors import NotFound
from missing_table.store import read


class UnknownMatch(NotFound):
    """There is no such match. Carries those that may have been meant."""

    def __init__(self, sentence: str, nearest: Sequence[MatchAnswer]) -> None:
        super().__init__(sentence)
        self.nearest = list(nearest)


def match_story(connection: Connection, ref: int) -> MatchStoryAnswer:
    """The match `ref`. Raises `UnknownMatch`."""
    story = read.story(connection, ref)
    if story is None:
        raise unknown_match(connection, ref)
    (answer,) = stored_answers(connection, [story.match])
    return MatchStoryAnswer(
        **answer.model_dump(),
        history=[HistoryAnswer(**entry._asdict()) for entry in story.history],
        pinned=story.pinned,
        disputes=[DisputeAnswer(field=found.field, ours=found.old, theirs=found.new) for found in story.disputes],
    )


def unknown_match(connection: Connection, ref: int) -> UnknownMatch:
    """What to say where there is no match `ref`: most likely the number is the source's."""
    nearest = stored_answers(connection, read.numbered(connection, str(ref)))
    if not nearest:
        return UnknownMatch(f"there is no match {ref}", [])
    named = " and of ".join(
        f"match {match.id} ({match.home_team} – {match.away_team} on {match.date}), at /api/matches/{match.id}"
        for match in nearest
    )
    return UnknownMatch(f"there is no match {ref}: {ref} is the source's number of {named}", nearest)
