"""The example of an agent answers a question with what is registered, and MLflow's own client reads the trace back."""

import subprocess
from pathlib import Path

import pytest
from mlflow_registry import mlflow, use_mlflow
from model_endpoints import ScriptedEndpoint, said

REPO = Path(__file__).resolve().parents[2]
NAMES = [
    "orchestrator", "intent_classifier", "synthesizer", "cost_worker", "security_worker", "performance_worker",
    "reliability_worker", "quality_worker",
]  # fmt: skip
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
DOMAINS = '{"domains": ["cost", "reliability"], "confidence": 0.9, "reasoning": "x"}'


@pytest.mark.parametrize("kind", ["server", "folder"])
def test_the_agent_is_traced_with_all_its_prompts(promptreg, kind, request, tmp_path):
    registry = request.getfixturevalue(kind)
    registry.run(REPO / "jobs/health_monitor.yaml")
    endpoint = ScriptedEndpoint()
    endpoint.answers = [said(DOMAINS, usage=USAGE), *[said("found", usage=USAGE)] * 2, said("It cost $9.", usage=USAGE)]
    experiment = f"monitor of {registry.schema}"
    environment = {
        "MLFLOW_REGISTRY_URI": registry.uri,
        "MLFLOW_EXPERIMENT_NAME": experiment,
        "AGENT_CATALOG": "main",
        "AGENT_SCHEMA": registry.schema,
        "OPENAI_BASE_URL": endpoint.url,
        "HEALTH_MONITOR_MODEL": "small",
    }
    program = Path(promptreg).with_name("HealthMonitor")
    done = subprocess.run(
        [program, "What did the failed runs cost?"], env=environment, capture_output=True, text=True, timeout=120
    )
    endpoint.shutdown()
    assert (done.stdout, done.stderr) == ("It cost $9.\n", "")
    assert "Output" in endpoint.asked[0]["messages"][0]["content"]
    assert "## cost\nfound\n\n## reliability\nfound" in endpoint.asked[3]["messages"][0]["content"]

    number = mlflow.get_experiment_by_name(experiment).experiment_id
    (trace,) = mlflow.search_traces(locations=[number], return_type="list")
    full = {name: f"main.{registry.schema}.prompt_{name}" for name in NAMES}
    assert {f"promptreg.prompt.{name}" for name in full.values()} <= set(trace.info.tags)
    assert trace.info.token_usage == {"input_tokens": 28, "output_tokens": 12, "total_tokens": 40}
    spans = {span.name: span for span in trace.data.spans}
    root = spans.pop("agent_predict")
    assert set(spans) == {"intent_classifier", "cost_worker", "reliability_worker", "synthesizer"}
    assert {span.parent_id for span in spans.values()} == {root.span_id}
    assert root.outputs == {"answer": "It cost $9."}
    for name, span in spans.items():
        assert span.span_type == "CHAT_MODEL"
        assert span.attributes["mlflow.linkedPrompts"] == [{"name": full[name], "version": "1"}]
    if kind == "folder":
        return
    for name in full.values():
        found = mlflow.search_traces(locations=[number], filter_string=f"prompt = '{name}/1'", return_type="list")
        assert [each.info.trace_id for each in found] == [trace.info.trace_id]


def test_the_agent_answers_without_a_registry(promptreg, tmp_path):
    endpoint = ScriptedEndpoint()
    endpoint.answers = [said('{"domains": []}'), said("I can help with five things.")]
    environment = {
        "MLFLOW_REGISTRY_URI": "http://127.0.0.1:9", "OPENAI_BASE_URL": endpoint.url, "HEALTH_MONITOR_MODEL": "small",
        "MLFLOW_TRACKING_URI": f"file:{tmp_path}/mlruns",
    }  # fmt: skip
    program = Path(promptreg).with_name("HealthMonitor")
    done = subprocess.run([program, "Hello"], env=environment, capture_output=True, text=True, timeout=120)
    endpoint.shutdown()
    assert done.stdout == "I can help with five things.\n"
    told = [line.split(" is the agent's own text: nothing answers at ")[0] for line in done.stderr.splitlines()]
    assert "warning: synthesizer" in told and len(told) == 8, done.stderr
    use_mlflow(f"file:{tmp_path}/mlruns", f"file:{tmp_path}/mlruns")
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    names = trace.info.tags["prompts_fallback"].split(",")
    attributes = {key: value for span in trace.data.spans for key, value in span.attributes.items()}
    assert len(names) == 8
    assert all("nothing answers" in attributes[f"prompts_fallback.{name}"] for name in names), attributes


def test_an_empty_setting_is_as_none(promptreg, tmp_path):
    environment = {"OPENAI_BASE_URL": "", "HEALTH_MONITOR_MODEL": "", "MLFLOW_REGISTRY_URI": f"file:{tmp_path}"}
    program = Path(promptreg).with_name("HealthMonitor")
    done = subprocess.run([program, "Hello"], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "no model is named" in done.stderr


@pytest.mark.parametrize("arguments", [[], [""], [" ", ""]])
def test_an_empty_question_is_a_usage_error(promptreg, arguments):
    program = Path(promptreg).with_name("HealthMonitor")
    done = subprocess.run([program, *arguments], env={}, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (64, "", "usage: HealthMonitor QUESTION\n")


def test_the_agent_can_be_copied_into_a_package_of_its_own(agent):
    assert (agent / "monitor").exists()
