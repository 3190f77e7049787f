"""How each command ends where there is no registry: in a folder that does not exist, and at a server that is down."""

import shutil
from pathlib import Path

import pytest

BASE = Path(__file__).parent / "base" / "agent"
NAME = "main.agent.prompt_greet"
JOB = "jobs/agent.yaml"
# What reads or changes what a registry has.
NEEDED = {
    "show": ["show", NAME],
    "history": ["history", NAME],
    "history --at": ["history", JOB, "--at", "2026-01-01"],
    "history --commit": ["history", "--commit", "abcdef1"],
    "load": ["load", f"{NAME}/1"],
    "render": ["render", f"{NAME}/1"],
    "call": ["call", f"{NAME}/1", "--model", "x", "--endpoint", "http://127.0.0.1:1/v1"],
    "diff": ["diff", f"{NAME}/1", f"{NAME}/2"],
    "pull": ["pull", JOB],
    "import": ["import", "--catalog", "main", "--schema", "agent", "--into", "new"],
    "lock": ["lock", JOB],
    "traces": ["traces", JOB],
    "try": ["try", JOB, "--cases", "cases.yaml", "--model", "x", "--endpoint", "http://127.0.0.1:1/v1"],
    "promote": ["promote", JOB, "--from", "staging", "--to", "production"],
    "promote --dry-run": ["promote", JOB, "--from", "staging", "--to", "production", "--dry-run"],
    "rollback": ["rollback", JOB, "--alias", "production"],
    "rollback of a name": ["rollback", NAME, "--alias", "production", "--dry-run"],
}
# What a job's first run is planned or done with, which makes a folder where there is none, and what lists all there is.
MAKING = {
    "plan": ["plan", JOB],
    "run --dry-run": ["run", JOB, "--dry-run"],
    "diff of a job": ["diff", JOB],
    "list": ["list"],
    "list of a job": ["list", JOB],
    "list of a schema": ["list", "--catalog", "main", "--schema", "agent"],
    "list --unmanaged": ["list", JOB, "--unmanaged"],
    "doctor": ["doctor"],
}
PLACE = ["--catalog", "main", "--schema", "agent"]


@pytest.fixture
def folder(workspace):
    shutil.copytree(BASE, workspace.folder, dirs_exist_ok=True)
    (workspace.folder / "cases.yaml").write_text("- {prompt: greet, values: {name: Ann}, checks: {contains: Ann}}\n")
    return workspace


def attempt(workspace, arguments, registry: str):
    flags = [] if registry is None else ["--registry", registry]
    limit = [] if registry is None or registry.startswith("file:") else ["--timeout", "2s"]
    ended = workspace.run(*arguments, *flags, *limit)
    assert not (workspace.folder / "absent").exists()
    return ended


@pytest.mark.parametrize("arguments", NEEDED.values(), ids=NEEDED)
@pytest.mark.parametrize("registry", ["file:absent", "http://127.0.0.1:1"])
def test_a_registry_that_is_not_there_cannot_be_reached(folder, arguments, registry):
    ended = attempt(folder, arguments, registry)
    said = ended.stdout + ended.stderr
    assert ended.returncode == 69, said
    wanted = "there is no registry in file:" if registry.startswith("file:") else "nothing answers at http://127.0.0.1:1"
    assert wanted in said and "Failed to connect" not in said


@pytest.mark.parametrize("arguments", MAKING.values(), ids=MAKING)
@pytest.mark.parametrize(("registry", "code"), [("file:absent", 0), ("http://127.0.0.1:1", 69)])
def test_a_folder_that_a_first_run_makes_is_as_good_as_an_empty_one(folder, arguments, registry, code):
    ended = attempt(folder, arguments, registry)
    assert ended.returncode == code, ended.stdout + ended.stderr


@pytest.mark.parametrize("flags", [[], ["--dry-run"]])
@pytest.mark.parametrize("source", ["file:absent", "http://127.0.0.1:1"])
def test_a_copy_needs_where_it_comes_from(folder, source, flags):
    ended = attempt(folder, ["copy", "--from", source, "--to", "file:other", *PLACE, "--timeout", "2s", *flags], None)
    assert ended.returncode == 69, ended.stdout + ended.stderr
    assert not (folder.folder / "other").exists()


@pytest.mark.parametrize("other", ["file:mlruns", "file:./mlruns"])
def test_a_copy_onto_itself_is_a_mistake(folder, other):
    assert folder.run("run", JOB, "--quiet").returncode == 0
    ended = folder.run("copy", "--from", "file:mlruns", "--to", other, *PLACE)
    assert ended.returncode == 64 and "are the same registry" in ended.stderr
    assert folder.run("copy", "--from", "file:mlruns", "--to", other, *PLACE, "--to-schema", "new").returncode == 0


def test_localhost_is_this_machine_by_any_name(folder):
    ended = folder.run("copy", "--from", "http://localhost:1", "--to", "http://127.0.0.1:1/", *PLACE)
    assert ended.returncode == 64 and "are the same registry" in ended.stderr


def test_traces_are_looked_for_in_a_folder_that_is_there(folder):
    assert folder.run("run", JOB, "--quiet").returncode == 0
    folder.environment["MLFLOW_TRACKING_URI"] = "file:./absent"
    gated = ["promote", JOB, "--from", "staging", "--to", "new", "--require", "traces >= 0", "--dry-run"]
    for command in (["traces", JOB], gated):
        ended = folder.run(*command)
        assert ended.returncode == 69 and "there are no traces in file:" in ended.stdout + ended.stderr
    (folder.folder / "absent/0").mkdir(parents=True)
    assert folder.run("traces", JOB).returncode == 0
