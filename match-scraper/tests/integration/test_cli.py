"""The command line itself: what it prints where, how it ends, and what it sends."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from private_services import RabbitMQ
from private_services.program import Program
from prometheus_client.parser import text_string_to_metric_families

from match_scraper.cli import running
from match_scraper.match_data import MatchData
from match_scraper.sample_site import faults

from .conftest import Ended, Run, Site

TASKS = "missing_table.tasks."
Measured = Callable[[], dict[str, int]]
NORTHEAST = ("-a", "U14", "-a", "U15", "-d", "Northeast")


def spooled(home: Path, task: str = "process_match_data") -> int:
    files = [json.loads(file.read_bytes()) for file in (home / "spool" / "matches" / "queue").glob("*")]
    assert {file["headers"]["task"].removeprefix(TASKS) for file in files} <= {"process_match_data", "process_bracket"}
    return sum(file["headers"]["task"] == TASKS + task for file in files)


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for a condition, and fail if it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Measured:
    """The exit codes that the runs have left for Prometheus, by target."""
    file = tmp_path / "scraper.prom"
    monkeypatch.setenv("MLS_SCRAPER_METRICS_FILE", str(file))

    def exit_codes() -> dict[str, int]:
        families = text_string_to_metric_families(file.read_text() if file.exists() else "")
        samples = [each for family in families for each in family.samples if each.name.endswith("_exit_code")]
        return {each.labels["target"]: int(each.value) for each in samples}

    return exit_codes


def logged(ended: Ended) -> dict[str, dict[str, Any]]:
    """The log's lines, by event; of several the last."""
    lines = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
    return {line["event"]: line for line in lines}


