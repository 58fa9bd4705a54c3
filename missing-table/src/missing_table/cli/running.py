"""What a command works on: the settings, the database, and who is at work."""

from typing import Any, Final

from missing_table.errors import ConfigurationProblem

BY_COMMAND: Final = "command line"
"""Who decided, for the history."""


def configured() -> Any:
    """The settings of this environment; from now on, log lines are as they ask for."""
    from missing_table import logs
    from missing_table.settings import load_settings

    settings = load_settings()
    logs.configure(settings.log_level)
    return settings


def checked_engine() -> Any:
    """The database of the settings, with the tables of this program."""
    from missing_table.store import engine, schema

    settings = configured()
    must_be_initialised(settings)
    made = engine.create(settings.database())
    schema.check(made)
    return made


def must_be_initialised(settings: Any) -> None:
    """SQLite would make an empty database where there is none: say what is missing instead."""
    if settings.database_url is None and not (settings.home.expanduser() / "missing-table.db").exists():
        settings.database()
        raise ConfigurationProblem(
            f"neither DATABASE_URL is set, nor is {settings.home.expanduser()} an embedded folder: "
            "set DATABASE_URL, or run `missing-table migrate` to make the folder"
        )


def where(url: str) -> str:
    """A URL for people: without its password."""
    from sqlalchemy.engine import make_url

    return make_url(url).render_as_string(hide_password=True)
