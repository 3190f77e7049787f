"""promptreg works with the logins that people have: of the Databricks CLI, of pipelines and of an editor."""

import json
import os
import signal
import subprocess
import time

import pytest
from fault_proxy import FaultProxy
from jobs import JobFolder

SECRET = "hush-7d20"
PIPELINE = {
    "SYSTEM_ACCESSTOKEN": "github-request-token",
    "SYSTEM_TEAMPROJECTID": "project-1",
    "SYSTEM_PLANID": "plan-1",
    "SYSTEM_JOBID": "job-1",
    "SYSTEM_HOSTTYPE": "build",
    "DATABRICKS_CLIENT_ID": "app",
}


def printed(token: str = SECRET, expiry: str = "2999-01-01T00:00:00Z") -> str:
    """What the Databricks CLI prints of a token."""
    return json.dumps({"access_token": token, "token_type": "Bearer", "expiry": expiry})


class Laptop:
    """A home folder with programs, and a workspace that accepts the token of the CLI."""

    def __init__(self, folder, stand_in, program):
        self.home, self.program = folder, program
        me = {"principal": "me@example.com", "tokens": [SECRET]}
        ci = {"principal": "ci", "client_id": "app", "federation": True}
        self.url = stand_in.control("workspaces", {"identities": [me, ci]})["url"]
        self.proxy = FaultProxy(self.url)
        (folder / "bin").mkdir()
        self.env = {
            "HOME": str(folder),
            "PATH": f"{folder}/bin:/usr/bin:/bin",
            "DATABRICKS_HOST": self.proxy.url,
            "DATABRICKS_CONFIG_FILE": "",
        }

    def install(self, name: str, script: str, folder=None) -> None:
        """Installs a program: a script for the shell."""
        path = (folder or self.home / "bin") / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def databricks(self, answer: str) -> None:
        """Installs a Databricks CLI that does something when it is asked for a token."""
        version = '{"Major": 0, "Minor": 296, "Patch": 0}'
        self.install(
            "databricks",
            f"""[ "$1" = version ] && echo '{version}' && exit; echo "$*" >>"$HOME/calls"\n{answer}""",
        )

    def calls(self) -> list[str]:
        path = self.home / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def __call__(self, *arguments, code: int | None = 0, cwd=None, **env):
        ended = self.program(*arguments, "--registry", "databricks-uc", cwd=cwd, code=code, env=self.env | env)
        assert "hush" not in ended.out + ended.err
        return ended

    def doctor(self, code: int | None = 0, **env) -> dict[str, dict]:
        flags = ["--catalog", "main", "--schema", "agents", "--format", "json"]
        ended = self("doctor", *flags, code=code, **env)
        return {found["check"]: found for found in json.loads(ended.out)}


@pytest.fixture
def laptop(unity_stand_in, program, tmp_path):
    made = Laptop(tmp_path, unity_stand_in, program)
    yield made
    made.proxy.stop()


LIST = ["list", "--catalog", "main", "--schema", "agents"]


# The Databricks CLI


def test_the_login_of_the_databricks_cli(laptop):
    laptop.databricks(f"echo '{printed()}'")
    laptop(*LIST)
    assert laptop.calls() == [f"auth token --host {laptop.proxy.url} --force-refresh"]
    assert {request.headers.get("authorization") for request in laptop.proxy.requests} == {f"Bearer {SECRET}"}
    found = laptop.doctor()
    assert {each["status"] for each in found.values()} == {"ok"}, found
    path = laptop.home / "bin" / "databricks"
    assert found["credentials"]["message"] == f"databricks-cli: DATABRICKS_HOST, {path}"
    assert found["authentication"]["message"].endswith("as me@example.com")


def test_a_profile_of_the_cli(laptop):
    laptop.databricks(f"echo '{printed()}'")
    text = f"[dev]\nhost = {laptop.proxy.url}\nauth_type = databricks-cli\n"
    (laptop.home / ".databrickscfg").write_text(text)
    laptop(*LIST, DATABRICKS_HOST="", DATABRICKS_CONFIG_PROFILE="dev")
    assert laptop.calls() == ["auth token --profile dev --force-refresh"]


def test_a_token_that_expires_soon_is_asked_for_again(laptop, tmp_path):
    # Azure refuses tokens in their last seconds, and so they are not used then.
    expiry = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 3))
    laptop.databricks(f"echo '{printed(expiry=expiry)}'")
    laptop(*LIST)
    assert 1 <= len(laptop.calls()) <= 2


