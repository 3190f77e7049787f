"""Pulling writes what a registry holds into a job's own files, and a plan is empty afterwards."""

import copy
import json
import random
import re
import shutil
import subprocess

import pytest
from mlflow_registry import mlflow, settle
from program import tree
from test_provenance import git

TEXTS = [
    "Hello {{name}}",
    "First {{name}}\nSecond line\n\n  indented",
    "Ends with a newline\n",
    "Ünïcode {{ name }} \u2028 x",
    'Braces {"a": [1, {"b": 2}]} and {{name}} and {{{name}}}',
    "# no comment: {{name}} # here",
    "- item: 'quoted' \"double\"",
    "tabs\tand  double  blanks {{name}}",
]
CONFIGS = [
    None,
    {"temperature": 0.2},
    {"model_name": "m: x", "temperature": 0.5, "max_tokens": 10},
    {"model_name": "other", "stop_sequences": ["a", "# b"], "extra": {"deep": [1, {"x": None}], "on": True}},
    {"temperature": 0.2, "top_p": 1, "note": "several\nlines"},
]
FORMATS = [None, {"type": "object"}, {"type": "object", "properties": {"no": {"type": "string"}, "b": {"type": "number"}}}]
TAGS = [{}, {"team": "a"}, {"team": "b", "level": "3"}, {"own": "x: y # z", "level": "true"}]
DESCRIPTIONS = ["Greets.", "Two\nlines", "with # and: 'marks'"]


def flow(value) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False)


def block(value, indent: int) -> list[str]:
    """A mapping on lines of its own, with comments."""
    lines = []
    for key, inner in value.items():
        lines.append(f"{' ' * indent}# about {key}")
        if isinstance(inner, dict) and inner:
            lines += [f"{' ' * indent}{key}:", *block(inner, indent + 2)]
        else:
            lines.append(f"{' ' * indent}{key}: {flow(inner)}  # {key} ends")
    return lines


class Files:
    """A job in one of many styles, with comments everywhere."""

    def __init__(self, chance: random.Random, folder, schema: str):
        self.chance, self.folder = chance, folder
        self.newline = chance.choice(["\n", "\r\n"])
        self.syntax = chance.choice(["mustache", "python"])
        (folder / "jobs").mkdir(parents=True)
        (folder / "prompts").mkdir()
        self.path = folder / "jobs" / "job.yaml"
        self.names = [f"p{index}" for index in range(3)] + ["talk"]
        lines = [
            "# A job.", "version: 1", "job: pulled  # its name", "catalog: main", f"schema: {schema}",
            "aliases: [production]", "prompts_dir: ../prompts", f"syntax: {self.syntax}", "", "prompts:",
        ]  # fmt: skip
        for name in self.names:
            lines += [f"  # The prompt {name}.", *self.prompt(name), ""]
        lines += ["# The end.", "targets:", "  local: {default: true}  # here"]
        self.write("jobs/job.yaml", lines)

    def write(self, path: str, lines: list[str], final: bool = True) -> None:
        text = self.newline.join(lines) + (self.newline if final else "")
        (self.folder / path).write_bytes(text.encode())

    def prompt(self, name: str) -> list[str]:
        """The lines of a prompt's entry; its file is written."""
        chance = self.chance
        variable = "{name}" if self.syntax == "python" else "{{name}}"
        settings = {}
        for key, values in (("model_config", CONFIGS), ("response_format", FORMATS), ("tags", TAGS)):
            value = copy.deepcopy(chance.choice(values))
            if value:
                settings[key] = value
        if chance.random() < 0.5:
            settings["description"] = chance.choice(DESCRIPTIONS)
        if chance.random() < 0.5:
            settings["variables"] = ["name"]
        file = f"{name}.chat.yaml" if name == "talk" else f"{name}.md"
        if name == "talk":
            body = ["# A talk.", "- role: system  # first", f"  content: Be brief, {variable}.", "- role: user"]
            self.write(f"prompts/{file}", [*body, "  content: |-", f"    Ask {variable}", "    again."])
        else:
            header = ["---", "# Its own.", "description: Of the file  # kept", "---"] if chance.random() < 0.3 else []
            if header:
                settings.pop("description", None)
            self.write(f"prompts/{file}", [*header, f"Old {variable}", "text"], chance.random() < 0.7)
        if "response_format" in settings and chance.random() < 0.3:
            (self.folder / "prompts" / f"{name}.json").write_text(flow(settings["response_format"]) + "\n")
            settings["response_format"] = f"{name}.json"
        keys = list(settings)
        chance.shuffle(keys)
        if chance.random() < 0.2 and all("\n" not in flow(settings[key]) for key in keys):
            entries = [f"file: {file}", *(f"{key}: {flow(settings[key])}" for key in keys)]
            return [f"  {name}: {{{', '.join(entries)}}}  # in one line"]
        lines = [f"  {name}:", f"    file: {file}  # beside"]
        for key in keys:
            value = settings[key]
            if isinstance(value, dict) and chance.random() < 0.5:
                lines += [f"    {key}:", *block(value, 6)]
            elif isinstance(value, str) and "\n" in value and chance.random() < 0.5:
                lines += [f"    {key}: |-", *(f"      {line}" for line in value.split("\n"))]
            else:
                lines.append(f"    {key}: {flow(value)}  # {key}")
        return lines


