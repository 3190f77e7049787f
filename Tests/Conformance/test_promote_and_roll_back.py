"""Aliases are promoted and taken back the same way in every registry, and MLflow's own client serves just that."""

import json

import pytest
from jobs import JobFolder
from mlflow_registry import mlflow, settle
from program import alias_actions
from registries import requests_by_kind
from test_every_registry import small_job

NAMES = ("greeting", "farewell", "shape")
PROMOTE = ("--from", "staging", "--to", "production")


@pytest.fixture
def job(tmp_path, any_registry):
    """Three prompts of which production serves the first version, and staging the second of one."""
    job = small_job(tmp_path, any_registry)
    any_registry.run(job.path)
    stage(job, any_registry, "Two {{name}}")
    return job


def stage(job, registry, text: str) -> None:
    """Registers a new version of the greeting, for staging alone."""
    job.add("greeting", text, tags={"team": "platform"}, description="Greets.")
    registry.run(job.write(), "--alias", "staging")


def promote(registry, job, *arguments, code: int = 0) -> dict:
    return registry.run(job.path, *PROMOTE, *arguments, command="promote", code=code)


def rollback(registry, job, *arguments, code: int = 0) -> dict:
    return registry.run(job.path, "--alias", "production", *arguments, command="rollback", code=code)


def roll_back_report(registry, path, *arguments, code: int = 0) -> dict:
    # The report says where the registry is.
    flags = ["--report", path, "--format", "json", *arguments]
    return registry.program("rollback", *flags, code=code, env=registry.environment).report


def history(registry, name: str) -> list[dict]:
    flags = ["--registry", registry.uri, "--format", "json"]
    return json.loads(registry.program("history", name, *flags, env=registry.environment).out)


def production(registry, job) -> dict[str, int]:
    return {name: registry.aliases(job.full_name(name), "production")["production"] for name in NAMES}


def test_what_staging_serves_is_promoted(job, any_registry):
    dry = promote(any_registry, job, "--dry-run")
    assert dry["mode"] == "dry_run" and dry["command"] == "promote" and dry["plan"]["aliases"] == 1
    assert production(any_registry, job) == {"greeting": 1, "farewell": 1, "shape": 1}
    report = promote(any_registry, job)
    assert report["status"] == "ok" and report["summary"]["aliases_set"] == 1
    assert alias_actions(report, "greeting") == {"production": ("move", 1, 2)}
    assert alias_actions(report, "shape") == {"production": ("unchanged", 1, 1)}
    assert production(any_registry, job) == {"greeting": 2, "farewell": 1, "shape": 1}
    assert any_registry.load(job.full_name("greeting") + "@production")["template"] == "Two {{name}}"
    before = any_registry.written()
    assert promote(any_registry, job)["summary"]["aliases_set"] == 0
    assert any_registry.written() == before


def test_the_journal_tells_of_moves_and_of_first_promotions(job, any_registry):
    # Staging moved once so far; what a prompt's first run set is no move.
    entries = history(any_registry, job.full_name("greeting"))
    assert [(entry["alias"], entry["from"], entry["to"]) for entry in entries] == [("staging", 1, 2)]
    assert history(any_registry, job.full_name("shape")) == []
    promote(any_registry, job)
    newest, *_ = history(any_registry, job.full_name("greeting"))
    assert (newest["alias"], newest["from"], newest["to"], newest["job"]) == ("production", 1, 2, "generated")
    assert newest["at"].endswith("Z") and newest["by"]
    # The first one, too, and it can be taken back.
    any_registry.run(job.path, "--from", "staging", "--to", "first", command="promote")
    newest, *_ = history(any_registry, job.full_name("shape"))
    assert (newest["alias"], newest["from"], newest["to"]) == ("first", None, 1)
    assert any_registry.aliases(job.full_name("shape"), "first") == {"first": 1}
    any_registry.run(job.path, "--alias", "first", command="rollback")
    assert any_registry.aliases(job.full_name("shape"), "first") == {}


def test_what_a_run_sets_on_prompts_that_were_there_is_a_move(job, any_registry):
    """One that a client removed is set again, and an alias that the job names anew is rolled back as a whole."""
    mlflow.genai.delete_prompt_alias(job.full_name("shape"), "staging")
    settle()
    job.add("greeting", "Three {{name}}", tags={"team": "platform"}, description="Greets.")
    any_registry.run(job.write(), "--alias", "staging", "--alias", "beta")
    for name, number in (("greeting", 3), ("farewell", 1), ("shape", 1)):
        moves = [(row["alias"], row["from"], row["to"]) for row in history(any_registry, job.full_name(name))]
        assert ("beta", None, number) in moves
        assert (("staging", None, 1) in moves) == (name == "shape")
    any_registry.run(job.path, "--alias", "beta", command="rollback")
    assert [any_registry.aliases(job.full_name(name), "beta") for name in NAMES] == [{}] * 3


