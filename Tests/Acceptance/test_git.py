"""What a run takes from git, whatever git does: it hangs, it refuses, it is not the one that was meant."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import generated_job
import pytest

TIME_LIMIT = 60
SLEEP = "echo $$ >>{log}; trap '' TERM; sleep 300 & echo $! >>{log}; wait; sleep 300"


@pytest.fixture
def fake_git(workspace):
    """Puts a shell script before the real git, or another program; it may write to a log."""
    log = workspace.folder.parent / "git.log"

    def write(script: str, name: str = "git") -> Path:
        path = workspace.folder.parent / "bin" / name
        path.write_text("#!/bin/sh\n" + script.format(log=log) + "\n")
        path.chmod(0o755)
        generated_job.make(workspace.folder, 1)
        return log

    yield write
    for process in running(log):
        os.kill(process, signal.SIGKILL)


def running(log: Path) -> list[int]:
    """The processes that a log names and that still run; one that was killed has a moment to be gone."""
    named = [Path("/proc", line, "stat") for line in log.read_text().split() if line.isdigit()] if log.exists() else []
    end = time.monotonic() + 1
    while (found := [each for each in named if is_running(each)]) and time.monotonic() < end:
        time.sleep(0.01)
    return [int(each.parent.name) for each in found]


def is_running(state: Path) -> bool:
    """Whether there is a process, and not only its exit code."""
    try:
        return ") Z " not in state.read_text()
    except OSError:
        return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_stopped_leaves_no_git_behind(workspace, fake_git, number, code):
    log = fake_git(SLEEP)
    begin = time.monotonic()
    process = subprocess.Popen(
        ["promptreg", "run", "jobs/generated.yaml", "--report", "report.json"],
        cwd=workspace.folder, env=workspace.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    # Both gits that are asked first, and what each has started.
    while not log.exists() or len(log.read_text().split()) < 4:
        assert time.monotonic() < begin + TIME_LIMIT, "git was never asked"
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(timeout=5) == code
    assert running(log) == []
    assert generated_job.report(workspace.folder / "report.json")["status"] == "interrupted"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_only_reads_leaves_no_login_behind(workspace, fake_git, number):
    log = fake_git(SLEEP, "databricks")
    given = {"DATABRICKS_HOST": "https://workspace.example", "DATABRICKS_AUTH_TYPE": "databricks-cli"}
    begin = time.monotonic()
    process = subprocess.Popen(
        ["promptreg", "list", "--registry", "databricks-uc", "--catalog", "main", "--schema", "agents"],
        cwd=workspace.folder, env=workspace.environment | given, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while not log.exists() or len(log.read_text().split()) < 2:
        assert time.monotonic() < begin + TIME_LIMIT, "nobody was asked to log in"
        time.sleep(0.01)
    process.send_signal(number)
    assert process.wait(timeout=5) == 128 + number
    assert running(log) == []


def test_a_git_that_hangs_holds_a_plan_no_longer_than_half_its_time(workspace, fake_git):
    log = fake_git(SLEEP)
    begin = time.monotonic()
    ran = workspace.run("plan", "jobs/generated.yaml", "--timeout", "2s", timeout=TIME_LIMIT)
    assert time.monotonic() - begin < 6
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == "warning: no commit is recorded: git took longer than 1 s\n"
    assert running(log) == []


def test_git_is_given_no_secrets(workspace, fake_git):
    log = fake_git("env >>{log}; exit 128")
    secrets = {
        "DATABRICKS_TOKEN": "dapi-secret", "MLFLOW_TRACKING_PASSWORD": "secret", "GITHUB_TOKEN": "ghs-secret",
        "GIT_DIR": "elsewhere", "LD_PRELOAD": "", "OPENAI_API_KEY": "sk-secret",
    }  # fmt: skip
    wanted = {"HOME": "/nowhere", "XDG_CONFIG_HOME": "/nowhere/config", "GIT_CONFIG_GLOBAL": "/nowhere/gitconfig"}
    workspace.environment |= secrets | wanted
    ran = workspace.run("plan", "jobs/generated.yaml")
    assert ran.returncode == 0, ran.stderr
    given = dict(line.split("=", 1) for line in log.read_text().splitlines())
    shell = {"PWD", "SHLVL", "_", "OLDPWD"}
    own = {
        "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none",
        "GIT_TERMINAL_PROMPT": "0", "GIT_LITERAL_PATHSPECS": "1",
    }  # fmt: skip
    passed = {name: workspace.environment[name] for name in ("PATH", "GIT_CONFIG_NOSYSTEM", "GIT_CEILING_DIRECTORIES")}
    assert {name: value for name, value in given.items() if name not in shell} == wanted | own | passed


@pytest.mark.parametrize("path", ["", ".", ":{path}", ".:{path}", "bin:{path}"])
def test_no_git_of_the_current_folder_is_run(workspace, path):
    generated_job.make(workspace.folder, 1)
    for name in ("git", "bin/git"):
        planted = workspace.folder / name
        planted.parent.mkdir(exist_ok=True)
        planted.write_text("#!/bin/sh\ntouch planted; exit 1\n")
        planted.chmod(0o755)
    path = path.format(path=workspace.environment["PATH"])
    promptreg = workspace.folder.parent / "bin" / "promptreg"
    ran = subprocess.run(
        [promptreg, "plan", "jobs/generated.yaml"], cwd=workspace.folder, env=workspace.environment | {"PATH": path},
        capture_output=True, text=True, timeout=TIME_LIMIT,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert not (workspace.folder / "planted").exists()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo \"fatal: detected dubious ownership in repository at '/src'\" >&2; exit 128",
         "git says: fatal: detected dubious ownership in repository at '/src'"),
        ("kill -KILL $$", "git says: it ended with 137"),
    ],
)  # fmt: skip
def test_why_git_refuses_is_told(workspace, fake_git, script, reason):
    fake_git(script)
    ran = workspace.run("plan", "jobs/generated.yaml")
    assert (ran.returncode, ran.stderr) == (0, f"warning: no commit is recorded: {reason}\n")


@pytest.fixture
def repository(workspace):
    """A committed job of one prompt; what it is given runs git."""
    generated_job.make(workspace.folder, 1)

    def git(*arguments: str, folder: str = ".") -> str:
        command = ["git", "-C", folder, "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(command, cwd=workspace.folder, env=workspace.environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    git("init", "--quiet", "--initial-branch", "main")
    git("add", ".")
    git("commit", "--quiet", "--message", "Start")
    return git


def state(workspace, *arguments: str, job="jobs/generated.yaml") -> tuple[dict | None, str]:
    """What a plan says of git, and what it warns of."""
    ran = workspace.run("plan", job, "--format", "json", *arguments)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)["git"], ran.stderr


def template(workspace) -> Path:
    return next((workspace.folder / "prompts").iterdir())


@pytest.mark.parametrize("setting", [["core.autocrlf", "true"], ["core.eol", "crlf"]])
def test_line_ends_of_a_checkout_are_no_change(workspace, repository, setting):
    repository("config", *setting)
    (workspace.folder / ".gitattributes").write_text("*.md text\n")
    repository("add", ".")
    repository("commit", "--quiet", "--message", "Attributes")
    repository("rm", "--quiet", "-r", "--cached", "prompts", "jobs")
    for path in [*(workspace.folder / "prompts").iterdir(), workspace.folder / "jobs" / "generated.yaml"]:
        path.unlink()
    repository("reset", "--quiet", "--hard")
    assert b"\r\n" in template(workspace).read_bytes()
    commit = repository("rev-parse", "HEAD")
    assert state(workspace) == ({"commit": commit, "dirty": False}, "")
    template(workspace).write_bytes(template(workspace).read_bytes() + b"more\r\n")
    assert state(workspace) == ({"commit": commit, "dirty": True}, "")


def test_what_a_filter_of_git_changes_is_told(workspace, repository):
    """A template that git holds encrypted, say: no filter is run, and so nobody knows whether it is changed."""
    (workspace.folder / ".gitattributes").write_text("*.md filter=upper\n")
    repository("config", "filter.upper.clean", "tr a-z A-Z")
    repository("add", "--renormalize", ".")
    repository("add", ".")
    repository("commit", "--quiet", "--message", "Filter")
    commit = repository("rev-parse", "HEAD")
    name = f"prompts/{template(workspace).name}"
    assert state(workspace) == (
        {"commit": commit, "dirty": True},
        f"warning: '{name}' counts as changed, since git's filters are not run: "
        "it has the git attribute filter=upper\n",
    )


@pytest.mark.parametrize("changed", ["nothing", "template", "commit"])
def test_templates_in_a_submodule(workspace, repository, changed):
    shared = workspace.folder.parent / "shared"
    (workspace.folder / "prompts").rename(shared)
    for arguments in (["init", "--quiet", "--initial-branch", "main"], ["add", "."], ["commit", "-qm", "Start"]):
        repository(*arguments, folder=str(shared))
    repository("rm", "--quiet", "-r", "--cached", "prompts")
    repository("submodule", "--quiet", "add", str(shared), "prompts")
    repository("commit", "--quiet", "--message", "Submodule")
    if changed == "template":
        template(workspace).write_text("Changed {{query}}\n")
    if changed == "commit":
        repository("commit", "--quiet", "--allow-empty", "--message", "Ahead", folder="prompts")
    commit = repository("rev-parse", "HEAD")
    assert state(workspace) == ({"commit": commit, "dirty": changed != "nothing"}, "")


@pytest.mark.parametrize("name", ["GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_DIR"])
def test_variables_that_lead_git_astray_are_not_heeded(workspace, repository, name):
    workspace.environment[name] = "/nowhere"
    commit = repository_commit(workspace)
    assert state(workspace) == ({"commit": commit, "dirty": False}, "")


def repository_commit(workspace) -> str:
    """The commit that is checked out, as the repository's own files have it."""
    return (workspace.folder / ".git" / "refs" / "heads" / "main").read_text().strip()


