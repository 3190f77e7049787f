"""What is registered of files that are drawn at random is what Python's own readers make of them.

Each test has the seed in its name; FILE_SEED=N FILE_ROUNDS=1 repeats one, and more rounds draw others.
"""

import json
import os
import random
import re
import string
from pathlib import Path

import pytest
import yaml
from jobs import fillable, literal, scalar, without_provenance
from mlflow.entities.model_registry.prompt_version import PromptVersion
from mlflow_registry import MLflowRegistry

FIRST, ROUNDS = int(os.environ.get("FILE_SEED", "1")), int(os.environ.get("FILE_ROUNDS", "3"))
seeded = pytest.mark.parametrize("seed", range(FIRST, FIRST + ROUNDS))

ALPHABET = "aäß€𝔸 \t\n\n{}[]\"'\\:#-?!&*|>%@`,$<>_=~.\u2028\u0085\u00a0\ufeff\r\x07é"


def words(chance: random.Random, longest: int = 60) -> str:
    """A text with everything in it that a careless reader of YAML, JSON or lines would change."""
    pieces = [chance.choice(ALPHABET) for _ in range(chance.randint(0, longest))]
    pieces += chance.choices(["{{x}}", "---\n", "- a: b\n", "\n\n", "# no comment", "true", "0123", "  "], k=2)
    chance.shuffle(pieces)
    return chance.choice("wxyz") + "".join(pieces)


def dumped(chance: random.Random, value) -> str:
    """A value as PyYAML writes it, in one of its styles."""
    return yaml.safe_dump(
        value,
        default_flow_style=chance.choice([None, True, False]),
        default_style=chance.choice([None, None, '"', "'"]),
        allow_unicode=chance.random() < 0.5,
        width=chance.choice([20, 80, 1000]),
        indent=chance.choice([2, 4]),
        sort_keys=chance.random() < 0.5,
    )


class Files:
    """A job of drawn files, its spec written as JSON, which is YAML too."""

    def __init__(self, folder: Path, program):
        self.folder, self.program, self.registry = folder, program, folder / "mlruns"
        self.job = folder / "job.json"
        self.prompts: dict[str, dict] = {}
        (folder / "prompts").mkdir()

    def add(self, name: str, file: str, raw: str | bytes, **entry) -> None:
        path = self.folder / "prompts" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
        self.prompts[name] = {"file": file, **entry}

    def write(self) -> Path:
        spec = {"version": 1, "job": "files", "prompts_dir": "prompts", "prompts": self.prompts}
        self.job.write_text(json.dumps(literal(spec)))
        return self.job

    def run(self) -> None:
        self.program.run(self.write(), self.registry)
        self.program.plan(self.job, self.registry, "--detailed-exitcode")

    def registered(self, name: str) -> str:
        """A text as it lies in the registry."""
        path = self.registry / f"models/prompt_{name}/version-1/tags/mlflow.prompt.text"
        return path.read_bytes().decode()


# MARK: Front matter


def header(chance: random.Random) -> dict:
    """What front matter may say."""
    nested = {"words": [words(chance), 1, 0.5, None, True], "empty": {}, words(chance, 9): {"list": []}}
    drawn = {
        "description": words(chance),
        "tags": {f"t{n}": chance.choice([words(chance), n, n % 2 == 0]) for n in range(3)},
        "model_config": {"model_name": words(chance, 9), "temperature": 0.25, "max_tokens": 9, "extra": nested},
        "response_format": {"type": "object", "properties": {"answer": {"description": words(chance)}}},
    }
    return {key: drawn[key] for key in chance.sample(sorted(drawn), k=chance.randint(1, 4))}


def body_of(raw: str) -> str:
    """What is below the second line of `---`, without a blank line above it and a newline at its end."""
    lines = raw.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    end = next(number for number, line in enumerate(lines) if number and line.rstrip(" \t\r") == "---")
    rest = lines[end + 1 :]
    text = "\n".join(rest[1:] if rest[0] == "" and len(rest) > 1 else rest)
    return text.removesuffix("\n")


