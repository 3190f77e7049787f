"""Copying takes all of a prompt over, into every kind of registry, and a second time changes nothing."""

import json
import random

import pytest
from jobs import JobFolder
from mlflow_registry import describe, mlflow, settle, use_mlflow
from program import Program, tree
from registries import FileRegistry

CONTENTS = [
    {"template": "Hello {{name}}"},
    {"template": "trailing  \n\n"},
    {"template": "a\r\nb\tc"},
    {"template": "---\nfront: matter\n---\nno: yes # 'quoted'"},
    {"template": "Ünïcode {{ name }} 👩‍👩‍👧 \u2028 line"},
    {"template": [{"role": "system", "content": "Be {{tone}}"}, {"role": "user", "content": "{{q}}\n"}]},
    {"template": "{% if x %}{{ x }}{% endif %}"},
    {"template": [{"role": "user", "content": [{"type": "text", "text": "{{q}}"}]}, {"role": "ai", "content": "x"}]},
    {"template": [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "1", "content": "{{answer}}"},
    ]},
    {"template": "with settings", "model_config": {"temperature": 0.5, "max_tokens": 7, "extra": [1, "2"]}},
    {"template": "with shape", "response_format": {"type": "object", "properties": {"no": {"type": "string"}}}},
]


@pytest.fixture
def source(program, tmp_path):
    """A folder that is copied from."""
    return FileRegistry(program, tmp_path / "source")


def fill(registry, seed: int) -> dict[str, int]:
    """Registers generated prompts with MLflow's own client; how many versions each has."""
    chance = random.Random(seed)
    client = mlflow.MlflowClient()
    made = {}
    for index in range(4):
        name = f"main.{registry.schema}.prompt_{index}"
        made[name] = chance.randint(1, 4)
        for number in range(1, made[name] + 1):
            tags = {key: f"{chance.randint(0, 9)}" for key in ("team", "tier") if chance.random() < 0.7}
            message = chance.choice([None, "First", "über: all"])
            mlflow.genai.register_prompt(name, commit_message=message, tags=tags, **chance.choice(CONTENTS))
            if chance.random() < 0.5:
                client.set_prompt_alias(name, chance.choice(["production", "staging"]), number)
    settle()
    return made


def contents(made: dict[str, int], rename=lambda name: name) -> dict:
    """What MLflow's own client loads of each version, and where the aliases point."""
    found = {}
    client = mlflow.MlflowClient()
    for name, count in made.items():
        for number in range(1, count + 1):
            loaded = describe(mlflow.genai.load_prompt(f"prompts:/{rename(name)}/{number}", cache_ttl_seconds=0))
            # Without a message, the registries differ in what MLflow makes of there being none. Only some tell the
            # aliases of a version.
            loaded["commit_message"] = loaded["commit_message"] or None
            loaded.pop("aliases")
            # By this promptreg finds what a lost answer was about; it is of one registry only.
            loaded["tags"].pop("promptreg_run", None)
            loaded["tags"].pop("promptreg_key", None)
            loaded.pop("name", None)
            found[name, number] = loaded
        for alias in ("production", "staging"):
            try:
                version = client.get_prompt_version_by_alias(rename(name), alias)
            except mlflow.MlflowException as error:
                assert "not found" in str(error), error
                continue
            if version:
                found[name, alias] = int(version.version)
    settle()
    return found


def copy(program: Program, source, destination, *arguments, code: int = 0) -> dict:
    flags = ["--from", source.uri, "--to", destination.uri, "--catalog", "main", "--schema", source.schema]
    environment = {**source.environment, **destination.environment}
    return program("copy", *flags, "--format", "json", *arguments, code=code, env=environment).report


@pytest.mark.parametrize("seed", range(3))
def test_what_mlflow_registered_is_the_same_in_the_copy(seed, program, source, any_registry):
    point_at = (mlflow.get_tracking_uri(), mlflow.get_registry_uri())
    use_mlflow(source.uri, source.uri)
    made = fill(source, seed)
    original = contents(made)
    use_mlflow(*point_at)
    to = ["--to-schema", any_registry.schema]
    before = any_registry.written()
    dry = copy(program, source, any_registry, "--dry-run", *to)
    assert dry["command"] == "copy" and dry["plan"]["create"] == 4 and any_registry.written() == before
    report = copy(program, source, any_registry, *to)
    assert report["summary"]["created"] == 4 and report["job"] is None
    renamed = contents(made, lambda name: name.replace(source.schema, any_registry.schema))
    assert renamed == original
    before = any_registry.written()
    again = copy(program, source, any_registry, *to)
    assert again["summary"]["unchanged"] == 4 and any_registry.written() == before


