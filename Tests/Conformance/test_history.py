"""What served at a time, and what came from a commit, on every registry."""

import datetime
import json
import time

import pytest
from jobs import JobFolder
from mlflow_registry import mlflow, settle
from test_provenance import git


def now() -> str:
    """The time, a moment away from what came before and what comes after."""
    time.sleep(0.05)
    text = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    time.sleep(0.05)
    return text


@pytest.fixture
def job(any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=any_registry.schema)
    job.add("greeting", "One {{name}}\n")
    job.write()
    return job


def served(registry, subject, at: str) -> dict[str, tuple]:
    """Where aliases were, and whether that is certain."""
    flags = ["--registry", registry.uri, "--format", "json", "--at", at]
    found = registry.program("history", subject, *flags, env=registry.environment).report
    return {
        row["alias"]: (row["version"], row["certain"]) for prompt in found["prompts"] for row in prompt["aliases"]
    }


def test_what_served_at_a_time(job, any_registry):
    name = job.full_name("greeting")
    times = [now()]
    any_registry.run(job.path)
    times.append(now())
    for number in (2, 3):
        job.add("greeting", f"Number {number} {{{{name}}}}\n")
        any_registry.run(job.write())
        times.append(now())
    any_registry.ended(job.path, "--alias", "production", command="rollback", code=0)
    times.append(now())
    # The first alias is in no journal: it is known by what moved it.
    expected = [{}, {"production": (1, False)}, {"production": (2, True)}, {"production": (3, True)}]
    assert [served(any_registry, name, at) for at in times] == [*expected, {"production": (2, True)}]
    # What somebody else moved leaves a doubt, but not about what was before that version existed.
    number = mlflow.genai.register_prompt(name, "Theirs {{name}}").version
    mlflow.genai.set_prompt_alias(name, "production", number)
    settle()
    assert served(any_registry, name, now()) == {"production": (2, False)}
    assert served(any_registry, name, times[-1]) == {"production": (2, True)}
    # Who promotes what is there already has not moved it.
    mlflow.genai.set_prompt_alias(name, "staging", number)
    settle()
    between = now()
    any_registry.run(job.path, "--from", "staging", "--to", "production", command="promote")
    flags = ["--registry", any_registry.uri, "--format"]
    shown, told = (any_registry.program("history", name, *flags, form, env=any_registry.environment).out for form in ("text", "json"))
    assert [row["by"] for row in json.loads(told) if (row["from"], row["to"]) == (2, number)] == [None]
    assert shown.count("(found there)") == 1
    assert served(any_registry, name, between)["production"] == (2, False)


def test_a_move_by_hand_is_nobodys_though_the_run_moves_others(job, any_registry):
    name = job.full_name("greeting")
    job.add("other", "One {{name}}\n")
    any_registry.run(job.write())
    for number in (2, 3):
        job.add("greeting", f"Number {number} {{{{name}}}}\n")
        any_registry.run(job.write())
    any_registry.ended(job.path, "--alias", "production", command="rollback", code=0)
    mlflow.genai.set_prompt_alias(name, "production", 3)
    settle()
    job.add("other", "Two {{name}}\n")
    any_registry.run(job.write())
    flags = ["--registry", any_registry.uri, "--format", "json"]
    [last, *_] = any_registry.program("history", name, *flags, env=any_registry.environment).report
    assert (last["from"], last["to"], last["by"]) == (2, 3, None)


def test_a_move_that_is_made_again_after_somebody_took_it_back(job, any_registry):
    """Each move stays in the journal, and no time is told for certain that is not."""
    name = job.full_name("greeting")
    any_registry.run(job.path)
    job.add("greeting", "Two {{name}}\n")
    any_registry.run(job.write())
    times = []
    for command in (["run"], ["run"], ["promote", "--from", "staging", "--to", "production"]):
        mlflow.genai.set_prompt_alias(name, "production", 1)
        mlflow.genai.set_prompt_alias(name, "staging", 2)
        settle()
        times.append(now())
        any_registry.run(job.path, *command[1:], command=command[0])
    times.append(now())
    flags = ["--registry", any_registry.uri, "--format", "json"]
    moves = json.loads(any_registry.program("history", name, *flags, env=any_registry.environment).out)
    moves = [move for move in moves if move["alias"] == "production"]
    # A folder tells that something wrote the alias after the first move, too.
    is_certain = any_registry.uri.startswith("file:")
    assert [(move["from"], move["to"], move["certain"]) for move in moves] == [(1, 2, True)] * 3 + [(1, 2, is_certain)]
    assert [served(any_registry, name, at)["production"] for at in times] == [(2, False)] * 3 + [(2, True)]
    # It is one step to take back.
    any_registry.ended(job.path, "--alias", "production", command="rollback", code=0)
    assert any_registry.aliases(name, "production") == {"production": 1}


def test_which_versions_came_from_a_commit(job, any_registry):
    git(job.folder, "init", "--quiet", "--initial-branch", "main")
    git(job.folder, "add", ".")
    git(job.folder, "commit", "--quiet", "-m", "One")
    commit = git(job.folder, "rev-parse", "HEAD").strip()
    any_registry.run(job.path)
    job.add("greeting", "Two {{name}}\n")
    any_registry.run(job.write())
    flags = ["--registry", any_registry.uri, "--format", "json"]
    for sha, count in ((commit, 2), (commit[:7].upper(), 2), ("0000000", 0)):
        found = any_registry.program(
            "history", job.full_name("greeting"), *flags, "--commit", sha, env=any_registry.environment
        ).report
        assert [row["version"] for row in found["versions"]] == [2, 1][:count]
        assert [row["dirty"] for row in found["versions"]] == [True, False][:count]


def test_what_no_job_names(job, any_registry, tmp_path):
    any_registry.run(job.path)
    other = JobFolder(tmp_path / "other", schema=any_registry.schema, job="other")
    other.add("farewell", "Bye {{name}}\n")
    any_registry.run(other.write())
    mlflow.genai.register_prompt(job.full_name("stray"), "Of nobody")
    settle()

    def unmanaged(*arguments):
        flags = ["--registry", any_registry.uri, "--schema", any_registry.schema, "--format", "json", "--unmanaged"]
        listing = any_registry.program("list", *arguments, *flags, env=any_registry.environment, cwd=tmp_path)
        return [prompt["name"].split("prompt_")[1] for prompt in listing.report["prompts"]]

    assert unmanaged(job.path) == ["farewell", "stray"]
    # A job beside it counts, too.
    (job.path.parent / "second.yaml").write_text(other.path.read_text())
    assert unmanaged(job.path) == ["stray"]
    (tmp_path / "jobs").mkdir()
    (tmp_path / "prompts").mkdir()
    (tmp_path / "jobs" / "job.yaml").write_text(job.path.read_text())
    (tmp_path / "jobs" / "second.yaml").write_text(other.path.read_text())
    assert unmanaged("--catalog", "main") == ["stray"]
