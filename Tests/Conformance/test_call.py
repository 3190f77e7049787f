"""`promptreg call`: what a model is sent and what comes of its answer; MLflow's own client reads the trace back."""

import json

import pytest
from jobs import JobFolder
from mlflow_registry import mlflow
from model_endpoints import LiteLLM, ScriptedEndpoint, said

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


@pytest.fixture(scope="module")
def litellm(tmp_path_factory):
    """LiteLLM's proxy, started once."""
    proxy = LiteLLM(tmp_path_factory.mktemp("litellm"))
    yield proxy
    proxy.stop()


@pytest.fixture
def endpoint():
    """An endpoint that does what a test says."""
    scripted = ScriptedEndpoint()
    yield scripted
    scripted.shutdown()


def registered(registry, folder, **settings) -> str:
    """Registers a prompt; its full name."""
    job = JobFolder(folder / "job", aliases=["production"], schema=registry.schema)
    job.add("greet", "Hello {{name}}", **settings)
    registry.run(job.write())
    return f"main.{registry.schema}.prompt_greet"


@pytest.mark.parametrize("kind", ["server", "folder"])
def test_a_call_is_answered_and_traced(program, litellm, kind, request, tmp_path):
    registry = request.getfixturevalue(kind)
    name = registered(registry, tmp_path, model_config={"model_name": "small"})
    experiment = f"calls of {registry.schema}"
    environment = {"OPENAI_BASE_URL": litellm.url, "OPENAI_API_KEY": litellm.key}
    flags = ["--registry", registry.uri, "--experiment", experiment, "--format", "json"]
    ended = program("call", f"{name}@production", "--set", "name=Ada", *flags, env=environment)
    answer = ended.report
    assert answer["output"] == "It is 42."
    assert answer["prompt"] == {"name": name, "version": 1, "uri": f"prompts:/{name}/1"}
    assert answer["model"] and answer["tokens"]["total"] == answer["tokens"]["input"] + answer["tokens"]["output"]
    assert litellm.key not in ended.out + ended.err
    # LiteLLM says in a header what the model's tokens cost.
    assert 0 < answer["cost"] < 0.001

    number = mlflow.get_experiment_by_name(experiment).experiment_id
    (trace,) = mlflow.search_traces(locations=[number], return_type="list")
    assert trace.info.trace_id == answer["trace"]["id"] and trace.info.state.value == "OK"
    assert isinstance(trace.info.execution_duration, int)
    within = {"filter_string": "trace.execution_time_ms < 1000000", "return_type": "list"}
    assert len(mlflow.search_traces(locations=[number], **within)) == 1
    assert trace.info.tags[f"promptreg.prompt.{name}"] == "1"
    (span,) = trace.data.spans
    assert span.inputs == {"messages": [{"role": "user", "content": "Hello Ada"}]} and span.outputs == "It is 42."
    assert trace.info.token_usage["total_tokens"] == answer["tokens"]["total"]
    assert trace.info.cost["total_cost"] == answer["cost"] == span.attributes["mlflow.llm.cost"]["total_cost"]
    if kind == "folder":
        assert answer["trace"]["url"] is None
        return
    url = f"{registry.uri}/#/experiments/{number}/traces?selectedEvaluationId={trace.info.trace_id}"
    assert answer["trace"]["url"] == url
    found = mlflow.search_traces(locations=[number], filter_string=f"prompt = '{name}/1'", return_type="list")
    assert [each.info.trace_id for each in found] == [trace.info.trace_id]


def test_a_wrong_key_is_told(program, litellm, tmp_path):
    (tmp_path / "a.md").write_text("Hello")
    flags = ["--model", "small", "--endpoint", litellm.url, "--registry", f"file:{tmp_path}/mlruns", "--no-trace"]
    ended = program("call", tmp_path / "a.md", *flags, code=None, env={"OPENAI_API_KEY": "sk-wrong-key"})
    assert ended.code != 0 and ended.out == "" and "the model's endpoint answered" in ended.err
    assert "sk-wrong-key" not in ended.err