@seeded
def test_front_matter_is_what_pyyaml_reads(seed, program, tmp_path):
    chance, files = random.Random(seed), Files(tmp_path, program)
    headers, texts = {}, {}
    for number in range(40):
        name = f"p{number}"
        written = dumped(chance, header(chance))
        # PyYAML does not read all that it writes as it was.
        headers[name] = yaml.safe_load(written)
        rule = chance.choice(["---\n", "---\n", "--- \n", "---\t\n"])
        gap = chance.choice(["", "\n", "\n\n", "---\n"])
        body = fillable(lambda: gap + words(chance, 200) + chance.choice(["", "\n", "\n\n"]))
        raw = chance.choice(["", "\ufeff"]) + rule + written + rule + body
        if chance.random() < 0.4:
            raw = raw.replace("\r", "").replace("\n", "\r\n")
        texts[name] = body_of(raw)
        files.add(name, chance.choice(["{}.md", "{}.txt", "sub/{}.md"]).format(name), raw, syntax="none")
    files.run()
    found = MLflowRegistry(files.registry).snapshot()
    for name, said in headers.items():
        prompt = found[f"prompt_{name}"]
        version = prompt["versions"][1]
        assert version["template"] == texts[name], name
        assert prompt["description"] == said.get("description"), name
        tags = {key: scalar(value) for key, value in said.get("tags", {}).items()}
        assert without_provenance(prompt["tags"]) == without_provenance(version["tags"]) == tags, name
        assert version["model_config"] == said.get("model_config"), name
        assert version["response_format"] == said.get("response_format"), name


# MARK: Keys


def tree(chance: random.Random, depth: int = 4):
    """Mappings and lists in each other, with texts in them."""
    kind = chance.random() if depth else 1
    if kind < 0.45:
        keys = ["key", "a.b", "with blank", "it's", 'say "x"', "5", "true", "null", "ключ", "a:b", "#", "-", "0"]
        return {key: tree(chance, depth - 1) for key in chance.sample(keys, k=chance.randint(1, 4))}
    if kind < 0.65:
        return [tree(chance, depth - 1) for _ in range(chance.randint(1, 3))]
    return chance.choice([words(chance), words(chance) + "\n", 7, None, False, 0.5])


def texts_in(value, path: tuple = ()):
    """The texts in a value with the keys that lead to them."""
    if isinstance(value, str):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, inner in items:
        yield from texts_in(inner, (*path, str(key)))


def written_key(chance: random.Random, path: tuple) -> list | str:
    """Keys as a job writes them: a list, or a text of names with dots between them."""
    if chance.random() < 0.5 or any("'" in part and '"' in part for part in path):
        return list(path)

    def quoted(part: str) -> str:
        return f"'{part}'" if '"' in part else f'"{part}"' if "'" in part or "." in part else part

    return ".".join(map(quoted, path))


@seeded
def test_a_text_at_a_key_is_what_python_finds_there(seed, program, tmp_path):
    chance, files = random.Random(seed), Files(tmp_path, program)
    expected = {}
    for number in range(60):
        shared = tree(chance, 2)
        document = {"first": tree(chance), "again": shared, "and again": shared}
        if chance.random() < 0.5:
            raw, ending = dumped(chance, document), chance.choice(["yaml", "yml"])
            # PyYAML does not read all that it writes as it was.
            document = yaml.safe_load(raw)
        else:
            raw = json.dumps(document, ensure_ascii=chance.random() < 0.5, indent=chance.choice([None, 2, "\t"]))
            ending = "json"
        if ending != "json" and chance.random() < 0.2:
            raw = "\ufeff" + raw
        # MLflow takes what has both marks of a tag for Jinja2.
        found = [item for item in texts_in(document) if "{%" not in item[1] or "%}" not in item[1]]
        for index, (path, text) in enumerate(chance.sample(found, k=min(3, len(found)))):
            name = f"p{number}_{index}"
            files.add(name, f"f{number}.{ending}", raw, key=written_key(chance, path), syntax="none")
            expected[name] = text.removesuffix("\n")
    files.run()
    assert {name: files.registered(name) for name in expected} == expected


# MARK: str.format

FIELDS = ["{name}", "{{", "}}", "{{{name}}}", "{other}", "{{name}}", "{name!s}", "{other:}", '{{"a": [1, {{}}]}}', "$"]
RARE_FIELDS = ["{", "}", "{}", "{0}", "{name.x}", "{name[0]}", "{name!r}", "{name:>5}", "{ name }", "{prompt}", "{{%", "%}}"]


