"""What a run leaves behind: the table on the terminal, the same as JSON, and in docs/performance.md."""

import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from bench.figures import HEADINGS, Row, markdown, number
from bench.stage import BENCH, PYTHONS, ROOT, Stage

RESULTS: Final = BENCH / "results" / "latest.json"
PAGE: Final = ROOT / "docs" / "performance.md"
CURVE: Final = ROOT / "docs" / "growth.svg"
BEGIN: Final = "<!-- make bench writes from here -->"
END: Final = "<!-- to here -->"


def surroundings(stage: Stage) -> dict[str, Any]:
    """The machine, and the versions of what matters."""
    return {
        "commit": _said(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory():.0f} GB",
        "system": f"{platform.system()} {platform.release()}",
        "versions": {
            "Python": platform.python_version(),
            "RabbitMQ": str(stage.rabbitmq.api("GET", "/api/overview")["rabbitmq_version"]),
            "PostgreSQL": stage.postgresql.execute("SHOW server_version").strip(),
            **{name: version(name) for name in ("celery", "kombu", "psycopg", "dramatiq", "pika", "aio-pika")},
            "ours": _said([str(PYTHONS["missing-table"]), "-c", _OURS]),
        },
        "load before": os.getloadavg()[0],
    }


_OURS: Final = (
    "from importlib.metadata import version as v;"
    "print(', '.join(f'{n} {v(n)}' for n in ('celery', 'sqlalchemy', 'psycopg', 'pydantic', 'msgspec', 'fastapi')))"
)


def as_text(rows: Sequence[Row]) -> str:
    """The table for a terminal."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    shown = [tuple(cell.replace("**", "") for cell in line) for line in lines]
    widths = [max(len(line[column]) for line in shown) for column in range(len(HEADINGS))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in shown)


def save(path: Path, rows: Sequence[Row], command: str, about: dict[str, Any], seconds: float) -> None:
    """Writes the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {"command": command, "seconds": round(seconds), **about, "rows": [row.as_json() for row in rows]}
    path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def rewrite(rows: Sequence[Row], command: str, about: dict[str, Any], seconds: float) -> None:
    """Puts the table into the page, between its markers."""
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items() if name != "ours")
    text = (
        f"{BEGIN}\n\n`{command}` at commit {about['commit']}, in {seconds / 60:.0f} minutes, on {about['machine']}, "
        f"{about['system']}.\n{versions}. Both projects: {about['versions']['ours']}.\n\n"
        f"{in_short(rows)}\n\n{markdown(rows)}\n{END}"
    )
    page = PAGE.read_text()
    changed, times = re.subn(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: text, page, flags=re.DOTALL)
    if times != 1:
        raise ValueError(f"{PAGE.name} has lost its markers {BEGIN} and {END}")
    PAGE.write_text(changed)


def in_short(rows: Sequence[Row]) -> str:
    """How many targets are met, and which are not, and what was found instead."""
    every = [(row.what, target) for row in rows for target in row.targets]
    missed = [(what, target) for what, target in every if not target.met]
    lines = [f"{len(every) - len(missed)} of {len(every)} targets are met{'; missed:' if missed else '.'}", ""]
    for what, target in missed:
        found = "no figure" if target.found is None else number(target.found)
        lines.append(f"- {what}: {found}, where the target is {target.text}")
    return "\n".join(lines).rstrip()


def _processor() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
