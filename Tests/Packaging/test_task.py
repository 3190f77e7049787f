"""promptreg as a task of a Databricks job: with a stand-in for the runtime, against the stand-in for Unity Catalog."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from packing import PACKAGING, REPO  # which finds what follows
from servers import UnityCatalogStandIn


def test_the_runtime_s_credentials_reach_the_program_alone(run_task):
    done = run_task("run", "a b", git=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "called with run a b",
        "DATABRICKS_AUTH_TYPE=pat", "DATABRICKS_HOST=https://w.example", "DATABRICKS_TOKEN=secret-token",
        "PROMPTREG_BRANCH=main", "PROMPTREG_COMMIT=0123456789abcdef0123456789abcdef01234567",
        "PROMPTREG_REPOSITORY=https://github.com/me/agent", "went on",
    ]  # fmt: skip


@pytest.mark.parametrize("method", ["runtime", "runtime-oauth"])
def test_the_method_runtime_means_the_runtime_s_credentials(run_task, method):
    done = run_task("run", DATABRICKS_AUTH_TYPE=method)
    assert "DATABRICKS_AUTH_TYPE=pat" in done.stdout and "DATABRICKS_TOKEN=secret-token" in done.stdout


@pytest.mark.parametrize(
    "stated",
    [
        {"DATABRICKS_HOST": "https://mine", "DATABRICKS_TOKEN": "my-own"},
        {"DATABRICKS_HOST": "https://mine", "DATABRICKS_CLIENT_ID": "i", "DATABRICKS_CLIENT_SECRET": "s"},
        {"DATABRICKS_CONFIG_PROFILE": "dev"},
    ],
)
def test_variables_that_are_set_come_first(run_task, stated):
    done = run_task("run", **stated)
    shown = [line for line in done.stdout.splitlines() if line.startswith("DATABRICKS_")]
    assert shown == sorted(f"{name}={value}" for name, value in stated.items())


@pytest.mark.parametrize(
    "behaviour",
    ['raise ValueError("secret-detail")', "return {}", 'return {"Authorization": "Basic eA=="}'],
)
def test_where_there_are_no_credentials_the_program_is_run_all_the_same(run_task, behaviour):
    done = run_task("run", behaviour=behaviour)
    assert done.returncode == 0 and done.stdout == "called with run\nwent on\n"
    assert "secret-detail" not in done.stdout + done.stderr


@pytest.mark.parametrize("code", [1, 65, 77])
def test_a_failure_raises_with_the_exit_code_and_the_summary(run_task, code):
    done = run_task("fail", str(code))
    assert done.returncode == 1 and done.stdout == "first\nerror: nothing works\n"
    assert f"promptreg_cli._databricks.PromptregFailed: promptreg ended with {code}\n" in done.stderr
    assert "error: nothing works" in done.stderr and "secret-token" not in done.stderr


def test_a_task_that_is_cancelled_stops_the_program(stand_in, tmp_path):
    script = f"""if True:
        import promptreg_cli._databricks as databricks
        databricks.find_program = lambda: {str(stand_in)!r}
        databricks.task(["wait", {str(tmp_path / "stopped")!r}])
    """
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(PACKAGING), "DATABRICKS_TOKEN": "its-own"}
    process = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    # A line arrives as soon as it is printed, while the program runs on.
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) != 0
    process.stdout.close()
    for _ in range(600):
        if (tmp_path / "stopped").exists():
            return
        time.sleep(0.1)
    raise AssertionError("the program was not told to stop")


def test_a_job_is_registered_in_unity_catalog(run_task, promptreg, tmp_path):
    workspace = UnityCatalogStandIn()
    try:
        workspace.add_schema("main.health_monitor_agent")
        arguments = ["run", str(REPO / "jobs/health_monitor.yaml"), "--registry", "databricks-uc"]
        commit = "0123456789abcdef0123456789abcdef01234567"
        token = 'return {"Authorization": "Bearer token"}'
        done = run_task(
            *arguments, "--commit", commit, "--report", str(tmp_path / "report.json"), program=promptreg,
            host=workspace.url, behaviour=token,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.splitlines()[-3:] == ["Successfully registered: 8", "Errors: 0", "went on"]
        assert json.loads((tmp_path / "report.json").read_text())["git"]["commit"] == commit
        assert len(workspace.control("state")) == 8
        wrong = run_task(*arguments, program=promptreg, host=workspace.url, behaviour='return {"Authorization": "Bearer x"}')
        assert wrong.returncode == 1 and "promptreg ended with 77" in wrong.stderr
    finally:
        workspace.stop()
