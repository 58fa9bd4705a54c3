"""The Dockerfiles, as a linter sees them."""

import subprocess

import pytest

from deploy.tools import installed
from surfaces import ROOT


@pytest.mark.parametrize("project", ["match-scraper", "missing-table"])
def test_hadolint_has_nothing_to_say(project: str) -> None:
    command = [installed("hadolint"), "--failure-threshold", "style", str(ROOT / project / "Dockerfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
