"""The task as a function: what anyone would expect of a plain call and of eager mode."""

import json
import os
import subprocess
import sys
from pathlib import Path

CALLS = """
import json
from missing_table.worker.app import process_bracket, process_match_data as task

match = {"home_team": "Valeo Futbol Club", "away_team": "NEFC", "date": "2026-09-05", "season": "2026-27",
         "age_group": "U14", "match_type": "League", "match_id": "1"}
bracket = {"season": "2026-27", "age_group": "U14", "observed_at": "2026-09-05T12:00:00Z", "teams": [{"team": "NEFC"}]}
stored = process_bracket(bracket)
assert stored == {"outcome": "created", "match": None}, stored
print(json.dumps([task(match)["outcome"], task(match)["outcome"], task.apply(args=[match]).result["outcome"]]))
"""


def test_each_plain_call_is_stored_and_has_an_outcome_of_its_own(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "MISSING_TABLE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}
    environment |= {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}

    def run(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60).stdout

    run("-m", "missing_table", "migrate")
    assert json.loads(run("-c", CALLS)) == ["created", "unchanged", "unchanged"]
    kept = json.loads(run("-m", "missing_table", "outcomes", "--format", "json"))
    assert sorted(outcome["outcome"] for outcome in kept) == ["created", "created", "unchanged", "unchanged"]
