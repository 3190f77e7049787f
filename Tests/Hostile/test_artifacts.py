"""Saved plans, reports and lock files that somebody changed: none of them says where credentials go."""

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SPEC = "version: 1\njob: x\ncatalog: a\nschema: b\naliases: [live]\nprompts_dir: ../prompts\n"
# The host does not exist: a request to it ends with 69.
STRANGER = "https://registry.example.invalid"
TOKEN = {"MLFLOW_TRACKING_TOKEN": "what-nobody-may-see"}
WORKSPACE = "https://workspace.example.invalid"
PROFILES = f"[evil]\nhost = {WORKSPACE}\ntoken = of-another-customer\n"
QUICK = ("--timeout", "2s")


@pytest.fixture
def box(sandbox):
    """A job of one prompt that was run, with a plan, a report and a lock file."""
    sandbox.write("jobs/job.yaml", SPEC)
    sandbox.write("prompts/a.md", "Hello {{x}}\n")
    sandbox.write(".databrickscfg", PROFILES)
    flags = ["--registry", "file:mlruns"]
    sandbox.run("run", "jobs/job.yaml", *flags, "--report", "report.json", "--lock", "lock.json", codes={0}, writes=True)
    sandbox.write("prompts/a.md", "Other {{x}}\n")
    sandbox.run("plan", "jobs/job.yaml", *flags, "--out", "a.plan", codes={0}, writes=True)
    return sandbox


def change_plan(box, registry: str, spec_path: str = "jobs/job.yaml", **variables: str) -> None:
    saved = json.loads((box.folder / "a.plan").read_text())
    saved["request"] |= {"registry": registry, "spec_path": spec_path}
    saved["request"]["inputs"]["variables"] = variables
    saved["plan"]["registry"] = {"address": registry} | ({"workspace": WORKSPACE} if "databricks" in registry else {})
    box.write("a.plan", json.dumps(saved))


def change(box, name: str, registry: str) -> None:
    changed = {"registry": registry, "workspace": WORKSPACE if "databricks" in registry else None}
    box.write(name, json.dumps(json.loads((box.folder / name).read_text()) | changed))


WORDS = {
    "plan": ["run", "--plan", "a.plan", *QUICK],
    "report": ["rollback", "--from-report", "report.json", *QUICK],
    "lock": ["verify", "--lock", "lock.json", *QUICK],
}


def name_in_all(box, registry: str) -> None:
    change_plan(box, registry)
    change(box, "report.json", registry)
    change(box, "lock.json", registry)


@pytest.mark.parametrize("file", WORDS)
@pytest.mark.parametrize(
    ("address", "variable"),
    [
        (STRANGER, "MLFLOW_TRACKING_URI"),
        # `~/.databrickscfg` has credentials for it, of another workspace than is meant.
        ("databricks-uc://evil", "MLFLOW_REGISTRY_URI"),
    ],
)
def test_a_file_does_not_say_where_credentials_go(file, address, variable, box):
    name_in_all(box, address)
    ended = box.run(*WORDS[file], codes={64})
    assert f"names the registry {address}, and neither a job nor the environment does" in ended.err
    # Whoever writes the command line, the environment or the job may say so.
    box.run(*WORDS[file], "--registry", address, codes={69})
    box.run(*WORDS[file], env={variable: address}, codes={69})
    box.write("jobs/job.yaml", SPEC + f"registry: {address}\n")
    box.run(*WORDS[file], codes={69})


@pytest.mark.parametrize("file", WORDS)
def test_the_workspace_of_the_environment_is_no_other_registry(file, box):
    """Where the job registers elsewhere, a plan and a report do not lead there; a lock file names what an agent loads."""
    name_in_all(box, "databricks-uc")
    box.write("jobs/job.yaml", SPEC + "registry: https://mlflow.example.invalid\n")
    workspace = {"DATABRICKS_HOST": WORKSPACE, "DATABRICKS_TOKEN": "t0ken-of-a-test"}
    ended = box.run(*WORDS[file], env=workspace, codes={69 if file == "lock" else 64})
    assert file == "lock" or "names the registry databricks-uc, and neither" in ended.err


