"""The core of what holds on every server, on servers of several versions of MLflow."""

import json

import pytest
from jobs import JobFolder
from program import actions
from version_server import WITH_PROMPTS

CHAT = [{"role": "system", "content": "Be brief: {{style}}"}, {"role": "user", "content": "質問 {{question}}"}]
SHORT = 5_000


@pytest.fixture(params=WITH_PROMPTS, scope="session")
def server(request, start):
    """A server of each version."""
    return start(request.param)


@pytest.fixture
def schema(request) -> str:
    """A schema that only this test uses."""
    return "".join(letter if letter.isalnum() else "_" for letter in request.node.name)


@pytest.fixture
def job(tmp_path, schema):
    return JobFolder(tmp_path / "job", schema=schema, aliases=["production", "staging"])


@pytest.fixture
def run(program, server, tmp_path):
    """Runs a command on the server: its report, and what else it says."""

    def run(command, *arguments, code=0):
        flags = ["--registry", server.url, "--format", "json"]
        ended = program(command, *arguments, *flags, code=code, env={"HOME": str(tmp_path)})
        return json.loads(ended.out), ended.err

    return run


def whole_job(job: JobFolder) -> JobFolder:
    """A job with everything that a prompt can have."""
    job.add("text", "Dear {{name}}, ä€𝔸\n\n  indented \n", description="What it's \"for\"", tags={"team": "a: b"})
    job.add("chat", CHAT, tags={"empty": "", "with.dots-1": "x"}, aliases=["only-here"])
    job.add(
        "settings",
        "Answer {{x}}.\n",
        model_config={"model_name": "gpt", "temperature": 0.2, "stop_sequences": ["\n"]},
        response_format={"type": "object", "properties": {"größe": {"type": "string"}}},
    )
    job.write()
    return job


def check_stored(server, job: JobFolder, number: int = 1) -> None:
    """Compares what the server holds with what the job says."""
    for expected in job.expected.values():
        model = server.model(expected.full_name)
        version = server.versions(expected.full_name)[number]["tags"]
        assert model["aliases"] == {alias: number for alias in expected.aliases}
        assert (model["description"] or None) == expected.description
        assert model["tags"] == {**expected.tags, "mlflow.prompt.is_prompt": "true"}
        text, is_chat = version.pop("mlflow.prompt.text"), isinstance(expected.template, list)
        assert (json.loads(text) if is_chat else text) == expected.template
        assert version.pop("_mlflow_prompt_type") == ("chat" if is_chat else "text")
        for key, value in [("response_format", expected.response_format), ("model_config", expected.model_config)]:
            assert json.loads(version.pop(f"_mlflow_prompt_{key}", "null")) == value
        assert version == {**expected.tags, "mlflow.prompt.is_prompt": "true"}


def test_what_is_registered_is_stored_and_a_second_run_changes_nothing(server, job, run):
    report, _ = run("run", whole_job(job).path, "--message", "First: ä")
    assert set(actions(report).values()) == {"create"} and report["summary"]["created"] == 3
    check_stored(server, job)
    messages = [server.versions(job.full_name(name))[1]["message"] for name in job.expected]
    assert messages == ["First: ä"] * 3
    report, errors = run("run", job.path)
    assert report["summary"]["unchanged"] == 3 and errors == ""
    report, _ = run("plan", job.path, "--detailed-exitcode")
    assert set(actions(report).values()) == {"unchanged"}


def test_a_change_makes_a_version_and_moves_the_aliases(server, job, run):
    whole_job(job)
    run("run", job.path)
    job.add("text", "Changed {{name}}\n", description="Changed", tags={"team": "b"})
    job.add("chat", CHAT, tags={"empty": "no longer", "with.dots-1": "x"}, aliases=["only-here"])
    report, _ = run("run", job.write())
    assert actions(report) == {"text": "update", "chat": "retag", "settings": "unchanged"}
    name = job.full_name("text")
    assert sorted(server.versions(name)) == [1, 2]
    assert server.versions(name)[2]["tags"]["mlflow.prompt.text"] == "Changed {{name}}"
    assert server.model(name)["aliases"] == {"production": 2, "staging": 2}
    assert server.model(name)["description"] == "Changed"
    chat = job.full_name("chat")
    assert server.versions(chat)[1]["tags"]["empty"] == server.model(chat)["tags"]["empty"] == "no longer"


def test_promotes_and_rolls_back(server, job, run, tmp_path):
    job.spec["aliases"] = ["staging"]
    job.add("one", "One {{x}}")
    job.add("two", "Two {{x}}")
    run("run", job.write())
    run("promote", job.path, "--from", "staging", "--to", "production")
    job.add("one", "One, changed {{x}}")
    run("run", job.write())
    run("promote", job.path, "--from", "staging", "--to", "production", "--report", tmp_path / "promoted.json")
    one, two = job.full_name("one"), job.full_name("two")
    assert server.model(one)["aliases"] == {"staging": 2, "production": 2}
    run("rollback", "--from-report", tmp_path / "promoted.json")
    assert server.model(one)["aliases"] == {"staging": 2, "production": 1}
    assert server.model(two)["aliases"] == {"staging": 1, "production": 1}
    run("rollback", job.path, "--alias", "staging", "--to", "1")
    assert server.model(one)["aliases"] == {"staging": 1, "production": 1}


