"""A lock file names what every registry serves, and tells when it does not any more."""

import json

from mlflow_registry import mlflow
from test_every_registry import small_job


def test_a_lock_file_pins_what_mlflow_loads(tmp_path, any_registry):
    registry = any_registry
    job = small_job(tmp_path, registry)
    lock, offline = tmp_path / "prompts.lock.json", tmp_path / "image"

    def tool(*arguments, code: int = 0):
        return registry.program(*arguments, cwd=tmp_path, env=registry.environment, code=code)

    place = ("--registry", registry.uri)
    registry.plan(job.path, "--lock", str(tmp_path / "planned.lock.json"))
    registry.run(job.path, "--lock", str(lock))
    planned, locked = (json.loads(path.read_text()) for path in (tmp_path / "planned.lock.json", lock))
    assert planned["prompts"] == locked["prompts"]
    assert [each["name"] for each in locked["prompts"]] == ["farewell", "greeting", "shape"]
    assert json.loads(tool("lock", job.path, *place, "--schema", registry.schema).out)["prompts"] == locked["prompts"]

    tool("bundle", "--lock", lock, "--out", offline, *place)
    job.add("greeting", "Changed {{name}}")
    job.write()
    registry.run(job.path, "--alias", "staging")
    before = registry.written()
    tool("verify", "--lock", lock, "--alias", "production", *place)
    moved = tool("verify", "--lock", lock, "--alias", "staging", *place, "--format", "json", code=1)
    assert [each["status"] for each in json.loads(moved.out)["prompts"]] == ["ok", "moved", "ok"]
    assert registry.written() == before

    named = tool("load", "--lock", lock, "greeting/2", *place)
    assert named.out == "Changed {{name}}" and "has v1 of" in named.err and "is loaded from the registry" in named.err
    bundled = json.loads((offline / "prompts.lock.json").read_text())["prompts"]
    for prompt, there in zip(locked["prompts"], bundled, strict=True):
        loaded = mlflow.genai.load_prompt(prompt["uri"])
        assert loaded.version == prompt["version"]
        name = f"{prompt['full_name']}@staging"
        details = json.loads(tool("load", "--lock", lock, name, *place, "--format", "json").out)
        away = ("--registry", "http://127.0.0.1:9")
        apart = json.loads(
            tool("load", "--lock", offline / "prompts.lock.json", name, *away, "--format", "json").out
        )
        text = (offline / there["bundle"]["file"]).read_text()
        assert loaded.template == (json.loads(text) if there["bundle"]["kind"] == "chat" else text)
        for key in ("template", "model_config", "response_format", "uri"):
            assert details[key] == apart[key]