def edit(chance: random.Random, name: str, is_chat: bool) -> None:
    """What somebody does to a prompt in the registry: versions, tags and a description."""
    for _ in range(chance.randint(1, 2)):
        text = chance.choice(TEXTS)
        template = [{"role": chance.choice(["system", "user"]), "content": text.strip("\n") or "x"}] if is_chat else text
        if is_chat and chance.random() < 0.7:
            template = [{"role": "system", "content": "Be brief, {{name}}."}, *template]
        tags = dict(chance.choice(TAGS))
        client = mlflow.MlflowClient()
        mlflow.genai.register_prompt(
            name, template, tags=tags, model_config=chance.choice(CONFIGS), response_format=chance.choice(FORMATS)
        )
        for key, value in tags.items():
            client.set_prompt_tag(name, key, value)
    settle()


def comments(text: str) -> set[str]:
    """The comments of a spec that stand on lines of their own."""
    return set(re.findall(r"^ *(# (?:A|The) .*?)\r?$", text, re.MULTILINE))


@pytest.mark.parametrize("seed", range(30))
def test_pull_then_plan_is_empty(seed, program, folder, tmp_path):
    pull_then_plan(seed, folder, tmp_path)


@pytest.mark.parametrize("seed", [101, 102])
def test_pull_then_plan_is_empty_everywhere(seed, any_registry, tmp_path):
    pull_then_plan(seed, any_registry, tmp_path)


def pull_then_plan(seed, registry, tmp_path) -> None:
    chance = random.Random(seed)
    files = Files(chance, tmp_path / "job", registry.schema)
    registry.run(files.path)
    for name in chance.sample(files.names, chance.randint(1, 4)):
        edit(chance, f"main.{registry.schema}.prompt_{name}", name == "talk")
    before = tree(files.folder)
    flags = ["--registry", registry.uri, "--schema", registry.schema]
    dry = registry.program(
        "pull", "jobs/job.yaml", *flags, "--dry-run", cwd=files.folder, env=registry.environment
    )
    assert tree(files.folder) == before and "not written" not in dry.out
    written = registry.written()
    registry.program("pull", files.path, "--force", *flags, env=registry.environment)
    assert registry.written() == written, "pull wrote to the registry"
    plan = registry.ended(files.path, command="plan")
    left = [(row["name"], row["action"], row["differences"]) for row in plan.report["prompts"] if row["action"] != "unchanged"]
    # Tags of the job that a version made by hand lacks are set by the next run.
    assert all(row[1:] == ("retag", ["tags"]) for row in left), f"{left}\n{files.path.read_text()}"
    assert all(f"  {row[0]}" in before["jobs/job.yaml"].decode() for row in left)
    assert_patch(dry.out, before, files.folder, tmp_path)
    # What is not about the change is as it was.
    text = files.path.read_bytes().decode()
    assert comments(before["jobs/job.yaml"].decode()) <= comments(text)
    assert text.count("\r\n") == (text.count("\n") if files.newline == "\r\n" else 0)
    for path, data in tree(files.folder).items():
        if path != "jobs/job.pulled.json":
            assert path in before and (data is None) == (before[path] is None)
    again = registry.program("pull", files.path, "--force", *flags, env=registry.environment)
    assert "No changes" in again.out


