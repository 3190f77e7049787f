"""A chat that MLflow takes is registered as it is, and one that it refuses is an error."""

import json
import random
import re
import subprocess

from mlflow.entities.model_registry.prompt_version import PromptVersion


def part(chance: random.Random):
    return chance.choice([
        {"type": "text", "text": "Answer in {{language}}."}, {"type": "text"}, {"type": "text", "text": None},
        {"type": "image_url", "image_url": {"url": "{{image}}"}}, {"type": "image_url", "image_url": "x"},
        {"type": "image_url", "image_url": {"url": "x", "detail": chance.choice(["low", None, "tiny"])}},
        {"type": "input_audio", "input_audio": {"data": "{{audio}}", "format": chance.choice(["wav", "ogg"])}},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "{{why}}"}], "id": 7},
        {"type": "video"}, {}, "text", {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}},
    ])  # fmt: skip


def call(chance: random.Random):
    function = chance.choice([
        {"name": "f", "arguments": '{"a": "{{argument}}"}'}, {"name": "f"}, {"name": None, "arguments": None}, {},
        {"name": "f", "arguments": {"a": 1}}, {"name": 1}, "f", None,
    ])  # fmt: skip
    return chance.choice([
        {"id": "1", "type": "function", "function": function}, {"id": "1", "function": function},
        {"function": function}, {"id": 1, "function": function}, {"id": "1"}, "x",
    ])  # fmt: skip


def message(chance: random.Random) -> dict:
    made = {"role": chance.choice(["system", "user", "assistant", "tool", "human", "ai", "{{role}}", 3, None])}
    made["content"] = chance.choice([
        "Hi {{name}}", "{{a.b}} {{ c }}", "text", ["x"], {"text": "x"}, 5,
        *([part(chance) for _ in range(chance.randint(1, 3))] for _ in range(4)),
    ])  # fmt: skip
    if chance.random() < 0.3:
        made["tool_calls"] = chance.choice([None, "x", *([call(chance)] for _ in range(6))])
        made["content"] = chance.choice([None, made["content"]])
    if chance.random() < 0.2:
        made["tool_call_id"] = chance.choice(["call_{{id}}", None, 4])
    if chance.random() < 0.2:
        made[chance.choice(["refusal", "metadata"])] = chance.choice(["no {{reason}}", "no", None])
    return made


def test_mlflow_decides_which_messages_are_messages(promptreg, tmp_path):
    chance = random.Random(5)
    chats = {f"c{n}": [message(chance) for _ in range(chance.randint(1, 2))] for n in range(600)}
    (tmp_path / "prompts").mkdir()
    for name, messages in chats.items():
        (tmp_path / f"prompts/{name}.chat.yaml").write_text(json.dumps(messages))
    (tmp_path / "job.yaml").write_text("version: 1\njob: chats\nprompts_dir: prompts\n")

    def run(*arguments):
        command = [promptreg, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    findings = json.loads(run("validate", "job.yaml", "--format", "json").stdout)["findings"]
    refused = {re.search(r"(c\d+)\.chat", f["file"])[1] for f in findings if f["severity"] == "error"}
    versions = {}
    for name, messages in chats.items():
        try:
            versions[name] = PromptVersion(name, 1, messages)
        except ValueError:
            pass
    assert refused == set(chats) - set(versions)
    assert 50 < len(versions) < 550
    for name in refused:
        (tmp_path / f"prompts/{name}.chat.yaml").unlink()

    report = json.loads(run("run", "job.yaml", "--registry", "file:reg", "--format", "json").stdout)
    found = {prompt["name"]: prompt["template"]["variables"] for prompt in report["prompts"]}
    assert {name: set(names) for name, names in found.items()} == {n: v.variables for n, v in versions.items()}
    for name, version in versions.items():
        stored = tmp_path / f"reg/models/prompt_{name}/version-1/tags/mlflow.prompt.text"
        assert json.loads(stored.read_text()) == version.template
        rendered = run("render", f"prompts:/prompt_{name}/1", "--registry", "file:reg",
                       *(f"--set={variable}=v" for variable in version.variables))  # fmt: skip
        if all(isinstance(message["content"], str) for message in version.template):
            assert json.loads(rendered.stdout) == version.format(**dict.fromkeys(version.variables, "v"))
        else:
            assert rendered.returncode == 65
            assert "cannot be filled in" in rendered.stderr
