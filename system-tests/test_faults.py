"""The short form of the fault tests, one real fault each; `make test-faults` runs the long one."""

from collections.abc import Iterator

import pytest
from private_services import PostgreSQL, RabbitMQ

from faults.cases import FAULTS, Fault, Theatre, Unavailable, theatre
from faults.stage import SHORT


@pytest.fixture(scope="module")
def stage(rabbitmq: RabbitMQ, postgresql: PostgreSQL) -> Iterator[Theatre]:
    rabbitmq.start()
    postgresql.start()
    with theatre(SHORT, rabbitmq, postgresql) as found:
        yield found


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "-"))
def test_nothing_is_lost_and_nothing_is_doubled(stage: Theatre, fault: Fault) -> None:
    try:
        row = stage.play(fault)
    except Unavailable as unavailable:
        pytest.skip(f"{fault.name}: {unavailable}")
    assert row.published == row.confirmed == SHORT.matches
    assert row.kills >= SHORT.faults
    assert (row.stored, row.doubled, row.lost) == (SHORT.matches, 0, 0)
