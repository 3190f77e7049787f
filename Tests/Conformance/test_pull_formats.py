"""Pulling writes settings in the words of the file's own format, and lists of messages item by item."""

import json
import random

import pytest
import yaml
from mlflow_registry import mlflow, settle
from program import tree

DOTPROMPT = """---
# The model.
model: vendor/m
config:
  temperature: 0.2  # low
  maxOutputTokens: 10
  stopSequences: [a]
input:
  schema:
    name: string, who it is  # the name
    tone?: string
output:
  format: json
  schema:
    # How sure.
    level: number, how sure
    kind?(enum): [A, B]
---
Hi {{name}}
"""
FIRST = """---
name: ask
model:
  api: chat
  configuration:
    type: azure_openai  # Azure
    azure_deployment: d
  parameters:
    # Low.
    temperature: 0.2
    max_tokens: 10  # short
inputs:
  name:
    type: string
    description: Who  # it is
outputs:
  answer: {type: string}
---
user:
Hi {{name}}
"""
SECOND = """---
model:
  id: d
  provider: openai
  options:
    temperature: 0.2  # low
    maxOutputTokens: 10
inputs:
# The name.
- name: name
  kind: string
outputs:
- name: answer  # the answer
  kind: string
---
user:
Hi {{name}}
"""
MODELS = """name: n
model: m
modelParameters:
  temperature: 0.2  # low
  maxTokens: 10
responseFormat: json_schema
jsonSchema: '{"name": "x", "schema": {"type": "object"}}'
messages:
# Theirs.
- role: user  # first
  content: Hi {{name}}
"""
REQUEST = (
    '{"model": "m", "temperature": 0.2, "max_tokens": 10,\n "response_format": {"type": "json_schema", '
    '"json_schema": {"name": "x", "schema": {"type": "object"}}},\n'
    ' "messages": [\n  {"role": "user", "content": "Hi {{name}}"}\n ]}\n'
)
FILES = {"a.prompt": DOTPROMPT, "b.prompty": FIRST, "c.prompty": SECOND, "d.chat.yml": MODELS, "e.chat.json": REQUEST}


@pytest.fixture
def formats(folder, tmp_path):
    """A job that names no prompts, whose files are of several formats, run once."""
    prompts = tmp_path / "repo" / "prompts"
    prompts.mkdir(parents=True)
    job = prompts.parent / "job.yaml"
    job.write_text(f"version: 1\njob: formats\ncatalog: main\nschema: {folder.schema}\nprompts_dir: prompts\n")

    class Formats:
        def full(self, name):
            return f"main.{folder.schema}.prompt_{name}"

        def run(self, files):
            for path, text in files.items():
                (prompts / path).write_bytes(text.encode())
            folder.run(job)

        def text(self, path):
            return (prompts / path).read_bytes().decode()

        def change(self, name, template=None, **settings):
            old = mlflow.genai.load_prompt(f"prompts:/{self.full(name)}@latest")
            # The newest settings, but for those that change.
            kept = {"model_config": old.model_config, "response_format": old.response_format} | settings
            mlflow.genai.register_prompt(self.full(name), template or old.template, **kept)

        def pull(self, *flags, code=0):
            settle()
            where = ["--registry", folder.uri, "--schema", folder.schema]
            done = folder.program("pull", job, "--force", *where, *flags, code=code)
            if code == 0 and not {"--dry-run", "--select"} & {*flags}:
                folder.plan(job, "--detailed-exitcode")
            return done

    formats = Formats()
    formats.prompts, formats.job, formats.registry = prompts, job, folder
    return formats


