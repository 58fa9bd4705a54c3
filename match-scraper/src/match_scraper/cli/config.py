"""`mls-scraper config`: the settings, which all come from the environment."""

import typer

from .running import ending_well, reader_may_leave

app = typer.Typer(help="The settings, which all come from the environment.", no_args_is_help=True)


@app.command("show")
def show() -> None:
    """Print every setting, with secrets masked."""
    with ending_well() as settings:
        from match_scraper.settings import shown

        with reader_may_leave():
            for name, value in shown(settings):
                print(f"{name}={value}")