def test_a_repository_that_only_a_variable_names_is_told(workspace, repository):
    (workspace.folder / ".git").rename(workspace.folder.parent / "elsewhere.git")
    assert state(workspace) == (None, "")
    workspace.environment["GIT_DIR"] = str(workspace.folder.parent / "elsewhere.git")
    told = "warning: no commit is recorded: the job is in no repository, and GIT_DIR is not used to find one\n"
    assert state(workspace) == (None, told)


def test_names_that_git_could_take_for_patterns(workspace, repository):
    for name in ("*", "[a", ":(top)x", ":!x", "-x", "a b", "ü", "'q\"", "tab\tbed"):
        (workspace.folder / "prompts" / f"{name}.md").write_text(f"{name}\n")
    names = sorted(path.name for path in (workspace.folder / "prompts").iterdir())
    lines = "".join(f"  p{number}: {{file: {json.dumps(name)}}}\n" for number, name in enumerate(names))
    head = "version: 1\njob: odd\nprompts_dir: ../prompts\nprompts:\n"
    (workspace.folder / "jobs" / "odd.yaml").write_text(head + lines)
    assert state(workspace, job="jobs/odd.yaml")[0]["dirty"]
    repository("add", ".")
    repository("commit", "--quiet", "--message", "Odd")
    commit = repository("rev-parse", "HEAD")
    assert state(workspace, job="jobs/odd.yaml") == ({"commit": commit, "dirty": False}, "")
    (workspace.folder / "prompts" / ":!x.md").write_text("changed\n")
    assert state(workspace, job="jobs/odd.yaml") == ({"commit": commit, "dirty": True}, "")


def test_more_files_than_one_command_line_holds(workspace, repository):
    generated_job.make(workspace.folder, 1_400)
    folder = workspace.folder / ("d" * 200)
    (workspace.folder / "prompts").rename(folder)
    job = workspace.folder / "jobs" / "generated.yaml"
    job.write_text(job.read_text().replace("../prompts", f"../{folder.name}"))
    repository("add", ".")
    repository("commit", "--quiet", "--message", "Many")
    commit = repository("rev-parse", "HEAD")
    assert state(workspace) == ({"commit": commit, "dirty": False}, "")
    last = sorted(folder.iterdir())[-1]
    last.write_text("Changed {{query}}\n")
    assert state(workspace) == ({"commit": commit, "dirty": True}, "")
