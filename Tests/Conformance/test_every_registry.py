"""What a job does is the same in every registry, and MLflow's own client loads just that."""

import dataclasses

import pytest
from jobs import JobFolder, expected_of
from program import actions, alias_actions

SHIPPED = {"health_monitor": "local", "support_agent": "dev"}


@pytest.fixture
def job(tmp_path, any_registry):
    """Three prompts with two aliases."""
    return small_job(tmp_path, any_registry)


def small_job(folder, registry) -> JobFolder:
    job = JobFolder(folder / "job", aliases=["production", "staging"], schema=registry.schema)
    job.add("greeting", "Hello {{name}}\n", tags={"team": "platform"}, description="Greets.")
    job.add("farewell", [{"role": "user", "content": "Bye {{name}}"}], model_config={"temperature": 0.5})
    job.add("shape", "{{q}}", response_format={"type": "object", "properties": {"a": {"type": "string"}}})
    job.write()
    return job


def shipped(name: str, repo, registry):
    """A job of the repository, and what its prompts have to be in the test's schema."""
    path = repo / "jobs" / f"{name}.yaml"
    expected = expected_of(path, SHIPPED[name])
    for key, prompt in expected.items():
        catalog, _, last = prompt.full_name.split(".", 2)
        expected[key] = dataclasses.replace(prompt, full_name=f"{catalog}.{registry.schema}.{last}")
    if registry.kind == "unity":
        registry.add_schema(expected[key].full_name.split(".")[0])
    return path, expected


def check(registry, prompt, number: int, message: str | None = None) -> None:
    """Loads a prompt by version and by each alias."""
    for uri in [f"/{number}", *(f"@{alias}" for alias in prompt.aliases)]:
        loaded = registry.load(prompt.full_name + uri)
        # Without a message, the registries differ in what MLflow makes of there being none.
        loaded["commit_message"] = loaded["commit_message"] or None
        if registry.kind == "unity":
            # A version of Unity Catalog's names no aliases.
            loaded["aliases"] = sorted(prompt.aliases)
        prompt.check(loaded, number, message)


@pytest.mark.parametrize("name", SHIPPED)
def test_what_is_shipped_loads_as_it_is_written(name, repo, any_registry):
    path, expected = shipped(name, repo, any_registry)
    report = any_registry.run(path, "--message", "Ünïcode: a \"message\"\nof two lines")
    assert report["summary"]["created"] == len(expected)
    for prompt in expected.values():
        check(any_registry, prompt, 1, "Ünïcode: a \"message\"\nof two lines")


def test_running_again_changes_nothing(job, any_registry):
    any_registry.run(job.path)
    before = any_registry.written()
    report = any_registry.run(job.path)
    assert report["summary"]["unchanged"] == 3 and report["status"] == "ok"
    assert any_registry.written() == before
    plan = any_registry.plan(job.path, "--detailed-exitcode")
    assert plan["summary"]["unchanged"] == 3 and plan["plan"]["aliases"] == 0


def test_a_dry_run_writes_nothing(job, any_registry):
    before = any_registry.written()
    for flag in ([], ["--force"]):
        report = any_registry.run(job.path, "--dry-run", *flag)
        assert set(actions(report).values()) == {"create"} and report["mode"] == "dry_run"
        assert {prompt["url"] for prompt in report["prompts"]} == {None}
        any_registry.plan(job.path, "--detailed-exitcode", *flag, code=2)
    assert any_registry.written() == before
    any_registry.run(job.path)
    before = any_registry.written()
    job.add("greeting", "Changed {{name}}", tags={"team": "data"}, description="Greets.", aliases=["canary"])
    any_registry.run(job.write(), "--dry-run")
    assert any_registry.written() == before


def test_a_changed_template_is_a_new_version(job, any_registry):
    any_registry.run(job.path)
    job.add("greeting", "Good day {{name}}\n", tags={"team": "platform"}, description="Greets.")
    report = any_registry.run(job.write())
    assert actions(report) == {"greeting": "update", "farewell": "unchanged", "shape": "unchanged"}
    assert alias_actions(report, "greeting") == {"production": ("move", 1, 2), "staging": ("move", 1, 2)}
    check(any_registry, job.expected["greeting"], 2)
    check(any_registry, job.expected["farewell"], 1)
    assert any_registry.load(job.full_name("greeting") + "/1")["template"] == "Hello {{name}}"
    assert any_registry.versions(job.full_name("greeting")) == [1, 2]
    any_registry.plan(job.path, "--detailed-exitcode")


