"""The pipelines of `init --ci` satisfy their platforms' schemas, and their scripts do what they are for.

The scripts are taken out of the files and run by a shell in a repository, with what a platform's runner sets and a wheel of
the program under test.
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from groovy_parser.parser import LarkParseError, parse_groovy_content
from servers import DIRECT, UnityCatalogStandIn

FILES = {
    "github": ".github/workflows/promptreg.yml", "gitlab": ".gitlab-ci.yml", "azure": "azure-pipelines.yml",
    "jenkins": "Jenkinsfile",
}  # fmt: skip
# Python's regular expressions take what the schema of Azure has, and Unicode mode does not.
SCHEMAS = {
    "github": ["vendor.github-workflows"],
    "gitlab": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "azure": ["vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "python"],
}
# Where a platform's runner says that steps keep what is of no commit.
FOLDERS = {"github": "RUNNER_TEMP", "azure": "AGENT_TEMPDIRECTORY", "jenkins": "WORKSPACE_TMP"}


@pytest.fixture(scope="module")
def repository(promptreg, tmp_path_factory) -> Path:
    """A repository with a starter and all pipelines."""
    folder = tmp_path_factory.mktemp("pipelines") / "agent"
    systems = [word for system in FILES for word in ("--ci", system)]
    subprocess.run([promptreg, "init", folder.name, *systems, "--quiet"], cwd=folder.parent, check=True)
    return folder


@pytest.fixture(scope="module")
def server_repository(repository, promptreg, tmp_path_factory) -> Path:
    """A repository with a job on an MLflow server and all pipelines."""
    folder = tmp_path_factory.mktemp("server_pipelines") / "agent"
    subprocess.run(["cp", "-r", repository / "jobs", repository / "prompts", folder.parent], check=True)
    folder.mkdir()
    for name in ("jobs", "prompts"):
        (folder.parent / name).rename(folder / name)
    spec = folder / "jobs/agent.yaml"
    lines = [line for line in spec.read_text().splitlines() if "databricks" not in line]
    spec.write_text("\n".join(lines).replace("http://localhost:5000", "https://mlflow.example.com"))
    systems = [word for system in FILES for word in ("--ci", system)]
    subprocess.run([promptreg, "init", folder.name, *systems, "--quiet"], cwd=folder.parent, check=True)
    return folder


class Runner:
    """What runs the scripts of a pipeline one after the other."""

    def __init__(self, system: str, folder: Path, repository: Path, wheel: Path | str, digest: str):
        self.system = system
        self.folder = folder
        self.work = folder / "work"
        subprocess.run(["cp", "-r", repository, self.work], check=True)
        (folder / "temp").mkdir()
        self.text = (repository / FILES[system]).read_text()
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "GITHUB_PATH": str(folder / "path"),
            **self.variables(),
            "PROMPTREG_WHEEL": str(wheel), "PROMPTREG_SHA256": digest, "PROMPTREG_TARGET": "local",
        }  # fmt: skip
        if system in FOLDERS:
            self.environment[FOLDERS[system]] = str(folder / "temp")

    def variables(self) -> dict[str, str]:
        """The variables that the file sets for all scripts."""
        if self.system == "jenkins":
            block = re.search(r"environment \{\n(.*?)\}", self.text, re.DOTALL)[1]
            return dict(re.findall(r"(\w+) = '(.*)'", block))
        parsed = yaml.safe_load(self.text)
        found = {
            "github": lambda: parsed["jobs"]["promptreg"]["env"],
            "gitlab": lambda: parsed[".promptreg"]["variables"] | parsed[".promptreg-registry"].get("variables", {}),
            "azure": lambda: parsed["variables"],
        }[self.system]()
        # What the platform would fill in is not there.
        return {name: value for name, value in found.items() if "${{" not in value}

    def scripts(self) -> dict[str, str]:
        """The scripts by what they do; GitLab's jobs would each begin with the installation."""
        if self.system == "jenkins":
            found = re.findall(r"sh '''\n(.*?)'''|sh '([^'\n]*)'", self.text, re.DOTALL)
            texts = [long or short for long, short in found]
        elif self.system == "gitlab":
            parsed = yaml.safe_load(self.text)
            start = parsed[".promptreg"]["before_script"]
            # A folder of its own, as a job of GitLab has a container of its own.
            start = [line.replace("/tmp/promptreg", str(self.folder / "temp/promptreg")) for line in start]
            texts = ["\n".join(start)]
            # What a job installed before its script, the first one here did for all.
            path = f'export PATH="{self.folder}/temp/promptreg/venv/bin:$PATH"'
            for name in ("validate", "plan", "run"):
                texts.append("\n".join([path, *parsed[f"promptreg-{name}"]["script"]]))
        elif self.system == "azure":
            stages = yaml.safe_load(self.text)["stages"]
            deployed = stages[1]["jobs"][0]["strategy"]["runOnce"]["deploy"]["steps"]
            steps = stages[0]["jobs"][0]["steps"] + deployed
            texts = [step["bash"] for step in steps if "bash" in step]
            assert texts[0] == texts.pop(3), "both stages install the same"
        else:
            jobs = yaml.safe_load(self.text)["jobs"].values()
            texts = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
            if len(jobs) == 2:
                assert texts[0] == texts.pop(3), "both jobs install the same"
        assert len(texts) == 4
        return dict(zip(("install", "validate", "plan", "run"), texts, strict=True))

    def run(self, name: str, **more: str) -> subprocess.CompletedProcess:
        """Runs a script with the shell of the platform, and does what its commands ask for."""
        shell = {
            "github": ["bash", "--noprofile", "--norc", "-eo", "pipefail"], "gitlab": ["bash", "-eo", "pipefail"],
            "azure": ["bash", "--noprofile", "--norc"], "jenkins": ["sh", "-xe"],
        }[self.system]  # fmt: skip
        script = self.folder / "script.sh"
        script.write_text(self.scripts()[name])
        done = subprocess.run(
            [*shell, script], cwd=self.work, env=self.environment | more, capture_output=True, text=True, timeout=300
        )
        added = re.findall(r"##vso\[task.prependpath\](.*)", done.stdout)
        if (self.folder / "path").exists():
            added += (self.folder / "path").read_text().splitlines()
        for path in added:
            self.environment["PATH"] = f"{path}:{self.environment['PATH']}"
        return done


