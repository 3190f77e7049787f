"""Runs the steps of a composite action as GitHub's runner does, as far as this repository's action needs it."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

REPO = Path(__file__).resolve().parents[2]
ACTION = REPO / ".github/actions/promptreg"
EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}")
HEAD = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Result:
    outcome: str = "success"
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    log: str = ""
    # The outcome of each step that ran, by its name.
    steps: dict[str, str] = field(default_factory=dict)


class Runner:
    """One job: its workspace, its folder for temporary files, and what it stored."""

    def __init__(self, workspace: Path, temporary: Path, api: str):
        self.workspace, self.temporary, self.api = workspace, temporary, api
        self.artifacts = temporary / "artifacts"
        self.path: list[str] = []
        self.event: dict = {"pull_request": {"number": 7, "head": {"sha": HEAD}}}
        self.variables: dict[str, str] = {}
        for folder in (workspace, temporary):
            folder.mkdir(parents=True, exist_ok=True)

    def run(self, **inputs: str) -> Result:
        """Runs the action; `_` in the name of an input stands for `-`."""
        action = yaml.safe_load((ACTION / "action.yml").read_text())
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert set(inputs) <= set(action["inputs"])
        context = {"github.token": "ghs_own", "github.workspace": str(self.workspace)}
        for name, about in action["inputs"].items():
            assert name in inputs or not about.get("required"), f"the input {name} is required"
            context[f"inputs.{name}"] = inputs.get(name, filled(about.get("default", ""), context))
        result = Result()
        for step in action["runs"]["steps"]:
            condition = step.get("if", "")
            if "cancelled()" not in condition and result.outcome == "failure":
                continue
            if condition and not evaluated(EXPRESSION.fullmatch(condition)[1], context):
                continue
            passed = self.upload(step, context) if "uses" in step else self.script(step, context, result)
            result.steps[step["name"]] = "success" if passed else "failure"
            if not passed and not step.get("continue-on-error"):
                result.outcome = "failure"
        for name, about in action["outputs"].items():
            result.outputs[name] = filled(about["value"], context)
        return result

    def script(self, step: dict, context: dict[str, str], result: Result) -> bool:
        assert step["shell"] == "bash"
        files = {name: self.temporary / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY",
                 "GITHUB_PATH", "GITHUB_ENV", "GITHUB_EVENT_PATH")}  # fmt: skip
        for path in files.values():
            path.write_text("")
        files["GITHUB_EVENT_PATH"].write_text(json.dumps(self.event))
        script = self.temporary / "script.sh"
        script.write_text(step["run"])
        environment = {
            "PATH": os.pathsep.join([*self.path, os.environ["PATH"]]), "HOME": str(self.temporary), "LANG": "C.UTF-8",
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(ACTION), "GITHUB_API_URL": self.api,
            "GITHUB_GRAPHQL_URL": f"{self.api}/graphql", "GITHUB_REPOSITORY": "me/agent", "GITHUB_RUN_ID": "42",
            "GITHUB_SERVER_URL": "https://github.com", "RUNNER_TEMP": str(self.temporary),
            **{name: str(path) for name, path in files.items()}, **self.variables,
            **{name: filled(value, context) for name, value in step.get("env", {}).items()},
        }  # fmt: skip
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script], env=environment, timeout=300, text=True,
            cwd=self.workspace / filled(step.get("working-directory", "."), context), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        result.log += done.stdout
        result.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        self.path[:0] = files["GITHUB_PATH"].read_text().split()
        assert not files["GITHUB_ENV"].read_text()
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            name, value = line.split("=", 1)
            context[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode == 0

    def upload(self, step: dict, context: dict[str, str]) -> bool:
        assert step["uses"].startswith("actions/upload-artifact@")
        values = {name: filled(str(value), context) for name, value in step["with"].items()}
        shutil.copytree(values["path"], self.artifacts / values["name"], dirs_exist_ok=True)
        return True


def filled(text: str, context: dict[str, str]) -> str:
    return EXPRESSION.sub(lambda match: str(evaluated(match[1], context)), text)


def evaluated(expression: str, context: dict[str, str]):
    """The value of an expression of the few kinds that the action uses."""
    assert re.fullmatch(r"(\s|[\w.-]+|'\w*'|==|!=|!|&&|\|\||\(|\))+", expression), expression
    known = {}

    def name(match: re.Match) -> str:
        known[f"v{len(known)}"] = context.get(match[0], "")
        return f"v{len(known) - 1}"

    python = re.sub(r"\b[a-z]+(\.[\w-]+)+", name, expression)
    python = re.sub(r"!(?!=)", " not ", python.replace("&&", " and ").replace("||", " or "))
    return eval(python.strip(), {"cancelled": lambda: False}, known)
