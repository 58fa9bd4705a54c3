"""Runs an image's program as a container would, without an engine: same install, environment and user, read-only.

As root, and where the kernel lets us, the whole file system is mounted read-only but for the image's own volume; else
only the rights of the tree keep it from being written.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from deploy.dockerfile import Dockerfile
from surfaces import ROOT

PATIENCE = 240
"""Seconds that an installation may take."""
READ_ONLY = """
set -e
mount --bind "$1" "$1"
mount -o remount,bind,ro /
cd "$1"
shift
exec setpriv --reuid "$1" --regid "$1" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all "${@:2}"
"""


@cache
def can_mount() -> bool:
    """Whether this process may mount things for its children."""
    done = subprocess.run(
        ["unshare", "--mount", "mount", "-o", "remount,bind,ro", "/"], capture_output=True, check=False
    )
    return os.geteuid() == 0 and done.returncode == 0


class Container:
    """What would be in the container of one image: `/app` in a folder of its own, and a volume."""

    def __init__(self, project: Path) -> None:
        self.image = Dockerfile.read(project / "Dockerfile")
        self._folder = Path(tempfile.mkdtemp(prefix="container-"))
        self._folder.chmod(0o755)
        self.volume = self._folder / "volume"
        self.volume.mkdir()
        self.user = self.image.user if os.geteuid() == 0 else os.geteuid()
        os.chown(self.volume, self.user, self.user if os.geteuid() == 0 else -1)
        try:
            self._install(project)
        except BaseException:
            self.remove()
            raise

    def _install(self, project: Path) -> None:
        source = self._folder / "src"
        source.mkdir()
        copied, command = self.image.installs()
        for name in copied:
            if (project / name).is_dir():
                shutil.copytree(project / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(project / name, source / name)
        uv = shutil.which("uv") or str(ROOT / ".tools/uv/bin/uv")
        done = subprocess.run(
            [uv, *command[1:], "--quiet", "--python", _interpreter()],
            cwd=source,
            env=os.environ
            | {
                "UV_PROJECT_ENVIRONMENT": str(self._folder / "app"),
                "UV_PYTHON_DOWNLOADS": "never",
                "UV_COMPILE_BYTECODE": "1",
                "UV_LINK_MODE": "copy",
            },
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        shutil.rmtree(source)
        subprocess.run(["chmod", "-R", "a-w,a+rX", str(self._folder / "app")], check=True)

    def environment(self, **given: str) -> dict[str, str]:
        """The image's environment, with its folders where they are here, and what is `given` to the container."""
        volume = self.image.environment["HOME"]
        found = {
            name: value.replace("/app", str(self._folder / "app"))
            .replace(volume, str(self.volume))
            .replace("$PATH", "/usr/local/bin:/usr/bin:/bin")
            for name, value in self.image.environment.items()
        }
        return found | given

    def command(self, *arguments: str) -> list[str]:
        """The image's program with `arguments`, or with those of the image."""
        name, *default = self.image.command
        program = str(self._folder / "app/bin" / name)
        return self.confined([program, *(arguments or default)])

    def confined(self, command: list[str]) -> list[str]:
        """`command` as the image's user, who has nothing to write to but the volume."""
        if can_mount():
            confined = ["unshare", "--mount", "--propagation", "private", "bash", "-c", READ_ONLY, "bash"]
            return [*confined, str(self.volume), str(self.user), *command]
        if os.geteuid() == 0:
            return ["setpriv", "--reuid", str(self.user), "--regid", str(self.user), "--clear-groups", *command]
        return command

    def run(
        self, *arguments: str, exit_code: int = 0, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Runs the program to its end, which must be `exit_code`."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment(**environment),
            cwd=self.volume,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == exit_code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def remove(self) -> None:
        """Takes it away."""
        subprocess.run(["chmod", "-R", "u+w", str(self._folder)], check=True)
        shutil.rmtree(self._folder)


def _interpreter() -> str:
    """A Python that any user of this machine can start; the one of the Dockerfile where it is there."""
    for name in ("python3.12", "python3.13", "python3.11", "python3"):
        for folder in ("/usr/local/bin", "/usr/bin", *os.environ["PATH"].split(os.pathsep)):
            program = Path(folder, name)
            if not program.exists():
                continue
            if os.geteuid() != 0 or _anyone_may_start(program.resolve()):
                return str(program)
    raise AssertionError("no Python that a user other than root can start: apt-get install python3")


def _anyone_may_start(program: Path) -> bool:
    return all(folder.stat().st_mode & 0o001 for folder in (program, *program.parents))