class _ApiServer(HTTPServer):
    """Takes `most` matches; what comes after is not answered, and let go of when there is `room`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.taken: list[dict[str, object]] = []
        self.brackets: list[dict[str, object]] = []
        self.has = {"/api/matches/submit", "/api/brackets/submit"}
        self.most = 10**9
        self.full, self.room = threading.Event(), threading.Event()


class _Api(BaseHTTPRequestHandler):
    """Just enough of the API to take matches."""

    server: "_ApiServer"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        items = body if isinstance(body, list) else [body]
        if len(self.server.taken) >= self.server.most:
            self.server.full.set()
            self.server.room.wait(60)
            self.close_connection = True
            return
        if self.path not in self.server.has:
            self.send_error(404)
            return
        (self.server.brackets if self.path == "/api/brackets/submit" else self.server.taken).extend(items)
        answer = json.dumps({"task_ids": [f"task-{number}" for number in range(len(items))]}).encode()
        self.send_response(202)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, run: Run) -> Iterator[_ApiServer]:  # noqa: ARG001 - clears the environment first
    """An API that takes everything, unless it is told to take less."""
    server = _ApiServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monkeypatch.setenv("MISSING_TABLE_API_BASE_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("MISSING_TABLE_API_TOKEN", "mt_sesame")
    yield server
    server.room.set()
    server.shutdown()
    thread.join()
    server.server_close()


def test_json_is_alone_on_standard_output_and_each_item_keeps_the_contract(site: Site, run: Run) -> None:
    site()
    ended = run("scrape", *NORTHEAST, "--dry-run", "--format", "json")
    assert ended.code == 0
    assert [MatchData(**item) for item in json.loads(ended.out)]
    assert ended.err.splitlines()[1:] == [
        "dry run: nothing was sent",
        "seen 564, asked for 462, not asked for 102, unreadable 0, mapped 462, broken 0",
        "brackets: mapped 2",
    ]


def test_csv_has_a_column_for_each_field_of_the_contract(site: Site, run: Run) -> None:
    site()
    ended = run("scrape", *NORTHEAST, "--dry-run", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ended.out)))
    assert len(rows) == 462
    assert list(rows[0]) == list(MatchData.model_fields)
    assert (rows[0]["match_id"], rows[0]["score_home"], rows[0]["penalty_home"]) == ("26090", "4", "")


def test_a_table_is_for_people_and_names_are_whole_even_in_a_pipe(site: Site, run: Run) -> None:
    site()
    ended = run("scrape", "--league", "Flex", "-a", "U17", "-d", "all", "--dry-run")
    (line,) = [line for line in ended.out.splitlines() if "26336" in line]
    assert "Atlanta United" in line
    assert "3-3 (3-4)" in line
    assert "Charlotte Independence Soccer Club" in line


def test_quiet_says_nothing_when_all_is_well(site: Site, run: Run) -> None:
    site()
    ended = run("scrape", *NORTHEAST, "--dry-run", "--quiet")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_quiet_still_says_what_is_wrong(site: Site, run: Run) -> None:
    site("impossible-score")
    ended = run("scrape", *NORTHEAST, "--dry-run", "--quiet")
    assert (ended.code, ended.out) == (4, "")
    assert "broken: match" in ended.err


def test_what_the_environment_asks_for_is_the_default(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    site()
    monkeypatch.setenv("AGE_GROUP", "U14,U15")
    monkeypatch.setenv("DIVISION", "Northeast,Southeast (Pro Player Pathway)")
    ended = run("scrape", "--dry-run", "--format", "json")
    assert (ended.code, ended.summary["mapped"]) == (0, 462)
    assert ended.lines("note: ") == [
        "Homegrown 2026-27 has no U14 in Southeast (Pro Player Pathway); it has U14 in Northeast, Florida",
        "Homegrown 2026-27 has no U15 in Southeast (Pro Player Pathway); it has U15 in Northeast",
    ]
    assert run("scrape", "-a", "U14", "--dry-run", "--format", "json").summary["mapped"] == 272


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-a", "U18", "-d", "Northeast"], "Unknown age group “U18”. Known are U13, U14, U15, U16, U17, U19."),
        (["-a", "U14", "-d", "Nrotheast"], "Unknown division “Nrotheast”. Did you mean Northeast? Known are "),
        (
            ["-a", "U14", "-d", "Northeast", "--league", "Homegron"],
            "Unknown league “Homegron”. Did you mean Homegrown?",
        ),
        (["-a", "U14", "-d", "Northeast", "--season", "26"], "Unknown season: “26” is not a season, such as 2026-27"),
        (["-a", "U14", "-d", "Northeast", "--from", "soon"], "Unknown date “soon” for --from"),
        (["-a", "U14", "-d", "Northeast", "--from", "2026-10-02", "--to", "2026-10-01"], "Wrong date range"),
        (
            ["-a", "U14", "-d", "Northeast", "--season", "2026-27", "--from", "2027-10-02"],
            "Wrong date range: --from 2027-10-02 lies outside season 2026-27, which runs from 2026-08-01 to",
        ),
        (["-d", "Northeast"], "Which age group?"),
        (["-a", "U14"], "Which division?"),
    ],
)
def test_what_cannot_be_asked_for_is_one_sentence_and_exit_2(
    site: Site, run: Run, arguments: list[str], words: str
) -> None:
    site()
    ended = run("scrape", "--dry-run", "--format", "json", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"mls-scraper: {words}")
    assert len(ended.err.splitlines()) == 1


def test_an_unknown_option_is_a_usage_problem_too(run: Run) -> None:
    assert run("scrape", "--no-such-thing").code == 2


def test_a_wrong_setting_is_one_sentence_without_its_value(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqp//me:hunter2@host")
    ended = run("scrape", *NORTHEAST, "--dry-run")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("mls-scraper: RABBITMQ_URL: must be an address")
    assert "hunter2" not in ended.err


def test_without_a_queue_both_ways_to_get_one_are_named_and_nothing_is_read(site: Site, run: Run) -> None:
    served = site()
    ended = run("scrape", *NORTHEAST, "--use-queue")
    assert ended.code == 2
    assert "RABBITMQ_URL" in ended.err
    assert "embedded folder" in ended.err
    assert served.asked == []


def test_the_queue_gets_each_match_once_and_a_run_with_nothing_new_sends_nothing(
    site: Site, run: Run, home: Path
) -> None:
    site()
    first = run("scrape", *NORTHEAST, "--use-queue")
    assert (first.code, first.summary["confirmed"], first.summary["unchanged"]) == (0, 462, 0)
    assert spooled(home) == 462
    assert "sent to the embedded queue" in first.out
    second = run("scrape", *NORTHEAST, "--use-queue")
    assert (second.code, second.summary["sent"], second.summary["unchanged"]) == (0, 0, 462)
    assert "nothing new: " in second.out
    assert (spooled(home), spooled(home, "process_bracket")) == (462, 2)
    full = run("scrape", *NORTHEAST, "--use-queue", "--full")
    assert (full.code, full.summary["confirmed"], full.summary["unchanged"]) == (0, 462, 0)
    assert spooled(home) == 2 * 462


def test_a_changed_score_in_the_folder_is_all_that_is_sent_again(
    site: Site, run: Run, home: Path, tmp_path: Path
) -> None:
    assert run("sample-site", "--export", str(tmp_path / "feeds")).code == 0
    site(folder=tmp_path / "feeds")
    assert run("scrape", *NORTHEAST, "--use-queue").summary["confirmed"] == 462
    file = tmp_path / "feeds" / "schedule" / "mls-next-league-26-27.json"
    document = json.loads(file.read_text())
    event = next(event for event in document["events"] if event["game_key"] == "26090")
    event["home_score"] = 5
    file.write_text(json.dumps(document))
    again = run("scrape", *NORTHEAST, "--use-queue")
    assert (again.code, again.summary["confirmed"], again.summary["unchanged"]) == (0, 1, 461)
    assert spooled(home) == 463
    (brackets,) = again.lines("brackets: ")
    assert brackets == "mapped 2, unchanged 1, sent 1, confirmed 1, refused 0, unsent 0"
    assert spooled(home, "process_bracket") == 3, "its order may rest on the result"


def test_without_use_queue_matches_go_over_http(site: Site, run: Run, api: _ApiServer) -> None:
    site()
    ended = run("scrape", *NORTHEAST)
    assert (ended.code, ended.summary["confirmed"]) == (0, 462)
    assert len(api.taken) == 462
    assert [(each["age_group"], each["division"]) for each in api.brackets] == [
        ("U14", "Northeast"),
        ("U15", "Northeast"),
    ]
    assert "sesame" not in ended.out + ended.err


def test_an_api_without_brackets_gets_the_matches_and_the_run_is_no_worse(
    site: Site, run: Run, api: _ApiServer
) -> None:
    site()
    api.has = {"/api/matches/submit"}
    ended = run("scrape", *NORTHEAST)
    assert (ended.code, ended.summary["confirmed"], len(api.taken)) == (0, 462, 462)
    assert ended.lines("brackets: ") == ["mapped 2, unchanged 0, sent 0, confirmed 0, refused 0, unsent 2"]
    assert any("missing-table is older than match-scraper" in note for note in ended.lines("note: "))


@pytest.mark.parametrize("words", [("--no-brackets",), ("--club", "Valeo"), ("--from", "2026-09-01")])
def test_brackets_are_left_out_on_request_and_where_only_a_part_is_asked_for(
    site: Site, run: Run, home: Path, words: tuple[str, ...]
) -> None:
    site()
    ended = run("scrape", *NORTHEAST, "--use-queue", *words)
    assert (ended.code, spooled(home, "process_bracket")) == (0, 0)
    assert spooled(home) == ended.summary["confirmed"] > 0
    assert ended.lines("brackets: ") == []


def test_an_api_that_is_away_ends_with_4_and_names_what_was_not_sent(
    site: Site, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISSING_TABLE_API_BASE_URL", "http://127.0.0.1:9")
    site()
    ended = run("scrape", *NORTHEAST)
    assert (ended.code, ended.summary["unsent"], ended.summary["confirmed"]) == (4, 462, 0)
    (listed,) = [line for line in ended.lines("problem: ") if "not sent" in line]
    assert listed.startswith("462 matches not sent: 26090, ")
    assert listed.endswith(" and 452 more")
    assert len(listed.split(", ")) == 10
    for_programs = run("scrape", *NORTHEAST, "--format", "json")
    (line,) = for_programs.lines("unsent: ")
    assert line.split(", ") == list(for_programs.messages)


def test_a_broker_that_does_not_know_us_is_not_hidden_by_the_fallback(
    site: Site, run: Run, api: _ApiServer, rabbitmq: RabbitMQ, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()
    known = urlsplit(rabbitmq.url)
    monkeypatch.setenv("RABBITMQ_URL", f"amqp://nobody:wrong@{known.hostname}:{known.port}/")
    ended = run("scrape", *NORTHEAST, "--use-queue", "--fallback-api")
    assert (ended.code, ended.summary["confirmed"], len(api.taken)) == (0, 462, 462)
    (note,) = ended.lines("note: ")
    assert "wrong name or password. It is there and does not take them: somebody has to see to that." in note
    (shares,) = ended.lines("sent ")
    assert [share[:10] for share in shares.split("; ")] == ["0 to the b", "462 to the"]
    strict = run("scrape", *NORTHEAST, "--use-queue", "--fallback-api", "--full", "--strict")
    assert (strict.code, strict.summary["confirmed"], len(strict.lines("problem: "))) == (4, 462, 1)
    # One that is merely away is what the fallback is for.
    monkeypatch.setenv("RABBITMQ_URL", "amqp://nobody:wrong@127.0.0.1:9/")
    assert run("scrape", *NORTHEAST, "--use-queue", "--fallback-api", "--full", "--strict").code == 0


def test_each_confirmed_message_is_in_the_log_for_who_asks(
    site: Site, run: Run, api: _ApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()
    assert "match_confirmed" not in run("scrape", *NORTHEAST).err
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    ended = run("scrape", *NORTHEAST, "--full")
    lines = [json.loads(line) for line in ended.err.splitlines() if '"match_confirmed"' in line]
    assert {line["match_id"] for line in lines} == {each["match_id"] for each in api.taken}
    assert all(line["task_id"] and line["run_id"] and line["destination"] for line in lines)
    assert logged(ended)["bracket_confirmed"]["bracket"] == ["2026-27", "Homegrown", "U15", "Northeast"]


def test_each_further_attempt_is_a_line_that_says_what_and_why_and_when(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLS_ASSIST_URL", "http://127.0.0.1:9")
    (line, *rest) = run("scrape", *NORTHEAST, "--dry-run").err.splitlines()
    said = json.loads(line)
    assert (said["event"], said["url"]) == ("asking_again", "127.0.0.1:9/data/standings/mls-next-league-26-27.json")
    assert said["why"].startswith("the connection failed: ")
    assert said["seconds_until_then"] < 1
    assert set(said) == {"event", "url", "why", "seconds_until_then", "run_id", "level", "timestamp"}
    assert [each.partition(":")[0] for each in rest] == ["problem"]
    assert run("scrape", *NORTHEAST, "--dry-run", "--quiet").lines("{") == []


def test_the_canary_ends_with_5_and_what_there_is_was_sent(site: Site, run: Run, home: Path) -> None:
    site("no-scores")
    assert run("scrape", *NORTHEAST, "--use-queue").code == 5
    assert spooled(home) == 462


def test_of_several_exit_codes_the_lowest_is_taken(site: Site, run: Run) -> None:
    site("no-scores", "academy-not-published")
    leagues = ("--league", "Homegrown", "--league", "Academy")
    ended = run("scrape", *NORTHEAST, *leagues, "--dry-run")
    assert ended.code == 3
    assert len(ended.lines("problem: ")) == 2


def test_a_league_that_is_not_published_does_not_keep_the_others_from_being_sent(
    site: Site, run: Run, home: Path
) -> None:
    site("academy-not-published")
    ended = run("scrape", *NORTHEAST, "--league", "Homegrown", "--league", "Academy", "--use-queue")
    assert (ended.code, ended.summary["confirmed"]) == (3, 462)
    assert spooled(home) == 462


def test_a_bug_is_one_line_without_secrets_and_exit_1(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("cannot use amqp://me:hunter2@host/")

    site()
    monkeypatch.setenv("RABBITMQ_URL", "amqp://me:hunter2@host/")
    monkeypatch.setattr(running, "utc_now", broken)
    ended = run("scrape", *NORTHEAST, "--dry-run")
    assert (ended.code, ended.out) == (1, "")
    assert "this is a bug" in ended.err
    assert "LOG_LEVEL=DEBUG" in ended.err
    assert "hunter2" not in ended.err


def test_config_show_masks_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqp://me:hunter2@host/v")
    ended = run("config", "show")
    assert "RABBITMQ_URL=amqp://me:***@host/v" in ended.out
    assert "MISSING_TABLE_EMBEDDED=1" in ended.out


def test_the_faults_are_listed_one_name_a_line(run: Run) -> None:
    assert run("sample-site", "--list-faults").out.split("\n") == [*faults.known(), ""]
    for line in run("sample-site", "--list-faults", "--verbose").out.splitlines():
        assert line.partition("\t")[2]


def test_an_unknown_fault_is_answered_with_the_nearest(run: Run) -> None:
    ended = run("sample-site", "--fault", "webpage")
    assert ended.code == 2
    assert ended.err.startswith("mls-scraper: Unknown fault “webpage”. Did you mean web-page? Known are academy-")


def test_a_folder_that_is_not_there_cannot_be_served(run: Run, tmp_path: Path) -> None:
    ended = run("sample-site", "--data", str(tmp_path / "nowhere"))
    assert ended.code == 2
    assert "--export" in ended.err


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    heavy = "{'pydantic', 'httpx', 'celery', 'kombu', 'msgspec', 'structlog', 'rapidfuzz', 'sqlite3'}"
    code = f"import match_scraper.cli, sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_ends_with_130_and_no_traceback(site: Site, how: signal.Signals) -> None:
    served = site("time-out")
    command = [sys.executable, "-m", "match_scraper", "scrape", *NORTHEAST, "--dry-run", "--format", "json"]
    with Program(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until(lambda: bool(served.asked))
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, json.loads(out)) == (130, [])
    assert "stopped before the end" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_while_it_sends_says_how_far_it_came_and_the_next_one_sends_the_rest(
    site: Site, run: Run, api: _ApiServer, how: signal.Signals
) -> None:
    site()
    api.most = 200
    command = [sys.executable, "-m", "match_scraper", "scrape", *NORTHEAST, "--season", "2026-27"]
    with Program(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert api.full.wait(30)
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "mapped 462, broken 0, unchanged 0, sent 200, confirmed 200, refused 0, unsent 262\n" in out
    assert "stopped before the end; the next run sends the rest" in err
    api.most = 10**9
    api.room.set()
    again = run("scrape", *NORTHEAST, "--season", "2026-27")
    assert (again.code, again.summary["unchanged"], again.summary["confirmed"]) == (0, 200, 262)


def test_a_club_that_nobody_knows_is_said(site: Site, run: Run) -> None:
    site()
    ended = run("scrape", *NORTHEAST, "--club", "nobody", "--club", "westchester", "--dry-run", "--format", "json")
    assert ended.code == 0
    (note,) = ended.lines("note: ")
    assert note.startswith("of what was asked for, no match is one of a club with “nobody” in its name ")
    assert "Did you mean" not in note


@pytest.mark.parametrize("source", ["assist", "modular11"])
def test_a_club_that_is_misspelt_is_answered_with_the_nearest_and_strictly_where_asked(
    site: Site, run: Run, source: str
) -> None:
    site()
    misspelt = ("scrape", *NORTHEAST, "--club", "westchestr", "--dry-run", "--source", source)
    ended = run(*misspelt)
    assert (ended.code, ended.summary["asked for"]) == (0, 0)
    assert any("“westchestr” in its name " in note for note in ended.lines("note: "))
    assert "Did you mean FC Westchester?" in ended.out
    strict = run(*misspelt, "--strict")
    assert (strict.code, "Did you mean FC Westchester? (--strict)" in strict.err) == (3, True)


def test_a_club_that_plays_elsewhere_is_not_taken_for_a_slip(site: Site, run: Run) -> None:
    site()
    clubs = ("--club", "Dallas", "--club", "Seacoast")
    ended = run("scrape", *NORTHEAST, *clubs, "--strict", "--dry-run", "--format", "json")
    assert ended.code == 0
    (note,) = ended.lines("note: ")
    assert ("“Dallas”" in note, "Did you mean" in note) == (True, False)


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_sample_site_prints_its_address_and_ends_cleanly(how: signal.Signals) -> None:
    command = [sys.executable, "-m", "match_scraper", "sample-site", "--port", "0"]
    with Program(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        answer = httpx.get(f"{address}/data/standings/mls-next-league-26-27.json")
        assert answer.json()["competition_season"]["key"] == "mls-next-league-26-27"
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.usefixtures("run")
def test_a_reader_that_leaves_early_is_no_problem(site: Site) -> None:
    site()
    command = [sys.executable, "-m", "match_scraper", "scrape", *NORTHEAST, "--dry-run", "--format", "csv"]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    finally:
        os.close(writing)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert "mapped 462" in done.stderr


def test_a_run_leaves_its_measurements(
    site: Site, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    site()
    file = tmp_path / "measures" / "u14.prom"
    monkeypatch.setenv("MLS_SCRAPER_METRICS_FILE", str(file))
    monkeypatch.setenv("MLS_SCRAPER_PUSHGATEWAY_URL", "http://127.0.0.1:9")
    ended = run("scrape", "-a", "U14", "-d", "Northeast", "--use-queue")
    assert ended.code == 0, "what could not be pushed makes a run no worse"
    assert any(line.startswith("measurements not pushed: ") for line in ended.lines("note: "))
    text = file.read_text()
    assert f'mls_scraper_matches{{state="confirmed",target="Homegrown U14 Northeast"}} {spooled(home)}.0' in text
    assert 'mls_scraper_last_run_exit_code{target="Homegrown U14 Northeast"} 0.0' in text
    assert "mls_scraper_last_success_timestamp_seconds{" in text


@pytest.mark.parametrize(
    ("fault", "division", "code"),
    [
        ("new-fields", "Northeast", 0),
        ("new-fields", "Nowhere", 2),
        ("server-error", "Northeast", 3),
        ("impossible-score", "Northeast", 4),
        ("no-scores", "Northeast", 5),
    ],
)
@pytest.mark.usefixtures("home")
def test_every_exit_code_is_in_the_measurements(
    site: Site, run: Run, measured: Measured, fault: str, division: str, code: int
) -> None:
    site(fault)
    assert run("scrape", "-a", "U15", "-d", division, "--use-queue").code == code
    assert measured() == {f"Homegrown U15 {division}": code}


def test_so_are_a_queue_that_nobody_set_up_and_a_bug(
    site: Site, run: Run, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("out of order")

    site()
    u14 = ("scrape", "-a", "U14", "-d", "Northeast")
    assert run(*u14, "--use-queue").code == 2
    assert measured() == {"Homegrown U14 Northeast": 2}
    monkeypatch.setattr(running, "open_source", broken)
    assert run(*u14).code == 1
    assert measured() == {"Homegrown U14 Northeast": 1}


def test_so_is_a_setting_that_cannot_be_used(run: Run, measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", "amqp//me:hunter2@host")
    monkeypatch.setenv("MLS_SCRAPER_TIMEOUT_SECONDS", "soon")
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    monkeypatch.setenv("AGE_GROUP", "U14")
    ended = run("scrape", "-d", "Northeast", "--use-queue")
    assert (ended.code, ended.out, measured()) == (2, "", {"Homegrown U14 Northeast": 2})
    assert [problem[:24] for problem in logged(ended)["run_ended"]["problems"]] == ["RABBITMQ_URL: must be an"]
    monkeypatch.setenv("MLS_SCRAPER_METRICS_FILE", "~nobody-at-all/u14.prom")
    assert run("scrape", "-d", "Northeast", "--use-queue").code == 2


@pytest.mark.usefixtures("home")
def test_a_dry_run_is_no_run_of_the_job_and_a_backfill_is_another_one(site: Site, run: Run, measured: Measured) -> None:
    site()
    u14 = ("scrape", "-a", "U14", "-d", "Northeast", "--use-queue")
    assert run(*u14, "--dry-run").code == 0
    assert measured() == {}
    assert run(*u14, "--season", "2026-27", "--club", "Valeo", "--from", "2026-09-01").code == 0
    assert measured() == {"Homegrown U14 Northeast 2026-27 club Valeo from 2026-09-01": 0}


def test_measurements_that_a_failed_run_cannot_leave_are_said(
    site: Site, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site()
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLS_SCRAPER_METRICS_FILE", str(tmp_path / "file" / "u14.prom"))
    ended = run("scrape", "-a", "U14", "-d", "Nowhere", "--no-use-queue")
    assert ended.code == 2
    assert ended.err.startswith("note: measurements not written to ")


def test_the_log_says_how_a_run_ended_and_why(site: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "INFO")
    monkeypatch.setenv("MISSING_TABLE_API_BASE_URL", "http://127.0.0.1:9")
    site()
    away = logged(run("scrape", *NORTHEAST))["run_ended"]
    assert (away["exit_code"], away["unsent"]) == (4, 462)
    assert away["taken"] == {"the API at http://127.0.0.1:9": 0}
    assert [problem.partition(" ")[0] for problem in away["problems"]] == ["the", "462"]
    assert max(map(len, away["problems"])) <= 300
    unknown = logged(run("scrape", "-a", "U14", "-d", "Nowhere"))["run_ended"]
    assert (unknown["exit_code"], unknown["problems"][0][:26]) == (2, "Unknown division “Nowhere”")
    assert unknown["run_id"] != away["run_id"]


def test_a_collector_that_is_away_is_one_line(
    site: Site, dry_run: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2")
    assert dry_run().code == 0
    said = [record.getMessage() for record in caplog.records if "spans" in record.getMessage()]
    assert said == ["Failed to export spans batch due to timeout, max retries or shutdown."]
