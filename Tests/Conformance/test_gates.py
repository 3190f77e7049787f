"""Promotions that gates keep back, or let pass, on every registry."""

import json

from jobs import JobFolder
from made_traces import Agent, draw
from mlflow_registry import mlflow


def two_versions(registry, tmp_path) -> tuple[str, JobFolder]:
    """A prompt whose staging is ahead of its production, and its job."""
    job = JobFolder(tmp_path / "job", aliases=["production", "staging"], schema=registry.schema)
    job.add("greet", "Hello {{name}}")
    registry.run(job.write())
    job.add("greet", "Good morning {{name}}")
    registry.run(job.write(), "--alias", "staging")
    return f"main.{registry.schema}.prompt_greet", job


def promote(registry, path, *gates: str, more: tuple = (), code: int = 0) -> dict:
    flags = ["--from", "staging", "--to", "production", *(each for gate in gates for each in ("--require", gate)), *more]
    return registry.run(path, *flags, command="promote", code=code)


def test_a_gate_on_a_tag_keeps_back_or_lets_pass(any_registry, tmp_path):
    name, job = two_versions(any_registry, tmp_path)
    path = job.write()
    written = any_registry.written()
    report = promote(any_registry, path, "tag.promptreg_job = nobody", "tag.nothing = x", code=1)
    (prompt,) = report["prompts"]
    assert [gate["status"] for gate in prompt["gates"]] == ["failed", "no_data"]
    assert prompt["error"]["code"] == "gate-failed" and report["refused"]
    assert any_registry.written() == written, "a promotion that gates keep back wrote to the registry"
    assert any_registry.aliases(name, "production") == {"production": 1}

    job_name = json.loads(any_registry.program("show", f"{name}/2", "--registry", any_registry.uri, "--format", "json", env=any_registry.environment).out)["tags"]["promptreg_job"]
    report = promote(any_registry, path, f"tag.promptreg_job = {job_name}", "tag.nothing = x", more=("--allow-failed-gates", "urgent"))
    assert report["gate_override"] == "urgent" and any_registry.aliases(name, "production") == {"production": 2}
    flags = ["--registry", any_registry.uri, "--format", "json"]
    history = any_registry.program("history", name, *flags, env=any_registry.environment).report
    assert history[0]["gate_override"] == "urgent" and "tag.nothing = x: v2 has no such tag" in history[0]["evidence"]


def test_gates_on_traces_and_runs_of_a_server(server, tmp_path):
    name, job = two_versions(server, tmp_path)
    client = mlflow.MlflowClient()
    where = client.create_experiment(f"gated {server.schema}")
    made = draw(21, 40, [name])
    for each in made:
        each.is_error = each.versions[0][1] == 1
    Agent(server.server.url, where).store(made)
    run = client.create_run(where).info.run_id
    client.log_metric(run, "accuracy", 0.5)
    client.log_metric(run, "accuracy", 0.93)
    client.log_metric(run, "loss", float("nan"))
    (trace, *_) = mlflow.search_traces(locations=[where], filter_string=f"prompt = '{name}/2'", return_type="list")
    for value in (1, 0):
        mlflow.log_feedback(trace_id=trace.info.trace_id, name="q", value=value)
    server.environment["MLFLOW_TRACKING_URI"] = server.uri
    look = ("--experiment", where)
    bad = ("errors >= 1%", "traces >= 1 since 1d", f"run.{run} metrics.accuracy >= 0.95", f"run.{run[::-1]} metrics.accuracy >= 0", f"run.{run} metrics.loss <= 1", "feedback.q > 0.5")
    (prompt,) = promote(server, job.write(), *bad, more=look, code=1)["prompts"]
    assert [gate["status"] for gate in prompt["gates"]] == ["failed", "failed", "failed", "no_data", "no_data", "failed"]
    assert prompt["gates"][4]["evidence"] == "the metric is not a number"
    figures = [gate["figures"] for gate in prompt["gates"]]
    count = sum(each.versions[0][1] == 2 for each in made)
    assert figures[0] == {"value": 0, "base": None, "limit": 0.01, "count": count}
    assert figures[1]["limit"] == 1 and figures[1]["count"] is None
    # It is said twice of one trace.
    assert prompt["gates"][5]["evidence"] == f"0.500 in 2 assessments of {count} traces" and figures[5]["count"] == 2
    assert figures[2:4] == [{"value": 0.93, "base": None, "limit": 0.95, "count": None}, None]
    assert server.aliases(name, "production") == {"production": 1}
    for since, status, code in (("2020-01-01", "passed", 0), ("1s", "failed", 1)):
        ended = promote(server, job.path, "traces >= 5", more=(*look, "--since", since, "--dry-run"), code=code)
        assert [gate["status"] for gate in ended["prompts"][0]["gates"]] == [status]
    ahead = server.program("promote", job.path, "--from", "staging", "--to", "production", "--since", "2999-01-01", code=64)
    assert "that is not in the past" in ahead.err
    good = ("errors <= -50%", "traces >= 5", f"run.{run} metrics.accuracy >= 0.93", "latency_p95 <= +500%")
    (prompt,) = promote(server, job.write(), *good, more=look)["prompts"]
    assert {gate["status"] for gate in prompt["gates"]} == {"passed"}
    assert server.aliases(name, "production") == {"production": 2}


def test_a_prompt_that_becomes_tied_to_an_experiment_loses_no_evidence(server, tmp_path):
    name, job = two_versions(server, tmp_path)
    client = mlflow.MlflowClient()
    trials = client.create_experiment(f"trials {server.schema}")
    made = draw(23, 10, [name])
    for each in made:
        each.is_error = each.versions[0][1] == 2
    Agent(server.server.url, trials).store(made)
    server.environment["MLFLOW_TRACKING_URI"] = server.uri
    assert promote(server, job.write(), "errors <= 1%", code=1)["refused"]
    other = client.create_experiment(f"other {server.schema}")
    client.set_prompt_tag(name, "_mlflow_experiment_ids", f",{other},424242,")
    flags = ["--from", "staging", "--to", "production", "--require", "errors <= 1%", "--format", "json"]
    ended = server.program("promote", name, "--registry", server.uri, *flags, env=server.environment, code=1)
    (gate,) = ended.report["prompts"][0]["gates"]
    assert gate["status"] == "failed" and {trials, other} <= set(gate["experiments"])
    # One that is not on this server was not looked in.
    assert "424242" not in gate["experiments"]
    assert ended.err.count("looked in experiments") == 1 and trials in ended.err