def assert_patch(shown: str, before: dict, folder, tmp_path) -> None:
    """What a dry run shows is a patch that makes of the files before what a pull made of them."""
    if "no patch" in shown:
        return
    copy = tmp_path / "patched"
    for path, data in before.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        if data is None:
            (copy / path).mkdir(exist_ok=True)
        else:
            (copy / path).write_bytes(data)
    command = ["git", "apply", "--whitespace=nowarn", "-"]
    applied = subprocess.run(command, cwd=copy, input=shown.encode(), capture_output=True)
    assert applied.returncode == 0, f"{applied.stderr.decode()}\n{shown}"
    assert tree(copy) == tree(folder), shown


@pytest.fixture
def job(folder, tmp_path):
    """A job of two prompts in a git repository, run once, then changed in the registry."""
    files = Files(random.Random(5), tmp_path / "repo", folder.schema)
    git(files.folder, "init", "--quiet", "--initial-branch", "main")
    git(files.folder, "add", ".")
    git(files.folder, "commit", "--quiet", "-m", "One")
    folder.run(files.path)
    mlflow.genai.register_prompt(f"main.{folder.schema}.prompt_p0", "Theirs {{name}}")
    mlflow.genai.set_prompt_alias(f"main.{folder.schema}.prompt_p1", "canary", 1)
    mlflow.genai.register_prompt(f"main.{folder.schema}.prompt_p1", "Newer {{name}}")
    settle()
    return files


def pull(folder, job, *flags, code=0):
    where = ["--registry", folder.uri, "--schema", folder.schema]
    return folder.program("pull", job.path, *where, *flags, code=code)


def test_what_no_commit_holds_is_kept(job, folder, tmp_path):
    shutil.copytree(job.folder, outside := tmp_path / "outside")
    shutil.rmtree(outside / ".git")
    before = tree(outside)
    where = ["--registry", folder.uri, "--schema", folder.schema]
    spec = outside / job.path.relative_to(job.folder)
    done = folder.program("pull", spec, *where, code=1)
    assert "is in no git repository" in done.err and tree(outside) == before
    # A file that git is told to ignore is in no commit, either.
    (job.folder / ".gitignore").write_text("prompts/p0.md\n")
    git(job.folder, "rm", "--quiet", "--cached", "prompts/p0.md")
    git(job.folder, "add", ".gitignore")
    git(job.folder, "commit", "--quiet", "-m", "Ignored")
    assert "p0.md has changes that are not committed" in pull(folder, job, code=1).err
    folder.program("pull", spec, "--force", *where)
    assert tree(outside) != before


def test_uncommitted_changes_are_kept(job, folder):
    path = job.folder / "prompts" / "p0.md"
    path.write_bytes(path.read_bytes() + b"mine")
    before = tree(job.folder / "prompts")
    done = pull(folder, job, code=1)
    assert "p0.md has changes that are not committed" in done.err and "--select" in done.err
    assert tree(job.folder / "prompts") == before
    # Only the files that would be written count.
    pull(folder, job, "--select", "p1")
    pull(folder, job, "--force")
    assert b"mine" not in path.read_bytes() and b"Theirs" in path.read_bytes()


def test_the_versions_of_an_alias_may_be_taken(job, folder):
    before = tree(job.folder / "prompts")
    done = pull(folder, job, "--alias", "canary", "--format", "json")
    report = json.loads(done.out)
    assert {row["name"]: row["version"] for row in report["prompts"]}["p1"] == 1
    assert tree(job.folder / "prompts") == before


def test_what_cannot_be_written_back_is_said_and_nothing_is_written(job, folder):
    name = f"main.{folder.schema}.prompt_p2"
    mlflow.genai.register_prompt(name, [{"role": "user", "content": "By now a chat"}])
    settle()
    before = tree(job.folder)
    done = pull(folder, job, code=1)
    assert "p2.md' cannot be" in done.out and "Nothing is written" in done.out
    assert "The rest can: --select p0,p1,talk" in done.out and tree(job.folder) == before
    pull(folder, job, "--select", "p0,p1,talk")


