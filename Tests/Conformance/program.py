"""Running promptreg, and what a folder holds before and after."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Ended:
    """A run of the program that has ended."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict:
        return json.loads(self.out)


class Program:
    """The program under test."""

    def __init__(self, path: Path):
        self.path = str(path)

    def __call__(self, *arguments, cwd: Path | None = None, code: int | None = 0, env=None) -> Ended:
        """Runs the program; `code` is the exit code that it has to end with, None for any."""
        process = subprocess.run(
            [self.path, *map(str, arguments)],
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=360,
        )
        ended = Ended(process.returncode, process.stdout.decode(), process.stderr.decode())
        assert code is None or ended.code == code, (
            f"{' '.join(map(str, arguments))}: exit {ended.code}, not {code}\n{ended.out}\n{ended.err}"
        )
        return ended

    def start(self, *arguments, env=None) -> subprocess.Popen:
        """Begins to run the program, and says nothing of how it ends."""
        return subprocess.Popen(
            [self.path, *map(str, arguments)], env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL
        )

    def run(self, job: Path, registry: Path, *arguments, code: int | None = 0, **more) -> dict:
        """`promptreg run` on a `file:` registry: its report."""
        return self._report("run", job, registry, *arguments, code=code, **more)

    def plan(self, job: Path, registry: Path, *arguments, code: int | None = 0, **more) -> dict:
        """`promptreg plan` on a `file:` registry: its report."""
        before = tree(registry)
        report = self._report("plan", job, registry, *arguments, code=code, **more)
        assert tree(registry) == before, "a plan wrote to the registry"
        return report

    def _report(self, command, job, registry, *arguments, **more) -> dict:
        flags = ["--registry", f"file:{registry}", "--format", "json", *arguments]
        return self(command, job, *flags, **more).report


def actions(report: dict) -> dict[str, str]:
    """What a report says that happens to each prompt."""
    return {prompt["name"]: prompt["action"] for prompt in report["prompts"]}


def alias_actions(report: dict, name: str) -> dict[str, tuple]:
    """What a report says of a prompt's aliases: the action, where they were and, after a run, where they are."""
    prompt = next(prompt for prompt in report["prompts"] if prompt["name"] == name)
    return {
        alias["alias"]: (
            alias["action"],
            alias["previous_version"],
            *([alias["version"]] if report["mode"] == "run" else []),
        )
        for alias in prompt["aliases"]
    }


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its bytes; folders have none."""
    found: dict[str, bytes | None] = {}
    for path in sorted(Path(folder).rglob("*")):
        relative = str(path.relative_to(folder))
        found[relative] = path.read_bytes() if path.is_file() else None
    return found


def changed(before: dict, after: dict) -> tuple[set[str], set[str], set[str]]:
    """The paths that were added, removed and rewritten with other bytes."""
    added = set(after) - set(before)
    removed = set(before) - set(after)
    rewritten = {path for path in set(before) & set(after) if before[path] != after[path]}
    return added, removed, rewritten
