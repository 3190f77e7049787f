"""`promptreg try`: cases run through two versions, their checks, what is recorded, and where it stops."""

import json
import signal
import subprocess
import time

import pytest
from jobs import JobFolder
from mlflow_registry import mlflow
from model_endpoints import AnsweringEndpoint


def answer(body: dict) -> str | tuple:
    """A model that answers by the words that it is asked with: version 1 is polite, version 2 is brief."""
    text = body["messages"][-1]["content"]
    name = text.split()[-1]
    if name == "Nobody":
        return 400, {"error": {"message": "no such person"}}
    if name == "JSON":
        return '{"name": "Ada", "age": 36}' if "Briefly" in text else '{"name": "Ada"}'
    return f"Hello {name}!" if "Briefly" in text else f"Good morning, dear {name}. Paris is nice."


CASES = """
- name: polite
  prompt: greet
  values: {name: Ada}
  checks: {contains: [Ada, dear], not_contains: Rome, matches: '^Good .*\\\\.$'}
- name: brief
  prompt: greet
  values: {name: Ada}
  checks: {equals: ' Hello Ada! ', max_seconds: 60, max_tokens: 120}
- name: shaped
  prompt: greet
  values: {name: JSON}
  checks:
    json_schema:
      type: object
      required: [name, age]
      properties: {age: {type: integer, minimum: 1}}
"""


@pytest.fixture
def endpoint():
    model = AnsweringEndpoint(answer)
    yield model
    model.shutdown()


@pytest.fixture(params=["folder", "server", "postgres"])
def place(request):
    """Each kind of registry that keeps traces as well."""
    return request.getfixturevalue(request.param)


def prepared(registry, tmp_path, cases: str = CASES):
    """A job whose staging is brief and whose production is polite, and a way to try cases with it."""
    job = JobFolder(tmp_path / "job", aliases=["production", "staging"], schema=registry.schema)
    job.add("greet", "Politely greet {{name}}", model_config={"model_name": "small"})
    registry.run(job.write())
    job.add("greet", "Briefly greet {{name}}", model_config={"model_name": "small"})
    path = job.write()
    registry.run(path, "--alias", "staging")
    (tmp_path / "cases.yaml").write_text(cases)

    def run(*arguments, code: int | None = 0):
        flags = ["--registry", registry.uri, "--schema", registry.schema, "--cases", tmp_path / "cases.yaml"]
        return registry.program("try", path, *flags, *arguments, code=code, env=registry.environment)

    run.path, run.name = path, job.spec["job"]
    return run


def test_cases_are_tried_checked_and_traced(place, endpoint, tmp_path):
    run = prepared(place, tmp_path)
    name, experiment = f"main.{place.schema}.prompt_greet", f"tries of {place.schema}"
    flags = ["--endpoint", endpoint.url, "--experiment", experiment, "--repeat", "2", "--price", "1000,2000"]
    ended = run(*flags, "--format", "json", code=1)
    report = ended.report
    assert "12 calls of small" in ended.err and report["calls"] == {"planned": 12, "made": 12}
    assert abs(report["cost"] - 12 * (100 * 0.001 + 20 * 0.002)) < 1e-9
    cases = {each["name"]: each for each in report["cases"]}
    assert {key: (each["passed"], each["regression"]) for key, each in cases.items()} == {
        "polite": (False, True), "brief": (True, False), "shaped": (True, False),
    }  # fmt: skip
    (checks,) = {json.dumps(each["checks"]) for each in cases["polite"]["candidate"]["attempts"]}
    assert [(each["check"], each["passed"]) for each in json.loads(checks)] == [
        ("contains", True), ("contains", False), ("not_contains", True), ("matches", False),
    ]  # fmt: skip
    failing = cases["shaped"]["against"]["attempts"][0]["checks"][0]
    assert failing["actual"] == "the answer has no 'age'"

    number = mlflow.get_experiment_by_name(experiment).experiment_id
    assert report["experiments"] == [number] and report["models"] == ["small"]
    assert report["job"] == run.name and report["started_at"] == report["since"]
    traces = {each.info.trace_id: each for each in mlflow.search_traces(locations=[number], return_type="list")}
    assert len(traces) == 12
    for case in cases.values():
        for side in (case["candidate"], case["against"]):
            for attempt in side["attempts"]:
                info = traces[attempt["trace"]].info
                assert info.tags[f"promptreg.prompt.{name}"] == str(side["version"])
                assert info.execution_duration == attempt["latency_ms"]
                found = {each.name: each.feedback.value for each in info.assessments}
                assert found.pop("passed") is attempt["passed"]
                for key in found:
                    assert found[key] == all(each["passed"] for each in attempt["checks"] if each["check"] == key)
                assert set(found) == {each["check"] for each in attempt["checks"]}
    # What was recorded is what traces says.
    told = place.program(
        "traces", name, "--registry", place.uri, "--experiment", experiment, "--format", "json",
        env=place.environment,
    ).report["prompts"][0]["versions"]  # fmt: skip
    for figures, tried in zip(told, report["prompts"][0]["versions"], strict=True):
        assert figures["traces"] == tried["traces"] == 6
        assert figures["latency_ms"] == tried["latency_ms"]
        assert figures["tokens"] == tried["tokens"] and figures["feedback"]["passed"] == tried["feedback"]["passed"]
        assert abs(figures["cost"]["sum"] - tried["cost"]["sum"]) < 1e-9


