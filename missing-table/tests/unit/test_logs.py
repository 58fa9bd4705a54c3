"""What goes to the log, on a terminal and elsewhere."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from missing_table import logs


class Screen(io.StringIO):
    """Standard error of a process that a person started."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def as_before() -> Iterator[None]:
    """Logging is the process's: what a test set up is taken back."""
    root = logging.getLogger()
    kept = root.handlers, root.level, structlog.get_config()
    yield
    root.handlers, root.level = kept[:2]
    structlog.configure(**kept[2])


@pytest.mark.usefixtures("as_before")
@pytest.mark.parametrize("where", [Screen, io.StringIO])
def test_an_error_is_logged_without_the_values_around_it(
    monkeypatch: pytest.MonkeyPatch, where: type[io.StringIO]
) -> None:
    monkeypatch.setattr(sys, "stderr", said := where())
    logs.configure("INFO")
    password = "hunter2"
    try:
        raise KeyError(len(password))
    except KeyError:
        structlog.get_logger().exception("failed")
        logging.getLogger("library").exception("failed too")
    assert said.getvalue().count("KeyError: 7") == 2
    assert password not in said.getvalue()
