"""promptreg as a task of a Databricks job.

A job's process has no token in its environment: the runtime has one, which the Databricks SDK takes from there. It is
handed to promptreg in the environment of its process, and nowhere else.
"""

import os
import subprocess
import sys
from collections import deque

from ._program import find_program

# Any of these says which credentials are meant; the method `runtime` means those of the runtime.
_STATED = (
    "DATABRICKS_TOKEN", "DATABRICKS_CLIENT_ID", "DATABRICKS_AUTH_TYPE", "DATABRICKS_CONFIG_PROFILE",
)  # fmt: skip
_RUNTIME_METHODS = ("runtime", "runtime-oauth")
_SUMMARY_LINES = 20


class PromptregFailed(RuntimeError):
    """promptreg ended with another code than 0."""

    def __init__(self, exit_code: int, summary: str):
        self.exit_code = exit_code
        self.summary = summary
        super().__init__(f"promptreg ended with {exit_code}\n{summary}" if summary else f"promptreg ended with {exit_code}")


def _runtime_credentials() -> dict[str, str]:
    """The workspace and the token that the Databricks SDK finds; nothing where it finds none."""
    try:
        from databricks.sdk.core import Config
    except ImportError:
        return {}
    try:
        config = Config()
        scheme, _, token = config.authenticate().get("Authorization", "").partition(" ")
    except Exception as error:
        # A job on another registry needs none; promptreg says what is missing where it does.
        print(f"the Databricks SDK has no credentials here: {type(error).__name__}", file=sys.stderr)
        return {}
    if scheme.lower() != "bearer" or not token or not config.host:
        return {}
    return {"DATABRICKS_HOST": config.host, "DATABRICKS_TOKEN": token, "DATABRICKS_AUTH_TYPE": "pat"}


def _runtime_revision() -> dict[str, str]:
    """The commit of a job whose code Databricks took from git."""
    try:
        from dbruntime.databricks_repl_context import get_context

        context = get_context()
    except Exception:
        return {}
    found = {
        "PROMPTREG_COMMIT": getattr(context, "mlflowGitRepoCommit", None),
        "PROMPTREG_BRANCH": getattr(context, "mlflowGitRepoReference", None),
        "PROMPTREG_REPOSITORY": getattr(context, "mlflowGitRepoUrl", None),
    }
    return {name: value for name, value in found.items() if isinstance(value, str) and value}


def task(arguments: list[str] | None = None) -> None:
    """Runs promptreg with the arguments of the task, and prints what it prints, line by line.

    Returns when it succeeded, and raises PromptregFailed otherwise, so that the task fails with its summary.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    environment = _runtime_revision() | os.environ
    method = environment.get("DATABRICKS_AUTH_TYPE")
    if method in _RUNTIME_METHODS or not any(environment.get(name) for name in _STATED):
        environment |= _runtime_credentials()
    last: deque[str] = deque(maxlen=_SUMMARY_LINES)
    process = subprocess.Popen(
        [find_program(), *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
    )  # fmt: skip
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            last.append(line)
        code = process.wait()
    finally:
        # The task was cancelled: promptreg moves back what it moved before it ends.
        if process.poll() is None:
            process.terminate()
            process.wait()
    if code != 0:
        raise PromptregFailed(code, "".join(last).strip())
