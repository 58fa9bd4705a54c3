"""The commands of two documents, docs/operations.md and README.md.

Each block marked `sh` is run, in the document's order, in one shell, on servers of its own.
"""

import contextlib
import os
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from private_services.postgresql import PostgreSQL
from private_services.rabbitmq import RabbitMQ

from deploy.queries import alerts
from surfaces import MATCHES, MESSAGES, ROOT, SCRAPER, TABLE, System, eventually
from test_pipeline import change_a_score

DOCUMENT = (ROOT / "docs/operations.md").read_text()
README = (ROOT / "README.md").read_text()
PATIENCE = 90.0
"""Seconds that a part may take."""
AFTER = 7
"""The home score of one match, which was 4 until the backup."""


def parts(document: str) -> dict[str, str]:
    """The commands below each heading, in the document's order."""
    found: dict[str, str] = {}
    for section in re.split(r"^##+ ", document, flags=re.MULTILINE)[1:]:
        title = section.partition("\n")[0]
        if blocks := re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL):
            found[title] = "".join(blocks)
    return found


class Shell:
    """One bash that is given one part after the other, and stops at the first command that fails."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder, self._log = folder, folder / "shell.log"
        with self._log.open("w") as log:
            self._bash = subprocess.Popen(
                ["bash", "-eu", "-o", "pipefail"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                text=True,
                start_new_session=True,
            )

    def run(self, title: str, commands: str) -> str:
        """What a part says; it has to come to its end."""
        script = self._folder / f"{title.replace(' ', '-').replace('?', '')}.sh"
        script.write_text(commands)
        done, before = f"# end of {title}", len(self._log.read_text())
        assert self._bash.stdin is not None
        # rabbitmqctl reads its input, which is not meant for it
        self._bash.stdin.write(f". './{script.name}' < /dev/null\necho '{done}'\n")
        self._bash.stdin.flush()
        eventually(lambda: done in self._log.read_text() or self._bash.poll() is not None, PATIENCE)
        said = self._log.read_text()[before:]
        assert done in said, f"{title}: exit code {self._bash.returncode}\n{said}"
        return said.partition(done)[0]

    def stop(self) -> None:
        """Ends the shell, and all that it left in the background."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)
        self._bash.communicate()


class Installation(System):
    """The document's machine: its folder, and addresses in place of those that the document has."""

    def __init__(self, folder: Path, postgresql: PostgreSQL, rabbitmq: RabbitMQ, ports: list[int]) -> None:
        super().__init__(folder)
        self.feed = folder / "feed"
        self.run(SCRAPER, "sample-site", "--export", self.feed)
        self.environment["MODULAR11_URL"] = self.start_league("--data", self.feed)
        self.environment |= {"MLS_SCRAPER_PAGE_PAUSE_SECONDS": "0"}
        self._addresses = {
            "localhost:15672": rabbitmq.management_url.removeprefix("http://"),
            "localhost:5672": f"127.0.0.1:{rabbitmq.port}",
            "localhost:5432": f"127.0.0.1:{postgresql.port}",
        } | {str(named): str(free) for named, free in zip((8000, 8001, 9808, 9809), ports, strict=True)}
        self._postgresql = postgresql
        programs = folder / "bin"
        programs.mkdir()
        (programs / "rabbitmqctl").write_text(rabbitmq.control_script())
        (programs / "rabbitmqctl").chmod(0o755)
        path = [str(TABLE.parent), str(SCRAPER.parent), str(programs), self.environment["PATH"]]
        given = {name: value for name, value in self.environment.items() if name != "MISSING_TABLE_HOME"}
        self.shell = Shell(folder, given | {"PATH": ":".join(path)})

    def follow(self, title: str, commands: str) -> str:
        """Runs a part of the document here."""
        for named, found in self._addresses.items():
            commands = commands.replace(named, found)
        return self.shell.run(title, commands)

    def ask(self, statement: str, database: str = "missing_table") -> list[tuple[object, ...]]:
        with psycopg.connect(self._postgresql.url(database)) as connection:
            return connection.execute(statement.encode()).fetchall()

    def processed(self, messages: int, database: str = "missing_table") -> None:
        """Waits until so many messages have an outcome."""
        eventually(lambda: self.ask("SELECT count(*) FROM outcomes", database) == [(messages,)])

    def score(self, database: str) -> object:
        """The home score of the match that changes on the site."""
        return self.ask("SELECT score_home FROM matches WHERE match_id = '26090'", database)[0][0]


@pytest.fixture
def machine(
    tmp_path: Path, postgresql: PostgreSQL, rabbitmq: RabbitMQ, unused_ports: list[int]
) -> Iterator[Installation]:
    made = Installation(tmp_path, postgresql, rabbitmq, unused_ports)
    yield made
    made.shell.stop()
    made.stop()
    for database in ("missing_table", "restored"):
        postgresql.drop_database(database)
    postgresql.execute("DROP ROLE missing_table")
    rabbitmq.remove_virtual_host("/")
    rabbitmq.virtual_host("/")


def in_the_folder(machine: Installation, messages: int) -> None:
    """Waits until so many messages have an outcome there."""
    with contextlib.closing(sqlite3.connect(machine.folder / "soccer/missing-table.db", timeout=30)) as database:
        eventually(lambda: database.execute("SELECT count(*) FROM outcomes").fetchone() == (messages,))


def the_folder(machine: Installation) -> None:
    in_the_folder(machine, MESSAGES)