@pytest.fixture
def found(folder, tmp_path):
    """A job that names no prompts, run once: a text with a part and a comment, one of a folder, and a plain one."""
    job = tmp_path / "repo" / "job.yaml"
    files = {
        "job.yaml": f"version: 1\njob: found\ncatalog: main\nschema: {folder.schema}\nprompts_dir: prompts\n",
        "prompts/_style.md": "Be brief.\nBe kind.\n",
        "prompts/a.md": "{{> style}}\r\nHello {{name}}\r\n<!-- promptreg-ignore: single-brace -->\r\nkeep {x}\r\nend\r\n",
        "prompts/b.md": "Plain {{name}}\n",
    }
    for path, text in files.items():
        (job.parent / path).parent.mkdir(parents=True, exist_ok=True)
        (job.parent / path).write_bytes(text.encode())
    folder.run(job)

    def pull(*flags, code=0):
        settle()
        done = folder.program("pull", job, "--force", "--registry", folder.uri, "--schema", folder.schema, *flags, code=code)
        if code == 0:
            folder.plan(job, "--detailed-exitcode")
        return done

    pull.name = f"main.{folder.schema}.prompt_"
    pull.job, pull.prompts = job, job.parent / "prompts"
    return pull


def test_parts_and_comments_stay_where_the_change_is_elsewhere(found):
    mlflow.genai.register_prompt(f"{found.name}a", "Be brief.\nBe kind.\nHello, dear {{name}}\nnew\nkeep {x}\n\nends")
    found()
    text = b"{{> style}}\r\nHello, dear {{name}}\r\nnew\r\n<!-- promptreg-ignore: single-brace -->\r\nkeep {x}\r\n\r\nends\r\n"
    assert (found.prompts / "a.md").read_bytes() == text


def test_a_change_of_a_part_is_refused_and_a_lost_comment_told(found):
    mlflow.genai.register_prompt(f"{found.name}a", "Be brief.\nBe nice.\nHello {{name}}\nkeep {x}\nend")
    before = tree(found.prompts)
    assert "is a part of its template" in found(code=1).out and tree(found.prompts) == before
    (found.prompts / "a.md").write_text("Hi\nkeep {x} <!-- promptreg-ignore -->\n")
    mlflow.genai.register_prompt(f"{found.name}a", "Hi\nkeep {y}")
    done = found()
    assert "comments in" in done.out and (found.prompts / "a.md").read_text() == "Hi\nkeep {y}\n"


def test_a_prompt_without_an_entry_gets_front_matter(found):
    mlflow.genai.set_prompt_model_config(f"{found.name}b", 1, {"temperature": 0.5})
    found()
    assert (found.prompts / "b.md").read_text() == "---\nmodel_config:\n  temperature: 0.5\n---\nPlain {{name}}\n"
    mlflow.genai.register_prompt(f"{found.name}a", "Be brief.\nBe kind.\nHello {{name}}\nkeep {x}\nend", tags={"own": "x"})
    mlflow.MlflowClient().set_prompt_tag(f"{found.name}a", "own", "x")
    found()
    text = (found.prompts / "a.md").read_bytes()
    assert text.startswith(b"---\r\ntags:\r\n  own: x\r\n---\r\n{{> style}}\r\n")


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        (
            "talk.chat.yaml",
            "# Theirs.\nmodel_config: {temperature: 0.2, top_p: 0.5}  # low\ntags:\n  team: a\nmessages:\n"
            "- role: user  # first\n  content: Ask {{name}}\n",
            "# Theirs.\nmodel_config: {temperature: 0.5}  # low\ntags:\n  team: a\nmessages:\n"
            "- role: user  # first\n  content: 'Tell {{name}}'\n",
        ),
        (
            "talk.chat.yaml",
            "messages:\n- {role: user, content: 'Ask {{name}}'}\n",
            "messages:\n- {role: user, content: 'Tell {{name}}'}\nmodel_config:\n  temperature: 0.5\n",
        ),
        (
            "talk.chat.json",
            '{"model_config": {"temperature": 0.2}, "messages": [{"role": "user", "content": "Ask {{name}}"}]}\n',
            '{"model_config": {"temperature": 0.5}, "messages": [{"role": "user", "content": "Tell {{name}}"}]}\n',
        ),
    ],
)
def test_settings_beside_messages_are_written_there(found, folder, file, before, after):
    (found.prompts / file).write_text(before)
    folder.run(found.job)
    messages = [{"role": "user", "content": "Tell {{name}}"}]
    tags = {"team": "a"} if "team" in before else {}
    mlflow.genai.register_prompt(f"{found.name}talk", messages, tags=tags, model_config={"temperature": 0.5})
    found()
    assert (found.prompts / file).read_text() == after


