"""What promptreg registered is what MLflow loads, by every way there is to ask for it."""

import mlflow
import pytest
from jobs import awkward_job, expected_of, without_provenance
from mlflow_registry import EXPERIMENT_IDS, MLflowRegistry, describe, settle
from program import actions

MESSAGE = "Ünïcode: it's a \"message\" # no comment\nsecond line"


@pytest.fixture(params=["health_monitor", "support_agent", "generated"])
def job(request, repo, tmp_path):
    """A job's path and what its prompts have to be."""
    if request.param == "generated":
        generated = awkward_job(tmp_path / "job", seed=20_240_611)
        return generated.path, generated.expected
    path = repo / "jobs" / f"{request.param}.yaml"
    return path, expected_of(path, {"health_monitor": "local", "support_agent": "dev"}[request.param])


def test_every_prompt_loads_as_the_job_says(job, program, registry):
    path, expected = job
    report = program.run(path, registry, "--message", MESSAGE)
    assert report["summary"]["created"] == len(expected)

    store = MLflowRegistry(registry)
    for prompt in expected.values():
        uris = [f"/{1}", "@latest"] + [f"@{alias}" for alias in prompt.aliases]
        for uri in uris:
            loaded = mlflow.genai.load_prompt(f"prompts:/{prompt.full_name}{uri}")
            prompt.check(describe(loaded), number=1, message=MESSAGE)
        assert mlflow.genai.load_prompt(prompt.full_name).version == 1
    settle()

    # MLflow noted its current experiment with each load; that is no change of the job's.
    assert set(actions(program.plan(path, registry)).values()) == {"unchanged"}
    snapshot = store.snapshot()
    assert set(snapshot) == {prompt.full_name for prompt in expected.values()}
    for prompt in expected.values():
        seen = snapshot[prompt.full_name]
        assert list(seen["versions"]) == [1]
        assert seen["description"] == prompt.description
        seen["tags"].pop(EXPERIMENT_IDS, None)
        assert without_provenance(seen["tags"]) == prompt.tags
        assert set(seen["aliases"]) == set(prompt.aliases)


def test_searches_find_exactly_the_prompts(job, program, registry):
    path, expected = job
    program.run(path, registry)
    store = MLflowRegistry(registry)

    assert store.names() == {prompt.full_name for prompt in expected.values()}
    pairs = {pair for prompt in expected.values() for pair in prompt.tags.items()}
    askable = [(key, value) for key, value in pairs if value.isalnum() and key.isidentifier()]
    assert askable
    for key, value in askable:
        found = store.names(f"tags.{key} = '{value}'")
        assert found == {p.full_name for p in expected.values() if p.tags.get(key) == value}
    assert store.names("tags.team = 'nobody'") == set()


def test_experiments_list_their_prompts(program, registry, tmp_path):
    store = MLflowRegistry(registry)
    first, second = (store.client.create_experiment(name) for name in ("first", "second"))
    one = awkward_job(tmp_path / "one", seed=1, experiments=[first, second])
    program.run(one.path, registry)
    names = {prompt.full_name for prompt in one.expected.values()}
    assert store.names(f"experiment_id = '{first}'") == names
    assert store.names(f"experiment_id = '{second}'") == names
    # An id that begins as another does.
    assert store.names(f"experiment_id = '{first[:5]}'") == set()


def test_an_experiment_that_mlflow_noted_stays(program, registry, tmp_path):
    job = awkward_job(tmp_path / "job", seed=2)
    program.run(job.path, registry)
    store = MLflowRegistry(registry)
    name = job.full_name("quotes")
    store.client.set_prompt_tag(name, EXPERIMENT_IDS, ",77,")
    job.spec["experiment"] = ["12", "77"]
    job.write()
    report = program.run(job.path, registry)
    assert set(actions(report).values()) == {"retag"}
    assert store.snapshot()[name]["tags"][EXPERIMENT_IDS] == ",77,12,"
    assert set(actions(program.plan(job.path, registry)).values()) == {"unchanged"}