def converted(text: str) -> str | None:
    """A text for `str.format` in MLflow's form; None where it cannot be said in that."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return None
    made = ""
    for before, name, spec, conversion in fields:
        made += before
        if name is None:
            continue
        is_plain = re.fullmatch(r"[a-zA-Z_]\w*", name, re.ASCII) and name != "prompt"
        if not is_plain or spec or conversion not in (None, "s"):
            return None
        made += "{{" + name + "}}"
    return made


def formatted(text: str) -> str | None:
    """A text that `str.format` and MLflow fill in alike; None where they do not."""
    values = {"name": "⟨Ada⟩", "other": "⟨x y⟩"}
    made = converted(text)
    if made is None or not made.strip() or "{%" in made and "%}" in made:
        return None
    version = PromptVersion("p", 1, made)
    if not version.variables <= set(values):
        return None
    whole = text.format(**values)
    return whole if version.format(**values) == whole else None


@seeded
def test_str_format_and_mlflow_fill_in_alike(seed, program, tmp_path):
    chance, files = random.Random(seed), Files(tmp_path, program)
    texts = {}
    for number in range(300):
        pieces = chance.choices(FIELDS + ["text", " ", "\n", "é", "\\", '"', ": ", ","], k=chance.randint(1, 12))
        if chance.random() < 0.3:
            pieces.insert(chance.randint(0, len(pieces)), chance.choice(RARE_FIELDS))
        texts[f"p{number}"] = "".join(pieces)
    for name, text in texts.items():
        files.add(name, f"{name}.txt", text + "\n", syntax="python")
    ended = program("validate", files.write(), "--format", "json", code=None)
    errors = [finding for finding in json.loads(ended.out)["findings"] if finding["severity"] == "error"]
    refused = {Path(finding["file"]).stem for finding in errors}
    expected = {name: whole for name, text in texts.items() if (whole := formatted(text)) is not None}
    assert {name: texts[name] for name in refused} == {n: t for n, t in texts.items() if n not in expected}
    assert 50 < len(expected) < 290
    for name in refused:
        del files.prompts[name]
    files.run()
    for name, whole in expected.items():
        version = PromptVersion(name, 1, files.registered(name))
        assert version.format(name="⟨Ada⟩", other="⟨x y⟩") == whole, texts[name]


# MARK: Parts


def whole_text(files: dict[str, str], path: str) -> str:
    """A file's text with its parts in it, which lie beside it, else in the folder of all, maybe with a `_` before."""
    text = files[path].removesuffix("\n")
    text = re.sub(r"\A---\n.*?^---\n\n?", "", text, flags=re.DOTALL | re.MULTILINE)

    def part(found: re.Match) -> str:
        folder = path.rpartition("/")[0]
        for base in [folder, ""]:
            for name in [f"{found[1]}.md", f"_{found[1]}.md"]:
                place = f"{base}/{name}" if base else name
                if place in files:
                    return whole_text(files, place)
        raise KeyError(found[1])

    return re.sub(r"\{\{>\s*(\w+)\s*\}\}", part, text)


@seeded
def test_parts_are_put_in_where_they_are_named(seed, program, tmp_path):
    chance, files = random.Random(seed), Files(tmp_path, program)
    parts = [f"s{number}" for number in range(8)]
    made: dict[str, str] = {}

    def text(others: list[str]) -> str:
        tags = ["{{>NAME}}", "{{> NAME}}", "{{> NAME }}"]
        pieces = chance.choices(["Say {{x}}", " ", "\n", "\n\n", "é", "it is", "`{x}`"], k=chance.randint(1, 6))
        for _ in range(chance.randint(0, 3) if others else 0):
            tag = chance.choice(tags).replace("NAME", chance.choice(others))
            pieces.insert(chance.randint(0, len(pieces)), tag)
        head = chance.choice(["", "", "---\ndescription: A part\n---\n", "---\ntags: {a: b}\n---\n\n"])
        return head + "w" + "".join(pieces) + chance.choice(["", "\n", "\n\n"])

    for index, name in enumerate(parts):
        made[chance.choice(["{}.md", "_{}.md"]).format(name)] = text(parts[index + 1 :])
        if chance.random() < 0.5:
            made[chance.choice(["in/{}.md", "in/_{}.md"]).format(name)] = text(parts[index + 1 :])
    prompts = {f"p{n}": chance.choice(["p{}.md", "in/p{}.md", "in/deep/p{}.md"]).format(n) for n in range(60)}
    made |= {file: text(parts) for file in prompts.values()}
    for name, raw in made.items():
        (tmp_path / "prompts" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "prompts" / name).write_text(raw)
    for name, file in prompts.items():
        files.add(name, file, made[file])
    files.run()
    assert {name: files.registered(name) for name in prompts} == {n: whole_text(made, f) for n, f in prompts.items()}
