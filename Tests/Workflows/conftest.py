"""The wheel around the program under test, GitHub's stand-in, and a repository with a job."""

import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from action_runner import REPO, Runner
from github_stand_in import GitHubStandIn

JOB = """version: 1
job: agent
catalog: main
schema: agent
aliases: [production]
prompts_dir: ../prompts
targets:
  dev: {default: true, registry: "file:../mlruns"}
  prod: {registry: "file:../prod"}
"""


@dataclass
class Wheel:
    path: Path
    sha256: str


@pytest.fixture(scope="session")
def wheel(promptreg, tmp_path_factory) -> Wheel:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, REPO / ".packaging/backend.py", promptreg, out]
    path = Path(subprocess.run(command, check=True, capture_output=True, text=True, timeout=300).stdout.strip())
    return Wheel(path, hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def github():
    github = GitHubStandIn()
    yield github
    github.stop()


@pytest.fixture
def workspace(tmp_path) -> Path:
    """A repository with a job of one prompt."""
    there = tmp_path / "agent"
    for name in ("jobs", "prompts"):
        (there / name).mkdir(parents=True)
    (there / "jobs/agent.yaml").write_text(JOB)
    (there / "prompts/greet.md").write_text("Hello {{name}}.\n")
    return there


@pytest.fixture(scope="session")
def installed(tmp_path_factory) -> Path:
    """Where steps of one job keep the wheel, which is then installed once."""
    return tmp_path_factory.mktemp("runner")


@pytest.fixture
def runner(workspace, installed, github) -> Runner:
    return Runner(workspace, installed, github.url)
