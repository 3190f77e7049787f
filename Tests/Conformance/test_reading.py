"""What list, show, diff and load say is what MLflow's own client finds in every registry."""

import datetime
import json

import jinja2.meta
import pytest
from jobs import awkward_job
from mlflow_registry import describe, mlflow, settle
from registries import requests_by_kind
from test_every_registry import small_job

ALIASES = ("production", "staging")
MESSAGE = "Ünïcode: a \"message\"\nof two lines"


@pytest.fixture
def job(tmp_path, any_registry):
    return three_versions(tmp_path, any_registry)


@pytest.fixture
def remote_job(tmp_path, remote):
    return three_versions(tmp_path, remote)


def three_versions(folder, registry):
    """Three prompts, of which one has a second version that staging serves, and a third with an alias of its own."""
    job = small_job(folder, registry)
    registry.run(job.path)
    for text, alias in (("Two {{name}} {{ place }}", "staging"), ("{{Three}}\r\n\n ", "new")):
        job.add("greeting", text, tags={"team": "platform"}, description="Greets.")
        registry.run(job.write(), "--alias", alias, "--select", "greeting", "--message", MESSAGE)
    return job


def view(registry, *arguments, code: int = 0):
    """What a command that changes nothing prints; as bytes, so that nothing is translated."""
    before = registry.written()
    ended = registry.program(*arguments, "--registry", registry.uri, env=registry.environment, code=code)
    assert registry.written() == before, f"{arguments[0]} wrote to the registry"
    return ended


def shown(registry, *arguments):
    """The same as JSON."""
    return json.loads(view(registry, *arguments, "--format", "json").out)


def found_by_search(registry, schema: str) -> dict:
    """The prompts that MLflow's own client finds in a schema, by name."""
    if registry.kind == "unity":
        filter_string = f"catalog = 'main' AND schema = '{schema}'"
        # A search of Unity Catalog leaves tags out.
        names = [each.name for each in mlflow.genai.search_prompts(filter_string)]
        prompts = [mlflow.MlflowClient().get_prompt(name) for name in names]
    else:
        prompts = mlflow.genai.search_prompts(max_results=1000)
    return {each.name: each for each in prompts if each.name.startswith(f"main.{schema}.")}


def loaded(uri: str):
    """A version as MLflow's own client loads it."""
    version = mlflow.genai.load_prompt(uri, cache_ttl_seconds=0)
    settle()
    return version


def milliseconds(time) -> int:
    """A time of MLflow's client, which for Unity Catalog is a protobuf message."""
    return time if isinstance(time, int) else time.ToMilliseconds()


def variables(version) -> list[str]:
    """What has to be filled in: MLflow's own list misses what Jinja2 reads in tags and before filters."""
    text = version.template
    if isinstance(text, str) and "{%" in text and "%}" in text:
        return sorted(jinja2.meta.find_undeclared_variables(jinja2.Environment().parse(text)))
    return sorted(version.variables)


def check_version(registry, version: dict, mlflows) -> None:
    """Compares a version with the one that MLflow's client loaded."""
    expected = describe(mlflows)
    found = {name: version[name] for name in ("version", "template", "tags", "model_config", "response_format")}
    assert found == {name: expected[name] for name in found}
    assert version["name"] == mlflows.name and version["uri"] == mlflows.uri
    assert (version["kind"] == "text") == mlflows.is_text_prompt
    assert version["variables"] == variables(mlflows)
    # Without a message, the registries differ in what MLflow makes of there being none.
    assert (version["description"] or None) == (mlflows.commit_message or None)
    created = datetime.datetime.fromisoformat(version["created_at"])
    assert round(created.timestamp() * 1000) == milliseconds(mlflows.creation_timestamp)
    if registry.kind != "unity":
        # A version of Unity Catalog's names no aliases.
        assert version["aliases"] == sorted(mlflows.aliases)


