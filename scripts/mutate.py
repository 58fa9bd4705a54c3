"""Does a test go red for each harmful change? Makes the changes of `mutations.toml` one at a time, in a copy.

The copy has no environments of its own: the projects' own interpreters run it with its sources first on their path,
which is checked before anything else. Only the tests that a mutation names are run, first without any mutation. A
mutation that none of them notices is a failure, and so is one whose text is no longer in the source exactly once.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).resolve().parent.parent
MUTATIONS = Path(__file__).resolve().with_name("mutations.toml")
PACKAGES = {"match-scraper": "match_scraper", "missing-table": "missing_table"}
PROJECTS = (*PACKAGES, "system-tests")
AT_ONCE = 2
PATIENCE = 300
"""Seconds that the tests of one mutation may take."""
NOT_COPIED = (".git", ".venv", ".tools", ".demo", ".hypothesis", "__pycache__", ".*_cache", "node_modules", "dist")
PLUGIN = "mutation_profile"
NAMED = re.compile(r"^FAILED (.+?)(?: - .*)?$", re.MULTILINE)
WHERE = "import {0}, subprocess, sys; print({0}.__file__, flush=True); {1}"
IN_A_CHILD = "subprocess.run([sys.executable, '-c', 'import {0}; print({0}.__file__)'], check=True)"


class Broken(Exception):
    """Something that is to be put right before the mutations can say anything."""


@dataclass(frozen=True)
class Mutation:
    """One harmful change, and the tests of which one has to notice it."""

    name: str
    file: str
    """From the root of the repository."""
    old: str
    """Occurs in the file exactly once."""
    new: str
    project: str
    """Whose tests."""
    tests: tuple[str, ...]
    """pytest's node ids, from the project's folder."""


@dataclass(frozen=True)
class Verdict:
    """What became of one mutation."""

    mutation: Mutation
    noticed: bool
    words: str
    """The test that went red, or why there is none."""
    seconds: float


def read_mutations(path: Path) -> list[Mutation]:
    """The mutations of a file. Raises `Broken` where it does not say all that is needed."""
    wanted = {field.name for field in fields(Mutation)}
    found: list[Mutation] = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]:
        if entry.keys() != wanted:
            raise Broken(f"{path.name}: {entry.get('name', 'a mutation without a name')}: has to have {sorted(wanted)}")
        mutation = Mutation(**{**entry, "tests": tuple(entry["tests"])})
        if mutation.project not in PROJECTS or not mutation.tests or mutation.old == mutation.new:
            raise Broken(f"{path.name}: {mutation.name}: a known project, a test and a change are needed")
        if mutation.name in {other.name for other in found}:
            raise Broken(f"{path.name}: {mutation.name}: there are two of this name")
        found.append(mutation)
    return found


class Copy:
    """A copy of the repository in which tests can be run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
        for project in PROJECTS:  # for tests that start the commands of both projects
            (folder / project / ".venv").symlink_to(ROOT / project / ".venv")
        self._running: subprocess.Popen[str] | None = None

    def environment(self, project: str) -> dict[str, str]:
        """What a project's interpreter needs in order to prefer this copy. Without bytecode, which could be stale."""
        own = [project] if project in PACKAGES else list(PACKAGES)
        paths = os.pathsep.join(str(self.folder / name) for name in (*(f"{name}/src" for name in own), "scripts"))
        return {**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"}

    def check(self) -> None:
        """Raises `Broken` unless the copy is what is imported, in child processes too."""
        for project, package in PACKAGES.items():
            expected = str(self.folder / project / "src" / package / "__init__.py")
            program = WHERE.format(package, IN_A_CHILD.format(package))
            done = subprocess.run(
                [interpreter(project), "-c", program],
                cwd=self.folder / project,
                env=self.environment(project),
                capture_output=True,
                text=True,
                check=False,
            )
            if done.stdout.split("\n") != [expected, expected, ""]:
                raise Broken(f"{project}: not the copy is tested, but {done.stdout or done.stderr}")

    def run(self, project: str, tests: Sequence[str], *options: str) -> tuple[int | None, str]:
        """Runs tests; returns pytest's exit code (None: it took too long) and its output."""
        command = [
            interpreter(project),
            "-m",
            "pytest",
            "-q",
            "--tb=short",
            "-rfE",
            "-p",
            "no:cacheprovider",
            "-p",
            PLUGIN,
        ]
        process = subprocess.Popen(
            [*command, *options, *tests],
            cwd=self.folder / project,
            env=self.environment(project),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._running = process
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.interrupt()
            output, _ = process.communicate()
            return None, output
        finally:
            self._running = None
        return process.returncode, output

    def interrupt(self) -> None:
        """Ends the tests that run: asks first, so that they can stop the services that they started."""
        process = self._running
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    @contextlib.contextmanager
    def changed(self, mutation: Mutation) -> Iterator[None]:
        """The mutation is made while this lasts. Raises `Broken` where its text is not there exactly once."""
        path = self.folder / mutation.file
        if not path.is_file():
            raise Broken(f"{mutation.file} is not there")
        before = path.read_text(encoding="utf-8")
        if (found := before.count(mutation.old)) != 1:
            raise Broken(f"its text is {found} times in {mutation.file}, not once")
        path.write_text(before.replace(mutation.old, mutation.new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(before, encoding="utf-8")


def interpreter(project: str) -> str:
    """A project's own Python. Not resolved: it is the path that says which environment it is."""
    return str(ROOT / project / ".venv" / "bin" / "python")


def check_unmutated(copy: Copy, project: str, mutations: Sequence[Mutation]) -> str:
    """Runs all that the mutations name in one project; returns how it went. Raises `Broken` unless all is green."""
    tests = list(dict.fromkeys(test for each in mutations if each.project == project for test in each.tests))
    whole = {test for test in tests if "::" not in test}
    tests = [test for test in tests if test in whole or test.partition("::")[0] not in whole]
    code, output = copy.run(project, tests)
    if code != 0:
        raise Broken(f"{project}: without any mutation the tests are not green:\n{output}")
    return f"{project}: {output.strip().splitlines()[-1]}"


def judge(copy: Copy, mutation: Mutation) -> Verdict:
    """Makes one mutation and runs its tests."""
    started = time.monotonic()
    noticed, words = False, ""
    try:
        with copy.changed(mutation):
            code, output = copy.run(mutation.project, mutation.tests, "-x")
    except Broken as broken:
        words = str(broken)
    else:
        red = NAMED.search(output)
        if code == 1 and red is not None:
            noticed, words = True, red[1]
        elif code == 0:
            words = f"all green: {', '.join(mutation.tests)}"
        elif code is None:
            words = f"no verdict after {PATIENCE} seconds"
        else:
            words = f"no verdict: pytest ended with {code}\n{output}"
    return Verdict(mutation, noticed, words, time.monotonic() - started)


def report(verdicts: Sequence[Verdict]) -> str:
    """The results as a table, and the sums."""
    width = max((len(verdict.mutation.name) for verdict in verdicts), default=0)
    lines = [
        f"{each.mutation.name:<{width}}  {each.seconds:5.1f} s  {'' if each.noticed else 'MISSED: '}{each.words}"
        for each in verdicts
    ]
    noticed = sum(each.noticed for each in verdicts)
    return "\n".join([*lines, f"{len(verdicts)} mutations, {noticed} noticed, {len(verdicts) - noticed} missed"])


def run_all(mutations: Sequence[Mutation], folder: Path) -> list[Verdict]:
    """Judges every mutation, `AT_ONCE` at a time. Raises `Broken` where there is nothing to go by."""
    copies = [Copy(folder / str(number)) for number in range(AT_ONCE)]
    for copy in copies:
        copy.check()
    free: SimpleQueue[Copy] = SimpleQueue()
    for copy in copies:
        free.put(copy)
    given_up = threading.Event()

    @contextlib.contextmanager
    def a_copy() -> Iterator[Copy]:
        copy = free.get()
        try:
            if given_up.is_set():
                raise Broken("interrupted")
            yield copy
        finally:
            free.put(copy)

    def baseline(project: str) -> str:
        with a_copy() as copy:
            return check_unmutated(copy, project, mutations)

    def one(mutation: Mutation) -> Verdict:
        with a_copy() as copy:
            verdict = judge(copy, mutation)
        print(f"{'noticed' if verdict.noticed else 'MISSED '}  {mutation.name} ({verdict.seconds:.0f} s)", flush=True)
        return verdict

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            projects = [project for project in PROJECTS if project in {each.project for each in mutations}]
            for line in pool.map(baseline, projects):
                print(f"unmutated  {line}", flush=True)
            return list(pool.map(one, mutations))
        except BaseException:
            given_up.set()
            for copy in copies:
                copy.interrupt()
            raise


def main() -> int:
    """Returns the exit code: 0 only if every mutation was noticed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--only", metavar="NAME", action="append", help="just this mutation; may be given several times"
    )
    parser.add_argument("--list", action="store_true", help="name the mutations and their tests, and run nothing")
    options = parser.parse_args()
    try:
        mutations = read_mutations(MUTATIONS)
        if unknown := set(options.only or ()) - {each.name for each in mutations}:
            raise Broken(f"no such mutation: {', '.join(sorted(unknown))}; --list names them")
        chosen = [each for each in mutations if not options.only or each.name in options.only]
        if options.list:
            print("\n".join(f"{each.name}: {each.project}: {' '.join(each.tests)}" for each in chosen))
            return 0
        with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
            verdicts = run_all(chosen, Path(folder).resolve())
    except Broken as broken:
        print(f"error: {broken}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(f"\n{report(verdicts)}")
    return 0 if all(each.noticed for each in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
