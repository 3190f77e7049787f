"""The JSON Schema that editors use and the decoder that the program uses accept the same specs."""

import copy
import json
import re
import subprocess

import jsonschema
import pytest

SPEC = {
    "version": 1,
    "job": "agent",
    # A text that takes a variable's value is checked once that is known, so none stands where a form is asked for.
    "description": "In ${var.catalog}",
    "variables": {"catalog": {"default": "main", "description": "Where"}, "level": {"default": 3}},
    "registry": "file:mlruns",
    "catalog": "c",
    "schema": "agent",
    "name_prefix": "p_",
    "aliases": ["production", "staging"],
    "gates": ["errors <= 1%", "latency_p95<2s since 7d", "cost <= +10%", "tag.tested = true"],
    "prompts_dir": ".",
    "syntax": "mustache",
    "front_matter": "read",
    "on_error": "continue",
    "on_foreign": "warn",
    "adopt": True,
    "moved": {"hello": "greet"},
    "experiment": ["12", 13],
    "provenance": False,
    "exclude": ["drafts/*"],
    "name_separator": "-",
    "max_depth": 2,
    "bom": "keep",
    "skip_empty": True,
    "warnings": {"single-brace": "off", "not-a-variable": False},
    "prompts": {
        "greet": {
            "file": "greet.md",
            "variables": ["name"],
            "description": "Greets",
            "tags": {"team": "platform", "level": 3, "on": True},
            "aliases": ["own"],
            "adopt": False,
            "gates": ["feedback.quality >= 0.8", "run.ab1 metrics.accuracy >= 0.9", "traces >= 50"],
            "syntax": "mustache",
            "newlines": "keep",
            "front_matter": "drop",
            "bom": "drop",
            "skip_empty": False,
            "warnings": {"single-brace": "on", "empty-template": True},
            "model_config": {
                "provider": "databricks",
                "model_name": "m",
                "temperature": 0.2,
                "max_tokens": 10,
                "top_p": 1,
                "top_k": 3,
                "frequency_penalty": -1.5,
                "presence_penalty": 0,
                "stop_sequences": ["END"],
                "custom": {"a": [None]},
            },
            "response_format": {"type": "object"},
            "tools": [{"name": "f"}],
        },
        "keyed": {"file": "texts.yml", "key": ["a.b", 0]},
        "workers/*": {"tags": {"team": "platform"}, "aliases": ["own"]},
    },
    "targets": {
        "local": {
            "default": True,
            "registry": "http://localhost:5000",
            "catalog": "c",
            "schema": "s",
            "aliases": ["dev"],
            "gates": ["latency_p50 <= 300ms"],
            "variables": {"catalog": "x", "level": 4},
            "experiment": "7",
            "on_error": "hold",
            "on_foreign": "refuse",
        }
    },
}

VALUES = [
    None, True, 0, 1, -1, 1.5, "", "x", "a b", "a/b", "é", "latest", "v1", "file:x", "ftp://x", "http://u@h", "python",
    "errors <= 1", "errors <= 2s", "latency_p95 <= 2", "cost <= $1", "tag.a > 1", "tokens >= -1", "traces >= 5 since",
    [], ["a"], ["a", "a"], ["latest"], [1], {}, {"a": 1}, {"a": {}}, {"a b": "x"}, {"mlflow.x": "y"},
]  # fmt: skip
SHAPE_CODES = {"unknown-key", "missing-key", "wrong-type", "bad-value", "bad-name", "repeated"}


def paths(value, path=()):
    """Every place in a spec, from the outside in."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


def changed(path, change):
    """The spec with a change at one place."""
    spec = {"root": copy.deepcopy(SPEC)}
    holder, key = spec, "root"
    for step in path:
        holder, key = holder[key], step
    change(holder, key)
    return spec["root"]


def mutants():
    yield "unchanged", SPEC
    for path in paths(SPEC):
        if not path:
            continue
        name = ".".join(map(str, path))
        yield f"without {name}", changed(path, lambda holder, key: holder.pop(key))
        for value in VALUES:

            def replace(holder, key, value=value):
                holder[key] = value

            yield f"{name} = {json.dumps(value)}", changed(path, replace)

        def misspell(holder, key):
            if isinstance(holder, dict):
                holder[key + "x"] = holder.pop(key)

        yield f"{name} misspelt", changed(path, misspell)


@pytest.fixture(scope="module")
def schema(promptreg):
    schema = json.loads(subprocess.run([promptreg, "schema"], capture_output=True, check=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_schema_and_decoder_accept_the_same(promptreg, schema, tmp_path):
    (tmp_path / "greet.md").write_text("Hi {{name}}")
    cases = list(mutants())
    folder = tmp_path / "specs"
    folder.mkdir()
    (folder / "texts.yml").write_text("a.b: [Hi]")
    for name in ("greet.md", "x", "python"):
        (folder / name).write_text("Hi {{name}}")
    differences, accepted = [], 0
    for number, (name, spec) in enumerate(cases):
        path = folder / f"{number}.yaml"
        path.write_text(json.dumps(spec, ensure_ascii=False))
        run = subprocess.run([promptreg, "validate", path], capture_output=True, text=True, timeout=20)
        path.unlink()  # Or each job would look at those of all before it.
        assert run.returncode in (0, 65), (name, run)
        codes = set(re.findall(r"error: .* \[([a-z-]+)\]$", run.stderr, re.MULTILINE))
        by_decoder = not codes & SHAPE_CODES
        by_schema = schema.is_valid(spec)
        accepted += by_schema
        if by_decoder != by_schema:
            differences.append(f"{name}: schema {by_schema}, decoder {by_decoder} {sorted(codes)}")
    assert len(cases) > 1000 and accepted > 100
    assert not differences, "\n".join(differences)


def test_shipped_jobs_fit_the_schema(repo, schema):
    import yaml

    for path in sorted((repo / "jobs").glob("*.yaml")):
        assert list(schema.iter_errors(yaml.safe_load(path.read_text()))) == [], path