def test_the_cli_gets_its_own_environment_only(laptop):
    laptop.databricks(f'env >"$HOME/env"; pwd >"$HOME/folder"; cat >"$HOME/input"; echo \'{printed()}\'')
    folder = laptop.home / "clone"
    folder.mkdir()
    (folder / "config").write_text("")
    more = {
        "MLFLOW_TRACKING_TOKEN": "hush-other",
        "AWS_SECRET_ACCESS_KEY": "hush-aws",
        "GITHUB_TOKEN": "hush-github",
        "DATABRICKS_CONFIG_FILE": "config",
        "DATABRICKS_AUTH_STORAGE": "plaintext",
        "HTTPS_PROXY": "http://proxy.example:1",
        "PATH": f".::{laptop.env['PATH']}:bin",
    }
    laptop(*LIST, cwd=folder, **more)
    found = dict(line.split("=", 1) for line in (laptop.home / "env").read_text().splitlines())
    assert "hush" not in str(found)
    assert found["PATH"] == laptop.env["PATH"] and found["DATABRICKS_CONFIG_FILE"] == f"{folder}/config"
    assert found["HTTPS_PROXY"] == "http://proxy.example:1" and found["DATABRICKS_AUTH_STORAGE"] == "plaintext"
    assert not {"DATABRICKS_HOST", "DATABRICKS_TOKEN", "GITHUB_TOKEN"} & set(found)
    assert (laptop.home / "folder").read_text() == "/\n" and (laptop.home / "input").read_text() == ""


@pytest.mark.parametrize("path", ["", ".", "bin", ":", ".:bin:"])
def test_a_clone_of_a_stranger_runs_nothing(path, laptop):
    folder = laptop.home / "clone"
    (folder / "bin").mkdir(parents=True)
    for place in (folder, folder / "bin"):
        for name in ("databricks", "az"):
            laptop.install(name, 'echo run >>"$HOME/calls"', place)
    for env in ({}, {"DATABRICKS_AUTH_TYPE": "databricks-cli"}, {"DATABRICKS_CLI_PATH": "./databricks"}):
        ended = laptop(*LIST, cwd=folder, code=77, **{"PATH": path} | env)
        assert "databricks auth login" in ended.err
    assert laptop.calls() == []


BAD = {
    "logged out": (f"echo 'no token {SECRET}' >&2; exit 1", "has no token for"),
    "garbage": (f"echo '{SECRET} \x1b[31m'", "printed no token that can be understood"),
    "nothing": ("true", "printed no token that can be understood"),
    "other JSON": (f"""echo '["{SECRET}"]'""", "printed no token that can be understood"),
    "no token": ("""echo '{"access_token": "", "token_type": "Bearer", "expiry": "2999-01-01T00:00:00Z"}'""", "sent"),
    "line break": (f"printf '%s' '{printed(SECRET + chr(10))}'", "cannot be sent in a header"),
    "no time": (f"echo '{printed(expiry='soon')}'", "does not say when its token expires"),
    "expired": (f"echo '{printed(expiry='2001-01-01T00:00:00Z')}'", "has expired"),
    "huge": ("yes hush-7d20 | head -c 3000000", "printed more than 1 MiB"),
    "huge errors": ("yes hush-7d20 | head -c 3000000 >&2", "printed more than 1 MiB"),
    "killed": ("kill -KILL $$", "has no token for"),
    "not a program": ("exec /nowhere", "has no token for"),
}


@pytest.mark.parametrize("answer, message", BAD.values(), ids=BAD)
def test_a_cli_without_a_good_token(answer, message, laptop):
    laptop.databricks(answer)
    ended = laptop(*LIST, code=77)
    assert message in ended.err and f"databricks auth login --host {laptop.proxy.url}" in ended.err, ended.err
    assert "\x1b" not in ended.err
    found = laptop.doctor(code=77)
    assert found["credentials"]["status"] == "fail" and message in found["credentials"]["message"]
    assert found["authentication"]["status"] == found["reading"]["status"] == "skip"
    assert not [request for request in laptop.proxy.requests if "authorization" in request.headers]