def test_list_has_what_a_search_finds(job, any_registry):
    scope = ("--catalog", "main", "--schema", any_registry.schema)
    prompts = shown(any_registry, "list", *scope)["prompts"]
    found = found_by_search(any_registry, any_registry.schema)
    assert [each["name"] for each in prompts] == sorted(found)
    for each in prompts:
        expected = found[each["name"]]
        assert (each["description"] or "") == (expected.description or "")
        # The journal of alias moves is what history shows.
        tags = {key: value for key, value in expected.tags.items() if key != "promptreg_alias_log"}
        assert each["tags"] == tags
        assert each["aliases"] == any_registry.aliases(each["name"], *ALIASES, "new")
        newest = loaded(f"prompts:/{each['name']}/{max(any_registry.versions(each['name']))}")
        assert (each["version"], each["uri"]) == (newest.version, newest.uri)
        assert each["variables"] == sorted(newest.variables)


def test_list_shows_what_an_alias_serves(job, any_registry):
    scope = ("--catalog", "main", "--schema", any_registry.schema)
    for alias in (*ALIASES, "new"):
        prompts = shown(any_registry, "list", *scope, "--alias", alias)["prompts"]
        for each in prompts:
            served = loaded(f"prompts:/{each['name']}@{alias}")
            assert (each["version"], each["variables"]) == (served.version, sorted(served.variables))
        assert len(prompts) == (1 if alias == "new" else 3)
    assert shown(any_registry, "list", *scope, "--alias", "nobody")["prompts"] == []


def test_list_shows_a_job_with_what_is_not_registered(job, any_registry):
    job.add("later", "Later {{x}}")
    flags = ("--schema", any_registry.schema)
    prompts = shown(any_registry, "list", job.write(), *flags)["prompts"]
    assert [each["name_in_job"] for each in prompts] == ["greeting", "farewell", "shape", "later"]
    assert [each["version"] for each in prompts] == [3, 1, 1, None]
    assert [each["registered"] for each in prompts] == [True, True, True, False]


def test_a_schema_without_prompts_is_empty(any_registry):
    scope = ("--catalog", "main", "--schema", any_registry.schema)
    assert shown(any_registry, "list", *scope)["prompts"] == []


def test_unity_catalog_lists_by_schema_only(unity):
    for scope in ([], ["--catalog", "main"], ["--schema", unity.schema]):
        assert "schema" in view(unity, "list", *scope, code=64).err


def test_show_has_every_version(job, any_registry):
    name = job.full_name("greeting")
    prompt = shown(any_registry, "show", name)
    assert [each["version"] for each in prompt["versions"]] == [3, 2, 1]
    assert prompt["aliases"] == {"production": 1, "staging": 2, "new": 3}
    for each in prompt["versions"]:
        check_version(any_registry, each, loaded(f"prompts:/{name}/{each['version']}"))
        assert shown(any_registry, "show", f"{name}/{each['version']}") == each
    text = view(any_registry, "show", name).out
    assert MESSAGE.replace("\n", "\\n") in text and "promptreg_" not in text


@pytest.mark.parametrize("reference", ["", "@latest", "@production", "@staging", "/1", "/3"])
def test_load_is_what_mlflow_loads(reference, job, any_registry):
    for name in map(job.full_name, ("greeting", "farewell")):
        if name.endswith("farewell") and reference == "/3":
            continue
        # Unity Catalog has no alias `latest`, which MLflow's client asks it for.
        newest = max(any_registry.versions(name))
        known = f"/{newest}" if any_registry.kind == "unity" and reference in ("", "@latest") else reference
        version = loaded(f"prompts:/{name}{known}" if known else name)
        for uri in (f"prompts:/{name}{reference}", f"{name}{reference}"):
            text = view(any_registry, "load", uri).out
            assert (text if version.is_text_prompt else json.loads(text)) == version.template
            check_version(any_registry, shown(any_registry, "load", uri), version)


