"""The settings, and that no sentence about a wrong one repeats a secret."""

from pathlib import Path

import pytest

from missing_table.errors import ConfigurationProblem
from missing_table.settings import Settings, load_settings
from missing_table.store import engine as engines

SECRET = "correct-horse"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        assert isinstance(field.validation_alias, str)
        monkeypatch.delenv(field.validation_alias, raising=False)


def test_without_any_variable_both_parts_are_embedded() -> None:
    settings = load_settings()
    assert settings.broker() is None
    assert settings.database() == f"sqlite:///{settings.home / 'missing-table.db'}"


def test_what_is_set_for_other_programs_says_nothing_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = load_settings()
    for name, field in Settings.model_fields.items():
        if name.upper() != field.validation_alias:
            monkeypatch.setenv(name.upper(), "no number")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(before.home.parent))
    assert load_settings() == before


def test_each_variable_switches_its_own_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MISSING_TABLE_HOME", str(tmp_path))
    monkeypatch.setenv("RABBITMQ_URL", "amqp://broker")
    assert load_settings().broker() == "amqp://broker"
    assert load_settings().database() == f"sqlite:///{tmp_path / 'missing-table.db'}"
    monkeypatch.setenv("RABBITMQ_URL", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://database/name")
    assert load_settings().broker() is None
    assert load_settings().database() == "postgresql://database/name"


def test_the_embedded_default_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISSING_TABLE_EMBEDDED", "0")
    with pytest.raises(ConfigurationProblem, match=r"^DATABASE_URL is not set, and MISSING_TABLE_EMBEDDED=0 refuses"):
        load_settings().database()
    with pytest.raises(ConfigurationProblem, match=r"^RABBITMQ_URL is not set"):
        load_settings().broker()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("MISSING_TABLE_BATCH_SIZE", "0"),
        ("MISSING_TABLE_BATCH_SIZE", SECRET),
        ("MISSING_TABLE_BATCH_WAIT_MS", "-1"),
        ("MISSING_TABLE_MESSAGE_LIMIT", "1"),
        ("MISSING_TABLE_EMBEDDED", SECRET),
        ("LOG_LEVEL", SECRET),
        ("DEFAULT_LEAGUE", SECRET * 20),
    ],
)
def test_a_wrong_value_is_named_by_its_variable_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:{SECRET}@host/name")
    with pytest.raises(ConfigurationProblem) as raised:
        load_settings()
    assert str(raised.value).startswith(f"{variable}: ")
    assert SECRET not in str(raised.value)


def test_a_log_level_may_be_written_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "debug")
    assert load_settings().log_level == "DEBUG"


def test_the_settings_never_show_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://user:{SECRET}@host/name")
    monkeypatch.setenv("RABBITMQ_URL", f"amqp://user:{SECRET}@host")
    settings = load_settings()
    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    "url",
    [f"{SECRET}", f"postgresql://user:{SECRET}@host:port/name", f"mysql://user:{SECRET}@host/name", f"://{SECRET}"],
)
def test_a_database_url_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(ConfigurationProblem, match=r"^DATABASE_URL ") as raised:
        engines.create(url)
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize(
    "url", ["broker", f"http://{SECRET}@host", f"amqp://u:{SECRET}@host:x/", "amqp://", "amqp://[::1"]
)
def test_a_broker_url_that_is_none_is_refused_in_words(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("RABBITMQ_URL", url)
    with pytest.raises(ConfigurationProblem) as refused:
        load_settings()
    assert str(refused.value).startswith("RABBITMQ_URL: must be an address such as amqp://")
    assert SECRET not in str(refused.value)
