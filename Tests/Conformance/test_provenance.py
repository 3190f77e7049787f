"""Each version says which commit its text came from, and that never counts as a change."""

import subprocess

import pytest
from jobs import JobFolder
from mlflow_registry import MLflowRegistry
from program import actions


def git(folder, *arguments) -> str:
    """Runs git as nobody in particular."""
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", folder, *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def job(tmp_path):
    """A job below the top of a git repository, committed."""
    job = JobFolder(tmp_path / "repo" / "agents" / "one")
    job.add("a", "A {{x}}", tags={"team": "platform"})
    job.add("b", "B {{x}}")
    job.write()
    git(tmp_path, "init", "--quiet", "repo")
    git(job.folder, "add", ".")
    git(job.folder, "commit", "--quiet", "--message", "first")
    return job


def provenance(store, job, name: str, version: int) -> dict[str, str]:
    """The tags that promptreg adds, without their prefix."""
    tags = store.snapshot()[job.full_name(name)]["versions"][version]["tags"]
    found = {key.removeprefix("promptreg_"): value for key, value in tags.items() if "promptreg_" in key}
    return {key: found[key] for key in ("job", "source", "commit", "dirty") if key in found}


def test_a_version_names_job_file_and_commit(job, program, registry):
    report = program.run(job.path, registry)
    first = git(job.folder, "rev-parse", "HEAD")
    assert report["git"] == {"commit": first, "dirty": False}
    store = MLflowRegistry(registry)
    assert provenance(store, job, "a", 1) == {
        "job": "generated",
        "source": "agents/one/prompts/a.md",
        "commit": first,
        "dirty": "false",
    }


def test_another_commit_is_no_change(job, program, registry):
    program.run(job.path, registry)
    (job.folder / "unrelated.txt").write_text("x")
    git(job.folder, "add", ".")
    git(job.folder, "commit", "--quiet", "--message", "second")
    assert program.plan(job.path, registry, "--detailed-exitcode")["summary"]["unchanged"] == 2


def test_a_text_that_is_in_no_commit_is_dirty(job, program, registry):
    program.run(job.path, registry)
    first = git(job.folder, "rev-parse", "HEAD")
    job.add("a", "Changed {{x}}", tags={"team": "platform"})
    report = program.run(job.path, registry)
    assert actions(report) == {"a": "update", "b": "unchanged"}
    assert report["git"] == {"commit": first, "dirty": True}
    store = MLflowRegistry(registry)
    assert provenance(store, job, "a", 2)["dirty"] == "true"
    assert provenance(store, job, "b", 1)["dirty"] == "false"

    # Committing the very text that is registered makes no new version of it.
    git(job.folder, "commit", "--all", "--quiet", "--message", "second")
    assert program.plan(job.path, registry)["summary"]["unchanged"] == 2


def test_a_relative_path_from_another_folder_names_the_same_file(job, program, registry):
    program.run("job.yaml", registry, cwd=job.path.parent)
    assert provenance(MLflowRegistry(registry), job, "a", 1)["source"] == "agents/one/prompts/a.md"


def test_provenance_can_be_off(job, program, registry):
    job.spec["provenance"] = False
    program.run(job.write(), registry)
    versions = MLflowRegistry(registry).snapshot()[job.full_name("a")]["versions"]
    # The key of a registration says nothing of where it came from.
    tags = versions[1]["tags"]
    assert tags.pop("promptreg_key").startswith("0-") and tags == {"team": "platform"}


def test_outside_of_a_repository_there_is_no_commit(program, registry, tmp_path):
    job = JobFolder(tmp_path / "job")
    job.add("a", "A {{x}}")
    report = program.run(job.write(), registry, env={"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})
    assert not report["git"] or not report["git"]["commit"]
    found = provenance(MLflowRegistry(registry), job, "a", 1)
    assert set(found) == {"job", "source"}
