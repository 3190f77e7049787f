"""The action of GitHub, run step by step against a stand-in of GitHub's API."""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from action_runner import ACTION, HEAD, Runner
from github_stand_in import BOT, Fault

MARKER = re.compile(r"<!-- promptreg-comment [0-9a-f]{16} -->\n")


@pytest.fixture
def act(runner, wheel, workspace):
    """Runs the action with the wheel; says what holds of every run."""

    def act(command: str, at: Runner = runner, **inputs: str):
        result = at.run(command=command, **{"wheel": str(wheel.path), "sha256": wheel.sha256, **inputs})
        for secret in ("ghs_", "ghp_"):
            assert secret not in result.log + result.summary + json.dumps(result.outputs)
        return result

    return act


@pytest.fixture
def fresh(workspace, tmp_path, github) -> Runner:
    return Runner(workspace, tmp_path / "fresh", github.url)


# Results and outputs


def test_a_plan_with_changes_passes_and_is_commented(act, github):
    result = act("plan", job="jobs/agent.yaml")
    assert result.outcome == "success", result.log
    assert list(result.steps.values()) == ["success"] * 3
    paths = {name: result.outputs.pop(name) for name in ("plan-file", "report-json", "report-markdown", "report-html")}
    assert all(os.path.isfile(path) for path in paths.values())
    assert result.outputs == {
        "exit-code": "2", "has-changes": "true", "created": "1", "updated": "0", "retagged": "0", "unchanged": "0",
        "failed": "0", "aliases": "1",
    }  # fmt: skip
    [body] = github.bodies()
    assert MARKER.match(body)
    assert "## promptreg: plan for `agent`" in body
    assert f"(https://github.com/me/agent/actions/runs/42) of {HEAD} ended with 2.\n" in body
    assert result.summary.count("## promptreg: plan for `agent`") == 1


def test_a_run_registers_and_the_next_plan_has_no_changes(act):
    done = act("run", job="jobs/agent.yaml", comment="false")
    assert (done.outcome, done.outputs["exit-code"], done.outputs["has-changes"]) == ("success", "0", ""), done.log
    assert (done.outputs["created"], done.outputs["aliases"], done.outputs["plan-file"]) == ("1", "1", "")
    again = act("plan", job="jobs/agent.yaml")
    assert (again.outputs["exit-code"], again.outputs["has-changes"]) == ("0", "false")
    assert again.outputs["unchanged"] == "1"


def test_validate_needs_no_registry_and_writes_no_comment(act, github, workspace):
    assert act("validate", job="jobs/agent.yaml", target="prod").outcome == "success"
    (workspace / "jobs/agent.yaml").write_text("version: 1\njob: agent\nprompts_dir: ../gone\n")
    wrong = act("validate", job="jobs/agent.yaml")
    assert (wrong.outcome, wrong.outputs["exit-code"]) == ("failure", "65")
    assert "::error file=jobs/agent.yaml,line=3" in wrong.log
    assert not github.requests


@pytest.mark.parametrize(
    ("inputs", "code"),
    [
        ({"arguments": "--registry http://127.0.0.1:9 --timeout 1s"}, "69"),
        ({"arguments": "--registry databricks-uc"}, "77"),
        ({"arguments": "--no-such-flag"}, "64"),
        ({"job": "jobs/gone.yaml"}, "65"),
    ],
)
def test_a_failure_fails_the_step_and_replaces_an_earlier_comment(act, github, inputs, code):
    assert act("plan", job="jobs/agent.yaml").outcome == "success"
    comments = len(github.comments)
    result = act("plan", **{"job": "jobs/agent.yaml", **inputs})
    assert (result.outcome, result.outputs["exit-code"], result.outputs["has-changes"]) == ("failure", code, "")
    assert result.steps["Run promptreg"] == "failure" and result.steps["Comment on the pull request"] == "success"
    # Another job is another comment.
    assert len(github.comments) == comments + ("job" in inputs)
    assert "✗ failed" in github.bodies()[-1] and f"ended with {code}.\n" in github.bodies()[-1]


def test_a_job_that_is_wrong_is_told_in_the_comment_and_the_summary(act, github, workspace):
    (workspace / "jobs/agent.yaml").write_text("version: 1\njob: agent\nprompts_dir: ../gone\n")
    result = act("plan", job="jobs/agent.yaml")
    assert result.outputs["exit-code"] == "65"
    for text in (github.bodies()[0], result.summary):
        assert text.count("## promptreg: plan") == 1 and "jobs/agent.yaml:3:" in text