def test_a_setting_without_a_place_is_refused_with_what_to_do(found, folder):
    (found.prompts / "talk.chat.json").write_text('[{"role": "user", "content": "Ask {{name}}"}]\n')
    folder.run(found.job)
    mlflow.genai.set_prompt_model_config(f"{found.name}talk", 1, {"temperature": 0.5})
    assert "add one below 'prompts:'" in found(code=1).out
    found.job.write_text(found.job.read_text() + "prompts:\n  talk:\n    file: talk.chat.json\n")
    found()
    assert "temperature: 0.5" in found.job.read_text()


def test_a_tag_of_a_pattern_is_not_changed_for_one_prompt(found, folder):
    spec = found.job.read_text()
    found.job.write_text(spec + 'prompts: {"*": {tags: {kind: any}}}\n')
    folder.run(found.job)
    client = mlflow.MlflowClient()
    client.set_prompt_tag(f"{found.name}b", "kind", "other")
    client.set_prompt_version_tag(f"{found.name}b", "1", "kind", "other")
    assert "its tags cannot be written there" in found(code=1).out
    client.set_prompt_tag(f"{found.name}b", "kind", "any")
    client.set_prompt_version_tag(f"{found.name}b", "1", "kind", "any")
    mlflow.genai.set_prompt_model_config(f"{found.name}b", 1, {"temperature": 0.1})
    found.job.write_text(spec + "prompts: {\"*\": {tags: {kind: any}, model_config: {temperature: 0.3}}}\n")
    assert "its model_config cannot be written there" in found(code=1).out


def test_a_pattern_says_how_a_text_is_written(found, folder):
    spec = found.job.read_text()
    (found.prompts / "py1.txt").write_bytes(b"Hello {name}, {{\"ok\": 1}}\n")
    (found.prompts / "crlf.md").write_bytes(b"A {{x}}\r\nB\r\n")
    found.job.write_text(spec + 'prompts: {"py*": {syntax: python}, "crlf": {file: crlf.md, variables: [x]}, "c*": {newlines: keep}}\n')
    folder.run(found.job)
    mlflow.genai.register_prompt(f"{found.name}py1", 'Hello {{greeting}} {{name}}, {"ok": 1}')
    mlflow.genai.register_prompt(f"{found.name}crlf", "A {{x}}\r\nC")
    found()
    assert (found.prompts / "py1.txt").read_bytes() == b"Hello {greeting} {name}, {{\"ok\": 1}}\n"
    assert (found.prompts / "crlf.md").read_bytes() == b"A {{x}}\r\nC\r\n"
    mlflow.genai.register_prompt(f"{found.name}py1", "{% if a %}{b}{% endif %} {{ x.y | upper }}")
    assert "a pattern below 'prompts:'" in found(code=1).out


