"""The short form of the fuzzing; `make fuzz` is the long one."""

from fuzz.run import run
from surfaces import System

SEED = 20261005
COUNT = 3000


def test_every_input_is_accounted_for_and_nothing_breaks_the_contract(servers: System) -> None:
    """The worker neither dies nor stalls, and never opens a pickle."""
    servers.migrate()
    tally = run(servers, SEED, COUNT)
    print(tally.table())
    assert not tally.wrong, "\n".join(tally.wrong[:5])
    assert tally.accounted == tally.published == COUNT
