"""A scratch folder, and an environment in which promptreg is found and nothing else matters."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import transcript

HERE = Path(__file__).parent


@dataclass
class Workspace:
    """A folder to work in, with an environment that finds promptreg."""

    folder: Path
    environment: dict[str, str]
    logs: Path
    replace: transcript.Replacements

    def session(self, commands: list[transcript.Command]) -> list[transcript.Result]:
        """Runs a session in the folder."""
        return transcript.run(commands, self.folder, self.environment, self.logs)

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        """Runs promptreg in the folder."""
        defaults = {"capture_output": True, "text": True, "timeout": transcript.TIME_LIMIT}
        return subprocess.run(
            ["promptreg", *arguments], cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL,
            **(defaults | options),
        )  # fmt: skip


def make_workspace(base: Path, promptreg: Path, version: str) -> Workspace:
    """An empty folder to work in, below another one."""
    # Links are resolved, so that the paths that promptreg prints are found and replaced.
    base = base.resolve()
    for name in ("work", "home", "bin"):
        (base / name).mkdir()
    (base / "bin" / "promptreg").symlink_to(promptreg)
    (base / "bin" / "python3").symlink_to(sys.executable)
    return Workspace(
        base / "work",
        transcript.environment(base / "home", [base / "bin", HERE / "bin"]),
        base / "logs",
        transcript.Replacements(base / "work", version),
    )