def test_other_variables_are_not_promoted(job, any_registry):
    stage(job, any_registry, "Three {{other}}")
    before = any_registry.written()
    report = promote(any_registry, job, code=1)
    assert any_registry.written() == before and report["refused"]
    greeting, *others = report["prompts"]
    assert greeting["error"]["code"] == "variables-changed"
    assert "adds other" in greeting["error"]["message"] and "drops name" in greeting["error"]["message"]
    assert {prompt["status"] for prompt in others} == {"not_run"}
    promote(any_registry, job, "--dry-run", code=1)
    promote(any_registry, job, "--allow-variable-change")
    assert production(any_registry, job)["greeting"] == 3


def test_a_prompt_without_the_alias_keeps_all_where_they_are(job, any_registry):
    before = any_registry.written()
    report = any_registry.run(
        job.path, "--from", "canary", "--to", "production", command="promote", code=1
    )
    assert any_registry.written() == before
    assert {prompt["error"]["code"] for prompt in report["prompts"]} == {"not-found"}


def test_single_prompts_are_promoted_by_name(job, any_registry):
    flags = ["--registry", any_registry.uri, "--format", "json"]
    report = any_registry.program(
        "promote", job.full_name("greeting"), *PROMOTE, *flags, env=any_registry.environment
    ).report
    assert report["job"] is None and report["prompts"][0]["full_name"] == job.full_name("greeting")
    assert production(any_registry, job)["greeting"] == 2


def test_what_another_job_has_taken_over_is_left_alone(job, any_registry, tmp_path):
    other = JobFolder(tmp_path / "other", aliases=["production"], schema=any_registry.schema, job="other")
    other.add("greeting", "The other's {{name}}", adopt=True)
    any_registry.run(other.write())
    name = job.full_name("greeting")
    for act in (promote, rollback):
        errors = {prompt["name"]: prompt["error"] for prompt in act(any_registry, job, code=1)["prompts"]}
        assert errors["greeting"]["code"] == "other-job" and name in errors["greeting"]["hint"]
        assert any_registry.aliases(name, "production") == {"production": 3}
    where = ["--registry", any_registry.uri, "--alias", "production"]
    any_registry.program("rollback", name, *where, env=any_registry.environment)
    assert any_registry.aliases(name, "production") == {"production": 1}


def test_a_promotion_that_fails_moves_nothing(job, any_registry):
    job.add("shape", "New {{q}}", response_format={"type": "object"})
    any_registry.run(job.write(), "--alias", "staging")
    logs = {name: history(any_registry, job.full_name(name)) for name in NAMES}
    any_registry.break_alias(job.full_name("shape"), "production")
    report = promote(any_registry, job, "--concurrency", "1", code=1)
    any_registry.heal(job.full_name("shape"))
    assert alias_actions(report, "greeting") == {"production": ("move", 1, 1)}
    assert [prompt["aliases"][0]["status"] for prompt in report["prompts"]] == ["restored", "ok", "failed"]
    assert production(any_registry, job) == {"greeting": 1, "farewell": 1, "shape": 1}
    assert {name: history(any_registry, job.full_name(name)) for name in NAMES} == logs


def test_a_run_is_taken_back_by_its_report(job, any_registry, tmp_path):
    report = tmp_path / "promoted.json"
    promote(any_registry, job, "--report", report)
    assert roll_back_report(any_registry, report, "--dry-run")["plan"]["aliases"] == 1
    assert production(any_registry, job)["greeting"] == 2
    assert roll_back_report(any_registry, report)["summary"]["aliases_set"] == 1
    assert production(any_registry, job) == {"greeting": 1, "farewell": 1, "shape": 1}
    # Taken back already: nothing is left to do.
    assert roll_back_report(any_registry, report)["plan"]["aliases"] == 0


def test_a_run_is_taken_back_in_its_own_workspace_alone(tmp_path, unity):
    """Unity Catalog's address leaves the workspace to the credentials, so a report names both."""
    job = small_job(tmp_path, unity)
    report = tmp_path / "run.json"
    unity.run(job.path, "--report", report)
    told = json.loads(report.read_text())
    assert (told["registry"], told["workspace"]) == (unity.uri, unity.proxy.url)
    elsewhere = unity.environment | {"DATABRICKS_HOST": unity.stand_in.url}
    ended = unity.program("rollback", "--report", report, code=64, env=elsewhere)
    assert f"the report is of a run in databricks-uc ({unity.proxy.url})" in ended.err
    assert set(production(unity, job).values()) == {1}


