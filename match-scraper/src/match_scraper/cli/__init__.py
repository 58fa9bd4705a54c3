"""The command line: words in, exit code out. Each command has a module of its own.

Heavy modules are imported inside the commands, so that `--help` answers at once.
"""

import atexit
import gc
import signal

import typer

from . import config, discover, doctor, release, sample_site, scrape, upcoming, watch
from .options import examples

COLLECT_EVERY = 200_000
"""Objects; a whole season is about as many."""
EXAMPLES = examples(
    ("what is there?", "mls-scraper discover"),
    ("look at one bracket, send nothing", "mls-scraper scrape -a U14 -d Northeast --dry-run"),
    ("would a run go well here?", "mls-scraper doctor"),
)

app = typer.Typer(
    name="mls-scraper",
    epilog=EXAMPLES,
    help="Reads MLS NEXT fixtures and results, and submits them to missing-table.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command("scrape", epilog=scrape.EXAMPLES)(scrape.scrape)
app.command("upcoming", epilog=upcoming.EXAMPLES)(upcoming.upcoming)
app.command("discover", epilog=discover.EXAMPLES)(discover.discover)
app.command("watch", epilog=watch.EXAMPLES)(watch.watch)
app.command("release", epilog=release.EXAMPLES)(release.release)
app.command("doctor", epilog=doctor.EXAMPLES)(doctor.doctor)
app.command("sample-site", epilog=sample_site.EXAMPLES)(sample_site.sample_site)
app.add_typer(config.app, name="config")


def main() -> None:
    """The `mls-scraper` command."""
    # Kubernetes and `timeout` stop a process with SIGTERM; it ends then as by Ctrl-C, with a summary.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Nearly all that a run makes is kept to its end: to look through it for cyclic garbage takes a tenth of the time.
    gc.set_threshold(COLLECT_EVERY, *gc.get_threshold()[1:])
    atexit.register(gc.freeze)
    app()