def test_what_a_model_is_sent(program, endpoint, folder, tmp_path):
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}}
    settings = {"model_name": "big", "temperature": 0.2, "stop_sequences": ["END"], "extra_params": {"seed": 7}}
    name = registered(folder, tmp_path, model_config=settings, response_format=schema)
    endpoint.answers = [said("yes", usage=USAGE, model="big-1"), said("no\n")]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url]
    ended = program("call", f"prompts:/{name}/1", "--set", "name=Ada", *flags, "--format", "json")
    assert ended.report["tokens"] == {"input": 7, "output": 3, "total": 10} and ended.report["model"] == "big-1"
    ended = program("call", f"prompts:/{name}/1", "--set", "name=Ada", *flags, "--model", "other", "--no-trace")
    assert ended.out == "no\n"
    first, second = endpoint.asked
    assert first == {
        "model": "big",
        "messages": [{"role": "user", "content": "Hello Ada"}],
        "temperature": 0.2,
        "stop": ["END"],
        "seed": 7,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}},
    }
    assert second == first | {"model": "other"}
    assert len(mlflow.search_traces(locations=["0"], return_type="list")) == 1


def test_a_chat_prompt_keeps_its_roles(program, endpoint, tmp_path):
    chat = tmp_path / "a.chat.yaml"
    chat.write_text("- {role: system, content: 'Be {{tone}}.'}\n- {role: user, content: 'Hello'}\n")
    endpoint.answers = [said("Hi")]
    flags = ["--endpoint", endpoint.url, "--model", "m", "--no-trace", "--registry", f"file:{tmp_path}/mlruns"]
    assert program("call", chat, "--set", "tone=kind", *flags).out == "Hi\n"
    assert [each["role"] for each in endpoint.asked[0]["messages"]] == ["system", "user"]
    assert not (tmp_path / "mlruns").exists()


TOOLS = [{"id": "1", "type": "function", "function": {"name": "search", "arguments": "{}"}}]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([(500, {"error": {"message": "no GPU"}})] * 3, "the model's endpoint answered 500: no GPU (3 attempts)"),
        ([(200, None)] * 3, "broke"),
        ([(200, {"error": {"message": "no credit", "code": 402}})], "answered with an error: no credit"),
        ([(200, "what?")], "the answer of the model's endpoint cannot be understood"),
        ([(200, {"choices": []})], "answered without a message"),
        ([said(None, usage=USAGE)], "the model's answer has no text"),
        ([(200, {"choices": [{"message": {"content": None, "tool_calls": TOOLS}}]})], "tools to be called: search"),
        ([(200, {"choices": [{"message": {"content": None, "refusal": "I may not"}}]})], "refuses to answer: I may not"),
    ],
)
def test_an_answer_that_is_none_is_told_and_traced(program, endpoint, folder, tmp_path, answers, told):
    name = registered(folder, tmp_path)
    endpoint.answers = list(answers)
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m"]
    ended = program("call", f"{name}@production", "--set", "name=Ada", *flags, code=None)
    assert ended.code != 0 and ended.out == "" and told in ended.err
    assert endpoint.answers == []
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    assert trace.info.state.value == "ERROR" and trace.info.tags[f"promptreg.prompt.{name}"] == "1"
    # Who reads JSON is told the same.
    endpoint.answers = list(answers)
    failed = program("call", f"{name}@production", "--set", "name=Ada", *flags, "--format", "json", code=ended.code)
    assert told in failed.report["error"]["message"] and failed.report["output"] is None
    assert failed.report["prompt"]["version"] == 1 and failed.report["model"] == "m"
    assert failed.report["trace"]["id"] != trace.info.trace_id


