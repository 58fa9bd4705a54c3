"""The settings of both programs, as their READMEs list them; tests of the projects hold these to the code."""

import re

from surfaces import ROOT


def documented(project: str) -> set[str]:
    """The environment variables of a project."""
    text = (ROOT / project / "README.md").read_text()
    rows = re.findall(r"^\| (`[A-Z0-9_]+`(?:, `[A-Z0-9_]+`)*) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"[A-Z0-9_]+", row)}
