"""Signals: a run that is stopped, killed or run twice at once leaves a registry that is whole."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import generated_job
import pytest

COUNT = 1_000
TIME_LIMIT = 60


@pytest.fixture
def start(workspace):
    """Starts promptreg in the workspace; what still runs at the end is killed."""
    started = []

    def start(*arguments, **options) -> subprocess.Popen:
        defaults = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        process = subprocess.Popen(
            ["promptreg", *arguments], cwd=workspace.folder, env=workspace.environment, **(defaults | options)
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        process.communicate()


def wait_until(condition) -> None:
    """Waits until something is so."""
    end = time.monotonic() + TIME_LIMIT
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.002)


def has_begun(folder: Path, least: int = 20):
    """Whether some prompts are there."""
    return lambda: len(generated_job.models(folder)) >= least


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_reports_and_can_be_run_again(workspace, start, venv_python, number, code):
    generated_job.make(workspace.folder, COUNT)
    process = start("run", "jobs/generated.yaml", "--report", "report.json")
    wait_until(has_begun(workspace.folder))
    process.send_signal(number)
    output, errors = process.communicate(timeout=TIME_LIMIT)

    assert process.returncode == code, errors
    first, second = errors.splitlines()
    assert first == "finishing what has started, then stopping; a second signal quits at once, without a report"
    assert second.startswith("made a new registry: file:")
    report = generated_job.report(workspace.folder / "report.json")
    summary = report["summary"]
    assert report["status"] == "interrupted"
    assert summary["total"] == COUNT
    assert summary["created"] > 0
    assert summary["not_run"] > 0
    assert summary["failed"] == 0
    assert summary["aliases_set"] == 0
    assert f"Successfully registered: {summary['created']}\n" in output

    state = generated_job.state(workspace.folder)
    assert len(state) == summary["created"]
    assert all(aliases == {} for aliases, _ in state.values())
    assert generated_job.leftovers(workspace.folder) == []
    listed = subprocess.run(
        [venv_python, "-c", LIST_WITH_MLFLOW], cwd=workspace.folder, capture_output=True, text=True,
        env=workspace.environment | {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"},
    )  # fmt: skip
    assert listed.stdout == f"{summary['created']}\n", listed.stderr

    again = workspace.run("run", "jobs/generated.yaml", "--report", "report.json")
    assert again.returncode == 0, again.stderr
    report = generated_job.report(workspace.folder / "report.json")
    assert report["status"] == "ok"
    assert report["summary"]["created"] == COUNT - summary["created"]
    assert report["summary"]["unchanged"] == summary["created"]
    assert generated_job.state(workspace.folder) == generated_job.complete_state(COUNT)
    assert workspace.run("plan", "jobs/generated.yaml", "--detailed-exitcode").returncode == 0


LIST_WITH_MLFLOW = """
import mlflow
client = mlflow.MlflowClient(registry_uri="file:mlruns")
count, token = 0, None
while True:
    page = client.search_prompts(max_results=1000, page_token=token)
    count, token = count + len(page), page.token
    if not token:
        break
