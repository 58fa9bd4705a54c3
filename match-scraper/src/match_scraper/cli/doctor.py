"""`mls-scraper doctor`: whether a run would go well here, and what to do where it would not."""

import sys
from typing import TYPE_CHECKING

import typer

from . import running
from .options import Format, FromSource, ListFormat, Strict, examples, with_source
from .running import ending_well, reader_may_leave

if TYPE_CHECKING:
    from match_scraper.finding import Finding

EXAMPLES = examples(
    ("would a run go well here?", "mls-scraper doctor"),
    ("for a program", "mls-scraper doctor --format json"),
)


def doctor(source: FromSource = None, output: ListFormat = Format.TABLE, strict: Strict = False) -> None:
    """Look at the feed, the folders, the queue, the API and the browser: a line for each, and what to do.

    It sends no match and declares nothing. Exit code 0: a run would go well; else that of the run which would not, the
    lowest of 2 (configuration), 3 (feed), 4 (queue or API) and 5 (a feed without scores).
    """
    with ending_well() as settings:
        from match_scraper.doctor import look_at_everything
        from match_scraper.finding import State

        # What is away is to be told now, not after all attempts.
        impatient = with_source(settings, source).model_copy(update={"attempts": 1})
        found = []
        for finding in look_at_everything(impatient, running.open_source, running.utc_now(), strict=strict):
            found.append(finding)
            if output is Format.TABLE:
                with reader_may_leave():
                    _print_line(finding)
        if output is not Format.TABLE:
            with reader_may_leave():
                _print_all(found, output)
        raise typer.Exit(min((each.exit_code for each in found if each.state is State.WRONG), default=0))


def _print_line(finding: "Finding") -> None:
    from rich.console import Console
    from rich.text import Text

    from match_scraper.finding import State
    from match_scraper.report import draw

    colour = {State.OK: "green", State.NOTE: "yellow", State.WRONG: "bold red"}[finding.state]
    line = Text.assemble((f"{finding.state:<6}", colour), (f"{finding.what:<10}", "bold"), finding.said)
    console = Console(file=sys.stdout, highlight=False, emoji=False, soft_wrap=True)
    draw(console, line)
    sys.stdout.flush()


def _print_all(found: "list[Finding]", output: Format) -> None:
    import csv
    import json

    items = [{"what": each.what, "state": str(each.state), "said": each.said} for each in found]
    if output is Format.JSON:
        print(json.dumps(items, ensure_ascii=False, indent=1))
        return
    writer = csv.DictWriter(sys.stdout, fieldnames=["what", "state", "said"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(items)
