"""The workflows and the action have GitHub's form, put no expression into a script, and take no more than they need."""

import os
import re
import subprocess
import sys

import pytest
import yaml
from action_runner import ACTION, REPO

WORKFLOWS = sorted((REPO / ".github/workflows").glob("*.yml"))
FILES = [*WORKFLOWS, ACTION / "action.yml"]


def loaded(path) -> dict:
    return yaml.safe_load(path.read_text())


def steps(path) -> list[dict]:
    about = loaded(path)
    jobs = about["jobs"].values() if "jobs" in about else [about["runs"]]
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_has_github_s_form(path):
    schema = "vendor.github-workflows" if path in WORKFLOWS else "vendor.github-actions"
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_script_has_an_expression_in_it(path):
    """What an expression stands for would be run."""
    scripts = [step["run"] for step in steps(path) if "run" in step]
    assert scripts and not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_of_others_are_pinned(path):
    for step in steps(path):
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@(v\d+(\.\d+)*|release/v\d+|[0-9a-f]{40})", step["uses"])
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


def test_each_job_may_do_what_it_needs_alone():
    assert loaded(REPO / ".github/workflows/ci.yml")["permissions"] == {"contents": "read"}
    release = loaded(REPO / ".github/workflows/release.yml")
    assert release["permissions"] == {}
    assert {name: job["permissions"] for name, job in release["jobs"].items()} == {
        "build": {"contents": "read"}, "attest": {"attestations": "write", "id-token": "write"},
        "release": {"contents": "write"}, "pypi": {"id-token": "write"},
    }  # fmt: skip


@pytest.mark.parametrize(("tag", "code"), [("v{}", 0), ("{}", 1), ("v{}.1", 1), ("v9", 1), ("$(touch x)", 1)])
def test_a_release_has_the_tag_of_its_version(tag, code, promptreg):
    [check] = [step for step in steps(REPO / ".github/workflows/release.yml") if "the tag" in step.get("name", "")]
    version = subprocess.run([promptreg, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    environment = {"PATH": os.environ["PATH"], "GITHUB_REF_NAME": tag.replace("{}", version)}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", check["run"]]
    done = subprocess.run(command, env=environment, cwd=REPO, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr


def test_what_the_workflows_run_is_there():
    for name in (".ci/run", ".packaging/build", "Tests/run"):
        assert os.access(REPO / name, os.X_OK)
    scripts = {name for step in steps(ACTION / "action.yml") for name in re.findall(r"\w+\.\w+", step.get("run", ""))}
    assert scripts == {path.name for path in ACTION.iterdir()} - {"action.yml", "__pycache__"}