def test_an_alias_alone_is_taken_to_another_schema(program, any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["staging"], schema=any_registry.schema)
    job.add("a", "one {{x}}")
    job.add("b", "two {{x}}")
    any_registry.run(job.write())
    any_registry.run(job.path, "--from", "staging", "--to", "production", "--select", "a", command="promote")
    job.add("a", "later {{x}}")
    any_registry.run(job.write())
    target = any_registry.schema + "_prod"
    if any_registry.kind == "unity":
        any_registry.stand_in.add_schema(f"main.{target}")
    flags = ["--to-schema", target, "--alias", "production"]
    report = copy(program, any_registry, any_registry, *flags)
    assert [prompt["full_name"] for prompt in report["prompts"]] == [f"main.{target}.prompt_a"]
    loaded = any_registry.load(f"main.{target}.prompt_a@production")
    assert loaded["template"] == "one {{x}}" and loaded["version"] == 1
    before = any_registry.written()
    again = copy(program, any_registry, any_registry, *flags)
    assert again["summary"]["unchanged"] == 1, again["prompts"]
    assert any_registry.written() == before
    flags = ["--to-schema", target, "--select", "*_b"]
    assert copy(program, any_registry, any_registry, *flags)["summary"]["created"] == 1
    assert any_registry.load(f"main.{target}.prompt_b@staging")["template"] == "two {{x}}"


def test_a_prompt_of_another_job_has_to_be_adopted(program, source, any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["staging"], schema=source.schema)
    job.add("a", "one {{x}}")
    source.run(job.write())
    other = JobFolder(tmp_path / "other", aliases=["production"], schema=any_registry.schema, job="other")
    other.add("a", "the other's {{x}}")
    any_registry.run(other.write())
    to = ["--to-schema", any_registry.schema]
    before = any_registry.written()
    for flags in (["--dry-run"], []):
        prompt = copy(program, source, any_registry, *to, *flags, code=1)["prompts"][0]
        assert (prompt["error"]["code"], prompt["previous_job"]) == ("other-job", "other")
        assert "'other' registered this prompt" in prompt["error"]["message"]
        assert any_registry.written() == before
    assert copy(program, source, any_registry, *to, "--adopt")["prompts"][0]["previous_job"] == "other"
    name = other.full_name("a")
    assert any_registry.aliases(name, "staging", "production") == {"staging": 2, "production": 1}
    assert any_registry.run(other.path, code=1)["prompts"][0]["error"]["code"] == "other-job"
    assert copy(program, source, any_registry, *to)["summary"]["unchanged"] == 1


def test_a_copy_that_stopped_is_completed(program, source, any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=source.schema)
    for text in ("one", "two"):
        for name in ("a", "b"):
            job.add(name, text)
        source.run(job.write())
    to = ["--to-schema", any_registry.schema]
    name = f"main.{any_registry.schema}.prompt_b"
    any_registry.break_creation(name)
    report = copy(program, source, any_registry, *to, code=None)
    assert report["status"] == "failed"
    any_registry.heal(name)
    assert any_registry.aliases(name.replace("prompt_b", "prompt_a"), "production") == {}
    copy(program, source, any_registry, *to)
    for prompt in (name, name.replace("prompt_b", "prompt_a")):
        assert any_registry.versions(prompt) == [1, 2]
        assert any_registry.aliases(prompt, "production") == {"production": 2}


def test_the_source_is_only_read(program, source, any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=source.schema)
    job.add("a", "one")
    source.run(job.write())
    before = tree(source.folder)
    copy(program, source, any_registry, "--to-schema", any_registry.schema)
    assert tree(source.folder) == before


def test_a_schema_without_prompts_is_told_of(program, source, any_registry):
    is_absent = any_registry.uri.startswith("file:")
    done = program(
        *("copy", "--from", any_registry.uri, "--to", source.uri, "--format", "json"),
        *("--catalog", "main", "--schema", any_registry.schema), code=69 if is_absent else 1,
        env=any_registry.environment,
    )  # fmt: skip
    assert json.loads(done.out)["error"]["code"] == ("not-a-registry" if is_absent else "not-found")
    assert ("there is no registry in" if is_absent else "there are no such prompts") in done.err


def test_the_requests_to_the_source_are_counted(program, source, remote, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=remote.schema)
    job.add("a", "one")
    remote.run(job.write())
    done = program(
        *("copy", "--from", remote.uri, "--to", source.uri, "--catalog", "main", "--schema", remote.schema),
        *("--format", "json", "--verbose"), env=remote.environment,
    )  # fmt: skip
    sent = [line for line in done.err.splitlines() if line.startswith(("GET ", "POST "))]
    assert done.report["requests"] == len(sent) > 0


def test_nothing_is_made_where_there_is_nothing_to_copy_from(program, tmp_path):
    where = ("--catalog", "main", "--schema", "s")
    done = program("copy", "--from", tmp_path / "absent", "--to", tmp_path / "new", *where, code=69)
    assert "there is no registry in" in done.err and not (tmp_path / "new").exists()
