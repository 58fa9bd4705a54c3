"""What a Dockerfile says of the image's last stage, and how its program is installed."""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Dockerfile:
    """The instructions of a Dockerfile, by stage: pairs of the instruction and its text."""

    stages: tuple[tuple[tuple[str, str], ...], ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The file at `path`: continued lines are joined, comments left out, what stands before the first stage too."""
        lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
        stages: list[list[tuple[str, str]]] = []
        for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
            instruction, _, text = line.partition(" ")
            if instruction == "FROM":
                stages.append([])
            if stages and instruction:
                stages[-1].append((instruction, text.strip()))
        return cls(tuple(tuple(stage) for stage in stages))

    def texts(self, instruction: str) -> list[str]:
        """What the last stage says with `instruction`, in order."""
        return [text for name, text in self.stages[-1] if name == instruction]

    @property
    def command(self) -> list[str]:
        """What a container runs: ENTRYPOINT and CMD, without the init process before it."""
        entrypoint: list[str] = json.loads(self.texts("ENTRYPOINT")[-1])
        command: list[str] = json.loads(self.texts("CMD")[-1])
        assert entrypoint[:2] == ["/usr/bin/tini", "--"], "process 1 is tini"
        return [*entrypoint[2:], *command]

    @property
    def entrypoint(self) -> list[str]:
        """The part of `command` that stays when other arguments are given."""
        return self.command[:1]

    @property
    def environment(self) -> dict[str, str]:
        """ENV of the last stage."""
        return dict(part.split("=", 1) for text in self.texts("ENV") for part in shlex.split(text))

    @property
    def user(self) -> int:
        """The number of the user that a container runs as."""
        return int(self.texts("USER")[-1].partition(":")[0])

    @property
    def labels(self) -> dict[str, str]:
        """LABEL of the last stage."""
        return dict(part.split("=", 1) for text in self.texts("LABEL") for part in shlex.split(text))

    @property
    def health_check(self) -> list[str]:
        """The command of HEALTHCHECK."""
        command: list[str] = json.loads(self.texts("HEALTHCHECK")[-1].partition("CMD ")[2])
        return command

    def installs(self) -> tuple[list[str], list[str]]:
        """What the stage `build` copies from the project, and the command that installs it."""
        build = next(stage for stage in self.stages if any("uv sync" in text for _, text in stage))
        copied = [
            source
            for name, text in build
            if name == "COPY" and "--from" not in text
            for source in shlex.split(text)[:-1]
        ]
        command = [text for name, text in build if name == "RUN" and "uv sync" in text][-1]
        return copied, shlex.split(command[command.index("uv sync") :].replace('"$@"', ""))
