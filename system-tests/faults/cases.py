"""Every fault by its name, and how it is tried: set the stage, let it strike, count."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from private_services import PostgreSQL, RabbitMQ

from faults import api, clock, connections, disk, producer, services, workers
from faults.audit import Row
from faults.season import Season
from faults.stage import Embedded, Scale, Servers
from surfaces import TABLE, System, eventually


class Unavailable(Exception):
    """What this fault needs is not to be had on this machine."""


@dataclass(frozen=True)
class Fault:
    """One row of the table. `strike` lets it happen while the load runs, and returns when all is confirmed."""

    name: str
    strike: Callable[[Any], None]
    embedded: bool = False


FAULTS: Final = (
    Fault("worker killed again and again", workers.killed_again_and_again),
    Fault("two workers, one killed", workers.one_of_two_killed),
    Fault("broker killed", services.broker_killed),
    Fault("PostgreSQL stopped at once", services.database_crashed),
    Fault("scraper cut off from the broker", connections.of_the_scraper),
    Fault("worker cut off from the broker", connections.of_the_worker),
    Fault("worker cut off from PostgreSQL", connections.to_the_database),
    Fault("broker out of disk space", services.disk_of_the_broker_full),
    Fault("scraper killed", producer.killed),
    Fault("API killed beside the queue", api.killed_beside_the_queue),
    Fault("broker killed, API stands in", api.broker_down_and_the_api_stands_in),
    Fault("clock wrong by a day", clock.wrong_by_a_day),
    Fault("embedded: worker killed", workers.killed_embedded, embedded=True),
    Fault("embedded: scraper killed", producer.killed_embedded, embedded=True),
    Fault("embedded: disk full", disk.full, embedded=True),
)


@dataclass
class Theatre:
    """What all faults of one scale share: servers, a migrated database to copy, and the site that shows the season."""

    scale: Scale
    season: Season
    site: str
    rabbitmq: RabbitMQ
    postgresql: PostgreSQL
    template: str

    def play(self, fault: Fault) -> Row:
        """Tries one fault. Raises `Unavailable`; `AssertionError` where something else is wrong than the count."""
        with tempfile.TemporaryDirectory(prefix="fault-") as folder, ExitStack() as stack:
            return (
                self._embedded(fault, Path(folder), stack)
                if fault.embedded
                else self._servers(fault, Path(folder), stack)
            )

    def _servers(self, fault: Fault, folder: Path, stack: ExitStack) -> Row:
        if fault.strike is clock.wrong_by_a_day and not clock.FAKETIME.exists():
            raise Unavailable(f"{clock.FAKETIME} is not there: apt-get install libfaketime")
        self.rabbitmq.start()
        self.postgresql.start()
        virtual_host = self.rabbitmq.virtual_host()
        stack.callback(self.rabbitmq.remove_virtual_host, virtual_host)
        stack.callback(self.rabbitmq.start)
        name = f"fault_{folder.name.removeprefix('fault-')}"
        self.postgresql.execute(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}"')
        stack.callback(self.postgresql.drop_database, name)
        stack.callback(self.postgresql.start)
        system = System(
            folder,
            RABBITMQ_URL=self.rabbitmq.url_for(virtual_host),
            DATABASE_URL=self.postgresql.url(name),
            MISSING_TABLE_EMBEDDED="0",
        )
        stack.callback(system.stop)
        stage = Servers(system, self.season, self.scale, self.site, self.rabbitmq, self.postgresql)
        stack.callback(stage.close)
        fault.strike(stage)
        return stage.finish(fault.name)

    def _embedded(self, fault: Fault, folder: Path, stack: ExitStack) -> Row:
        system = System(folder)
        if fault.strike is disk.full:
            try:
                stack.enter_context(disk.small_disk(folder / "home", 64 << 20))
            except disk.NoSmallDisk as refused:
                raise Unavailable(f"a small disk: {refused}") from None
        stack.callback(system.stop)
        stage = Embedded(system, self.season, self.scale, self.site)
        system.migrate()
        fault.strike(stage)
        return stage.finish(fault.name)


@contextmanager
def theatre(scale: Scale, rabbitmq: RabbitMQ, postgresql: PostgreSQL) -> Iterator[Theatre]:
    """Everything that the faults of one scale share; the servers run, and stay."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        template = f"faults_{Path(folder).name.removeprefix('faults-')}"
        postgresql.create_database(template)
        system = System(Path(folder), DATABASE_URL=postgresql.url(template), RABBITMQ_URL=rabbitmq.url)
        season = Season(Path(folder) / "season", scale.matches)
        try:
            migrating = system.start(TABLE, "migrate")
            season.write(system)
            site = system.start_league("--data", season.folder)
            eventually(lambda: not migrating.running)
            assert migrating.stop() == 0, migrating.output
            yield Theatre(scale, season, site, rabbitmq, postgresql, template)
        finally:
            system.stop()
            postgresql.start()
            postgresql.drop_database(template)
