"""MLflow's client in the middle of registering in a folder: what it has not written yet is waited for."""

import threading

import pytest
from mlflow.store.model_registry.file_store import FileStore
from mlflow_registry import mlflow, settle
from registries import FileRegistry

NAME = "main.tests.prompt_greeting"


@pytest.mark.parametrize("step", ["set_registered_model_tag", "set_model_version_tag", "_save_model_version_as_meta_file"])
def test_a_prompt_is_whole_when_it_is_read(step, program, tmp_path, monkeypatch):
    """Each step of the client takes a second; promptreg reads meanwhile."""
    registry = FileRegistry(program, tmp_path / "mlruns")
    reached, read = threading.Event(), threading.Event()
    original = getattr(FileStore, step)

    def slowly(store, *arguments, **more):
        if not reached.is_set():
            reached.set()
            read.wait(1)
        return original(store, *arguments, **more)

    monkeypatch.setattr(FileStore, step, slowly)
    client = threading.Thread(target=lambda: mlflow.genai.register_prompt(NAME, "Hello {{name}}"))
    client.start()
    assert reached.wait(30)
    shown = program("show", NAME, "--registry", registry.uri, code=None)
    read.set()
    client.join()
    settle()
    if shown.code:
        # On a machine so busy that it did not come to be whole in time. Nothing is said that would do harm.
        assert "run again in a moment" in shown.err and "move the prompt" not in shown.err, shown.err
    program("show", f"{NAME}/1", "--registry", registry.uri)