print(count)
"""


def test_a_second_signal_ends_it_at_once(workspace, start):
    # Nobody reads the report from the pipe, so that the run cannot end by itself after the first signal.
    generated_job.make(workspace.folder, COUNT)
    process = start("run", "jobs/generated.yaml", "--format", "json", "--report", "report.json")
    wait_until(has_begun(workspace.folder))
    process.send_signal(signal.SIGINT)
    wait_until((workspace.folder / "report.json").exists)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=TIME_LIMIT) == 130


def test_a_run_that_waits_for_another_can_be_stopped(workspace, start):
    generated_job.make(workspace.folder, COUNT)
    first = start("run", "jobs/generated.yaml", "--no-progress")
    wait_until(has_begun(workspace.folder))
    first.send_signal(signal.SIGSTOP)
    second = start("run", "jobs/generated.yaml", "--report", "second.json")
    assert second.stderr.readline() == "waiting for another run on this registry to end\n"
    second.send_signal(signal.SIGINT)
    second.communicate(timeout=TIME_LIMIT)
    assert second.returncode == 130
    report = generated_job.report(workspace.folder / "second.json")
    assert report["status"] == "interrupted"
    assert report["summary"]["not_run"] == COUNT
    first.send_signal(signal.SIGCONT)
    first.communicate(timeout=TIME_LIMIT)
    assert first.returncode == 0
    assert generated_job.state(workspace.folder) == generated_job.complete_state(COUNT)


def test_a_run_that_is_killed_can_be_run_again(workspace, start):
    count = 300
    generated_job.make(workspace.folder, count)
    for least in (1, 50, 150, 299):
        process = start("run", "jobs/generated.yaml", "--quiet")
        wait_until(lambda: process.poll() is not None or has_begun(workspace.folder, least)())
        process.kill()
        process.wait(timeout=TIME_LIMIT)
        for aliases, versions in generated_job.state(workspace.folder).values():
            assert list(versions) == ["version-1"]
            assert set(aliases.values()) <= {"1"}
    assert workspace.run("run", "jobs/generated.yaml").returncode == 0
    assert generated_job.state(workspace.folder) == generated_job.complete_state(count)
    assert generated_job.leftovers(workspace.folder) == []


def test_an_update_that_is_killed_can_be_run_again(workspace, start):
    count = 200
    generated_job.make(workspace.folder, count)
    assert workspace.run("run", "jobs/generated.yaml").returncode == 0
    generated_job.make(workspace.folder, count, "Changed {number}, asked {{{{query}}}}.\n")
    for least in (1, 100, 180):
        process = start("run", "jobs/generated.yaml", "--quiet")
        wait_until(
            lambda: process.poll() is not None
            or len(list((workspace.folder / "mlruns/models").glob("*/version-2"))) >= least
        )
        process.kill()
        process.wait(timeout=TIME_LIMIT)
        generated_job.state(workspace.folder)
    assert workspace.run("run", "jobs/generated.yaml").returncode == 0
    state = generated_job.state(workspace.folder)
    for number in range(count):
        aliases, versions = state[f"main.many.prompt_p{number}"]
        assert aliases == {"production": "2", "staging": "2"}
        assert versions["version-2"] == f"Changed {number}, asked {{{{query}}}}."
        assert set(versions) == {"version-1", "version-2"}
    assert generated_job.leftovers(workspace.folder) == []


def test_runs_at_once_make_each_version_once(workspace, start):
    count = 200
    generated_job.make(workspace.folder, count)
    processes = [start("run", "jobs/generated.yaml", "--quiet", "--report", f"{n}.json") for n in range(4)]
    for process in processes:
        _, errors = process.communicate(timeout=TIME_LIMIT)
        assert process.returncode == 0, errors
    reports = [generated_job.report(workspace.folder / f"{n}.json") for n in range(4)]
    assert sorted(report["summary"]["created"] for report in reports) == [0, 0, 0, count]
    assert generated_job.state(workspace.folder) == generated_job.complete_state(count)


def test_a_reader_that_goes_away_does_not_end_a_run(workspace, start):
    generated_job.make(workspace.folder, 50)
    read_end, write_end = os.pipe()
    os.close(read_end)
    process = start("run", "jobs/generated.yaml", "--format", "json", stdout=write_end)
    os.close(write_end)
    process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == 0
    assert generated_job.state(workspace.folder) == generated_job.complete_state(50)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    "arguments", [["list"], ["load", "a@production"], ["show", "a"], ["traces", "a", "--quiet"]], ids=lambda each: each[0]
)
def test_what_only_reads_ends_at_once(start, arguments, number, code):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(TIME_LIMIT)
        process = start(*arguments, "--registry", f"http://127.0.0.1:{listener.getsockname()[1]}")
        # The server takes the request and never answers.
        with listener.accept()[0]:
            process.send_signal(number)
            output, errors = process.communicate(timeout=TIME_LIMIT)
    told = f"error: interrupted before 'promptreg {arguments[0]}' was done\n"
    assert (process.returncode, output, errors) == (code, "", told)