def test_what_is_no_answer_has_its_tokens(program, endpoint, folder, tmp_path):
    name = registered(folder, tmp_path)
    endpoint.answers = [(200, {"choices": [{"message": {"content": None, "tool_calls": TOOLS}}], "usage": USAGE})]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m", "--price", "3,15"]
    failed = program("call", f"{name}@production", "--set", "name=Ada", *flags, "--format", "json", code=None)
    assert failed.code != 0 and failed.report["tokens"]["input"] == USAGE["prompt_tokens"] and failed.report["cost"] > 0
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    assert trace.info.token_usage["input_tokens"] == USAGE["prompt_tokens"]


def test_calls_of_a_prompts_own_tools_are_its_answer(program, endpoint, folder, tmp_path):
    tool = {"type": "function", "function": {"name": "search", "parameters": {"type": "object", "properties": {}}}}
    name = registered(folder, tmp_path, tools=[tool])
    endpoint.answers = [(200, {"choices": [{"message": {"content": None, "tool_calls": TOOLS}}], "usage": USAGE})]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m"]
    ended = program("call", f"{name}@production", "--set", "name=Ada", *flags)
    assert json.loads(ended.out) == [{"name": "search", "arguments": {}}]
    assert endpoint.asked[0]["tools"] == [tool]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["a.md", "--model", "m", "--endpoint", "http://127.0.0.1:9"], "unreachable", "nothing answers at"),
        (["a.md", "--endpoint", "http://127.0.0.1:9"], "invalid-value", "no model is named"),
        (["gone.md", "--model", "m"], "unreadable-template", "gone.md"),
        (["main.agent.prompt_gone/1", "--model", "m"], "not-a-registry", "there is no registry"),
    ],
)
def test_a_call_that_fails_early_is_json_too(program, tmp_path, arguments, code, told):
    (tmp_path / "a.md").write_text("Hello")
    flags = ["--registry", f"file:{tmp_path}/mlruns", "--no-trace", "--format", "json"]
    ended = program("call", *arguments, *flags, code=None, cwd=tmp_path)
    assert ended.code != 0 and ended.report["error"]["code"] == code and told in ended.report["error"]["message"]
    assert ended.report["output"] is None and ended.report["tokens"]["total"] is None and told in ended.err


def test_a_key_that_a_model_repeats_is_not_recorded(program, endpoint, folder, tmp_path):
    (tmp_path / "a.md").write_text("Hello {{name}}")
    key = "own-key-of-the-tests-17"
    endpoint.answers = [said(f"You sent {key}.")]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m", "--set", f"name={key}"]
    program("call", tmp_path / "a.md", *flags, env={"OPENAI_API_KEY": key})
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    (span,) = trace.data.spans
    assert span.inputs["messages"][0]["content"] == "Hello •••" and span.outputs == "You sent •••."
    assert not [path for path in folder.folder.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]


@pytest.mark.parametrize("command", [["call", "a.md"], ["traces", "a"], ["try", "a.yaml"], ["promote", "a.yaml"]])
def test_an_experiment_without_a_name_is_a_usage_error(program, command, tmp_path):
    ended = program(*command, "--experiment", "", code=64, cwd=tmp_path)
    assert "invalid value '' for '--experiment'" in ended.err


def test_an_endpoint_that_asks_to_wait_is_waited_for(program, endpoint, tmp_path):
    (tmp_path / "a.md").write_text("Hello")
    endpoint.answers = [(429, {"error": {"message": "slow down"}}), said("Hi")]
    flags = ["--endpoint", endpoint.url, "--model", "m", "--no-trace", "--registry", f"file:{tmp_path}/mlruns"]
    assert program("call", tmp_path / "a.md", *flags).out == "Hi\n"
    # A long wait is told of in a log, too.
    endpoint.answers = [(429, {"error": {"message": "slow down"}}, ("Retry-After", "6")), said("Hi")]
    ended = program("call", tmp_path / "a.md", *flags)
    assert ended.out == "Hi\n" and "waiting 6 s to try again: " in ended.err