@pytest.mark.parametrize(
    ("file", "name", "changes"),
    [
        ("a.prompt", "a", {"temperature: 0.2": "temperature: 0.9", "maxOutputTokens: 10": "maxOutputTokens: 99"}),
        ("b.prompty", "b", {"temperature: 0.2": "temperature: 0.9", "max_tokens: 10": "max_tokens: 99"}),
        ("c.prompty", "c", {"temperature: 0.2": "temperature: 0.9", "maxOutputTokens: 10": "maxOutputTokens: 99"}),
        ("d.chat.yml", "d", {"temperature: 0.2": "temperature: 0.9", "maxTokens: 10": "maxTokens: 99"}),
        ("e.chat.json", "e", {'"temperature": 0.2': '"temperature": 0.9', '"max_tokens": 10': '"max_tokens": 99'}),
    ],
)
def test_settings_of_the_model_are_written_in_the_words_of_the_format(formats, file, name, changes):
    formats.run(FILES)
    before = mlflow.genai.load_prompt(f"prompts:/{formats.full(name)}@latest").model_config
    formats.change(name, model_config=before | {"temperature": 0.9, "max_tokens": 99})
    dry = formats.pull("--dry-run").out
    assert "model_config" not in dry and "not written" not in dry
    formats.pull()
    expected = FILES[file]
    for old, new in changes.items():
        expected = expected.replace(old, new)
    assert formats.text(file) == expected
    assert formats.job.read_text().count("model_config") == 0


@pytest.mark.parametrize(
    ("file", "name", "lines"),
    [
        ("a.prompt", "a", ["  topP: 0.5", "  topK: 3"]),
        ("b.prompty", "b", ["    top_p: 0.5", "    top_k: 3"]),
        ("c.prompty", "c", ["    topP: 0.5", "    topK: 3"]),
        ("d.chat.yml", "d", ["  topP: 0.5", "  topK: 3"]),
        ("e.chat.json", "e", ['"top_p": 0.5', '"top_k": 3']),
    ],
)
@pytest.mark.parametrize("has_entry", [False, True])
def test_new_and_removed_settings_stand_beside_the_others(formats, file, name, lines, has_entry):
    formats.run(FILES)
    if has_entry:
        formats.job.write_text(formats.job.read_text() + f"prompts: {{{name}: {{file: {file}}}}}\n")
    spec = formats.job.read_text()
    before = mlflow.genai.load_prompt(f"prompts:/{formats.full(name)}@latest").model_config
    formats.change(name, model_config=before | {"top_p": 0.5, "top_k": 3})
    formats.pull()
    assert all(line in formats.text(file) for line in lines), formats.text(file)
    assert formats.job.read_text() == spec
    rest = {key: value for key, value in before.items() if key not in ("temperature", "max_tokens", "stop_sequences")}
    formats.change(name, model_config=rest or None)
    formats.pull()
    assert "temperature" not in formats.text(file) and formats.job.read_text() == spec


def test_a_schema_is_written_as_the_file_writes_it(formats):
    formats.run(FILES)
    old = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    more = {"type": "string", "enum": ["x", "y"]}
    new = old | {"properties": {**old["properties"], "more": more}}
    level = {"level": {"type": "number", "description": "how sure"}, "kind": {"enum": ["A", "C"]}}
    added = {"tags": {"type": "array", "items": {"type": "string"}, "description": "some"}, "who": {"type": "string"}}
    pico = {"type": "object", "properties": level | added, "required": ["level", "tags"], "additionalProperties": False}
    formats.change("a", response_format=pico)
    formats.change("b", response_format=new)
    formats.change("c", response_format=new)
    formats.change("d", response_format=old)
    formats.change("e", response_format=old)
    formats.pull()
    text = formats.text("a.prompt")
    assert "    # How sure.\n    level: number, how sure\n" in text and "additionalProperties" not in text
    read = yaml.safe_load(text.split("---")[1])["output"]["schema"]
    written = {"level": "number, how sure", "kind?(enum)": ["A", "C"], "tags(array, some)": "string", "who?": "string"}
    assert read == written
    read = yaml.safe_load(formats.text("b.prompty").split("---")[1])["outputs"]
    assert read == {"answer": {"type": "string"}, "more": {**more, "required": False}}
    read = yaml.safe_load(formats.text("c.prompty").split("---")[1])["outputs"]
    assert read[1] == {"name": "more", "kind": "string", "enumValues": ["x", "y"], "required": False}
    assert "- name: answer  # the answer\n" in formats.text("c.prompty")
    assert json.loads(yaml.safe_load(formats.text("d.chat.yml"))["jsonSchema"]) == {"name": "x", "schema": old}
    assert json.loads(formats.text("e.chat.json"))["response_format"]["json_schema"] == {"name": "x", "schema": old}
    # What Picoschema has no words for is JSON Schema, which dotprompt takes as well.
    formats.change("a", response_format=pico | {"title": "T"})
    formats.pull()
    assert yaml.safe_load(formats.text("a.prompt").split("---")[1])["output"]["schema"]["title"] == "T"
    formats.change("a", response_format=None)
    formats.pull()
    assert "schema" not in yaml.safe_load(formats.text("a.prompt").split("---")[1])["output"]


