"""Saved plans, reports and lock files that somebody changed: none of them says where credentials go."""

import os

import pytest

SPEC = "version: 1\njob: x\ncatalog: a\nschema: b\naliases: [live]\nprompts_dir: ../prompts\n"
# The host does not exist: a request to it ends with 69.
STRANGER = "https://registry.example.invalid"
TOKEN = {"MLFLOW_TRACKING_TOKEN": "what-nobody-may-see"}
WORKSPACE = "https://workspace.example.invalid"
PROFILES = f"[evil]\nhost = {WORKSPACE}\ntoken = of-another-customer\n"
QUICK = ("--timeout", "2s")


@pytest.fixture
def box(sandbox):
    """A job of one prompt that was run, with a plan, a report and a lock file."""
    sandbox.write("jobs/job.yaml", SPEC)
    sandbox.write("prompts/a.md", "Hello {{x}}\n")
    sandbox.write(".databrickscfg", PROFILES)
    flags = ["--registry", "file:mlruns"]
    sandbox.run("run", "jobs/job.yaml", *flags, "--report", "report.json", "--lock", "lock.json", codes={0}, writes=True)
    sandbox.write("prompts/a.md", "Other {{x}}\n")
    sandbox.run("plan", "jobs/job.yaml", *flags, "--out", "a.plan", codes={0}, writes=True)
    return sandbox


@pytest.mark.parametrize("target", ["/proc/self/environ", "/proc/self", "/sys/kernel"])
def test_what_the_system_tells_of_the_run_is_no_template(target, box):
    """A link to the environment of the process would show its tokens in an error's excerpt."""
    name = {"/proc/self": "environ", "/sys/kernel": "vmcoreinfo"}.get(target, "a.md")
    if name == "a.md":
        (box.folder / "prompts/a.md").unlink()
        (box.folder / "prompts/a.md").symlink_to(target)
    else:
        for file in (box.folder / "prompts").iterdir():
            file.unlink()
        (box.folder / "prompts").rmdir()
        (box.folder / "prompts").symlink_to(target)
    box.write("jobs/job.yaml", SPEC + f"prompts: {{a: {{file: {name}}}}}\n")
    for command in ("validate", "plan", "diff"):
        ended = box.run(command, "jobs/job.yaml", env=TOKEN, codes={65})
        assert TOKEN["MLFLOW_TRACKING_TOKEN"] not in ended.out + ended.err
        assert name != "environ" or "is a file of /proc or /sys" in ended.err


def test_what_the_system_tells_of_the_run_is_no_job(box):
    os.symlink("/proc/self/environ", box.folder / "jobs/environ.yaml")
    for words in (["validate"], ["plan"], ["render", "prompts/a.md", "--values"], ["run", "--plan"], ["verify", "--lock"]):
        ended = box.run(*words, "jobs/environ.yaml", env=TOKEN, codes={64, 65})
        assert TOKEN["MLFLOW_TRACKING_TOKEN"] not in ended.out + ended.err
        assert "is a file of /proc or /sys" in ended.err


def test_an_excerpt_hides_what_the_environment_keeps_secret(box):
    box.write("jobs/job.yaml", SPEC + f"oops: {TOKEN['MLFLOW_TRACKING_TOKEN']}\n")
    ended = box.run("validate", "jobs/job.yaml", env=TOKEN, codes={65})
    assert "oops" in ended.err and TOKEN["MLFLOW_TRACKING_TOKEN"] not in ended.err