def test_messages_of_parts_and_calls_are_pulled(found, folder):
    part = {"type": "text", "text": "See {{x}}"}
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": [part, {"type": "image_url", "image_url": {"url": "{{url}}"}}]},
        {"role": "assistant", "content": "Calls", "tool_calls": [call]},
        {"role": "tool", "content": "done", "tool_call_id": "1"},
        {"role": "user", "content": "Old {{name}}"},
    ]
    file = found.prompts / "c.chat.json"
    file.write_text(json.dumps(messages, indent=2))
    folder.run(found.job)
    messages[3]["content"] = "New {{name}}"
    mlflow.genai.register_prompt(f"{found.name}c", messages)
    found()
    assert file.read_text() == json.dumps(messages, indent=2)
    part["text"] = "Look at {{x}}"
    call["function"]["arguments"] = '{"a": 1}'
    mlflow.genai.register_prompt(f"{found.name}c", messages)
    found()
    assert json.loads(file.read_text())[:2] == messages[:2]


def test_a_tag_of_the_job_that_a_version_made_by_hand_lacks_stays(found, folder):
    found.job.write_text(found.job.read_text() + "prompts: {b: {file: b.md, tags: {team: a, level: '3'}}}\n")
    folder.run(found.job)
    mlflow.genai.register_prompt(f"{found.name}b", "Theirs {{name}}", tags={"level": "4"})
    settle()
    done = folder.program("pull", found.job, "--force", "--registry", folder.uri, "--schema", folder.schema)
    assert "'team' is not on version 2; the next run sets it there" in done.out
    assert "tags: {team: a, level: '4'}" in found.job.read_text()
    folder.run(found.job)
    assert mlflow.MlflowClient().get_prompt_version(f"{found.name}b", 2).tags["team"] == "a"
    assert "No changes" in found().out


KEYED = """# All of them.
plain: Plain {{name}}  # plain
quoted: 'It''s {{name}}'
block: |
    Deep {{name}}
    and more
one: |-
  One line {{name}}
folded: >
  Folded {{name}}
  on lines

flow: {deep: "Flow {{name}}", other: kept}
list:
- first {{name}}
- |
  second {{name}}
  line
nested:
- - |
    deep {{name}}
  - kept, too
talk:
  # A talk.
  - role: system
    content: Be brief, {{name}}.
  - role: user
    content: |-
      Ask {{name}}
      again.
wrapped: {messages: [{role: user, content: "Hi {{name}}"}]}
last: "The end {{name}}"
"""
AT_KEYS = ["plain", "quoted", "block", "one", "folded", "flow.deep", "list.0", "list.1", "nested.0.0", "talk", "wrapped", "last"]
DATA = {"a": {"text": "Data {{name}}\n"}, "b": [{"role": "user", "content": "Hi {{name}}"}], "c": 'x "{{name}}"'}
MARKED = """---
description: Marked.
---
Before {{name}}
{{role "system"}}
Be {{name}}.

{{role 'user'}}

  Hi {{name}}
{{> style}}
"""
TOLD = "system:\nBe {{name}}.\n\n# user:\nHi {{name}}\nand more\n"


