"""Everything that can go wrong here and is not a bug, each with the exit code that tells a caller what to do.

The docstring of a class is what it means; the message of an instance is one sentence for a person. No message
ever holds a password or a token.
"""

from collections.abc import Iterable

BUG = 1
"""Exit code of what is nobody's fault but ours."""
INTERRUPTED = 130
"""Exit code of a run that was stopped by Ctrl-C or SIGTERM."""


class ScraperError(Exception):
    """Something that a person can do something about; not a bug."""

    exit_code = BUG


class UsageProblem(ScraperError):
    """What was asked for, or a setting, cannot be: nothing was read and nothing was sent."""

    exit_code = 2


class SourceUnreadable(ScraperError):
    """The league's site could not be reached, or what it answered is not what it used to be."""

    exit_code = 3


class NotPublished(SourceUnreadable):
    """The site has no data under this address: the season is not published, or the key is wrong."""


class Refused(SourceUnreadable):
    """The site answers browsers only: it refuses a plain client, or wants proof that it is none."""


class NotDelivered(ScraperError):
    """Some matches were not confirmed by where they were to go, or broke the contract before they were sent."""

    exit_code = 4


class TurnedAway(NotDelivered):
    """The destination is there and does not take what we send: for want of a password, a right, a queue."""


class NotKnownThere(NotDelivered):
    """The destination is an older missing-table, which does not know this kind of message."""


class ScoresMissing(ScraperError):
    """Matches were played and the source shows no scores at all; what there is was sent."""

    exit_code = 5


def exit_code_of(error: Exception) -> int:
    """The exit code of a run that this ended."""
    return error.exit_code if isinstance(error, ScraperError) else BUG


def worst_exit_code(problems: Iterable[ScraperError]) -> int:
    """The exit code of a run with these problems: 0 for none, else the lowest, so 2 before 3 before 4 before 5."""
    return min((problem.exit_code for problem in problems), default=0)
