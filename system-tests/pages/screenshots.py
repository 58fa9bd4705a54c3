"""`python -m pages.screenshots FOLDER`: a picture of each page, as a phone and as a desktop shows it."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from pages.stage import DESKTOP, PHONE, browser, installation, sign_in
from surfaces import System

SHOWN: Final = ("bracket", "team", "match", "search", "sign-in", "ingest", "enter")
MODES: Final = (("phone", PHONE, "light", 1.5), ("desktop", DESKTOP, "dark", 1.0))


def main(folder: Path) -> None:
    """Writes a PNG for each page and mode; the sample's data is of a fixed day, so nobody is warned of its age."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        system = System(Path(home), MISSING_TABLE_STALE_AFTER_HOURS="1000000")
        try:
            with installation(system) as stage, browser() as chromium:
                for mode, size, scheme, scale in MODES:
                    context = chromium.new_context(
                        base_url=stage.address,
                        viewport=size,  # type: ignore[arg-type]
                        color_scheme=scheme,  # type: ignore[arg-type]
                        device_scale_factor=scale,
                        timezone_id="America/New_York",
                    )
                    sign_in(context, stage)
                    page = context.new_page()
                    for name in SHOWN:
                        page.goto(stage.paths[name])
                        page.screenshot(path=folder / f"{name}-{mode}-{scheme}.png")
                    context.close()
        finally:
            system.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
