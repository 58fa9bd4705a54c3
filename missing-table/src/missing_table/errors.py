"""What can go wrong for a reason that a person can mend. Each is shown as its one sentence, without a traceback."""


class MissingTableError(Exception):
    """Something a person can mend; `exit_code` is what a command ends with."""

    exit_code = 1


class ConfigurationProblem(MissingTableError):
    """A setting, an argument or the state of the installation does not let the command run."""

    exit_code = 2


class SchemaOutOfStep(ConfigurationProblem):
    """The database's tables are older or newer than this program."""


class DatabaseAway(MissingTableError):
    """The database cannot be reached, or went away in the middle."""

    exit_code = 4


class NotFound(MissingTableError):
    """What was asked for is not there; the sentence names what is nearest."""

    exit_code = 2


class Refused(MissingTableError):
    """What was asked for would break something that is stored."""

    exit_code = 2


class Unclear(MissingTableError):
    """What was asked for fits several things; the sentence names them."""

    exit_code = 2
