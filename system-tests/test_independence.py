"""The two projects share no Python code: neither imports the other, nor reads the other's files in its tests."""

import ast
from pathlib import Path

import pytest

from surfaces import ROOT

PROJECTS = {"match-scraper": "match_scraper", "missing-table": "missing_table"}


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports, also within functions and by `import_module`."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "import_module",
            "__import__",
        ):
            names |= {str(arg.value).partition(".")[0] for arg in node.args if isinstance(arg, ast.Constant)}
    return names


@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_never_imports_the_other(project: str) -> None:
    others = {package for name, package in PROJECTS.items() if name != project}
    files = [path for path in (ROOT / project).rglob("*.py") if ".venv" not in path.parts]
    assert files
    guilty = {str(path.relative_to(ROOT)): found for path in files if (found := imported(path) & others)}
    assert guilty == {}


def test_the_system_tests_import_neither() -> None:
    files = [path for path in (ROOT / "system-tests").rglob("*.py") if ".venv" not in path.parts]
    guilty = {path.name for path in files if imported(path) & set(PROJECTS.values())}
    assert guilty == set()


@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_does_not_depend_on_the_other(project: str) -> None:
    (other,) = set(PROJECTS) - {project}
    assert (
        other
        not in (ROOT / project / "pyproject.toml")
        .read_text()
        .partition("[dependency-groups]")[0]
        .partition("dependencies")[2]
        .partition("[project.scripts]")[0]
    )
