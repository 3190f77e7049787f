"""The packages that the tests look at."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from packing import PACKAGING, packed, write_stand_in

# What the Databricks SDK does with the runtime's credentials, and what the runtime tells of git.
SDK = """
class Config:
    host = {host!r}

    def authenticate(self):
        {behaviour}
"""
CONTEXT = """
class Context:
    mlflowGitRepoCommit = "0123456789abcdef0123456789abcdef01234567"
    mlflowGitRepoReference = "main"
    mlflowGitRepoUrl = "https://github.com/me/agent"


def get_context():
    return Context()
"""


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory) -> Path:
    return write_stand_in(tmp_path_factory.mktemp("program") / "promptreg")


@pytest.fixture(scope="session")
def packages(stand_in, tmp_path_factory) -> dict[str, Path]:
    return packed(stand_in, tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="session")
def wheel(promptreg, tmp_path_factory) -> Path:
    """The wheel around the program under test, stripped as a release is."""
    stripped = tmp_path_factory.mktemp("stripped") / "promptreg"
    subprocess.run(["strip", "-o", stripped, promptreg], check=True)
    return packed(stripped, tmp_path_factory.mktemp("wheel"))["whl"]


@pytest.fixture
def run_task(tmp_path, stand_in):
    """Runs task() in a Python that has the stand-in of the runtime, as Databricks calls it."""

    def run(*arguments: str, program: Path = stand_in, host="https://w.example", behaviour=None, git=False, **more):
        there = tmp_path / "site"
        (there / "databricks/sdk").mkdir(parents=True, exist_ok=True)
        behaviour = behaviour or 'return {"Authorization": "Bearer secret-token"}'
        # The real SDK's folders have these files, too, and would come first without them.
        for folder in ("databricks", "databricks/sdk"):
            (there / folder / "__init__.py").touch()
        (there / "databricks/sdk/core.py").write_text(SDK.format(host=host, behaviour=behaviour))
        if git:
            (there / "dbruntime").mkdir()
            (there / "dbruntime/databricks_repl_context.py").write_text(CONTEXT)
        script = f"""
            import sys
            import promptreg_cli._databricks as databricks
            databricks.find_program = lambda: {str(program)!r}
            sys.argv[1:] = {list(arguments)!r}
            import promptreg_cli
            assert promptreg_cli.task() is None
            print("went on")
        """
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **more}
        environment["PYTHONPATH"] = os.pathsep.join([str(there), str(PACKAGING)])
        command = [sys.executable, "-c", textwrap.dedent(script)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, cwd=tmp_path)

    return run
