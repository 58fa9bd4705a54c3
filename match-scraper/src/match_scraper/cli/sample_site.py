"""`mls-scraper sample-site`: a local copy of the league's site."""

import contextlib
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from match_scraper.errors import UsageProblem

from .options import complete_fault, examples, parts
from .running import ending_well, reader_may_leave

EXAMPLES = examples(
    ("serve the sample season", "mls-scraper sample-site --port 8099"),
    ("read it, in another terminal", "MLS_ASSIST_URL=http://127.0.0.1:8099 mls-scraper discover --season 2026-27"),
    ("what can go wrong, and what it looks like", "mls-scraper sample-site --list-faults --verbose"),
    ("a site that is busy at first", "mls-scraper sample-site --port 8099 --fault too-many-requests-once"),
    ("as many matches as a season has", "mls-scraper sample-site --port 8099 --whole-season"),
    ("the sample as files, to be changed", "mls-scraper sample-site --export my-site"),
    ("and served", "mls-scraper sample-site --port 8099 --data my-site"),
)


def sample_site(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 0,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    data: Annotated[
        Path | None,
        typer.Option(help="Serve schedule/<key>.json and standings/<key>.json of this folder, read at each request."),
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="Misbehave in this way; several times.", autocompletion=complete_fault)
    ] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Print the names of the faults.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="With --list-faults: what each one is.")] = False,
    export: Annotated[Path | None, typer.Option(help="Write the sample into this folder, and stop.")] = None,
    whole_season: Annotated[
        bool, typer.Option("--whole-season", help="As many matches as a season has: 24,628 in three leagues.")
    ] = False,
) -> None:
    """Serve a local copy of the league's site, for trying things out and for tests.

    Prints its address as the first line, for MLS_ASSIST_URL and MODULAR11_URL, and runs until Ctrl-C.
    """
    with ending_well(), contextlib.ExitStack() as stack:
        from match_scraper.sample_site import faults, server
        from match_scraper.sample_site import whole_season as grown

        known = faults.known()
        if list_faults:
            with reader_may_leave():
                for name, each in known.items():
                    print(f"{name}\t{each.seen_as}" if verbose else name)
            return
        chosen = parts(fault)
        for name in chosen:
            if name not in known:
                from match_scraper.asked import unknown

                raise unknown("fault", name, known)
        if whole_season and (data is not None or (export is not None and chosen)):
            raise UsageProblem(
                "--whole-season makes a season of its own: --data, or --fault with --export, does not fit."
            )
        if export is not None:
            try:
                files = list(grown.write(export) if whole_season else server.export(export, chosen))
            except OSError as error:
                raise UsageProblem(f"Cannot write into {export}: {error.strerror or error}.") from error
            with reader_may_leave():
                for file in files:
                    print(file)
            return
        if data is not None and not data.is_dir():
            raise UsageProblem(f"--data {data} is not a folder; --export {data} makes one with the sample in it.")
        if whole_season:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="whole-season-")))
            grown.write(data)
        try:
            site = server.SampleSite(port, host=host, folder=data, faults=chosen)
        except OSError as error:
            raise UsageProblem(f"Cannot listen on {host}:{port}: {error.strerror or error}.") from error
        # Ctrl-C and SIGTERM are how this ends well.
        with site, contextlib.suppress(KeyboardInterrupt):
            with reader_may_leave():
                print(site.url)
            threading.Event().wait()