@pytest.mark.parametrize("place", ["plan/jobs/p.yaml", "jobs/../plan/jobs/p.yaml", "jobs/linked.yaml", "jobs/below/p.yaml"])
def test_a_job_of_the_same_artifact_does_not_say_where_credentials_go(place, box):
    theirs = SPEC + f"registry: {STRANGER}\n"
    for folder in ("plan", "jobs"):
        box.write(f"{folder}/prompts/a.md", "Other {{x}}\n")
    box.write("plan/jobs/p.yaml", theirs)
    box.write("jobs/below/p.yaml", theirs)
    (box.folder / "jobs/linked.yaml").symlink_to("../plan/jobs/p.yaml")
    change_plan(box, STRANGER, place)
    ended = box.run("run", "--plan", "a.plan", *QUICK, env=TOKEN, codes={64})
    assert "name the job: promptreg run --plan a.plan JOB" in ended.err
    change_plan(box, "databricks-uc", place)
    (box.folder / "plan/jobs/p.yaml").write_text(theirs.replace(STRANGER, "databricks-uc"))
    (box.folder / "jobs/below/p.yaml").write_text(theirs.replace(STRANGER, "databricks-uc"))
    box.run("run", "--plan", "a.plan", *QUICK, codes={64})
    # A job that the command line names is meant.
    change_plan(box, STRANGER, place)
    box.write("plan/jobs/p.yaml", theirs)
    box.run("run", "--plan", "a.plan", "plan/jobs/p.yaml", *QUICK, codes={69})


@pytest.mark.parametrize("place", [".env", "{outside}/k.yaml", "../", "linked.yaml"])
def test_a_plan_does_not_show_what_a_file_says(place, box, tmp_path_factory):
    outside = tmp_path_factory.mktemp("home")
    (outside / "k.yaml").write_text("token: what-nobody-may-see\n")
    (box.folder / "linked.yaml").symlink_to(outside / "k.yaml")
    box.write(".env", "token: what-nobody-may-see\n")
    path = os.path.relpath(outside / "k.yaml", box.folder) if place == "../" else place.format(outside=outside)
    change_plan(box, f"file:{box.folder}/mlruns", path)
    ended = box.run("run", "--plan", "a.plan", codes={64})
    assert "which is no YAML file in this folder" in ended.err and "may-see" not in ended.err


def test_a_folder_needs_no_name(box):
    """It gets no credentials."""
    (box.folder / "jobs").rename(box.folder / "tasks")
    change_plan(box, f"file:{box.folder}/mlruns", "tasks/job.yaml")
    box.run("run", "--plan", "a.plan", codes={0}, writes=True)


def test_the_variables_of_a_plan_do_not_say_where_credentials_go(box):
    box.write("jobs/job.yaml", SPEC + 'variables: {host: {default: mlflow.example.invalid}}\nregistry: "https://${var.host}"\n')
    theirs = STRANGER.removeprefix("https://")
    change_plan(box, STRANGER, host=theirs)
    box.run("run", "--plan", "a.plan", *QUICK, codes={64})
    box.run("run", "--plan", "a.plan", "jobs/job.yaml", *QUICK, codes={64})
    # Those of the environment and the command line do.
    box.run("run", "--plan", "a.plan", *QUICK, env={"PROMPTREG_VAR_HOST": theirs}, codes={69})
    box.run("run", "--plan", "a.plan", "--var", f"host={theirs}", *QUICK, codes={69})
    change_plan(box, "https://mlflow.example.invalid", host="mlflow.example.invalid")
    box.run("run", "--plan", "a.plan", *QUICK, codes={69})


class Listener(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.headers.get("Authorization"))
        self.send_error(404)

    do_POST = do_GET

    def log_message(self, *_):
        pass