def test_a_cli_that_hangs_is_ended_in_time(laptop):
    laptop.databricks('echo $$ >"$HOME/pid"; sleep 300')
    began = time.monotonic()
    ended = laptop(*LIST, "--timeout", "2s", code=69)
    assert time.monotonic() - began < 10
    assert "exceeded its time limit while it waited for the Databricks CLI" in ended.err and "--timeout" in ended.err
    assert not os.path.exists(f"/proc/{(laptop.home / 'pid').read_text().strip()}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_cli(number, laptop):
    laptop.databricks('echo $$ >"$HOME/pid.new"; mv "$HOME/pid.new" "$HOME/pid"; sleep 300')
    command = [laptop.program.path, *LIST, "--registry", "databricks-uc"]
    process = subprocess.Popen(command, env=os.environ | laptop.env, stderr=subprocess.PIPE)
    for _ in range(200):
        if (laptop.home / "pid").exists():
            break
        time.sleep(0.05)
    process.send_signal(number)
    process.communicate(timeout=15)
    assert process.returncode != 0
    pid = (laptop.home / "pid").read_text().strip()
    for _ in range(100):
        if not os.path.exists(f"/proc/{pid}"):
            break
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{pid}")


def test_a_refused_token_is_asked_for_once_more(laptop):
    laptop.databricks(f"echo '{printed('hush-revoked')}'")
    ended = laptop(*LIST, code=77)
    assert len(laptop.calls()) == 2 and "Databricks" in ended.err


def test_doctor_says_what_it_looked_for(laptop):
    found = laptop.doctor(code=77)["credentials"]
    assert found["status"] == "fail"
    for words in (
        "pat lacks DATABRICKS_TOKEN",
        "oauth-m2m lacks DATABRICKS_CLIENT_ID, DATABRICKS_CLIENT_SECRET",
        "azure-cli lacks a workspace of Azure",
        "databricks-cli lacks the Databricks CLI in PATH",
    ):
        assert words in found["message"]
    assert "databricks auth login" in found["hint"]
    ended = laptop(*LIST, code=77)
    assert "looked for:" not in ended.err and "promptreg doctor" in ended.err


def test_the_legacy_cli_is_none(laptop):
    laptop.install("databricks", "# from databricks_cli.cli import cli\necho run >>\"$HOME/calls\"")
    assert "lacks the Databricks CLI" in laptop.doctor(code=77)["credentials"]["message"]
    assert laptop.calls() == []


def test_the_runtime_is_for_the_wheel(laptop):
    for env in ({"DATABRICKS_RUNTIME_VERSION": "15.4"}, {"DATABRICKS_AUTH_TYPE": "runtime"}):
        ended = laptop(*LIST, code=77, **env)
        assert "runtime's own token" in ended.err and "wheel" in ended.err


# Pipelines and editors


def test_a_pipeline_of_azure_devops(laptop):
    env = PIPELINE | {"SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": f"{laptop.url}/_devops/"}
    # The stand-in's tokens are for its own address.
    env["DATABRICKS_HOST"] = laptop.url
    laptop(*LIST, **env)
    found = laptop.doctor(**env)
    assert found["credentials"]["message"].startswith("azure-devops-oidc: DATABRICKS_HOST, DATABRICKS_CLIENT_ID, SYSTEM_")
    ended = laptop(*LIST, code=77, **env | {"SYSTEM_ACCESSTOKEN": "hush-wrong"})
    assert "Azure DevOps issued no ID token" in ended.err and "SYSTEM_ACCESSTOKEN: $(System.AccessToken)" in ended.err
    ended = laptop(*LIST, code=77, **env | {"DATABRICKS_AUTH_TYPE": "azure-devops-oidc", "SYSTEM_ACCESSTOKEN": ""})
    assert "requires SYSTEM_ACCESSTOKEN" in ended.err


def test_a_metadata_service(laptop):
    env = {"DATABRICKS_METADATA_SERVICE_URL": f"{laptop.url}/_metadata/3f9c"}
    ended = laptop(*LIST, "--verbose", **env)
    assert "3f9c" not in ended.out + ended.err
    found = laptop.doctor(**env)
    assert found["credentials"]["message"] == "metadata-service: DATABRICKS_HOST, DATABRICKS_METADATA_SERVICE_URL"
    ended = laptop(*LIST, code=None, DATABRICKS_METADATA_SERVICE_URL=f"{laptop.url}/_metadata/other-3f9c")
    assert ended.code in (69, 77) and "3f9c" not in ended.err
    ended = laptop(*LIST, code=64, DATABRICKS_METADATA_SERVICE_URL="http://metadata.example/3f9c")
    assert "unencrypted" in ended.err and "3f9c" not in ended.err


def test_many_prompts_start_a_cli_without_a_token_once(laptop):
    laptop.databricks("sleep 0.2; exit 1")
    job = JobFolder(laptop.home / "job", schema="agents", registry="databricks-uc")
    for index in range(150):
        job.add(f"p{index}", f"Text {index} {{{{x}}}}")
    laptop("run", job.write(), code=77)
    assert len(laptop.calls()) == 1