@pytest.mark.parametrize("command", ["", "rollback", "plan; touch x"])
def test_other_commands_are_refused(act, github, command, workspace):
    result = act(command)
    assert (result.outcome, result.outputs["exit-code"]) == ("failure", "64")
    assert "has to be validate, plan or run" in result.log and not github.requests
    assert not (workspace / "x").exists()


def test_arguments_are_split_as_a_shell_does_and_expand_nothing(act, workspace):
    message = "It's $HOME; `touch x` $(touch y)"
    result = act("run", job="jobs/agent.yaml", arguments=f'--message "{message}" --select "greet"\n--no-progress')
    assert result.outcome == "success", result.log
    assert any(message.replace("'", "''") in path.read_text() or message in path.read_text()
               for path in workspace.glob("mlruns/models/**/meta.yaml"))  # fmt: skip
    assert act("plan", arguments='--message "open').outputs["exit-code"] == "64"
    assert sorted(path.name for path in workspace.iterdir()) == ["jobs", "mlruns", "prompts"]


HOSTILE = """it's $(touch x) `touch y` "quoted"; touch z & --help"""


def test_hostile_inputs_are_data(act, fresh, github, workspace):
    inputs = {"job": f"jobs/{HOSTILE}.yaml", "target": HOSTILE}
    shutil.copy(workspace / "jobs/agent.yaml", workspace / inputs["job"])
    (workspace / "prompts/greet.md").write_text("</details> <!-- promptreg-comment 0 --> @me ``` ${{ github.token }}\n")
    assert act("plan", job=inputs["job"]).outputs["exit-code"] == "2"
    for command in ("plan", "validate", "run"):
        assert act(command, **inputs).outputs["exit-code"] in ("64", "65")
    assert act("plan", job="--help").outputs["exit-code"] == "65"
    assert act("run", plan="$(touch p)").outputs["exit-code"] not in ("0", "")
    wrong = [
        {"wheel": f"{HOSTILE}.whl"}, {"wheel": f"{HOSTILE}/promptreg_cli-1.whl"}, {"sha256": HOSTILE},
        {"wheel": f"https://127.0.0.1:9/{HOSTILE}/promptreg_cli-1.whl"},
    ]  # fmt: skip
    for inputs in wrong:
        result = act("plan", at=fresh, **inputs)
        assert (result.outcome, result.outputs["exit-code"]) == ("failure", "")
    assert sorted(path.name for path in workspace.iterdir()) == ["jobs", "prompts"]
    assert all(MARKER.match(body) for body in github.bodies())


def test_the_working_directory_is_the_one_that_is_named(act, workspace, github):
    shutil.copytree(workspace, workspace / "other agent")
    assert act("plan", working_directory="other agent").outputs["exit-code"] == "2"
    assert act("plan").outputs["exit-code"] == "2"
    assert len(github.comments) == 2


# The wheel


def test_a_wheel_with_another_hash_is_not_installed(act, fresh, github):
    result = act("plan", at=fresh, sha256="0" * 64)
    assert result.steps == {"Install promptreg": "failure"}
    assert "not the one of the input 'sha256'; nothing was installed" in result.log
    assert not list(fresh.temporary.rglob("bin/promptreg")) and not github.requests


def test_no_module_of_the_checkout_is_run(act, fresh, workspace):
    for name in ("pip", "json", "sitecustomize"):
        (workspace / f"{name}.py").write_text("import pathlib\npathlib.Path('taken').touch()\n")
    result = act("plan", at=fresh, job="jobs/agent.yaml")
    assert result.outcome == "success", result.log
    assert not list(workspace.glob("**/taken"))


def test_a_wheel_comes_from_a_release_over_https_alone(act, fresh, wheel, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=release"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(command, check=True, capture_output=True)
    handler = type("Handler", (SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=wheel.path.parent))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_port}/{wheel.path.name}"
    try:
        assert "could not be downloaded" in act("plan", at=fresh, wheel=f"https://{address}").log
        fresh.variables["CURL_CA_BUNDLE"] = str(certificate)
        assert "has to be an https URL" in act("plan", at=fresh, wheel=f"http://{address}").log
        assert not list(fresh.temporary.rglob("bin/promptreg"))
        result = act("plan", at=fresh, wheel=f"https://{address}?download=1")
        assert result.outputs["exit-code"] == "2", result.log
    finally:
        server.shutdown()
        server.server_close()
    # Steps that follow get the program, and their own Python.
    [folder] = set(fresh.path)
    assert not shutil.which("python3", path=folder) and shutil.which("promptreg", path=folder)