def test_reads_what_is_registered(server, job, run, program, schema, tmp_path):
    job.spec["aliases"] = ["production"]
    for index in range(20):
        job.add(f"p{index}", f"Text {index} {{{{x}}}}\r\nend\n\n")
    report, _ = run("run", job.write())
    assert report["summary"]["created"] == 20
    report, _ = run("run", job.path)
    assert report["summary"]["unchanged"] == 20
    listed, _ = run("list", "--catalog", "main", "--schema", schema)
    assert {prompt["name"] for prompt in listed["prompts"]} == {job.full_name(name) for name in job.expected}
    uri = f"prompts:/{job.full_name('p7')}@production"
    loaded = program("load", uri, "--registry", server.url, env={"HOME": str(tmp_path)})
    assert loaded.out == job.expected["p7"].template
    folder = tmp_path / "adopted"
    run("import", "--catalog", "main", "--schema", schema, "--into", folder)
    report, _ = run("plan", *folder.glob("jobs/*.yaml"), "--detailed-exitcode")
    assert set(actions(report).values()) == {"unchanged"} and len(report["prompts"]) == 20


# What a version holds and shows


LONG = {
    "text": {"content": "ä" * SHORT},
    "tag 'note'": {"tags": {"note": "ä" * SHORT}},
    "response_format": {"response_format": {"description": "ä" * SHORT}},
    "model_config": {"model_config": {"model_name": "m", "note": "ä" * SHORT}},
}


@pytest.mark.parametrize("field", LONG)
def test_a_value_that_is_too_long_for_a_version_is_refused_at_plan_time(server, job, run, field):
    settings = dict(LONG[field])
    text = settings.pop("content", "Text {{x}}")
    job.add("long", text + "{{x}}", **{**settings, **({"tags": {"note": "ä" * SHORT + "ä"}} if "note" in field else {})})
    job.add("short", "ä" * SHORT)
    job.write()
    name = job.full_name("long")
    if server.version >= (3, 0):
        run("run", job.path)
        check_stored(server, job)
        return
    for command in ("plan", "run"):
        report, _ = run(command, job.path, code=65)
        error = next(prompt for prompt in report["prompts"] if prompt["name"] == "long")["error"]
        assert error["code"] == "invalid-value"
        assert error["message"].startswith(f"{field} has ") and "at most 5000 characters" in error["message"]
        assert "MLflow 2.22" in error["message"] and "3.0 or later" in error["hint"]
    assert server.model(name) is None and server.model(job.full_name("short")) is None
    del job.spec["prompts"]["long"], job.expected["long"]
    run("run", job.write())
    check_stored(server, job)


@pytest.mark.parametrize("field", ["description", "commit message"])
def test_a_value_that_some_databases_do_not_hold_is_warned_of(server, job, run, field):
    long = "ä" * (SHORT + 1)
    job.add("long", "Text {{x}}", **({"description": long} if field == "description" else {}))
    message = ["--message", long] if field == "commit message" else []
    _, errors = run("run", job.write(), *message)
    assert f"{field} has more than 5000 characters: {job.full_name('long')}" in errors
    assert "PostgreSQL" in errors and "shorten" in errors
    # SQLite holds it.
    check_stored(server, job)
    _, errors = run("run", job.path)
    assert errors == ""


def test_what_clients_of_its_age_do_not_show_is_warned_of(server, job, run):
    _, errors = run("plan", whole_job(job).path)
    warnings = [line for line in errors.splitlines() if line.startswith("warning: MLflow")]
    about = {
        "chat prompts": ("chat", (3, 4)),
        "response_format": ("settings", (3, 4)),
        "model_config": ("settings", (3, 9)),
    }
    expected = {what: since for what, since in about.items() if server.version < since[1]}
    assert len(warnings) == len(expected), errors
    for what, (name, (major, minor)) in expected.items():
        line = next(line for line in warnings if f"shows {what}" in line)
        assert job.full_name(name) in line and f"MLflow {major}.{minor} or later" in line


def test_doctor_says_what_the_version_does_not_do(server, run):
    report, _ = run("doctor")
    check = next(check for check in report if check["check"] == "server")
    says = check["message"]
    assert says.startswith(f"MLflow {server.version[0]}.{server.version[1]}.")
    assert ("5000 characters" in says) == (server.version < (3, 0))
    assert ("chat prompts" in says) == (server.version < (3, 4))
    assert ("model_config" in says) == (server.version < (3, 9))
    assert check["status"] == ("warn" if server.version < (3, 9) else "ok")


def test_traces_that_a_version_cannot_search_are_told_with_the_version_that_can(program, start, job, tmp_path):
    """MLflow 3.1 keeps traces, and has no API to search them."""
    server = start("3.1")
    job.add("greet", "Hello {{name}}")
    flags = ["--registry", server.url]
    environment = {"HOME": str(tmp_path)}
    program("run", job.write(), *flags, env=environment)
    job.add("greet", "Hi {{name}}")
    program("run", job.write(), *flags, "--alias", "staging", env=environment)
    for command in (["traces"], ["promote", "--from", "staging", "--to", "production", "--require", "errors <= 1%"]):
        ended = program(*command, job.path, *flags, code=None, env=environment)
        assert ended.code != 0
        assert "MLflow 3.1.4 has no API that finds the traces of a prompt" in ended.err
        assert "3.2 or later" in ended.err and "404" not in ended.err