@pytest.mark.parametrize("seed", range(16))
def test_texts_at_keys_and_below_marks_are_written_where_they_stand(seed, folder, tmp_path):
    chance = random.Random(seed)
    job, newline = tmp_path / "job.yaml", chance.choice(["\n", "\r\n"])
    files = {"all.yml": KEYED, "data.json": json.dumps(DATA, indent=chance.choice([None, 2])), "_style.md": "Kind.\n"}
    files |= {"r.prompt": MARKED, "t.prompty": TOLD, "talk.chat.json": json.dumps(DATA["b"], indent=1) + "\n"}
    entries = {f"k{index}": {"file": "all.yml", "key": key} for index, key in enumerate(AT_KEYS)}
    entries |= {f"d{key}": {"file": "data.json", "key": key} for key in ("a.text", "b", "c")}
    entries = {name.replace(".", "_"): entry for name, entry in entries.items()}
    entries |= {"r": {"file": "r.prompt"}, "t": {"file": "t.prompty"}, "talk": {"file": "talk.chat.json"}}
    for path, text in files.items():
        (tmp_path / path).write_bytes(text.replace("\n", newline).encode())
    job.write_text(f"version: 1\njob: keyed\ncatalog: main\nschema: {folder.schema}\nprompts: {json.dumps(entries)}\n")
    folder.run(job)
    before = {path: (tmp_path / path).read_bytes().decode() for path in files}
    changed = chance.sample(sorted(entries), chance.randint(1, 5))
    for name in changed:
        full = f"main.{folder.schema}.prompt_{name}"
        new = mlflow.genai.load_prompt(f"prompts:/{full}/1").template
        texts = [text for text in TEXTS if "{{{" not in text]
        if isinstance(new, list):
            new = [dict(message) for message in new]
            chance.choice(new)["content"] = chance.choice(texts).strip()
            if chance.random() < 0.3:
                new.append({"role": "assistant", "content": "Added {{name}}"})
            # A part keeps its place.
            if name == "r":
                new[2]["content"] = chance.choice(["Hello", "Hi, {{name}}", "More\n{{name}}"]) + "\nKind."
                new = new[:3]
        else:
            new = chance.choice([chance.choice(texts), f"{new}\nAdded"])
        mlflow.genai.register_prompt(full, new)
    settle()
    where = ["--registry", folder.uri, "--schema", folder.schema]
    done = folder.program("pull", job, "--force", *where)
    folder.plan(job, "--detailed-exitcode")
    after = {path: (tmp_path / path).read_bytes().decode() for path in files}
    # What is not about the change is as it was.
    written = {entries[name]["file"] for name in changed}
    assert {path for path in files if after[path] != before[path]} <= written, done.out
    assert after["all.yml"].count("\r\n") == (after["all.yml"].count("\n") if newline == "\r\n" else 0)
    assert after["all.yml"].startswith("# All of them.") and "other: kept" in after["all.yml"]
    assert "- kept, too" in after["all.yml"]
    for key in ("block", "one"):
        # A line separator can stand in no block.
        assert f"{key}: |" in after["all.yml"] or f'{key}: "' in after["all.yml"]
    json.loads(after["data.json"])
    json.loads(after["talk.chat.json"])
    assert "{{> style}}" in after["r.prompt"] and after["r.prompt"].startswith("---")


def test_blocks_and_marks_stay_as_they_are_written(found, folder):
    (found.prompts / "all.yml").write_text("# All.\nplanner:\n    system: |-  # first\n        Plan {{x}}\nrest: kept\n")
    (found.prompts / "r.prompt").write_text("{{role 'system'}}\nBe {{x}}\n\n\n{{role 'user'}} Hi {{y}}")
    found.job.write_text(
        found.job.read_text() + "prompts: {keyed: {file: all.yml, key: planner.system}, r: {file: r.prompt}}\n"
    )
    folder.run(found.job)
    mlflow.genai.register_prompt(f"{found.name}keyed", "Other {{x}}: 1")
    both = [{"role": "system", "content": "Be {{x}}"}, {"role": "user", "content": "Hello {{y}}"}]
    mlflow.genai.register_prompt(f"{found.name}r", both)
    found()
    text = "# All.\nplanner:\n    system: |-\n        Other {{x}}: 1\nrest: kept\n"
    assert (found.prompts / "all.yml").read_text() == text
    assert (found.prompts / "r.prompt").read_text() == "{{role 'system'}}\nBe {{x}}\n\n\n{{role 'user'}} Hello {{y}}"
    mlflow.genai.register_prompt(f"{found.name}r", [*both, {"role": "assistant", "content": "Ok"}])
    found()
    assert '{{role "model"}}\nOk' in (found.prompts / "r.prompt").read_text()
    # What the file cannot hold is refused: white space around a message goes away when it is read.
    mlflow.genai.register_prompt(f"{found.name}r", [{"role": "user", "content": " Hi {{y}}"}])
    before = tree(found.prompts)
    assert "its text cannot be written there" in found(code=1).out and tree(found.prompts) == before


def test_a_text_behind_an_alias_is_left_as_it_is(found, folder):
    (found.prompts / "all.yml").write_text("a: &same Both {{x}}\nb: *same\n")
    found.job.write_text(found.job.read_text() + "prompts: {a: {file: all.yml, key: a}, b: {file: all.yml, key: b}}\n")
    folder.run(found.job)
    for name in ("a", "b"):
        mlflow.genai.register_prompt(f"{found.name}{name}", "Other {{x}}")
        before = tree(found.prompts)
        assert "not written" in found("--select", name, code=1).out and tree(found.prompts) == before