def test_the_end_and_the_reports(folder, endpoint, tmp_path):
    run = prepared(folder, tmp_path)
    flags = ["--endpoint", endpoint.url, "--no-trace"]
    assert "CALLS" in run(*flags, code=1).out
    kinds = [each for kind in ("json", "md", "html", "xml") for each in ("--report", tmp_path / f"try.{kind}")]
    ended = run(*flags, *kinds, code=1)
    assert "polite" in ended.out and "regression" in ended.out and "v2: Hello Ada!" in ended.out and "v1 passes" in ended.out
    assert json.loads((tmp_path / "try.json").read_text())["status"] == "failed"
    assert "2 of 3 cases passed, 1 regression" in (tmp_path / "try.md").read_text()
    assert "Model: `small`" in (tmp_path / "try.md").read_text() and "<code>small</code>" in (tmp_path / "try.html").read_text()
    assert "<svg" in (tmp_path / "try.html").read_text() and 'failures="1"' in (tmp_path / "try.xml").read_text()
    # Against itself there is nothing to be worse than, so that every check counts; turned round, others regress.
    alone = [*flags, "--alias", "production", *kinds, "--format", "json"]
    report = run(*alone, code=1).report
    assert not any(each["regression"] or each["passed"] for each in report["cases"])
    assert not any("regression" in (tmp_path / f"try.{kind}").read_text() for kind in ("md", "html", "xml"))
    assert "2 regressions" in run(*flags, "--alias", "production", "--against", "staging", code=1).out
    (tmp_path / "cases.yaml").write_text("- {prompt: greet, values: {name: Ada}, checks: {contains: Bob}}\n")
    assert "greet" in run(*flags, *kinds).out
    # What fails in both versions is no success either.
    assert "## promptreg: try – no regressions" in (tmp_path / "try.md").read_text()
    assert '<span class="badge">no regressions</span>' in (tmp_path / "try.html").read_text()
    assert '<skipped message="fails in both versions">' in (tmp_path / "try.xml").read_text()
    # As errors only: what failed is shown, and nothing of what did not.
    quiet = run(*flags, "--quiet")
    assert (quiet.out, quiet.err) == ("", "")
    assert "greet" in run(*flags, "--quiet", "--strict", code=1).out


