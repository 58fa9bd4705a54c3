"""The programs that check what is shipped: from this project's environment, from `.tools`, or from the machine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from surfaces import ROOT

FETCHED = ROOT / ".tools" / "kubernetes"
CHART = ROOT / "missing-table" / "helm" / "missing-table"


def installed(name: str) -> str:
    """A program that came with a package of this project."""
    return str(Path(sys.executable).parent / name)


def fetched(name: str) -> str:
    """helm or kubectl. Where a missing service is a failure, so is a missing program; else the test is skipped."""
    program = FETCHED / name
    if program.exists():
        return str(program)
    if found := shutil.which(name):
        return found
    why = f"{name} is not here: make kubernetes-tools"
    if os.geteuid() == 0 or os.environ.get("CI", "").lower() == "true":
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs helm, which keeps nothing outside a folder of ours."""
    home = {"HELM_CACHE_HOME": "/nonexistent", "HELM_CONFIG_HOME": "/nonexistent", "HELM_DATA_HOME": "/nonexistent"}
    return subprocess.run(
        [fetched("helm"), *arguments], capture_output=True, text=True, timeout=60, check=False, env=os.environ | home
    )
