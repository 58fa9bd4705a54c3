"""What the documents name exists: links, files, commands with their options, settings, metrics, exit codes, targets.

That nothing is left out, each project's own tests see to: its README has every command, setting, metric and exit code.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.settings import documented
from surfaces import ROOT

PROJECTS = {"mls-scraper": "match-scraper", "missing-table": "missing-table"}
"""The command of each."""
FOREIGN = {
    "FORWARDED_ALLOW_IPS": "uvicorn",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "OpenTelemetry",
    "RABBITMQ_MANAGEMENT_URL": "an option of broker check",
}
"""Variables that are no settings of ours, and whose they are."""
MADE = {"deploy/values.yaml", "deploy/images.yaml", "bench/results/latest.json"}
"""Files that whoever reads this makes."""
DOCUMENTS = sorted(
    path for path in ROOT.rglob("*.md") if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
)
COMMANDS = """
import json, typer.main, {module} as found

def tree(command):
    options = [name for each in command.params for name in (*each.opts, *each.secondary_opts)]
    parts = {{name: tree(part) for name, part in getattr(command, "commands", {{}}).items()}}
    return {{"options": options, "commands": parts}}

print(json.dumps(tree(typer.main.get_command(found.app))))
"""


@pytest.fixture(params=DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def document(request: pytest.FixtureRequest) -> Path:
    """Each document in turn."""
    found: Path = request.param
    return found


@pytest.fixture(scope="module")
def programs() -> dict[str, Any]:
    """The commands and options of each program."""
    found = {}
    for name, project in PROJECTS.items():
        script = COMMANDS.format(module=project.replace("-", "_") + ".cli")
        python = ROOT / project / ".venv/bin/python"
        done = subprocess.run([python, "-c", script], capture_output=True, text=True, timeout=60, check=True)
        found[name] = json.loads(done.stdout)
    return found


def code_of(document: Path) -> list[str]:
    """The lines of its code blocks, a continued one as one line, and its code spans."""
    text = document.read_text()
    blocks = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))


def anchors(document: Path) -> set[str]:
    """What a link can point to within it, by GitHub's rule."""
    text = re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_link_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        found = (document.parent / name).resolve() if name else document
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def test_every_file_that_is_named_is_there(document: Path) -> None:
    if document.name == "0001-names-and-places.md":
        return  # it tells where files went that were only planned
    roots = [ROOT, document.parent, *(ROOT / project for project in PROJECTS.values())]
    roots += [ROOT / project / "src" / project.replace("-", "_") for project in PROJECTS.values()]
    for name in code_of(document):
        if re.fullmatch(r"[\w.-]+(/[\w.-]+)+\.(py|md|json|sh|conf|yaml|toml)", name):
            assert name in MADE or any((root / name).exists() for root in roots), name


def test_every_command_exists_with_its_options(document: Path, programs: dict[str, Any]) -> None:
    for line in code_of(document):
        for program, words in invocations(line):
            place = programs[program]
            while words and words[0] in place["commands"]:
                place = place["commands"][words.pop(0)]
            assert not place["commands"] or not words or not words[0][0].isalpha() or "/" in words[0], line
            named = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
            assert set(named) <= {*place["options"], "--help"}, line


def invocations(line: str) -> Iterator[tuple[str, list[str]]]:
    """The calls of our programs in a line of code: which one, and the words after it up to the command's end."""
    for found in re.finditer(rf"(?<![\w-])({'|'.join(PROJECTS)}) ([^|;&<>#()]*)", line):
        words = found[2].split()
        if not any(word.startswith(("missing-table/", "deploy/")) for word in words):  # a release of helm's
            yield found[1], words


def test_every_variable_is_a_setting(document: Path) -> None:
    own = re.compile(
        r"(?<!\w)(?:MLS|MLSNEXT|MODULAR11|MISSING_TABLE|RABBITMQ|DATABASE|OTEL|DEFAULT|CHROMIUM)_[A-Z_]+\b"
    )
    settings = documented("match-scraper") | documented("missing-table") | set(FOREIGN)
    of_compose = set(re.findall(r"^([A-Z_]+)=", (ROOT / "deploy/compose.env.example").read_text(), re.MULTILINE))
    named = {name for line in code_of(document) for name in own.findall(line)}
    passwords = {name for name in named if name.startswith("RABBITMQ_PASSWORD_")}
    assert named - passwords <= settings | of_compose


def test_every_metric_is_one_of_the_readmes(document: Path) -> None:
    metric = re.compile(r"(?<![\w/.])(?:missing_table|mls_scraper)_[a-z_]+")
    known = {name for project in PROJECTS.values() for name in metrics(project)}
    assert {name for line in code_of(document) for name in metric.findall(line)} <= known


def metrics(project: str) -> set[str]:
    """What a project measures, by its README; its own tests hold that to the code."""
    text = (ROOT / project / "README.md").read_text()
    return set(re.findall(r"`((?:missing_table|mls_scraper)_[a-z_]+)`", text))


def test_every_exit_code_is_one_of_the_readmes(document: Path) -> None:
    table = re.findall(r"^\| (\d+) \| ", (ROOT / "match-scraper/README.md").read_text(), re.MULTILINE)
    named = re.findall(r"exit code (\d+)", document.read_text(), re.IGNORECASE)
    assert set(named) <= set(table)


def test_every_target_of_make_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in code_of(document):
        for called in re.findall(r"^make ([^#]*)", line):
            words = called.split()
            assert {word for word in words if re.fullmatch("[a-z-]+", word)} <= targets, line


def test_the_units_of_systemd_start_what_is_there(tmp_path: Path) -> None:
    """And systemd understands them, where it is here to be asked."""
    text = (ROOT / "docs/operations.md").read_text()
    files = dict(re.findall(r"^```\n# (/etc/[\w./-]+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    units = {Path(path).name: unit for path, unit in files.items() if path.startswith("/etc/systemd/system/")}
    assert {"missing-table.service", "missing-table-scrape.service", "missing-table-scrape.timer"} <= set(units)
    for name, unit in units.items():
        assert set(re.findall("^EnvironmentFile=(.*)$", unit, re.MULTILINE)) <= set(files), name
        programs = re.findall("^ExecStart=/opt/soccer/([^ ]+)", unit, re.MULTILINE)
        assert len(programs) == name.endswith(".service"), name
        assert all((ROOT / program).exists() for program in programs), name
        assert name.endswith(".service") or name.replace(".timer", ".service") in units, name
        (tmp_path / name).write_text(unit.replace("/opt/soccer", str(ROOT)))
    for line in code_of(ROOT / "docs/operations.md"):
        if line.startswith(("systemctl ", "journalctl ")):
            assert set(re.findall(r"[\w-]+\.(?:service|timer)", line)) <= set(units), line
    if systemd := shutil.which("systemd-analyze"):
        command = [systemd, "verify", *(str(tmp_path / name) for name in units)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"^\| \[\d{4}\]\((.*?)\)", (folder / "README.md").read_text(), re.MULTILINE)
    assert listed == sorted(path.name for path in folder.glob("0*.md"))