def the_copy(machine: Installation) -> None:
    """It is made again over the one before, and never by halves: what fails leaves the one before as it is."""
    again = parts(DOCUMENT)["A copy of the folder"]
    copy = machine.folder / "soccer-backup.db"
    before = copy.stat().st_ino
    machine.follow("the copy again", again)
    made = copy.stat()
    assert made.st_ino != before
    machine.follow(
        "the copy of nothing", f"(MISSING_TABLE_HOME=$PWD/nowhere; {again.partition('missing-table table')[0]}) || true"
    )
    assert copy.stat() == made
    assert not (machine.folder / "nowhere").exists()
    assert sorted(path.name for path in machine.folder.glob("soccer-backup*")) == ["soccer-backup.db"]


def the_copy_and_since(machine: Installation) -> None:
    in_the_folder(machine, 2 * MESSAGES)


def the_servers(machine: Installation) -> None:
    machine.processed(MESSAGES)
    assert machine.ask("SELECT count(*) FROM matches") == [(MATCHES,)]


def the_log(machine: Installation) -> None:
    machine.processed(2 * MESSAGES)


def a_later_result(machine: Installation) -> None:
    """After the backup a score changes on the league's site, and is stored."""
    change_a_score(machine.feed, home=AFTER)
    machine.follow("later", "RABBITMQ_URL=$SCRAPER_RABBITMQ_URL mls-scraper scrape --season 2026-27 --use-queue")
    eventually(lambda: machine.score("missing_table") == AFTER)


def the_restored(machine: Installation) -> None:
    """It held the backup's rows (the document compares the tables), and what came since is there again, once."""
    machine.processed(3 * MESSAGES, "restored")
    assert machine.ask("SELECT count(*) FROM history WHERE field = 'score_home'", "restored") == [(1,)]
    assert machine.score("restored") == AFTER
    rows = "SELECT match_id, date, home_team, away_team, score_home, score_away, status FROM matches ORDER BY match_id"
    assert machine.ask(rows, "restored") == machine.ask(rows)
    assert machine.ask("SELECT count(*) FROM matches", "restored") == [(MATCHES,)]


CHECKS: dict[str, Callable[[Installation], None]] = {
    "A folder and no server": the_folder,
    "A copy of the folder": the_copy,
    "Back to the copy": the_copy_and_since,
    "RabbitMQ and PostgreSQL": the_servers,
    "Read the log of one run": the_log,
    "Back up": a_later_result,
    "Restore": the_restored,
}
"""What must be true after a part."""
SAID = {
    "A folder and no server": "sent to the embedded queue",
    "RabbitMQ and PostgreSQL": "as rabbitmq/definitions.json has it",
    "Read the log of one run": '"event": "batch_stored"',
    "From the folder to the servers": "entered by hand:",
    "Upgrade": "the database is up to date",
    "A new API token": "revoked",
    "New passwords at the broker": "with the old password: ended with 2",
    "Scale out": "matches\t0\t2",
    "Roll back to HTTP": f"confirmed {MATCHES}",
    "Quarantine": "retry ended with 4",
    "Dead letters": "matches.dead\t0\t1",
    "A new season": "release ended with 10",
    "Backfill": "Homegrown 2025-26",
}
"""What a part must have said."""
README_SAID = {
    "Two commands": "FC Greater Boston Bolts",
    "Scrape": "asked for",
    "RabbitMQ and PostgreSQL": "confirmed",
    "Over HTTP, without a queue": "revoked: ",
}
"""The same of the README."""


def test_the_commands_of_the_document(machine: Installation) -> None:
    commands = parts(DOCUMENT)
    assert set(CHECKS) | set(SAID) <= set(commands)
    for title, script in commands.items():
        said = machine.follow(title, script)
        assert SAID.get(title, "") in said, f"{title}:\n{said}"
        if title in CHECKS:
            CHECKS[title](machine)


def test_the_commands_of_the_readme_twice(
    tmp_path: Path, broker_url: str, postgres_url: str, unused_ports: list[int]
) -> None:
    """Beside a `make up`; nothing is left that a later block could stumble over."""
    addresses = {
        "amqp://user:password@localhost:5672//": broker_url,
        "postgresql://user:password@localhost:5432/missing_table": postgres_url,
        "Northeast --use-queue": "Northeast --season 2026-27 --use-queue",
    } | {str(named): str(free) for named, free in zip((8000, 8001, 8099, 9808), unused_ports, strict=True)}
    system = System(tmp_path)
    path = ":".join([str(TABLE.parent), str(SCRAPER.parent), system.environment["PATH"]])
    system.environment |= {"MISSING_TABLE_HOME": str(tmp_path / ".demo"), "PATH": path}
    system.migrate()
    system.start_league()
    system.start(TABLE, "up", "--port", str(unused_ports[0])).wait_for("consuming")
    system.scrape("--use-queue")
    given = {name: value for name, value in system.environment.items() if name != "MISSING_TABLE_HOME"}
    shell = Shell(tmp_path, given)
    try:
        for time in ("first", "again"):
            for title, commands in parts(README).items():
                for named, found in addresses.items():
                    commands = commands.replace(named, found)
                said = shell.run(f"{title} {time}", commands)
                assert README_SAID[title] in said, f"{title}:\n{said}"
        left = shell.run("left", "wait; env")
        assert {"RABBITMQ_URL", "DATABASE_URL", "MISSING_TABLE_HOME"}.isdisjoint(
            re.findall(r"^(\w+)=", left, re.MULTILINE)
        )
    finally:
        shell.stop()
        system.stop()


def test_every_alert_has_a_section_and_no_other_has() -> None:
    section = DOCUMENT.partition("\n## What each alert means\n")[2]
    assert re.findall(r"^### (\w+)$", section, re.MULTILINE) == [rule["alert"] for rule in alerts()]