def test_the_cap_stops_it(folder, endpoint, tmp_path):
    run = prepared(folder, tmp_path)
    flags = ["--endpoint", endpoint.url, "--no-trace", "--format", "json", "--repeat", "5"]
    ended = run(*flags, "--price", "1000,2000", "--max-cost", "0.5", code=1)
    assert ended.report["calls"] == {"planned": 30, "made": 4} and "cap" in ended.report["stopped"]
    assert "calls of" not in ended.err and len(endpoint.asked) == 4
    ended = run(*flags, "--max-cost", "0.5", code=1)
    assert ended.report["calls"]["made"] == 1 and "--price" in ended.report["stopped"]
    silent = AnsweringEndpoint(lambda body: (200, {"choices": [{"message": {"content": "Hi"}}]}))
    ended = run("--endpoint", silent.url, *flags[2:], "--price", "1,2", "--max-cost", "0.5", code=1)
    silent.shutdown()
    assert "how many tokens" in ended.report["stopped"] and "--price" not in ended.report["stopped"]


def test_the_cap_leaves_versions_comparable_and_is_reported_as_such(folder, endpoint, tmp_path):
    run = prepared(folder, tmp_path)
    flags = ["--endpoint", endpoint.url, "--no-trace", "--repeat", "3", "--report", tmp_path / "try.xml"]
    capped = [*flags, "--price", "1000,2000", "--max-cost", "0.5"]
    report = run(*capped, "--format", "json", code=1).report
    counts = [(len(each["candidate"]["attempts"]), len(each["against"]["attempts"])) for each in report["cases"]]
    assert counts == [(1, 1), (1, 1), (0, 0)]
    assert [each["status"] for each in report["cases"]] == ["regression", "incomplete", "not_run"]
    junit = (tmp_path / "try.xml").read_text()
    assert 'tests="3" failures="1" errors="0" skipped="2"' in junit and "the cap of --max-cost is reached" in junit
    out = run(*capped, "--report", tmp_path / "try.html", code=1).out
    assert "0 of 3 cases passed, 1 regression, 1 not run; 4 calls of 18" in out and "not run in full" in out
    assert "not run" in (tmp_path / "try.html").read_text()
    # Of a version that nobody asked, nothing is said.
    out = run(*flags, "--max-cost", "1", code=1).out
    assert "0 regressions, 2 not run; 1 call of 18" in out and "v1 was not asked" in out and "v1 passes" not in out


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_try_reports_what_was_done(promptreg, folder, tmp_path, sent):
    prepared(folder, tmp_path)
    asked = []
    slow = AnsweringEndpoint(lambda body: (asked.append(1), time.sleep(8 if len(asked) > 2 else 0), "dear Ada")[-1])
    what = ["--cases", tmp_path / "cases.yaml", "--registry", folder.uri, "--schema", folder.schema]
    what += ["--endpoint", slow.url, "--price", "1000,2000", "--no-trace", "--concurrency", "1"]
    kinds = [each for kind in ("json", "html", "xml") for each in ("--report", tmp_path / f"try.{kind}")]
    process = subprocess.Popen(
        [promptreg, "try", tmp_path / "job/jobs/job.yaml", *what, *kinds], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    while len(asked) < 3:
        time.sleep(0.05)
    began = time.monotonic()
    process.send_signal(sent)
    out, _ = process.communicate(timeout=60)
    slow.shutdown()
    assert process.returncode == 128 + sent and time.monotonic() - began < 3
    assert "2 calls of 6, $0.28" in out and "it was interrupted" in out
    report = json.loads((tmp_path / "try.json").read_text())
    assert report["status"] == "interrupted" and report["calls"] == {"planned": 6, "made": 2}
    assert abs(report["cost"] - 0.28) < 1e-9 and "interrupted" in (tmp_path / "try.html").read_text()
    # The first case was run, and fails in both versions.
    junit = (tmp_path / "try.xml").read_text()
    assert 'skipped="3"' in junit and junit.count('message="not run: ') == 2


def test_an_answer_that_is_none_fails(folder, endpoint, tmp_path):
    run = prepared(folder, tmp_path, "- {prompt: greet, values: {name: Nobody}, checks: {contains: x}}\n")
    ended = run("--endpoint", endpoint.url, "--strict", "--format", "json", code=1)
    (attempt,) = ended.report["cases"][0]["candidate"]["attempts"]
    assert "no such person" in attempt["error"] and not attempt["passed"]
    traces = mlflow.search_traces(locations=["0"], return_type="list")
    assert {each.info.state.value for each in traces} == {"ERROR"} and len(traces) == 2
    # Nothing is known of what it would have been like.
    feedback = [(each.name, each.feedback.value) for trace in traces for each in trace.info.assessments]
    assert feedback == [("passed", False)] * 2


@pytest.mark.parametrize(("status", "code"), [(401, 77), (403, 77), (404, 69), (400, 1)])
def test_calls_that_nobody_answers_fail(folder, tmp_path, status, code):
    run = prepared(folder, tmp_path)
    refusing = AnsweringEndpoint(lambda body: (status, {"error": {"message": "a wrong one"}}))
    flags = ["--endpoint", refusing.url, "--repeat", "9", "--concurrency", "2", "--report", tmp_path / "try.xml"]
    ended = run(*flags, "--format", "json", code=code)
    refusing.shutdown()
    assert ended.report["status"] == "failed" and not any(case["passed"] for case in ended.report["cases"])
    # Nobody answered, so nothing became worse.
    assert not any(case["regression"] for case in ended.report["cases"])
    calls = ended.report["calls"]["made"]
    assert ended.report["unanswered_calls"] == calls == len(refusing.asked)
    traces = mlflow.search_traces(locations=["0"], return_type="list") if (folder.folder / "0").exists() else []
    if status == 400:
        assert calls == len(traces) == 54 and 'failures="3"' in (tmp_path / "try.xml").read_text()
    else:
        # What is wrong with the key, the address or the model's name says nothing of the versions.
        assert calls <= 2 and not traces and "a wrong one" in ended.report["stopped"] and "help: check" in ended.err


def test_where_the_version_compared_with_does_not_answer_nothing_passes(folder, tmp_path):
    run = prepared(folder, tmp_path, "- {prompt: greet, values: {name: Ada}, checks: {contains: Ada}}\n")
    model = AnsweringEndpoint(lambda body: (400, {"error": {"message": "no"}}) if "Politely" in str(body) else "Ada")
    flags = ["--endpoint", model.url, "--no-trace", "--repeat", "3", "--report", tmp_path / "try.xml"]
    out = run(*flags, code=1).out
    model.shutdown()
    assert "0 of 1 case passed, 0 regressions; 6 calls, 3 not answered" in out and "v1 did not answer (3 of 3): " in out
    assert 'failures="1"' in (tmp_path / "try.xml").read_text()


def test_what_production_fails_now_and_then_is_no_licence(folder, tmp_path):
    run = prepared(folder, tmp_path, "- {prompt: greet, values: {name: Ada}, checks: {contains: Ada}}\n")
    polite = iter(["no", "no", "no"])
    model = AnsweringEndpoint(lambda body: next(polite, "Ada") if "Politely" in str(body) else "no")
    flags = ["--endpoint", model.url, "--no-trace", "--repeat", "20"]
    out = run(*flags, code=1).out
    model.shutdown()
    assert "1 regression; " in out and "v2 (20 of 20): no" in out and "v1 fails, too (3 of 20): no" in out


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_answers_that_are_not_whole_are_told_once(folder, tmp_path, reason):
    run = prepared(folder, tmp_path, "- {prompt: greet, values: {name: Ada}, checks: {contains: Ada}}\n")
    message = {"message": {"content": "Ada"}, "finish_reason": reason}
    model = AnsweringEndpoint(lambda body: (200, {"choices": [message]}) if "Briefly" in str(body) else "Ada")
    ended = run("--endpoint", model.url, "--no-trace", "--repeat", "3", "--format", "json")
    model.shutdown()
    (note,) = ended.report["notes"]
    assert note.startswith("3 of 6 answers are not whole: ") and ended.err.count(f"warning: {note}") == 1


def test_a_case_that_was_not_tried_has_not_passed(folder, endpoint, tmp_path):
    run = prepared(folder, tmp_path)
    report = run("--endpoint", endpoint.url, "--no-trace", "--max-cost", "0.5", "--format", "json", code=1).report
    assert report["calls"]["made"] == 1
    assert not any(case["passed"] for case in report["cases"] if not case["candidate"]["attempts"])


@pytest.mark.parametrize("command", ["call", "try"])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_a_call_at_once(promptreg, folder, tmp_path, command, sent):
    prepared(folder, tmp_path)
    slow = AnsweringEndpoint(lambda body: time.sleep(8) or "late")
    where = ["--registry", folder.uri, "--schema", folder.schema, "--endpoint", slow.url]
    what = {
        "call": [f"main.{folder.schema}.prompt_greet@production", "--set", "name=Ada", *where[:2], *where[4:]],
        "try": [tmp_path / "job/jobs/job.yaml", "--cases", tmp_path / "cases.yaml", *where],
    }[command]
    for attempt in range(6):
        process = subprocess.Popen([promptreg, command, *what], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(0.3 + attempt / 10)
        began = time.monotonic()
        process.send_signal(sent)
        assert process.wait(timeout=60) == 128 + sent
        assert time.monotonic() - began < 3
    slow.shutdown()


def test_a_check_that_never_ends_is_given_up(folder, tmp_path):
    model = AnsweringEndpoint(lambda body: "a" * 40 + "!")
    case = "- {name: slow, prompt: greet, values: {name: Ada}, checks: {matches: '^(a+)+$'}}"
    run = prepared(folder, tmp_path, case)
    ended = run("--endpoint", model.url, "--no-trace", "--strict", "--format", "json", code=1)
    model.shutdown()
    assert "the check took longer than 5 s" in ended.out


def test_items_are_told_apart_at_once(folder, tmp_path):
    items = [*range(60_000), {"a": 1, "b": [2]}]
    model = AnsweringEndpoint(lambda body: json.dumps([*items, {"b": [2.0], "a": 1}] if "Briefly" in str(body) else items))
    schema = "{name: unique, prompt: greet, values: {name: Ada}, checks: {json_schema: {type: array, uniqueItems: true}}}"
    run = prepared(folder, tmp_path, f"- {schema}")
    start = time.monotonic()
    ended = run("--endpoint", model.url, "--no-trace", "--against", "production", "--format", "json", code=1)
    model.shutdown()
    assert "has an item twice" in ended.out
    assert time.monotonic() - start < 20


def test_traces_and_gates_look_where_it_records(place, endpoint, tmp_path, monkeypatch):
    run = prepared(place, tmp_path)
    name = f"main.{place.schema}.prompt_greet"
    flags = ["--registry", place.uri, "--schema", place.schema]
    # An agent in Python ties the prompt to an experiment of its own.
    mlflow.set_experiment(f"agent of {place.schema}")
    mlflow.genai.load_prompt(f"prompts:/{name}@staging")
    # MLflow tells other processes of it, which this is not about.
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
    # It does that in the background.
    while "_mlflow_experiment_ids" not in place.everything()[name].tags:
        time.sleep(0.1)
    run("--endpoint", endpoint.url, code=1)

    def told(*more):
        ended = place.program("traces", run.path, *flags, *more, "--format", "json", env=place.environment)
        return ended, [each["traces"] for each in ended.report["prompts"][0]["versions"]]

    ended, counts = told()
    assert counts == [3, 3] and "as nothing names one" in ended.err
    gate = ["--require", "traces >= 3", "--require", "errors <= 0%"]
    promote = ["promote", run.path, "--from", "staging", "--to", "production", *flags]
    place.program(*promote, *gate, "--dry-run", env=place.environment)

    # A job that names an experiment says where its tries are recorded, too.
    number = mlflow.get_experiment_by_name(f"agent of {place.schema}").experiment_id
    run.path.write_text(f"experiment: {json.dumps(number)}\n" + run.path.read_text())
    run("--endpoint", endpoint.url, code=1)
    ended, counts = told()
    assert counts == [3, 3] and f"looked in experiment {number}, which --experiment or the job names" in ended.err