@pytest.mark.parametrize(
    "change",
    [
        {"model_config": {"temperature": 0.9, "max_tokens": 5}},
        {"model_config": None},
        {"content": "now a text {{name}}"},
        {"response_format": {"type": "object"}},
    ],
    ids=["config", "no config", "kind", "format"],
)
def test_what_is_not_text_is_a_new_version_too(change, job, any_registry):
    any_registry.run(job.path)
    settings = {"model_config": {"temperature": 0.5}, **change}
    content = settings.pop("content", [{"role": "user", "content": "Bye {{name}}"}])
    settings = {key: value for key, value in settings.items() if value is not None}
    if isinstance(content, str):
        del settings["model_config"]
    job.add("farewell", content, **settings)
    report = any_registry.run(job.write())
    assert actions(report)["farewell"] == "update"
    check(any_registry, job.expected["farewell"], 2)
    any_registry.plan(job.path, "--detailed-exitcode")


def test_tags_and_descriptions_change_in_place(job, any_registry):
    any_registry.run(job.path)
    tags = {"team": "data", "stage": "late"}
    job.add("greeting", "Hello {{name}}\n", tags=tags, description="Greets people.")
    report = any_registry.run(job.write())
    assert actions(report) == {"greeting": "retag", "farewell": "unchanged", "shape": "unchanged"}
    check(any_registry, job.expected["greeting"], 1)
    any_registry.plan(job.path, "--detailed-exitcode")
    # What the job set once and names no more is taken away.
    job.add("greeting", "Hello {{name}}\n", tags={"stage": "late"}, description="Greets people.")
    report = any_registry.run(job.write())
    assert actions(report)["greeting"] == "retag"
    check(any_registry, job.expected["greeting"], 1)
    assert any_registry.versions(job.full_name("greeting")) == [1]
    any_registry.plan(job.path, "--detailed-exitcode")


def test_aliases_follow_the_job_and_others_stay(job, any_registry):
    any_registry.run(job.path)
    name = job.full_name("greeting")
    any_registry.run(job.path, "--alias", "champion", "--select", "greeting")
    job.add("greeting", "Two {{name}}", tags={"team": "platform"}, description="Greets.")
    report = any_registry.run(job.write(), "--alias", "staging")
    assert alias_actions(report, "greeting") == {"staging": ("move", 1, 2)}
    where = any_registry.aliases(name, "production", "staging", "champion", "canary")
    assert where == {"production": 1, "staging": 2, "champion": 1}
    assert alias_actions(any_registry.plan(job.path), "greeting")["production"] == ("move", 1)
    any_registry.run(job.path)
    where = any_registry.aliases(name, "production", "staging", "champion")
    assert where == {"production": 2, "staging": 2, "champion": 1}


def test_a_forced_run_makes_versions(job, any_registry):
    any_registry.run(job.path)
    report = any_registry.run(job.path, "--force")
    assert set(actions(report).values()) == {"update"}
    for name in job.expected:
        check(any_registry, job.expected[name], 2)


def test_one_failure_holds_every_alias(job, any_registry):
    any_registry.run(job.path, "--select", "greeting,farewell")
    any_registry.break_creation(job.full_name("shape"))
    job.add("greeting", "Two {{name}}", tags={"team": "platform"}, description="Greets.")
    report = any_registry.run(job.write(), code=1)
    assert [prompt["status"] for prompt in report["prompts"]] == ["ok", "ok", "failed"]
    assert {alias["status"] for alias in report["prompts"][0]["aliases"]} == {"held"}
    any_registry.heal(job.full_name("shape"))
    name = job.full_name("greeting")
    assert any_registry.aliases(name, "production", "staging") == {"production": 1, "staging": 1}
    assert any_registry.versions(name) == [1, 2]

    # Running again finishes it, and registers nothing twice.
    report = any_registry.run(job.path)
    assert actions(report) == {"greeting": "unchanged", "farewell": "unchanged", "shape": "create"}
    assert any_registry.aliases(name, "production", "staging") == {"production": 2, "staging": 2}
    assert any_registry.versions(name) == [1, 2]
    assert any_registry.versions(job.full_name("shape")) == [1]