@pytest.mark.parametrize(
    ("file", "name", "kept", "added"),
    [
        ("a.prompt", "a", "    tone?: string\n", "    place: string\n"),
        ("b.prompty", "b", "inputs:\n", "  place:\n    type: string\n"),
        ("c.prompty", "c", "inputs:\n", "- name: place\n  kind: string\n"),
    ],
)
def test_variables_are_declared_as_the_file_declares_them(formats, file, name, kept, added):
    formats.run(FILES)
    text = "Hi {{name}} in {{place}}"
    formats.change(name, [{"role": "user", "content": text}] if name != "a" else text)
    formats.pull()
    assert kept in formats.text(file) and added in formats.text(file)
    assert "name: string, who it is  # the name" in formats.text(file) or name != "a"
    text = "Hi {{place}}"
    formats.change(name, [{"role": "user", "content": text}] if name != "a" else text)
    formats.pull()
    assert kept in formats.text(file) and "who it is" not in formats.text(file)


def test_what_has_no_place_is_named_and_is_in_no_patch(formats):
    sample = "---\nmodel: {id: m}\nsample: {name: Ann}\n---\nuser:\nHi {{name}}\n"
    formats.run(FILES | {"f.prompty": sample})
    before = tree(formats.prompts.parent)
    formats.change("f", [{"role": "user", "content": "Hi {{name}} in {{place}}"}])
    config = mlflow.genai.load_prompt(f"prompts:/{formats.full('a')}@latest").model_config
    formats.change("a", model_config=config | {"temperature": 0.9})
    done = formats.pull("--dry-run", code=1)
    assert "'sample' of " in done.out and "f.prompty' has no value" in done.out and "by hand" in done.out
    assert "+++" not in done.out and "Nothing is written" in done.out
    assert "The rest can: --select a,b,c,d,e" in done.out
    report = json.loads(formats.pull("--format", "json", code=1).out)
    assert report["files"] == [] and tree(formats.prompts.parent) == before
    formats.pull("--select", "a")
    assert formats.text("f.prompty") == sample


def test_a_setting_of_a_pattern_is_named(formats):
    formats.run({"a.md": "Hi {{name}}\n", "b.md": "Ho\n"})
    spec = formats.job.read_text()
    formats.job.write_text(spec + 'prompts: {"*": {model_config: {temperature: 0.3}}}\n')
    formats.registry.run(formats.job)
    formats.change("a", model_config={"temperature": 0.4})
    done = formats.pull("--dry-run", code=1)
    assert "a pattern below 'prompts:' of" in done.out and "'temperature'" in done.out and "+++" not in done.out
    # An entry of its own counts more than the pattern.
    formats.job.write_text(formats.job.read_text()[:-2] + ", a: {file: a.md}}\n")
    formats.pull()
    assert "a: {file: a.md, model_config: {temperature: 0.4}}" in formats.job.read_text()


@pytest.mark.parametrize("place", ["entry", "file"])
def test_no_key_is_written_twice(formats, place):
    formats.run({"a.md": "---\nmodel_config: {temperature: 0.2}\n---\nHi {{name}}\n"})
    formats.job.write_text(formats.job.read_text() + "prompts:\n  a:\n    file: a.md\n")
    if place == "entry":
        formats.job.write_text(formats.job.read_text() + "    model_config: {top_p: 1}\n")
    formats.registry.run(formats.job)
    formats.change("a", "Hello {{name}}", model_config={"temperature": 0.5, "top_p": 0.1, "max_tokens": 5})
    formats.pull()
    whole = formats.text("a.md") + formats.job.read_text()
    for key in ("temperature", "top_p", "max_tokens"):
        assert whole.count(key) == 1, whole


TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}