def test_the_wait_for_an_endpoint_is_no_latency_of_the_model(program, endpoint, folder, tmp_path):
    (tmp_path / "a.md").write_text("Hello")
    endpoint.answers = [(429, {"error": {"message": "slow down"}}, ("Retry-After", "2")), said("Hi")]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m", "--format", "json"]
    assert program("call", tmp_path / "a.md", *flags).report["latency_ms"] < 1_000
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    assert trace.info.execution_duration < 1_000
    assert 2_000 <= trace.data.spans[0].get_attribute("promptreg.waited_ms") < 10_000


def test_the_wait_of_a_call_that_fails_for_good_is_no_latency_either(program, endpoint, folder, tmp_path):
    (tmp_path / "a.md").write_text("Hello")
    slow_down = (429, {"error": {"message": "slow down"}}, ("Retry-After", "2"))
    endpoint.answers = [slow_down, (500, {"error": {"message": "broken"}}), (400, {"error": {"message": "no"}})]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m", "--format", "json"]
    assert program("call", tmp_path / "a.md", *flags, code=None).report["latency_ms"] < 1_000
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    assert trace.info.state.value == "ERROR" and trace.info.execution_duration < 1_000
    assert 2_000 <= trace.data.spans[0].get_attribute("promptreg.waited_ms") < 10_000


@pytest.mark.parametrize(
    "cost, expected", [(0.00125, 0.00125), (0, 0), (None, None), (-1, None), ("much", None), ({"total": 1}, None)]
)
def test_a_cost_is_shown_where_the_answer_has_one(program, endpoint, folder, tmp_path, cost, expected):
    (tmp_path / "a.md").write_text("Hello")
    endpoint.answers = [said("yes", usage=USAGE | ({} if cost is None else {"cost": cost}))]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m", "--format", "json"]
    answer = program("call", tmp_path / "a.md", *flags).report
    assert answer["cost"] == expected and answer["tokens"]["total"] == 10
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    assert (trace.info.cost or {}).get("total_cost") == expected


def test_a_workspace_serves_models(program, unity, tmp_path):
    name = registered(unity, tmp_path, model_config={"model_name": "databricks-claude-sonnet-4-5"})
    flags = ["--registry", unity.uri, "--experiment", f"/Shared/calls-{unity.schema}", "--format", "json"]
    ended = program("call", f"{name}@production", "--set", "name=Ada", *flags, env=unity.environment)
    assert ended.report["output"] == "Hello Ada" and ended.err.count("warning") == 0
    (link,) = [each.body for each in unity.proxy.requests if each.path.endswith("/links-to-traces")]
    assert link["trace_ids"] == [ended.report["trace"]["id"]]
    assert ended.report["trace"]["url"].startswith(f"{unity.proxy.url}/ml/experiments/")


def test_a_trace_that_is_not_stored_is_told(program, endpoint, folder, tmp_path):
    (tmp_path / "a.md").write_text("Hello")
    endpoint.answers = [said("Hi")]
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m", "--format", "json"]
    ended = program("call", tmp_path / "a.md", *flags, env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})
    assert ended.report["output"] == "Hi" and ended.report["trace"] is None
    assert "a trace was not stored" in ended.err


def test_an_answer_that_was_cut_off_is_told(program, endpoint, folder, tmp_path):
    (tmp_path / "a.md").write_text("Hello")
    flags = ["--registry", folder.uri, "--endpoint", endpoint.url, "--model", "m", "--no-trace"]
    for reason, is_told in (("length", True), ("stop", False)):
        status, body = said("Once upon a")
        body["choices"][0]["finish_reason"] = reason
        endpoint.answers = [(status, body)]
        ended = program("call", tmp_path / "a.md", *flags)
        assert ended.out == "Once upon a\n"
        assert ("warning: the answer is not whole" in ended.err) is is_told
