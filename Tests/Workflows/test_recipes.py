"""The recipes for pre-commit and for container images work with a wheel that is on no index."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import virtualenv

# As in the README, with the path of a wheel in place of its address.
CONFIGURATION = """repos:
  - repo: local
    hooks:
      - id: promptreg
        name: promptreg validate
        language: python
        additional_dependencies: ["promptreg-cli @ {address}"]
        entry: promptreg validate
        files: ^(jobs|prompts)/
        pass_filenames: false
"""


@pytest.fixture
def commit(workspace, wheel, tmp_path):
    """Commits everything with the hook installed, without an index."""
    # pre-commit builds a package of its own, which needs setuptools; virtualenv brings it.
    seeds = Path(virtualenv.__file__).parent / "seed/wheels/embed"
    environment = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]), "HOME": str(tmp_path),
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(seeds),
        "GIT_CONFIG_NOSYSTEM": "1",
    }  # fmt: skip

    def run(*command: str) -> subprocess.CompletedProcess:
        return subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, timeout=300)

    address = f"{wheel.path.as_uri()}#sha256={wheel.sha256}"
    (workspace / ".pre-commit-config.yaml").write_text(CONFIGURATION.format(address=address))
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "pre_commit", "install"]):
        assert run(*command).returncode == 0

    def commit():
        assert run("git", "add", ".").returncode == 0
        return run("git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--message", "A change")

    return commit


def test_pre_commit_validates_what_is_committed(commit, workspace):
    done = commit()
    assert done.returncode == 0 and "promptreg validate" in done.stderr, done.stdout + done.stderr
    (workspace / "prompts/greet.md").write_text("Hello {{prompt}}.\n")
    refused = commit()
    assert refused.returncode == 1 and "prompts/greet.md:1:9: error" in refused.stderr, refused.stderr
    (workspace / "notes.txt").write_text("Nothing of the job.\n")
    (workspace / "prompts/greet.md").write_text("Hello {{name}}.\n")
    assert commit().returncode == 0