def test_tools_are_written_where_they_are(formats):
    formats.run({"a.md": "Hi {{name}}\n", "tools.yaml": f"# Theirs.\n- {json.dumps(TOOL)}\n"})
    spec = formats.job.read_text()
    bare = "- name: f  # bare\n        parameters: {type: object, properties: {}}\n"
    formats.job.write_text(f"{spec}prompts:\n  a:\n    file: a.md\n    tools:\n      {bare}")
    formats.registry.run(formats.job)
    other = {"type": "function", "function": {"name": "g"}}
    formats.change("a", model_config={"tools": [TOOL, other]})
    formats.pull()
    assert bare in formats.job.read_text() and "name: g" in formats.job.read_text()
    formats.job.write_text(f"{spec}prompts: {{a: {{file: a.md, tools: tools.yaml}}}}\n")
    formats.registry.run(formats.job, "--overwrite-foreign")
    formats.change("a", model_config={"tools": [other]})
    assert "'tools.yaml', which is left alone: change them there by hand" in formats.pull(code=1).out


STYLES = ["block", "spaced", "flow", "lines", "json", "pretty"]
CONTENTS = ["Hi {{name}}", "Two\nlines", "  indented\n\nblank", 'quotes "and" \'these\'', "# not: a comment", "- x", "ü \u2028"]


def chat_lines(chance, messages, style):
    """The messages in a style, as the pieces of which each belongs to one of them."""
    pieces = []
    for index, message in enumerate(messages):
        role, content = message["role"], message["content"]
        # To YAML a line separator is a line break, unless it is escaped.
        quoted = json.dumps(content, ensure_ascii=False).replace("\u2028", "\\u2028")
        if style in ("block", "spaced"):
            if "\n" in content and content[0] not in " \n" and chance.random() < 0.5:
                inner = "\n".join(f"    {line}" if line else "" for line in content.split("\n"))
                pieces.append(f"- role: {role}  # message {index}\n  content: |-\n{inner}\n")
            else:
                pieces.append(f"- role: {role}  # message {index}\n  # its text\n  content: {quoted}\n")
        elif style in ("flow", "lines"):
            pieces.append(f"{{role: {role},  content: {quoted}}}")
        elif style == "json":
            pieces.append(f'{{"role": "{role}",  "content": {quoted}}}')
        else:
            pieces.append(f'{{\n    "role":   "{role}",\n    "content": {quoted}\n  }}')
    if style == "block":
        return pieces, "# A talk.\n" + "".join(pieces) + "# The end.\n"
    if style == "spaced":
        return pieces, "# A talk.\n" + "\n".join(pieces)
    if style in ("flow", "json"):
        return pieces, f"[{', '.join(pieces)}]\n"
    inner = ",\n  ".join(pieces)
    return pieces, f"[\n  {inner}\n]\n" if style == "pretty" else f"# A talk.\n[\n  {inner},  # last\n]\n"


@pytest.mark.parametrize("seed", range(24))
def test_messages_that_stayed_are_left_as_they_are_written(seed, formats):
    chance = random.Random(seed)
    roles = ["system", "user", "assistant"]

    def message(index):
        return {"role": chance.choice(roles), "content": f"{chance.choice(CONTENTS)} {index}"}

    files, talks, pieces = {}, {}, {}
    newline = chance.choice(["\n", "\r\n"])
    for style in STYLES:
        old = [message(index) for index in range(chance.randint(1, 5))]
        new = [chance.choice([item, item, item, None, {**item, "content": "changed {{name}}"}]) for item in old]
        new = [item for item in new if item]
        for index in range(chance.randint(0, 2)):
            new.insert(chance.randint(0, len(new)), message(f"new {index}"))
        new = new or [message("only")]
        file = f"{style}.chat.{'json' if style in ('json', 'pretty') else 'yaml'}"
        pieces[style], text = chat_lines(chance, old, style)
        files[file], talks[style] = text.replace("\n", newline), (old, new)
    formats.run(files)
    for style, (_, new) in talks.items():
        formats.change(style, new)
    formats.pull()
    for file in files:
        style = file.split(".")[0]
        text, (old, new) = formats.text(file), talks[style]
        assert text.count("\r\n") == (text.count("\n") if newline == "\r\n" else 0)
        # Two texts may be the same: what stayed is as often in the file.
        for item, piece in zip(old, pieces[style], strict=True):
            if item in new:
                assert piece.replace("\n", newline) in text, f"{files[file]}\n{text}"
        assert ("# A talk." in files[file]) == ("# A talk." in text)
        assert ("# The end." in files[file]) == ("# The end." in text)
