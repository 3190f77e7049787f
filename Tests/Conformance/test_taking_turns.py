"""MLflow and promptreg write to one registry in turns, and each keeps what the other did."""

import mlflow
import pytest
import yaml
from jobs import JobFolder, awkward_job, expected_of, without_provenance
from mlflow.exceptions import MlflowException
from mlflow_registry import MLflowRegistry, settle
from program import actions, alias_actions, changed, tree


@pytest.fixture
def job(tmp_path):
    """Two prompts with two aliases."""
    job = JobFolder(tmp_path / "job", aliases=["production", "staging"])
    job.add("greeting", "Hello {{name}}\n", tags={"team": "platform"}, description="Greets.")
    job.add("farewell", [{"role": "user", "content": "Bye {{name}}"}], model_config={"temperature": 0.5})
    job.write()
    return job


def register_with_mlflow(name, template, **settings):
    """A new version by MLflow's own client."""
    version = mlflow.genai.register_prompt(name, template, **settings)
    settle()
    return version


def test_a_version_that_mlflow_registered_on_top(job, program, registry):
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("greeting")
    made = register_with_mlflow(name, "Hi {{name}}", commit_message="by hand", tags={"by": "hand"})
    assert made.version == 2
    mlflow.genai.set_prompt_alias(name, "canary", 2)

    plan = program.plan(job.path, registry, "--detailed-exitcode", code=2)
    assert actions(plan) == {"greeting": "update", "farewell": "unchanged"}
    report = program.run(job.path, registry)
    assert alias_actions(report, "greeting") == {
        "production": ("move", 1, 3),
        "staging": ("move", 1, 3),
    }

    seen = store.snapshot()[name]
    assert sorted(seen["versions"]) == [1, 2, 3]
    assert seen["aliases"] == {"production": 3, "staging": 3, "canary": 2}
    assert seen["versions"][2]["template"] == "Hi {{name}}"
    assert seen["versions"][2]["commit_message"] == "by hand"
    assert seen["versions"][2]["tags"] == {"by": "hand"}
    assert seen["versions"][3]["template"] == seen["versions"][1]["template"] == "Hello {{name}}"
    assert seen["tags"]["by"] == "hand"
    assert program.plan(job.path, registry, "--detailed-exitcode")["summary"]["unchanged"] == 2


def test_a_version_of_mlflows_that_is_what_the_job_wants(job, program, registry):
    program.run(job.path, registry)
    MLflowRegistry(registry)
    name = job.full_name("greeting")
    register_with_mlflow(name, "Hello {{name}}", tags={"team": "platform"})

    plan = program.plan(job.path, registry)
    assert actions(plan)["greeting"] == "unchanged"
    assert alias_actions(plan, "greeting")["production"] == ("move", 1)
    report = program.run(job.path, registry)
    assert alias_actions(report, "greeting")["staging"] == ("move", 1, 2)
    assert report["summary"]["updated"] == 0


def test_aliases_that_mlflow_moved_and_deleted(job, program, registry):
    program.run(job.path, registry)
    job.add("greeting", "Hello, {{name}}\n", tags={"team": "platform"}, description="Greets.")
    job.write()
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("greeting")
    mlflow.genai.set_prompt_alias(name, "production", 1)
    mlflow.genai.delete_prompt_alias(name, "staging")

    plan = program.plan(job.path, registry)
    assert actions(plan)["greeting"] == "unchanged"
    assert alias_actions(plan, "greeting") == {
        "production": ("move", 1),
        "staging": ("set", None),
    }
    program.run(job.path, registry)
    assert store.snapshot()[name]["aliases"] == {"production": 2, "staging": 2}


def test_tags_that_mlflow_set(job, program, registry):
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("greeting")
    store.client.set_prompt_tag(name, "owner", "MLflow's")
    store.client.set_prompt_tag(name, "nested/key", "kept")
    store.client.set_prompt_version_tag(name, 1, "eval score: a", "0.9")
    assert program.plan(job.path, registry)["summary"]["unchanged"] == 2

    store.client.set_prompt_tag(name, "team", "somebody else's")
    store.client.delete_prompt_version_tag(name, 1, "team")
    plan = program.plan(job.path, registry)
    assert actions(plan) == {"greeting": "retag", "farewell": "unchanged"}
    program.run(job.path, registry)

    seen = store.snapshot()[name]
    assert without_provenance(seen["tags"]) == {"owner": "MLflow's", "nested/key": "kept", "team": "platform"}
    assert list(seen["versions"]) == [1]
    tags = without_provenance(seen["versions"][1]["tags"])
    assert tags == {"team": "platform", "eval score: a": "0.9"}