def test_load_takes_as_few_requests_as_there_are(remote_job, remote):
    name = remote_job.full_name("greeting")
    # Unity Catalog does not say with a prompt what its newest version is.
    for uri, most in ((f"{name}/1", 1), (f"{name}@production", 2), (f"{name}@latest", 1)):
        remote.proxy.clear()
        view(remote, "load", uri)
        reads, writes = requests_by_kind(remote.proxy.requests)
        assert writes == 0 and 0 < reads <= most + (remote.kind == "unity"), uri


def test_awkward_texts_are_loaded_byte_for_byte(tmp_path, any_registry):
    job = awkward_job(tmp_path / "awkward", seed=41, lone_returns=False)
    job.spec["schema"] = any_registry.schema
    for name in job.expected:
        job.expected[name].full_name = job.full_name(name)
    # Unity Catalog takes no such key, and an alias of its own rules.
    job.spec["prompts"]["chat_awkward"]["tags"] = {"team": "platform"}
    any_registry.run(job.write())
    for prompt in list(job.expected.values())[::3]:
        version = loaded(f"prompts:/{prompt.full_name}/1")
        target = tmp_path / prompt.full_name
        view(any_registry, "load", f"{prompt.full_name}/1", "--output", target)
        if version.is_text_prompt:
            assert target.read_bytes() == version.template.encode()
        check_version(any_registry, shown(any_registry, "load", f"{prompt.full_name}/1"), version)


def test_diff_tells_two_versions_apart(job, any_registry):
    name = job.full_name("greeting")
    report = shown(any_registry, "diff", f"{name}@production", f"{name}@staging")
    (only,) = report["prompts"]
    assert report["differ"] and only["differences"] == ["template"]
    assert (only["from"], only["to"]) == (f"prompts:/{name}/1", f"prompts:/{name}/2")
    assert only["variables"] == {"added": ["place"], "removed": []}
    assert "-Hello {{name}}\n+Two {{name}} {{ place }}\n" in only["diff"]
    view(any_registry, "diff", f"{name}/1", f"{name}/2", "--detailed-exitcode", code=2)
    view(any_registry, "diff", f"{name}/2", f"{name}@staging", "--detailed-exitcode", code=0)


def test_diff_of_a_job_is_empty_after_a_run(job, any_registry):
    flags = ("--schema", any_registry.schema)
    view(any_registry, "diff", job.path, *flags, "--detailed-exitcode", code=0)
    job.add("shape", "{{q}}", response_format={"type": "object", "properties": {"b": {"type": "string"}}})
    job.add("later", "Later {{x}}")
    report = json.loads(
        view(any_registry, "diff", job.write(), *flags, "--detailed-exitcode", "--format", "json", code=2).out
    )
    assert [each["differences"] for each in report["prompts"]] == [[], [], ["response_format"], ["template"]]


def test_what_is_not_there_is_told_with_what_is(job, any_registry):
    name = job.full_name("greeting")
    for command in ("show", "load"):
        assert f"did you mean '{name}'?" in view(any_registry, command, name[:-1] + "@staging", code=1).err
        assert "did you mean 'staging'?" in view(any_registry, command, f"{name}@stagin", code=1).err
        assert "its newest version is 3" in view(any_registry, command, f"{name}/9", code=1).err
    assert "did you mean" in view(any_registry, "history", name[:-1], code=1).err
    view(any_registry, "diff", f"{name}/1", f"{name}/9", code=1)
    told = view(any_registry, "show", f"main.{any_registry.schema}.nothing_like_it", code=1).err
    assert f"promptreg list --registry {any_registry.uri} shows the existing prompts" in told


def test_a_registry_that_refuses_or_is_not_there(remote_job, remote):
    name = remote_job.full_name("greeting")
    remote._refuse(lambda request: True)
    for arguments in (["show", name], ["load", name], ["list", "--catalog", "main", "--schema", remote.schema]):
        assert view(remote, *arguments, code=77).out == ""
    remote.proxy.clear()
    ended = remote.program("load", name, "--registry", "http://127.0.0.1:9", "--timeout", "1s", code=69)
    assert ended.out == ""