@pytest.fixture
def runner(repository, wheel, tmp_path):
    def made(
        system: str, address: Path | str = wheel, digest: str | None = None, repository: Path = repository
    ) -> Runner:
        digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
        return Runner(system, tmp_path, repository, address, digest)

    return made


@pytest.mark.parametrize("system", SCHEMAS)
def test_the_schema_of_the_platform_takes_the_file_and_no_misspelt_key(repository, server_repository, tmp_path, system):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *SCHEMAS[system]]
    file = repository / FILES[system]
    subprocess.run([*command, file, server_repository / FILES[system]], check=True)
    broken = tmp_path / "broken.yml"
    keys = {"github": "runs-on", "gitlab": "resource_group", "azure": "lockBehavior"}
    broken.write_text(file.read_text().replace(f"{keys[system]}:", "bogus:"))
    assert broken.read_text() != file.read_text()
    assert subprocess.run([*command, broken], capture_output=True).returncode == 1


def test_the_jenkinsfile_is_groovy(repository, server_repository):
    parse_groovy_content((server_repository / FILES["jenkins"]).read_text())
    text = (repository / FILES["jenkins"]).read_text()
    parse_groovy_content(text)
    with pytest.raises(LarkParseError):
        parse_groovy_content(text.replace("agent any", "agent any }"))


@pytest.mark.parametrize("system", FILES)
def test_the_scripts_install_validate_plan_and_run(runner, system):
    runner = runner(system)
    installed = runner.run("install")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    validated = runner.run("validate")
    assert validated.returncode == 0, validated.stdout + validated.stderr
    if system == "gitlab":
        assert (runner.work / "gl-code-quality-report.json").read_text() == "[]\n"
    planned = runner.run("plan")
    assert planned.returncode == 0 and "Plan: 2 to create" in planned.stdout, planned.stdout + planned.stderr
    assert not (runner.work / "mlruns").exists()
    for summary in ("2 created, 0 updated", "0 created, 0 updated, 0 retagged, 2 unchanged"):
        ran = runner.run("run")
        assert ran.returncode == 0 and summary in ran.stdout, ran.stdout + ran.stderr
    assert {file.name for file in (runner.work / "reports").iterdir()} >= {"run.xml", "run.json", "run.md"}

    # A finding fails the validation, and a failure of the run its step.
    with (runner.work / "prompts/answer.md").open("a") as file:
        file.write("{{unknown}}\n")
    assert runner.run("validate").returncode == 65
    assert runner.run("run").returncode == 65


@pytest.mark.parametrize("system", FILES)
def test_no_module_of_the_checkout_is_run(runner, system):
    runner = runner(system)
    for name in ("pip", "venv", "ensurepip", "site", "sitecustomize"):
        (runner.work / f"{name}.py").write_text("import pathlib\npathlib.Path('taken').touch()\n")
    installed = runner.run("install")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert not list(runner.work.glob("**/taken"))
    # A folder of tools that outlives a build gets the wheel that is named now.
    program = runner.folder / "temp/promptreg/venv/bin/promptreg"
    program.write_text("an older one")
    assert runner.run("install").returncode == 0 and program.read_bytes()[:4] == b"\x7fELF"


