"""The bundle of `init --databricks` is of the types that Databricks has for it, and its tasks register the prompts.

The tasks run as Databricks runs them, in a stand-in of the runtime, against the stand-in for Unity Catalog.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from databricks.bundles.jobs import Job
from databricks.bundles.schemas import Schema
from servers import UnityCatalogStandIn

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PARAMETERS = {
    "workspace.current_user.userName": "me@example.com", "bundle.git.commit": COMMIT, "bundle.git.branch": "main",
    "bundle.git.origin_url": "git@github.com:me/agent.git",
}  # fmt: skip


@pytest.fixture
def bundle(promptreg, tmp_path) -> Path:
    """A folder with a starter and its bundle."""
    subprocess.run([promptreg, "init", "agent", "--databricks", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path / "agent"


def loaded(bundle: Path) -> dict:
    """The bundle as its files are merged."""
    settings = yaml.safe_load((bundle / "databricks.yml").read_text())
    assert settings["include"] == ["resources/*.yml"]
    for file in bundle.glob("resources/*.yml"):
        settings |= yaml.safe_load(file.read_text())
    return settings


def resolved(bundle: Path, target: str, text: str | None = None, **variables: str) -> dict:
    """The resources of a target, with values in place of substitutions; none may be left."""
    settings = loaded(bundle)
    values = PARAMETERS | {"bundle.target": target, "bundle.name": "agent", "workspace.file_path": str(bundle)}
    values |= {f"var.{name}": each["default"] for name, each in settings["variables"].items() if "default" in each}
    values |= {f"var.{name}": value for name, value in settings["targets"][target].get("variables", {}).items()}
    values |= {f"var.{name}": value for name, value in variables.items()}
    # What development mode does to the names of schemas.
    prefix = "dev_me_" if settings["targets"][target]["mode"] == "development" else ""
    values["resources.schemas.prompts.name"] = prefix + settings["variables"]["schema"]["default"]
    text = text or json.dumps(settings["resources"])
    while found := re.search(r"\$\{([^}]*)\}", text):
        text = text.replace(found[0], values[found[1]])
    return yaml.safe_load(text)


def on_classic_compute(bundle: Path) -> str:
    """The resources as their comments say that they are for classic compute."""
    text = (bundle / "resources/agent_setup_job.yml").read_text()
    # Two blocks of comments, each after a sentence that says where it goes.
    comments = re.sub(r"^ +# ", "", text[text.index("# On classic") :], flags=re.MULTILINE)
    blocks = [yaml.safe_load(block) for block in re.split(r"^.*….*\n", comments, flags=re.MULTILINE) if block]
    assert [sorted(block) for block in blocks] == [["job_clusters"], ["job_cluster_key", "libraries"]]
    resources = yaml.safe_load(text)["resources"]
    job = resources["jobs"]["agent_setup"]
    del job["environments"]
    job |= blocks[0]
    for task in job["tasks"]:
        del task["environment_key"]
        task |= blocks[1]
    return json.dumps(resources)


@pytest.mark.parametrize("target", ["dev", "prod"])
@pytest.mark.parametrize("compute", ["serverless", "classic"])
def test_the_resources_are_of_the_types_of_databricks(bundle, target, compute):
    text = on_classic_compute(bundle) if compute == "classic" else None
    resources = resolved(bundle, target, text, agent_principal="agents")
    assert sorted(resources) == ["jobs", "schemas"]
    job = Job.from_dict(resources["jobs"]["agent_setup"])
    schema = Schema.from_dict(resources["schemas"]["prompts"])

    assert [task.task_key for task in job.tasks] == ["doctor", "register_prompts", "log_agent_model"]
    before = [[each.task_key for each in task.depends_on] for task in job.tasks]
    assert before == [[], ["doctor"], ["register_prompts"]], "the model is logged after its prompts are registered"
    if compute == "serverless":
        assert {task.environment_key for task in job.tasks} == {each.environment_key for each in job.environments}
        assert {each.spec.environment_version for each in job.environments} == {"4"}
        assert job.environments[0].spec.dependencies == ["../dist/promptreg_cli-*.whl"]
    else:
        assert {task.job_cluster_key for task in job.tasks} == {job.job_clusters[0].job_cluster_key}
        assert {task.libraries[0].whl for task in job.tasks} == {"../dist/promptreg_cli-*.whl"}
    for task in job.tasks[:2]:
        assert (task.python_wheel_task.package_name, task.python_wheel_task.entry_point) == ("promptreg_cli", "task")
    assert (bundle / "resources" / job.tasks[2].spark_python_task.python_file).resolve().is_file()

    granted = {each.principal: [privilege.value for privilege in each.privileges] for each in schema.grants}
    assert granted == {
        "me@example.com": ["USE_SCHEMA", "CREATE_FUNCTION", "EXECUTE", "MANAGE"], "agents": ["USE_SCHEMA", "EXECUTE"],
    }  # fmt: skip


def test_the_types_take_no_other_key(bundle):
    job = resolved(bundle, "dev")["jobs"]["agent_setup"]
    job["tasks"][0]["python_wheel_task"]["parameter"] = []
    with pytest.raises(ValueError, match="Unexpected field 'parameter'"):
        Job.from_dict(job)


def test_production_wants_to_be_told_who_runs_the_agent(bundle):
    with pytest.raises(KeyError, match="var.agent_principal"):
        resolved(bundle, "prod")


@pytest.mark.parametrize("target", ["dev", "prod"])
def test_the_tasks_register_the_prompts_of_the_target(bundle, run_task, promptreg, target):
    resources = resolved(bundle, target, agent_principal="agents")
    tasks = {task["task_key"]: task for task in resources["jobs"]["agent_setup"]["tasks"]}
    schema = "main.dev_me_agent" if target == "dev" else "main.agent"
    workspace = UnityCatalogStandIn()
    try:
        workspace.add_schema(schema)
        runtime = {"program": promptreg, "host": workspace.url, "behaviour": 'return {"Authorization": "Bearer token"}'}
        for name in ("doctor", "register_prompts"):
            done = run_task(*tasks[name]["python_wheel_task"]["parameters"], **runtime)
            assert done.returncode == 0, done.stdout + done.stderr
        assert "Successfully registered: 2" in done.stdout
        state = workspace.control("state")
        assert sorted(state) == [f"{schema}.prompt_answer", f"{schema}.prompt_summarize"]
        assert COMMIT in json.dumps(state)

        again = run_task(*tasks["register_prompts"]["python_wheel_task"]["parameters"], **runtime)
        assert again.returncode == 0 and "2 unchanged" in again.stdout

        # The last task finds them with MLflow's own client.
        last = tasks["log_agent_model"]["spark_python_task"]
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(bundle), "DATABRICKS_HOST": workspace.url,
            "DATABRICKS_TOKEN": "token", "MLFLOW_TRACKING_URI": "databricks", "MLFLOW_DISABLE_TELEMETRY": "true",
        }  # fmt: skip
        script = bundle / "resources" / last["python_file"]
        logged = subprocess.run(
            [sys.executable, script, *last["parameters"]], env=environment, capture_output=True, text=True, timeout=120
        )
        assert logged.returncode == 0, logged.stderr
        assert logged.stdout.split() == sorted(state)
    finally:
        workspace.stop()


def test_a_job_without_a_target_names_the_registry(promptreg, tmp_path):
    (tmp_path / "jobs").mkdir()
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts/hi.md").write_text("Hi\n")
    (tmp_path / "jobs/plain.yaml").write_text("version: 1\njob: plain\ncatalog: c\nschema: s\nprompts_dir: ../prompts\n")
    subprocess.run([promptreg, "init", "--databricks", "--quiet"], cwd=tmp_path, check=True)
    made = {"databricks.yml", "resources", "src", ".gitignore"}
    assert {path.name for path in tmp_path.iterdir()} == {"jobs", "prompts"} | made
    assert (tmp_path / ".gitignore").read_text() == "/.databricks/\n"
    settings = loaded(tmp_path)
    assert settings["bundle"]["name"] == "plain"
    assert [settings["variables"][name]["default"] for name in ("catalog", "schema")] == ["c", "s"]
    parameters = resolved(tmp_path, "dev")["jobs"]["agent_setup"]["tasks"][1]["python_wheel_task"]["parameters"]
    assert parameters[2:4] == ["--registry", "databricks-uc"] and "--target" not in parameters
