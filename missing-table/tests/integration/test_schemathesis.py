"""Every address of the API against its own description: schemathesis with all its checks, on what is empty and filled.

By hand, against a running server, in the project's folder: `uv run schemathesis run http://127.0.0.1:8000/openapi.json`,
with `--header "Authorization: Bearer …"` for what writes.
"""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from missing_table.settings import Settings, load_settings

PROJECT = Path(__file__).parents[2]
EXAMPLES = 5
"""Of each kind, for each operation: what is tried besides at the edges of each parameter."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Without a limit of requests: hundreds come a second."""
    return load_settings(database_url=None, rabbitmq_url=None, home=tmp_path, reads_per_second=0, writes_per_second=0)


def run(address: str, folder: Path, *more: str) -> None:
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    command += ["--config-file", str(PROJECT / "schemathesis.toml"), "run", f"{address}/openapi.json"]
    command += ["--max-examples", str(EXAMPLES), "--generation-deterministic", "--no-color", "--checks", "all", *more]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_stranger_on_an_empty_database(client: httpx.Client, tmp_path: Path) -> None:
    run(str(client.base_url), tmp_path, "--phases", "examples,fuzzing")


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_who_may_do_all_on_a_filled_database(writer: httpx.Client, tmp_path: Path) -> None:
    match: dict[str, object] = {"date": "2026-09-05", "season": "2026-27", "age_group": "U15", "match_type": "League"}
    match |= {"division": "Northeast", "score_home": 2, "score_away": 1}
    matches = [
        match | {"match_id": str(n), "home_team": f"Team {n % 5}", "away_team": f"Team {n % 5 + 1}"} for n in range(20)
    ]
    assert writer.post("/api/matches/submit", json=matches).status_code == 202
    assert writer.post("/api/matches/submit", json=match | {"home_team": "A", "away_team": "A"}).status_code == 202
    authorized = ("--header", f"Authorization: {writer.headers['Authorization']}")
    run(str(writer.base_url), tmp_path, *authorized)