@pytest.mark.parametrize("system", FILES)
def test_another_wheel_than_the_named_one_is_not_installed(runner, system):
    runner = runner(system, digest="0" * 64)
    done = runner.run("install")
    assert done.returncode != 0 and "FAILED" in done.stdout
    assert not list((runner.folder / "temp").glob("**/bin/promptreg"))


@pytest.mark.parametrize("system", FILES)
def test_without_a_wheel_the_pipeline_says_what_is_missing(runner, system):
    done = runner(system).run("install", PROMPTREG_WHEEL="")
    assert done.returncode != 0 and "PROMPTREG_WHEEL: name the wheel in this file" in done.stderr


def test_a_wheel_at_an_address_is_fetched(runner, wheel, tmp_path):
    runner = runner("github", address=f"https://example.com/releases/{wheel.name}")
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "curl").write_text(f'#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\ncp {wheel} "$2"\necho "$3"\n')
    (tools / "curl").chmod(0o755)
    runner.environment["PATH"] = f"{tools}:{runner.environment['PATH']}"
    done = runner.run("install")
    assert done.returncode == 0 and f"https://example.com/releases/{wheel.name}" in done.stdout, done.stderr


@pytest.mark.parametrize("system", FILES)
def test_nothing_is_installed_from_an_index_and_no_secret_is_named(repository, system):
    text = (repository / FILES[system]).read_text()
    assert "pip install promptreg" not in text and "secrets." not in text and "DATABRICKS_TOKEN" not in text
    assert "--no-index" in text


def id_token(workspace: UnityCatalogStandIn) -> str:
    """What a platform's issuer gives a job for the audience that the workspace wants."""
    audience = urllib.parse.quote(f"{workspace.url}/oidc/v1/token", safe="")
    request = urllib.request.Request(f"{workspace.url}/_github/id-token?audience={audience}")
    request.add_header("Authorization", "Bearer github-request-token")
    with DIRECT.open(request) as answer:
        return json.load(answer)["value"]