# The plan


def test_the_job_after_the_merge_carries_out_the_plan_of_the_pull_request(act, runner, workspace):
    planned = act("plan", job="jobs/agent.yaml", artifact="prompts-plan")
    assert planned.steps["Keep the plan and the reports"] == "success"
    kept = runner.artifacts / "prompts-plan"
    assert {path.name for path in kept.iterdir()} == {"promptreg.plan", "report.json", "report.md", "report.html"}
    shutil.copytree(kept, workspace / "plan")
    runner.event = {"ref": "refs/heads/main"}
    done = act("run", job="jobs/agent.yaml", plan="plan/promptreg.plan")
    assert (done.outcome, done.outputs["created"]) == ("success", "1"), done.log
    assert "no pull request to comment on" in done.log


def test_a_stale_plan_is_refused(act, runner, workspace):
    planned = act("plan", job="jobs/agent.yaml")
    (workspace / "prompts/greet.md").write_text("Something else for {{name}}.\n")
    done = act("run", job="jobs/agent.yaml", plan=planned.outputs["plan-file"])
    assert (done.outcome, done.outputs["exit-code"], done.outputs["created"]) == ("failure", "75", "0"), done.log
    assert not (workspace / "mlruns").exists()


def test_a_run_that_is_cancelled_is_waited_for(tmp_path):
    program = tmp_path / "promptreg"
    program.write_text(
        "#!/bin/bash\ntrap 'sleep 1; echo moved back; exit 130' INT\necho started\nwhile :; do sleep 0.1; done\n"
    )
    program.chmod(0o755)
    names = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
    environment = {
        "PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path), "INPUT_COMMAND": "run",
        **{f"INPUT_{name}": "" for name in ("JOB", "TARGET", "PLAN", "ARGUMENTS")},
        **{name: str(tmp_path / name) for name in names},
    }  # fmt: skip
    command = [sys.executable, ACTION / "run.py"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGINT)
    rest, _ = process.communicate(timeout=60)
    assert (process.returncode, rest) == (130, "moved back\n")
    assert (tmp_path / "GITHUB_OUTPUT").read_text().startswith("exit-code=130\n")


# The comment


def test_each_job_and_target_keeps_one_comment(act, github, workspace):
    shutil.copy(workspace / "jobs/agent.yaml", workspace / "jobs/other.yaml")
    several = [{"job": "jobs/agent.yaml"}, {"job": "jobs/agent.yaml", "target": "prod"}, {"job": "jobs/other.yaml"}]
    for inputs in several:
        act("plan", **inputs)
    first = github.bodies()
    assert len(set(first)) == len(first) == 3
    (workspace / "prompts/second.md").write_text("Second {{x}}.\n")
    for inputs in several:
        assert act("plan", **inputs).outputs["created"] == "2"
    assert len(github.comments) == 3
    for old, new in zip(first, github.bodies(), strict=True):
        assert MARKER.match(old)[0] == MARKER.match(new)[0]
        assert "Plan: 1 to create" in old and "Plan: 2 to create" in new


def test_a_comment_of_somebody_else_is_left_alone(act, github, runner):
    act("plan")
    stolen = github.comments.pop()["body"]
    strangers = [
        {"login": "mallory", "type": "User"}, {"login": "github-actions", "type": "User"},
        {"login": "dependabot[bot]", "type": "Bot"}, None,
    ]  # fmt: skip
    for user in strangers:
        github.add_comment(user, stolen)
    # Our own comment on another job may quote the marker.
    github.add_comment(BOT, f"<!-- promptreg-comment 0000000000000000 -->\n{stolen}")
    before = github.bodies()
    act("plan")
    act("plan", arguments="--strict")
    assert github.bodies()[: len(before)] == before
    assert [comment["user"] for comment in github.comments[len(before) :]] == [BOT]