def test_settings_that_mlflow_changed(job, program, registry):
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("farewell")
    mlflow.genai.set_prompt_model_config(name, 1, {"temperature": 0.9, "max_tokens": 5})
    plan = program.plan(job.path, registry)
    assert actions(plan) == {"greeting": "unchanged", "farewell": "update"}
    program.run(job.path, registry)
    versions = store.snapshot()[name]["versions"]
    assert [versions[n]["model_config"] for n in (1, 2)] == [
        {"temperature": 0.9, "max_tokens": 5},
        {"temperature": 0.5},
    ]


def test_a_newest_version_that_mlflow_deleted(job, program, registry):
    program.run(job.path, registry)
    job.add("greeting", "Hello, {{name}}\n", tags={"team": "platform"}, description="Greets.")
    job.write()
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("greeting")
    store.client.delete_prompt_version(name, "2")
    assert store.snapshot()[name]["aliases"] == {}

    plan = program.plan(job.path, registry)
    assert actions(plan)["greeting"] == "update"
    report = program.run(job.path, registry)
    # The number of a deleted version is never given again.
    assert alias_actions(report, "greeting")["production"] == ("set", None, 3)
    seen = store.snapshot()[name]
    assert sorted(seen["versions"]) == [1, 3]
    assert seen["aliases"] == {"production": 3, "staging": 3}
    assert register_with_mlflow(name, "Next").version == 4


def test_an_old_version_that_mlflow_deleted(job, program, registry):
    for text in ("one", "two", "three"):
        job.add("greeting", text, tags={"team": "platform"}, description="Greets.")
        job.write()
        program.run(job.path, registry)
    store = MLflowRegistry(registry)
    store.client.delete_prompt_version(job.full_name("greeting"), "2")
    assert program.plan(job.path, registry)["summary"]["unchanged"] == 2
    job.add("greeting", "four", tags={"team": "platform"}, description="Greets.")
    program.run(job.write(), registry)
    seen = store.snapshot()[job.full_name("greeting")]
    assert sorted(seen["versions"]) == [1, 3, 4]


def test_a_prompt_whose_every_version_mlflow_deleted(job, program, registry):
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("greeting")
    store.client.delete_prompt_version(name, "1")
    program.run(job.path, registry)
    seen = store.snapshot()[name]
    assert sorted(seen["versions"]) == [2]
    assert seen["aliases"] == {"production": 2, "staging": 2}


def test_a_prompt_that_mlflow_deleted(job, program, registry):
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("greeting")
    store.client.delete_prompt(name)
    assert actions(program.plan(job.path, registry)) == {"greeting": "create", "farewell": "unchanged"}
    program.run(job.path, registry)
    assert list(store.snapshot()[name]["versions"]) == [1]


def test_mlflow_registers_on_top_of_everything(program, registry, tmp_path):
    job = awkward_job(tmp_path / "job", seed=3)
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    before = store.snapshot()
    replaced = sorted(before)[::4]
    for name in replaced:
        assert register_with_mlflow(name, "New {{text}}").version == 2
    after = store.snapshot()
    for name, prompt in before.items():
        assert after[name]["versions"][1] == prompt["versions"][1]
        assert after[name]["aliases"] == prompt["aliases"]
    program.run(job.path, registry)
    for name, prompt in store.snapshot().items():
        assert sorted(prompt["versions"]) == ([1, 2, 3] if name in replaced else [1])
        newest = max(prompt["versions"])
        assert prompt["versions"][newest]["template"] == prompt["versions"][1]["template"]


# A registry that MLflow alone filled


CHAT = [{"role": "system", "content": "You are {{who}}.\n"}, {"role": "user", "content": "{{q}} ä"}]
SHAPE = {"type": "object", "properties": {"ok": {"type": "boolean"}, "n": {"type": "number"}}}
CONFIG = {"model_name": "m", "temperature": 0.10, "max_tokens": 10, "stop_sequences": ["ä"], "own": [1.0]}


def fill_with_mlflow(registry) -> MLflowRegistry:
    """What a team has after some weeks: prompts of each kind, a model, experiments and runs."""
    store = MLflowRegistry(registry)
    mlflow.set_experiment("traces of the agent")
    with mlflow.start_run():
        mlflow.log_param("temperature", 0.2)
        mlflow.log_metric("score", 0.5)
    name = "main.tests.prompt_"
    register_with_mlflow(name + "text", "First {{x}}", commit_message="first")
    register_with_mlflow(name + "text", "Hello {{x}}\n  ä", tags={"team": "a", "own": "b"})
    register_with_mlflow(name + "chat", CHAT, response_format=SHAPE, model_config=CONFIG)
    register_with_mlflow(name + "other", "of no job")
    mlflow.genai.set_prompt_alias(name + "text", "production", 2)
    mlflow.genai.set_prompt_alias(name + "chat", "production", 1)
    mlflow.genai.set_prompt_alias(name + "chat", "champion", 1)
    model = store.client.create_registered_model("main.tests.classifier", {"k": "v"}, "A model")
    store.client.create_model_version(model.name, source="runs:/1/model", run_id=None)
    store.client.set_registered_model_alias(model.name, "champion", 1)
    mlflow.set_experiment(experiment_id="0")
    return store