def test_whoever_listens_on_this_machine_gets_no_credentials(box):
    """On a machine that several share, that may be anybody."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        change_plan(box, f"http://127.0.0.1:{server.server_port}")
        box.run("run", "--plan", "a.plan", *QUICK, env=TOKEN, codes={64})
        assert server.asked == []
        box.run("run", "--plan", "a.plan", *QUICK, codes={1, 69})
        assert server.asked and set(server.asked) == {None}
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("target", ["/proc/self/environ", "/proc/self", "/sys/kernel"])
def test_what_the_system_tells_of_the_run_is_no_template(target, box):
    """A link to the environment of the process would show its tokens in an error's excerpt."""
    name = {"/proc/self": "environ", "/sys/kernel": "vmcoreinfo"}.get(target, "a.md")
    if name == "a.md":
        (box.folder / "prompts/a.md").unlink()
        (box.folder / "prompts/a.md").symlink_to(target)
    else:
        for file in (box.folder / "prompts").iterdir():
            file.unlink()
        (box.folder / "prompts").rmdir()
        (box.folder / "prompts").symlink_to(target)
    box.write("jobs/job.yaml", SPEC + f"prompts: {{a: {{file: {name}}}}}\n")
    for command in ("validate", "plan", "diff"):
        ended = box.run(command, "jobs/job.yaml", env=TOKEN, codes={65})
        assert TOKEN["MLFLOW_TRACKING_TOKEN"] not in ended.out + ended.err
        assert name != "environ" or "is a file of /proc or /sys" in ended.err


def test_what_the_system_tells_of_the_run_is_no_job(box):
    os.symlink("/proc/self/environ", box.folder / "jobs/environ.yaml")
    for words in (["validate"], ["plan"], ["render", "prompts/a.md", "--values"], ["run", "--plan"], ["verify", "--lock"]):
        ended = box.run(*words, "jobs/environ.yaml", env=TOKEN, codes={64, 65})
        assert TOKEN["MLFLOW_TRACKING_TOKEN"] not in ended.out + ended.err
        assert "is a file of /proc or /sys" in ended.err


def test_an_excerpt_hides_what_the_environment_keeps_secret(box):
    box.write("jobs/job.yaml", SPEC + f"oops: {TOKEN['MLFLOW_TRACKING_TOKEN']}\n")
    ended = box.run("validate", "jobs/job.yaml", env=TOKEN, codes={65})
    assert "oops" in ended.err and TOKEN["MLFLOW_TRACKING_TOKEN"] not in ended.err


# Lock files


def lock_of(box, *names: tuple[str, str]) -> None:
    lock = json.loads((box.folder / "lock.json").read_text())
    [prompt] = lock["prompts"]
    lock["prompts"] = [
        prompt | {"name": name, "full_name": full, "uri": f"prompts:/{full}/1"} for name, full in names
    ]  # fmt: skip
    box.write("lock.json", json.dumps(lock))


@pytest.mark.parametrize(
    "names",
    [
        [("answer", "a.b.prompt_other"), ("other", "a.b.prompt_answer")],
        [("x", "a.b.prompt_zx"), ("zx", "a.b.prompt_x")],
        [("a", "a.b.prompt_a"), ("a", "a.b.other_a")],
        [("a", "a.b.prompt_other")],
        [("a", "a.b.prompt_a"), ("b", "a.c.prompt_b")],
    ],
)
def test_a_lock_file_that_calls_a_prompt_by_the_name_of_another_is_refused(names, box):
    lock_of(box, *names)
    for command in (["verify"], ["load", names[0][0]]):
        assert "is damaged" in box.run(*command, "--lock", "lock.json", codes={65}).err


def test_a_lock_file_without_prompts_is_warned_of(box):
    lock_of(box)
    assert "warning: the lock file 'lock.json' names no prompt" in box.run("verify", "--lock", "lock.json", codes={0}).err