def test_what_a_first_run_set_is_taken_away(tmp_path, any_registry):
    job = small_job(tmp_path, any_registry)
    report = tmp_path / "first.json"
    any_registry.run(job.path, "--report", report)
    assert roll_back_report(any_registry, report)["summary"]["aliases_removed"] == 6
    for name in NAMES:
        assert any_registry.aliases(job.full_name(name), "production", "staging") == {}
        assert any_registry.versions(job.full_name(name)) == [1]


def test_what_somebody_moved_since_is_left_alone(job, any_registry, tmp_path):
    report = tmp_path / "promoted.json"
    promote(any_registry, job, "--report", report)
    stage(job, any_registry, "Three {{name}}")
    promote(any_registry, job)
    before = any_registry.written()
    refused = roll_back_report(any_registry, report, code=1)
    assert refused["prompts"][0]["error"]["code"] == "conflict" and any_registry.written() == before
    roll_back_report(any_registry, report, "--force")
    assert production(any_registry, job)["greeting"] == 1


def test_each_rollback_goes_one_step_back(job, any_registry):
    promote(any_registry, job)
    stage(job, any_registry, "Three {{name}}")
    promote(any_registry, job)
    # A version that was never in production is not what was there before.
    stage(job, any_registry, "Four {{name}}")
    only = ("--select", "greeting")
    rollback(any_registry, job, *only)
    assert production(any_registry, job)["greeting"] == 2
    rollback(any_registry, job, *only)
    assert production(any_registry, job)["greeting"] == 1
    before = any_registry.written()
    assert rollback(any_registry, job, *only, code=1)["prompts"][0]["error"]["code"] == "never-moved"
    assert any_registry.written() == before
    rollback(any_registry, job, *only, "--to", "3")
    assert production(any_registry, job)["greeting"] == 3
    assert rollback(any_registry, job, *only, "--to", "9", code=1)["prompts"][0]["status"] == "failed"


def test_a_rollback_that_fails_moves_nothing(job, any_registry):
    job.add("shape", "New {{q}}", response_format={"type": "object"})
    any_registry.run(job.write())
    any_registry.break_alias(job.full_name("shape"), "production")
    only = ("--select", "greeting,shape", "--to", "1")
    report = rollback(any_registry, job, *only, "--concurrency", "1", code=1)
    any_registry.heal(job.full_name("shape"))
    assert [prompt["aliases"][0]["status"] for prompt in report["prompts"]] == ["restored", "failed"]
    assert production(any_registry, job) == {"greeting": 2, "farewell": 1, "shape": 2}


def test_prompts_that_left_the_job_are_named_and_pruned(job, any_registry):
    promote(any_registry, job)
    del job.spec["prompts"]["shape"]
    path = job.write()
    plan = any_registry.plan(path, "--detailed-exitcode")
    assert plan["orphans"] == [
        {"full_name": job.full_name("shape"), "aliases": {"production": 1, "staging": 1}, "other_aliases": {}}
    ]
    any_registry.run(path)
    assert any_registry.aliases(job.full_name("shape"), "production", "staging") == {"production": 1, "staging": 1}
    assert any_registry.plan(path, "--detailed-exitcode")["orphans"]
    any_registry.plan(path, "--prune", "--detailed-exitcode", code=2)
    report = any_registry.run(path, "--prune")
    assert report["summary"]["aliases_removed"] == 2
    assert any_registry.aliases(job.full_name("shape"), "production", "staging") == {}
    assert any_registry.versions(job.full_name("shape")) == [1]
    any_registry.plan(path, "--prune", "--detailed-exitcode")


def test_a_promotion_takes_two_writes_a_prompt(tmp_path, remote):
    job = small_job(tmp_path, remote)
    remote.run(job.path)
    stage(job, remote, "Two {{name}}")
    remote.proxy.clear()
    report = promote(remote, job)
    reads, writes = requests_by_kind(remote.proxy.requests)
    assert writes == 2 and report["requests"] == reads + writes


def test_a_move_by_hand_between_releases_is_not_taken_for_an_older_release(job, any_registry):
    def release(command: str, *arguments, code: int = 0) -> dict:
        return any_registry.run(job.path, *arguments, command=command, code=code)

    name = job.full_name("greeting")
    champion = ("--from", "staging", "--to", "champion")
    release("promote", *champion)
    stage(job, any_registry, "Three {{name}}")
    release("promote", *champion)
    mlflow.genai.register_prompt(name, "By hand {{name}}")
    mlflow.genai.set_prompt_alias(name, "champion", 4)
    settle()
    stage(job, any_registry, "Five {{name}}")
    release("promote", *champion)
    back = release("rollback", "--alias", "champion")
    assert alias_actions(back, "greeting") == {"champion": ("move", 5, 4)}
    report = release("rollback", "--alias", "champion", code=1)
    assert "something else put the alias 'champion'" in json.dumps(report)
    assert any_registry.aliases(name, "champion") == {"champion": 4}
    assert any_registry.aliases(job.full_name("shape"), "champion") == {"champion": 1}