@pytest.fixture
def equal_job(tmp_path):
    """What MLflow registered, as a job: the same values, written another way."""
    job = JobFolder(tmp_path / "job", aliases=["production"])
    job.add("text", "Hello {{x}}\r\n  ä\n", tags={"team": "a"})
    reordered = dict(reversed(CONFIG.items())) | {"temperature": 0.1}
    shape = {"properties": {"n": {"type": "number"}, "ok": {"type": "boolean"}}, "type": "object"}
    job.add("chat", CHAT, model_config=reordered, response_format=shape)
    job.write()
    return job


def test_what_mlflow_filled_is_left_alone_where_it_is_equal(equal_job, program, registry):
    store = fill_with_mlflow(registry)
    before, seen = tree(registry), store.snapshot()
    report = program.run(equal_job.path, registry)
    assert report["summary"]["unchanged"] == 2
    after = tree(registry)
    after.pop(".promptreg.lock", None)
    assert changed(before, after) == (set(), set(), set())
    assert store.snapshot() == seen


def test_what_mlflow_filled_is_extended_without_loss(equal_job, program, registry):
    store = fill_with_mlflow(registry)
    before, seen = tree(registry), store.snapshot()
    equal_job.add("text", "Goodbye {{x}}", tags={"team": "a"})
    equal_job.add("new", "New {{x}}")
    report = program.run(equal_job.write(), registry)
    assert actions(report) == {"text": "update", "chat": "unchanged", "new": "create"}

    after = tree(registry)
    after.pop(".promptreg.lock", None)
    added, removed, rewritten = changed(before, after)
    text = "models/main.tests.prompt_text"
    assert removed == set()
    assert rewritten == {f"{text}/meta.yaml", f"{text}/aliases/production"}
    notes = (f"{text}/tags/promptreg_job", f"{text}/tags/promptreg_alias_log")
    roots = (f"{text}/version-3", "models/main.tests.prompt_new", *notes)
    assert {path for path in added if not path.startswith(roots)} == set()

    # What MLflow wrote to the file is still there, save for the aliases and the time of the change.
    old, new = (yaml.safe_load(files[f"{text}/meta.yaml"]) for files in (before, after))
    assert new.pop("last_updated_timestamp") > old.pop("last_updated_timestamp")
    assert new.pop("aliases") == {"production": "3"}
    old.pop("aliases")
    assert new == old

    now = store.snapshot()
    assert now["main.tests.prompt_other"] == seen["main.tests.prompt_other"]
    assert now["main.tests.prompt_chat"] == seen["main.tests.prompt_chat"]
    versions = now["main.tests.prompt_text"]["versions"]
    assert versions[1] == seen["main.tests.prompt_text"]["versions"][1]
    assert versions[2]["tags"] == {"team": "a", "own": "b"}
    model = store.client.get_registered_model("main.tests.classifier")
    assert (model.tags, model.aliases, model.description) == ({"k": "v"}, {"champion": "1"}, "A model")
    assert {experiment.name for experiment in store.client.search_experiments()} == {
        "Default",
        "traces of the agent",
    }


def test_a_response_format_that_mlflow_made_of_a_class(program, registry, tmp_path):
    from pydantic import BaseModel

    class Answer(BaseModel):
        text: str
        score: float | None = None

    MLflowRegistry(registry)
    register_with_mlflow("main.tests.prompt_typed", "{{x}}", response_format=Answer)
    job = JobFolder(tmp_path / "job")
    job.add("typed", "{{x}}", response_format=Answer.model_json_schema())
    plan = program.plan(job.write(), registry, "--detailed-exitcode")
    assert actions(plan) == {"typed": "unchanged"}


def test_a_name_that_a_model_has(job, program, registry):
    store = MLflowRegistry(registry)
    store.client.create_registered_model(job.full_name("farewell"))
    store.client.create_model_version(job.full_name("farewell"), source="runs:/1/model")
    before = tree(registry)
    ended = program("run", job.path, "--registry", f"file:{registry}", code=1)
    assert "'main.tests.prompt_farewell' is a registered model, not a prompt" in ended.out + ended.err
    after = tree(registry)
    after.pop(".promptreg.lock", None)
    assert changed(before, after) == (set(), set(), set())
    assert store.names() == set()

    with pytest.raises(MlflowException, match="exists with the same name"):
        register_with_mlflow(job.full_name("farewell"), "x")


def test_the_shipped_jobs_share_a_registry(program, registry, repo):
    jobs = {"health_monitor": "local", "support_agent": "dev"}
    for name in jobs:
        program.run(repo / "jobs" / f"{name}.yaml", registry)
    wanted = [expected_of(repo / "jobs" / f"{name}.yaml", target) for name, target in jobs.items()]
    assert MLflowRegistry(registry).names() == {p.full_name for job in wanted for p in job.values()}
