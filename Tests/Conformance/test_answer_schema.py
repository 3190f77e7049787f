"""The `json_schema` check of `promptreg try` says what the `jsonschema` package says, on random schemas and answers."""

import json
import random

import pytest
from jobs import JobFolder
from jsonschema import Draft202012Validator
from model_endpoints import AnsweringEndpoint

COUNT = 300
KEYS = ["a", "b", "ä", "long name"]
NUMBERS = [0, 1, 1.0, -1, 1.5, 2, 10, 1e2, 12345678901234567890]
TEXTS = ["", "a", "ab", "ä", "👩", "2024-01-01", "x" * 12]
PATTERNS = ["^a", "b$", "^[a-z]+$", "\\d", "ä|👩", "^$"]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


def value(chance: random.Random, depth: int = 0):
    """A random answer."""
    kind = chance.choice(TYPES if depth < 3 else TYPES[:5])
    if kind == "array":
        return [value(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    if kind == "object":
        return {key: value(chance, depth + 1) for key in chance.sample(KEYS, chance.randint(0, 3))}
    return {
        "null": None, "boolean": chance.random() < 0.5, "string": chance.choice(TEXTS),
    }.get(kind, chance.choice(NUMBERS))  # fmt: skip


def schema(chance: random.Random, depth: int = 0):
    """A random schema of the keywords that are known."""
    if depth and chance.random() < 0.1:
        return chance.random() < 0.7
    inner = depth < 3
    size, number = lambda: chance.choice([0, 1, 2, 2.0, 3]), lambda: chance.choice(NUMBERS)
    some = lambda: [schema(chance, depth + 1) for _ in range(chance.randint(1, 3))]  # noqa: E731
    keywords = {
        "type": lambda: chance.choice([chance.choice(TYPES), chance.sample(TYPES, 2)]),
        "enum": lambda: [value(chance, 2) for _ in range(3)],
        "const": lambda: value(chance, 2),
        "minLength": size, "maxLength": size, "minItems": size, "maxItems": size, "minProperties": size,
        "maxProperties": size, "minimum": number, "maximum": number, "exclusiveMinimum": number,
        "exclusiveMaximum": number, "uniqueItems": lambda: chance.random() < 0.8,
        "pattern": lambda: chance.choice(PATTERNS),
        "required": lambda: chance.sample(KEYS, chance.randint(0, 2)),
    }  # fmt: skip
    if inner:
        keywords |= {
            "properties": lambda: {key: schema(chance, depth + 1) for key in chance.sample(KEYS, 2)},
            "additionalProperties": lambda: schema(chance, depth + 1),
            "items": lambda: schema(chance, depth + 1),
            "anyOf": some, "allOf": some, "oneOf": some, "not": lambda: schema(chance, depth + 1),
        }  # fmt: skip
    return {key: keywords[key]() for key in chance.sample(list(keywords), chance.choice([1, 1, 2, 3]))}


@pytest.mark.parametrize("seed", range(4))
def test_answers_fit_as_jsonschema_says(promptreg, folder, tmp_path, seed):
    chance = random.Random(seed)
    pairs = [(value(chance), schema(chance)) for _ in range(COUNT)]
    endpoint = AnsweringEndpoint(lambda body: body["messages"][-1]["content"].removeprefix("Say "))
    job = JobFolder(tmp_path / "job", aliases=["production", "staging"], schema=folder.schema)
    job.add("say", "Say {{text}}", model_config={"model_name": "small"})
    folder.run(job.write())
    cases = [
        {"name": f"c{n}", "prompt": "say", "values": {"text": json.dumps(answer)}, "checks": {"json_schema": wanted}}
        for n, (answer, wanted) in enumerate(pairs)
    ]
    (tmp_path / "cases.yaml").write_text(json.dumps(cases, ensure_ascii=False))
    flags = ["--registry", folder.uri, "--schema", folder.schema, "--cases", tmp_path / "cases.yaml"]
    ended = folder.program(
        "try", job.path, *flags, "--endpoint", endpoint.url, "--no-trace", "--format", "json", code=None
    )
    endpoint.shutdown()
    assert ended.code in (0, 1), ended.err[:2000]
    found = {case["name"]: case["candidate"]["attempts"][0] for case in ended.report["cases"]}
    fits = 0
    for n, (answer, wanted) in enumerate(pairs):
        expected = Draft202012Validator(wanted).is_valid(answer)
        fits += expected
        assert found[f"c{n}"]["passed"] == expected, (seed, json.dumps(answer), json.dumps(wanted), found[f"c{n}"])
    assert COUNT / 5 < fits < COUNT * 4 / 5