@pytest.mark.parametrize("system", ["github", "gitlab", "jenkins"])
def test_what_a_platform_says_of_a_job_is_credentials_enough(runner, promptreg, system):
    runner = runner(system)
    # Where an installation puts it.
    program = runner.folder / "temp/promptreg/venv/bin/promptreg"
    program.parent.mkdir(parents=True)
    program.symlink_to(promptreg)
    runner.environment["PATH"] = f"{program.parent}:{runner.environment['PATH']}"
    workspace = UnityCatalogStandIn()
    try:
        workspace.add_schema("main.agent")
        reader = {"principal": "reader", "client_id": "reader-app", "federation": True}
        reader["grants"] = {"main": ["USE CATALOG"], "main.agent": ["USE SCHEMA", "EXECUTE"]}
        workspace.control("identities", [reader, {"principal": "ci", "client_id": "app", "federation": True}])
        given = {
            "DATABRICKS_HOST": workspace.url, "DATABRICKS_CLIENT_ID": "app", "DATABRICKS_READER_CLIENT_ID": "reader-app",
            "PROMPTREG_TARGET": runner.variables()["PROMPTREG_TARGET"],
        }  # fmt: skip
        if system == "github":
            given["ACTIONS_ID_TOKEN_REQUEST_URL"] = f"{workspace.url}/_github/id-token?api-version=2.0"
            given["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "github-request-token"
        else:
            name = runner.variables().get("DATABRICKS_OIDC_TOKEN_ENV", "DATABRICKS_OIDC_TOKEN")
            assert f"{name}:" in runner.text or f"variable: '{name}'" in runner.text
            given[name] = id_token(workspace)
        assert runner.text.count("DATABRICKS_READER_CLIENT_ID") > 1
        for name in ("plan", "run"):
            # GitHub fills a step's own variables in.
            reads = {"DATABRICKS_CLIENT_ID": "reader-app"} if system == "github" and name == "plan" else {}
            done = runner.run(name, **given | reads)
            assert done.returncode == 0, done.stdout + done.stderr
        assert sorted(workspace.control("state")) == ["main.agent.prompt_answer", "main.agent.prompt_summarize"]
    finally:
        workspace.stop()


class RefusingServer(BaseHTTPRequestHandler):
    """A server that keeps who asked, and lets nobody in."""

    def do_GET(self):
        self.server.asked.add(self.headers.get("Authorization"))
        # What is left unread would end the connection before the answer.
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_error(403)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def test_only_the_main_branch_has_the_password_of_who_writes(server_repository):
    """A workflow of any branch can read the repository's secrets, and those of an environment only where it may deploy."""
    jobs = yaml.safe_load((server_repository / FILES["github"]).read_text())["jobs"]
    writers = {name for name, job in jobs.items() if "secrets.MLFLOW_TRACKING" in json.dumps(job)}
    assert writers == {"promptreg-run"} and jobs["promptreg-run"]["environment"] == "promptreg"
    assert "environment" not in jobs["promptreg"]


@pytest.mark.parametrize(
    ("commands", "branch"),
    [
        (["init -b trunk"], "trunk"),
        (["init -b topic", "commit --allow-empty -m x", "branch master"], "master"),
        (["init -b topic", "commit --allow-empty -m x", "branch master", "branch main"], "main"),
        (
            ["init -b topic", "commit --allow-empty -m x", "branch main", "update-ref refs/remotes/origin/rel/1 HEAD",
             "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/rel/1"], "rel/1",
        ),
        (["init -b it's"], "main"),
        ([], "main"),
    ],
)  # fmt: skip
def test_the_branch_is_the_one_of_the_repository(promptreg, repository, tmp_path, commands, branch):
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    author = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in commands:
        subprocess.run(["git", *author, *command.split(" ")], cwd=tmp_path, env=environment, check=True)
    subprocess.run(["cp", "-r", repository / "jobs", repository / "prompts", tmp_path], check=True)
    words = [word for system in FILES for word in ("--ci", system)]
    subprocess.run([promptreg, "init", *words, "--quiet"], cwd=tmp_path, env=environment, check=True)
    parsed = {system: yaml.safe_load((tmp_path / FILES[system]).read_text()) for system in ("github", "azure")}
    assert parsed["github"][True]["push"]["branches"] == [branch]
    assert parsed["azure"]["trigger"]["branches"]["include"] == [branch]
    assert f"'refs/heads/{branch}'" in parsed["azure"]["stages"][1]["condition"]
    assert f"branch '{branch}'" in (tmp_path / FILES["jenkins"]).read_text()


@pytest.mark.parametrize("system", FILES)
def test_a_pipeline_logs_in_to_an_mlflow_server_as_who_may_do_no_more(
    runner, promptreg, server_repository, system
):
    runner = runner(system, repository=server_repository)
    assert runner.variables()["PROMPTREG_TARGET"] == "server" and "DATABRICKS" not in runner.text
    program = runner.folder / "temp/promptreg/venv/bin/promptreg"
    program.parent.mkdir(parents=True)
    program.symlink_to(promptreg)
    runner.environment["PATH"] = f"{program.parent}:{runner.environment['PATH']}"
    spec = runner.work / "jobs/agent.yaml"
    text = spec.read_text()
    secrets = {
        "MLFLOW_TRACKING_USERNAME": "writer", "MLFLOW_TRACKING_PASSWORD": "w", "MLFLOW_READER_USERNAME": "reader",
        "MLFLOW_READER_PASSWORD": "r", "PROMPTREG_TARGET": "server",
    }  # fmt: skip
    for name, login in (("plan", "reader:r"), ("run", "writer:w")):
        server = ThreadingHTTPServer(("127.0.0.1", 0), RefusingServer)
        server.asked = set()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        spec.write_text(text.replace("https://mlflow.example.com", f"http://127.0.0.1:{server.server_port}"))
        try:
            done = runner.run(name, **step_variables(runner, name, secrets))
            assert done.returncode == 77, done.stdout + done.stderr
            assert server.asked == {"Basic " + base64.b64encode(login.encode()).decode()}
        finally:
            server.shutdown()
            server.server_close()


def step_variables(runner: Runner, name: str, secrets: dict[str, str]) -> dict[str, str]:
    """What a step finds in its environment: on GitLab all variables, elsewhere those that the file gives to it."""
    if runner.system == "gitlab":
        return secrets
    if runner.system == "jenkins":
        user = {"plan": "mlflow-reader", "run": "mlflow-writer"}[name]
        names = re.search(rf"credentialsId: '{user}', usernameVariable: '(\w+)', passwordVariable: '(\w+)'", runner.text)
        role = "READER" if name == "plan" else "TRACKING"
        values = (secrets[f"MLFLOW_{role}_USERNAME"], secrets[f"MLFLOW_{role}_PASSWORD"])
        return dict(zip(names.groups(), values, strict=True)) | {"PROMPTREG_TARGET": "server"}
    found = re.findall(r"(MLFLOW_TRACKING_\w+): \$(?:\{\{ secrets\.|\()(\w+)", runner.text)
    assert len(found) == 4
    mine = found[:2] if name == "plan" else found[2:]
    return {variable: secrets[secret] for variable, secret in mine} | {"PROMPTREG_TARGET": "server"}
