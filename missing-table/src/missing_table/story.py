"""One match as its readers see it: as it stands, and all that happened to it, from one function for all."""

from sqlalchemy import Connection

from missing_table.answers import DisputeAnswer, HistoryAnswer, MatchStoryAnswer
from missing_table.bracket import doubled_among, match_answers
from missing_table.errors import NotFound
from missing_table.store import read


def match_story(connection: Connection, ref: int) -> MatchStoryAnswer:
    """The match `ref`. Raises `NotFound`."""
    story = read.story(connection, ref)
    if story is None:
        raise NotFound(f"there is no match {ref}")
    (answer,) = match_answers([story.match], doubled_among(connection, [story.match]))
    return MatchStoryAnswer(
        **answer.model_dump(),
        history=[HistoryAnswer(**entry._asdict()) for entry in story.history],
        pinned=story.pinned,
        disputes=[DisputeAnswer(field=found.field, ours=found.old, theirs=found.new) for found in story.disputes],
    )