def test_every_prompt_for_itself_where_the_job_says_so(job, any_registry):
    job.spec["on_error"] = "continue"
    any_registry.break_creation(job.full_name("shape"))
    any_registry.run(job.write(), code=1)
    any_registry.heal(job.full_name("shape"))
    where = any_registry.aliases(job.full_name("greeting"), "production", "staging")
    assert where == {"production": 1, "staging": 1}


def test_aliases_go_back_when_one_cannot_be_moved(job, any_registry):
    any_registry.run(job.path)
    job.add("greeting", "Two {{name}}", tags={"team": "platform"}, description="Greets.", aliases=["production", "new"])
    job.add("shape", "Two {{q}}", response_format={"type": "object"})
    any_registry.break_alias(job.full_name("shape"), "staging")
    report = any_registry.run(job.write(), "--concurrency", "1", code=1)
    statuses = {
        prompt["name"]: [alias["status"] for alias in prompt["aliases"]] for prompt in report["prompts"]
    }
    assert statuses == {
        "greeting": ["restored", "restored"],
        "farewell": ["ok", "ok"],
        "shape": ["restored", "failed"],
    }
    any_registry.heal(job.full_name("shape"))
    where = any_registry.aliases(job.full_name("greeting"), "production", "staging", "new")
    assert where == {"production": 1, "staging": 1}
    assert any_registry.aliases(job.full_name("shape"), "production", "staging") == {"production": 1, "staging": 1}

    any_registry.run(job.path)
    where = any_registry.aliases(job.full_name("greeting"), "production", "staging", "new")
    assert where == {"production": 2, "staging": 1, "new": 2}
    assert any_registry.versions(job.full_name("shape")) == [1, 2]


def test_a_saved_plan_is_carried_out_once(job, any_registry, tmp_path):
    any_registry.plan(job.path, "--out", tmp_path / "release.plan")
    run = lambda code: any_registry.program(  # noqa: E731
        "run", job.path, "--plan", tmp_path / "release.plan", "--registry", any_registry.uri, "--format", "json",
        env=any_registry.environment, code=code,
    ).report  # fmt: skip
    assert run(0)["summary"]["created"] == 3
    before = any_registry.written()
    assert run(75)["error"]["code"] == "stale-plan"
    assert any_registry.written() == before


# What people see of it


def test_reports_link_to_pages(server, tmp_path):
    job = small_job(tmp_path, server)
    report = server.run(job.path, "--report", tmp_path / "run.md")
    for prompt in report["prompts"]:
        assert prompt["url"] == f"{server.uri}/#/prompts/{prompt['full_name']}?promptVersion=1"
        assert f"[`{prompt['name']}`](<{prompt['url']}>)" in (tmp_path / "run.md").read_text()


def test_databricks_links_lead_to_an_experiment(unity, tmp_path):
    job = small_job(tmp_path, unity)
    assert {prompt["url"] for prompt in unity.run(job.path)["prompts"]} == {None}
    job.spec["experiment"] = "12"
    for prompt in unity.run(job.write())["prompts"]:
        path = f"/ml/experiments/12/prompts/{prompt['full_name']}"
        assert prompt["url"] == f"{unity.proxy.url}{path}?promptVersion=1"


def test_verbose_tells_what_is_sent_and_no_secret(server, tmp_path):
    job = small_job(tmp_path, server)
    secret = {"MLFLOW_TRACKING_TOKEN": "hush-hush"}
    flags = ["--registry", server.uri, "--schema", server.schema, "--verbose"]
    told = server.program("run", job.path, *flags, env=secret).err
    name = job.full_name("greeting")
    assert f"\nPOST /api/2.0/mlflow/model-versions/create {name}: 200, " in told
    assert f"\nGET /api/2.0/mlflow/registered-models/get {name}: 404, " in told
    assert "hush" not in told and "?" not in told and "Hello {{name}}" not in told


def test_what_unity_catalog_would_refuse_is_told_of_before_anything_is_written(unity, tmp_path):
    job = small_job(tmp_path, unity)
    job.add("greeting", "Hello {{name}}", tags={"cost.center": "7"})
    job.add("shape", "{{q}}", tags={"cost-center": "7"})
    before = unity.written()
    for command in ("plan", "run"):
        report = unity.run(job.write(), command=command, code=65)
        assert "the tag 'cost.center'" in report["error"]["message"] and "'cost-center'" in report["error"]["message"]
        assert report["prompts"] == [] and report["requests"] == 0 and report["status"] == "failed"
    assert unity.written() == before
