"""`mlflow migrate-filestore` carries what promptreg wrote into a database, whole."""

import os
import subprocess

import mlflow
import pytest
from jobs import awkward_job
from mlflow_registry import EXPERIMENT_IDS, MLflowRegistry, settle


@pytest.fixture
def filled(program, registry, tmp_path, repo):
    """A registry with all that promptreg writes, and versions and aliases of MLflow's among it."""
    program.run(repo / "jobs" / "health_monitor.yaml", registry)
    program.run(repo / "jobs" / "support_agent.yaml", registry, "--message", "Ünicode: message")
    store = MLflowRegistry(registry)
    experiment = store.client.create_experiment("agent")
    # The migration reads tags with Python's universal newlines: it makes a lone carriage return a line feed,
    # in what MLflow itself wrote as well.
    job = awkward_job(tmp_path / "job", seed=4, experiments=[experiment], lone_returns=False)
    program.run(job.path, registry)
    mlflow.genai.register_prompt(job.full_name("quotes"), "by MLflow {{x}}", commit_message="by hand")
    settle()
    mlflow.genai.set_prompt_alias(job.full_name("quotes"), "canary", 2)
    store.client.delete_prompt_version(job.full_name("html"), "1")
    program.run(job.path, registry)
    return store, job, experiment


def test_a_migration_takes_everything_over(filled, registry, tmp_path, venv_python):
    store, job, experiment = filled
    before = store.snapshot()
    assert len(before) > 60

    target = f"sqlite:///{tmp_path / 'mlflow.db'}"
    migrate = [venv_python.with_name("mlflow"), "migrate-filestore", "--source", registry, "--target", target]
    ended = subprocess.run(migrate, capture_output=True, text=True, cwd=tmp_path, env=os.environ.copy())
    assert ended.returncode == 0, ended.stdout + ended.stderr

    migrated = MLflowRegistry(target)
    after = migrated.snapshot()
    assert set(after) == set(before)
    for name, prompt in before.items():
        assert after[name] == prompt, name
    tied = migrated.names(f"experiment_id = '{experiment}'")
    assert tied == {prompt.full_name for prompt in job.expected.values()}
    assert all(EXPERIMENT_IDS in after[name]["tags"] for name in tied)
