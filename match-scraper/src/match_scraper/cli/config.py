"""`mls-scraper config`: the settings, which all come from the environment."""

import sys

import typer

from match_scraper.errors import UsageProblem

from .options import examples
from .running import ending_well, reader_may_leave

SHOW_EXAMPLES = examples(("which settings hold here", "mls-scraper config show"))
VALIDATE_EXAMPLES = examples(("before a deployment", "mls-scraper config validate"))

app = typer.Typer(
    help="The settings, which all come from the environment.",
    epilog=SHOW_EXAMPLES,
    no_args_is_help=True,
    rich_markup_mode="rich",
)


@app.command("show", epilog=SHOW_EXAMPLES)
def show() -> None:
    """Print every setting, with secrets masked."""
    with ending_well() as settings:
        from match_scraper.settings import shown

        with reader_may_leave():
            for name, value in shown(settings):
                print(f"{name}={value}")


@app.command("validate", epilog=VALIDATE_EXAMPLES)
def validate() -> None:
    """Say which variables are wrong and what they must be; exit code 2 if any is.

    It asks nobody: whether the feed, the broker and the API are there is what doctor says.
    """
    from match_scraper.settings import wrong_settings

    wrong = wrong_settings()
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong:
        raise typer.Exit(UsageProblem.exit_code)
    try:
        with reader_may_leave():
            print("every setting can be used")
    except UsageProblem as error:
        print(f"mls-scraper: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
