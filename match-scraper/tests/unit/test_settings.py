"""Settings: from the environment, in words where they are wrong, and never a secret shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from match_scraper.errors import UsageProblem
from match_scraper.settings import Settings, load_settings, redacted, shown, without_password


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.validation_alias), raising=False)


def test_names_are_separated_by_commas_because_they_hold_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIVISION", "Northeast, Southeast (Pro Player Pathway) ,")
    monkeypatch.setenv("AGE_GROUP", "U14")
    settings = load_settings()
    assert settings.division == ("Northeast", "Southeast (Pro Player Pathway)")
    assert settings.age_group == ("U14",)


def test_what_is_set_for_other_programs_says_nothing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_settings()
    for name, field in Settings.model_fields.items():
        if name.upper() != field.validation_alias:
            monkeypatch.setenv(name.upper(), "no number")
    assert load_settings() == before


def test_an_empty_variable_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RABBITMQ_URL", "MLS_ASSIST_URL", "MLS_SCRAPER_ATTEMPTS", "DIVISION"):
        monkeypatch.setenv(name, "")
    assert load_settings() == Settings()
    assert load_settings().rabbitmq_url is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("RABBITMQ_URL", "http://u:secret@host/", "RABBITMQ_URL: must be an address that starts with amqp://"),
        ("RABBITMQ_URL", "amqp://u:secret@host:port/", "RABBITMQ_URL: must be"),
        ("RABBITMQ_URL", "secret", "RABBITMQ_URL: must be"),
        ("MLS_ASSIST_URL", "mls-assist", "MLS_ASSIST_URL: must be an address that starts with http://"),
        ("MISSING_TABLE_API_BASE_URL", "ftp://secret@host", "MISSING_TABLE_API_BASE_URL: must be"),
        ("LOG_LEVEL", "loud", "LOG_LEVEL: .*'DEBUG'"),
        ("MISSING_TABLE_EMBEDDED", "perhaps", "MISSING_TABLE_EMBEDDED: "),
        ("MLS_SCRAPER_TIMEOUT_SECONDS", "0", "MLS_SCRAPER_TIMEOUT_SECONDS: .*greater than 0"),
        ("MLS_SCRAPER_ATTEMPTS", "many", "MLS_SCRAPER_ATTEMPTS: .*integer"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageProblem, match=words) as problem:
        load_settings()
    assert "secret" not in str(problem.value)


def test_no_secret_is_in_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqps://scraper:hunter2@broker.example:5671/matches")
    monkeypatch.setenv("MISSING_TABLE_API_TOKEN", "mt_hunter2")
    monkeypatch.setenv("MISSING_TABLE_API_BASE_URL", "https://me:hunter2@api.example")
    settings = load_settings()
    told = dict(shown(settings))
    assert "hunter2" not in f"{settings!r}{settings}{told}"
    assert told["RABBITMQ_URL"] == "amqps://scraper:***@broker.example:5671/matches"
    assert told["MISSING_TABLE_API_TOKEN"] == "***"
    assert "hunter2" not in redacted("connect amqps://scraper:hunter2@broker with hunter2, mt_hunter2", settings)


def test_a_home_folder_may_be_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MISSING_TABLE_HOME", "~/tables")
    assert load_settings().missing_table_home == Path.home() / "tables"


@pytest.mark.parametrize(
    "variable",
    [
        "MISSING_TABLE_API_BASE_URL",
        "MLS_ASSIST_URL",
        "MODULAR11_URL",
        "MLSNEXT_PAGE_URL",
        "MLS_SCRAPER_PUSHGATEWAY_URL",
    ],
)
def test_the_password_of_any_address_is_kept_out_of_what_is_told(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "http://me:hunter2@proxy.example")
    assert redacted("http://me:hunter2@proxy.example/x", load_settings()) == "http://me:***@proxy.example/x"


@pytest.mark.parametrize("mark", "/?#")
def test_a_password_that_is_not_encoded_is_not_shown_either(mark: str) -> None:
    assert "hunter2" not in without_password(f"amqp://user:12{mark}hunter2@host:5672/")


@given(st.text(alphabet=st.characters(codec="ascii"), max_size=40))
def test_no_address_is_shown_with_its_password(text: str) -> None:
    shown_address = without_password(f"amqp://user:hunter2@{text}")
    assert "hunter2" not in shown_address