def test_a_token_of_a_person_edits_the_comments_of_that_person(act, github):
    act("plan")
    assert act("plan", token="ghp_alice").outcome == act("plan", token="ghp_alice").outcome == "success"
    assert [comment["user"]["login"] for comment in github.comments] == ["github-actions[bot]", "alice"]


def test_where_github_does_not_tell_whose_the_token_is_it_is_the_workflow_s(act, github):
    github.tells_viewer = False
    act("plan")
    act("plan")
    assert len(github.comments) == 1


def test_the_comment_is_found_on_a_later_page(act, github):
    for number in range(250):
        github.add_comment({"login": "alice", "type": "User"}, f"Comment {number}")
    act("plan")
    act("plan")
    assert len(github.comments) == 251
    assert github.requests.count("GET /repos/me/agent/issues/7/comments") == 6


@pytest.mark.parametrize(("token", "status"), [("ghs_fork", 403), ("ghs_gone", 401)])
def test_a_token_that_may_not_write_leaves_the_report_in_the_summary(act, github, token, status):
    result = act("plan", token=token)
    assert (result.outcome, result.outputs["exit-code"]) == ("success", "2")
    assert f"::notice title=promptreg::the token may not comment here ({status})" in result.log
    assert "Plan: 1 to create" in result.summary and not github.comments
    failed = act("plan", token=token, arguments="--registry databricks-uc")
    assert (failed.outcome, failed.outputs["exit-code"]) == ("failure", "77")


def test_errors_of_github_are_a_warning_and_keep_the_result(act, github):
    github.faults = [Fault("GET", 502)] * 10
    result = act("plan")
    assert (result.outcome, result.outputs["exit-code"]) == ("success", "2")
    assert result.log.count("::warning title=promptreg::the comment could not be written: HTTP Error 502") == 1
    assert len(github.faults) == 6 and not github.comments


def test_a_request_whose_answer_is_lost_leaves_one_comment(act, github):
    # The first POST asks whose the token is; the others write the comment.
    github.faults = [Fault("POST", 500), Fault("POST", 200, is_late=True), Fault("POST", 502, is_late=True)]
    assert "::" not in act("plan").log
    assert len(github.comments) == 1 and not github.faults
    # GitHub says with a 403 that it was asked too often.
    github.faults = [Fault("PATCH", 503), Fault("GET", 403, headers={"Retry-After": "1"})]
    again = act("plan", arguments="--force")
    assert "::" not in again.log and not github.faults
    assert len(github.comments) == 1


def test_a_report_that_is_too_long_all_the_same_replaces_an_earlier_comment(act, github, workspace):
    act("plan")
    with (workspace / "jobs/agent.yaml").open("a") as job:
        job.write("require: {branch: [main]}\n")
    result = act("run", arguments=f"--override-policy {'x' * 70_000}")
    assert (result.outcome, result.outputs["created"]) == ("success", "1"), result.log
    [body] = github.bodies()
    assert "too long for a comment" in body and "ended with 0." in body


def test_an_unexpected_event_keeps_the_result(act, runner):
    runner.event = {"pull_request": {"number": 7}}
    result = act("plan")
    assert (result.outcome, result.steps["Comment on the pull request"]) == ("success", "failure")


def test_a_job_of_any_size_fits_a_comment(act, github, workspace):
    def write(word: str, number: int = 300):
        for index in range(number):
            lines = [f"{word} {line} ```` </details> é漢 {{{{x}}}}" for line in range(200)]
            (workspace / f"prompts/prompt_{index:03}.md").write_text("\n".join(lines) + "\n")

    write("Old")
    assert act("run", comment="false").outcome == "success"
    write("New", 290)
    result = act("plan")
    assert (result.outputs["updated"], result.outputs["unchanged"]) == ("290", "11")
    [body] = github.bodies()
    assert 20_000 < len(body) < 65_536
    assert body.index("290 to update") < body.index("| Prompt |") < body.index("<details>")
    assert "more prompts not listed here" in body and "more changed templates not shown here" in body
    # Only whole lines are tags: what a diff quotes begins with a sign.
    lines = body.splitlines()
    folds = [line for line in lines if line.startswith(("<details>", "</details>"))]
    assert folds and folds[0::2] == [line for line in folds if line.startswith("<details><summary>")]
    assert len(folds[0::2]) == len(folds[1::2])
    assert len([line for line in lines if line.startswith("```")]) % 2 == 0
    assert lines[-1].endswith("ended with 2.")
