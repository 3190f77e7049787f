"""Runs promptreg with the inputs of the action, and writes the outputs.

Ends as the program does, but with 0 when a plan has changes pending. Nothing passes through a shell.
"""

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

USAGE = 64
CHANGES_PENDING = 2


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="promptreg-reports-", dir=os.environ["RUNNER_TEMP"]))
    command = os.environ["INPUT_COMMAND"]
    try:
        code = run(command_line(command, folder))
    except ValueError as problem:
        print(f"::error title=promptreg::{problem}", flush=True)
        code = USAGE
    keep_summary(folder / "report.md")
    write_outputs(outputs(command, code, folder))
    return 0 if command == "plan" and code == CHANGES_PENDING else code


def command_line(command: str, folder: Path) -> list[str]:
    if command not in ("validate", "plan", "run"):
        raise ValueError("the input 'command' has to be validate, plan or run")
    line = ["promptreg", command]
    if target := os.environ["INPUT_TARGET"]:
        line.append(f"--target={target}")
    if command != "validate":
        line += [f"--report={folder / name}" for name in ("report.json", "report.md", "report.html")]
    if command == "plan":
        line += ["--detailed-exitcode", f"--out={folder / 'promptreg.plan'}"]
    if plan := os.environ["INPUT_PLAN"]:
        if command != "run":
            raise ValueError("the input 'plan' is one of run")
        # Downloaded by a step before, which took the path as one in the workspace.
        line.append(f"--plan={Path(os.environ['WORKSPACE'], plan)}")
    line += shlex.split(os.environ["INPUT_ARGUMENTS"])
    if job := os.environ["INPUT_JOB"]:
        line += ["--", job]
    return line


def run(line: list[str]) -> int:
    """Passes signals on and waits: a run that is cancelled needs the time to move its aliases back."""
    process = None
    early: list[int] = []

    def forward(number: int, _) -> None:
        early.append(number) if process is None else process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    process = subprocess.Popen(line)
    for number in early:
        process.send_signal(number)
    code = process.wait()
    return code if code >= 0 else 128 - code


def keep_summary(report: Path) -> None:
    """Adds the report where the program wrote no summary, as for a job that is wrong."""
    summary = Path(os.environ["GITHUB_STEP_SUMMARY"])
    if report.exists() and not (summary.exists() and summary.stat().st_size):
        summary.write_text(report.read_text(encoding="utf-8"), encoding="utf-8")


def outputs(command: str, code: int, folder: Path) -> dict[str, object]:
    found: dict[str, object] = {"exit-code": code}
    if command == "plan" and code in (0, CHANGES_PENDING):
        found["has-changes"] = "true" if code == CHANGES_PENDING else "false"
    files = {
        "report-json": "report.json", "report-markdown": "report.md", "report-html": "report.html",
        "plan-file": "promptreg.plan",
    }  # fmt: skip
    found |= {output: folder / name for output, name in files.items() if (folder / name).exists()}
    if any(folder.iterdir()):
        found["folder"] = folder
    if "report-json" in found:
        found |= counts(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    return found


def counts(report: dict) -> dict[str, int]:
    done, plan = report["summary"], report["plan"]
    if report["mode"] == "run":
        names = {name: done[name] for name in ("created", "updated", "retagged", "unchanged")}
        return names | {"failed": done["failed"], "aliases": done["aliases_set"]}
    names = {"created": "create", "updated": "update", "retagged": "retag", "unchanged": "unchanged"}
    return {output: plan[name] for output, name in names.items()} | {
        "failed": done["failed"], "aliases": plan["aliases"],
    }  # fmt: skip


def write_outputs(values: dict[str, object]) -> None:
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in values.items())


sys.exit(main())
