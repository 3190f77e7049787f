"""Front matter, and prompts at keys of files, that mean harm."""

import json
import os
import re

import pytest
from prompt_files import CANARY, ONE_PROMPT, SPEC, draft, put_secrets, register, registered, validate


@pytest.fixture
def box(sandbox):
    """A job of one prompt, with secrets beside its folder."""
    sandbox.write("job.yaml", ONE_PROMPT)
    sandbox.write("prompts/a.md", "Hello {{x}}\n")
    put_secrets(sandbox)
    return sandbox


# Front matter


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGES = "m0: &m0 {k: x}\n" + "".join(f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}], k{n}: *m{n - 1}}}\n" for n in range(1, 40))
REFUSED_HEADERS = {
    "a_bomb": BOMB,
    "a_bomb_in_tags": "tags:\n" + "".join(f"  {line}\n" for line in BOMB.splitlines()),
    "merge_keys": MERGES,
    "a_merge_key_in_itself": "tags: &t {<<: *t}\n",
    "a_value_in_itself": "model_config: &a {x: *a}\n",
    "many_aliases": "description: &d x\nmodel_config:\n  v: [" + "*d, " * 30_000 + "]\n",
    "a_long_text_often": "description: &d '" + "x" * 100_000 + "'\nmodel_config: {v: [" + "*d, " * 2_000 + "]}\n",
    "nested_lists": "model_config: {v: " + "[" * 50_000 + "]" * 50_000 + "}\n",
    "nested_mappings": "a:\n" + "".join(" " * depth + "a:\n" for depth in range(1, 600)),
    "nested_keys": "x: 1\n" + "? " * 50_000 + "\n",
    "a_key_twice": "description: a\ndescription: b\n",
    "a_key_very_often": "description: a\n" * 10_000,
    "a_tag_of_python": "description: !!python/object/apply:os.system ['touch pwned']\n",
    "a_tag_of_python_for_a_mapping": "tags: !!python/object:os.system {a: b}\n",
    "a_local_tag": "description: !include ../secret.md\n",
    "a_control_character": "description: \x1b[2J\n",
    "nothing_but_a_colon": "description: [\n",
    "a_tab": "tags:\n\ta: b\n",
    "a_huge_header": "description: x\n" + "# comment\n" * 60_000,
    "a_nul": "description: a\x00b\n",
    "an_alias_that_is_none": "aliases: ['../x', 'a b', latest, v1, \"\\e[2J\"]\n",
    "a_bad_tag": "tags: {\"\\e[2J\": x, mlflow.prompt.text: y, '': z}\n",
}
OTHER_HEADERS = {
    "many_unknown_keys": "".join(f"key_{n}: x\n" for n in range(9_000)),
    "many_near_keys": "".join(f"descriptio{n}: x\n" for n in range(9_000)),
    "many_tags": "tags:\n" + "".join(f"  t{n}: x\n" for n in range(1_000)),
    "many_variables": "variables: [" + ", ".join(f"v{n}" for n in range(19_000)) + "]\n",
    "many_settings": "config:\n" + "".join(f"  s{n}: 1\n" for n in range(9_000)),
    "a_long_key": "k" * 300_000 + ": x\n",
    "a_long_description": "description: " + "x" * 300_000 + "\n",
    "escapes": '"\\e[2J\\u202e\\0": x\ndescription: "\\e[2J\\u2066\\x9b\\0\\r\\n"\n"a\\nb": "\\a"\n',
    "bidi": "\u202ekey: \u2066x\ndescription: \u202etxt.exe\u202c\ntags: {team: \u2067x}\n",
    "an_odd_break": "description: a\u2028tags: b\n\x85: x\n",
    "rules_alone": "",
    "a_control_character_in_a_key": "\x07x: 1\ndescription: x\x9b\n",
    "a_list": "- a\n- b\n",
    "a_text": "just text\n",
    "null_keys": "~: x\nnull: y\ndescription: ~\n",
    "numbers_for_keys": "1: x\n1.0: y\n.nan: z\ntrue: w\n",
    "a_directive": "%YAML 9.9\n",
    "documents": "a: 1\n--- \nb: 2\n...\n",
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_HEADERS | OTHER_HEADERS)
def test_a_header(name, box):
    header = (REFUSED_HEADERS | OTHER_HEADERS)[name]
    box.write("prompts/a.md", f"---\n{header}---\nHello {{{{x}}}}\n")
    register(box, 65 if name in REFUSED_HEADERS else None)
    draft(box)
    # Dropped or kept, nothing in it is read; it may be too long as a text, and a text has no control characters in YAML.
    for mode in ("drop", "keep"):
        box.write("job.yaml", ONE_PROMPT + f"front_matter: {mode}\nsyntax: none\n")
        validate(box, 0 if mode == "drop" and name not in ("a_nul", "a_huge_header") else None)


@pytest.mark.parametrize("ending", ["md", "prompt", "prompty", "j2"])
def test_a_header_that_does_not_end(ending, box):
    box.write("job.yaml", SPEC)
    for start in ("---", "---\n", "---\r\n", "--- \t\n", "\ufeff---\n", "---\ntags: &a [*a]\n", "---\n" * 100_001):
        for rest in ("", "a: b\n" * 70_000, "--- #\n" * 50_000, " ---\n" * 50_000):
            if len(start + rest) < 400_000:
                box.write(f"prompts/a.{ending}", start + rest)
                validate(box)
    draft(box)


KEYS = [
    "description", "variables", "tags", "model_config", "response_format", "tools", "aliases", "syntax", "model", "config",
    "input", "output", "inputs", "sample", "outputs", "template", "temperature", "stop", "modelParameters", "jsonSchema",
    "responseFormat", "messages", "key", "file", "prompts_dir", "registry", "gates", "adopt", "warnings", "front_matter",
]  # fmt: skip
INNER_KEYS = ["schema", "type", "name", "format", "properties", "function", "json_schema", "parameters", "api", "configuration"]
VALUES = [
    "", "~", "x", "''", "true", "-1", "1e999", ".nan", "9" * 400, "2024-01-01", "[]", "{}", "[[]]", "[{}]", "[~]", "[a, a]",
    "[1, x, {a: b}]", "{'': ''}", "{a: {b: {c: [1, ~]}}}", "{1: 2}", "{type: object}", "{type: {type: {}}}", '"\\e[2J\\u202e"',
    "'\\'", "../secret.json", "/etc/passwd", "/dev/zero", "secret.json", ".env", "tools.json", "fifo.json", "../../*",
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_value_of_another_type(key, box):
    """It is refused, or a run takes it."""
    os.mkfifo(box.folder / "prompts" / "fifo.json")
    values = VALUES + [f"{{{inner}: {value}}}" for inner in INNER_KEYS for value in ("x", "[x]", "{x: [y, ~]}")]
    box.write("job.yaml", SPEC)
    for number, value in enumerate(values):
        box.write(f"prompts/v{number}.md", f"---\n{key}: {value}\n---\nHello {{{{x}}}}\n")
    while (ended := validate(box)).code == 65:
        wrong = set(re.findall(r"^prompts/(v\d+\.md):\d+:\d+: error", ended.err, re.MULTILINE))
        assert wrong, ended.err
        for name in wrong:
            (box.folder / "prompts" / name).unlink()
    register(box, 0)


@pytest.mark.parametrize("file", ["secret.json", "tools.json", ".env", "secret.md", "../sandbox/secret.json", "canary.json"])
@pytest.mark.parametrize("key", ["response_format", "tools"])
def test_a_header_that_names_a_file_elsewhere(key, file, box):
    """A job may name what is beside it; a template may not."""
    for path in (file, f"../{file}", str(box.folder / file), f"link/{file}", f"./.././{file}"):
        if not (link := box.folder / "prompts" / "link").exists():
            link.symlink_to("..")
        box.write("prompts/a.md", f"---\n{key}: {path}\n---\nHello {{{{x}}}}\n")
        register(box, None if file == "../sandbox/secret.json" or key == "tools" else 65)
    draft(box)


def test_a_header_is_not_interpolated(box):
    text = "${env.HOME} ${var.v} ${var.nothing} $${x} ${ ${"
    box.write("job.yaml", ONE_PROMPT + f"variables: {{v: {{default: {CANARY}}}}}\n")
    box.write("prompts/a.md", f"---\ndescription: '{text}'\ntags: {{team: '{text}'}}\n---\nHello {{{{x}}}} {text}\n")
    validate(box, 0)
    box.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
    assert registered(box).count(text) >= 3 and CANARY not in registered(box)


def test_a_protected_alias(box):
    for aliases in ("[live]", "[a, live]", '["l\\x69ve"]', "&a [live]"):
        box.write("job.yaml", ONE_PROMPT + "protected: [live]\naliases: [a]\n")
        box.write("prompts/a.md", f"---\naliases: {aliases}\n---\nHello {{{{x}}}}\n")
        assert "'live' is protected" in validate(box, 65).err


def test_very_many_names_that_are_wrong(box):
    """What may have been meant is not looked for without end."""
    names = [", ".join(f"{word}{n}" for n in range(9_000)) for word in ("abcde", "vwxyz")]
    box.write("prompts/a.md", f"---\nvariables: [{names[0]}]\n---\n" + "".join(f"{{{{b{n}}}}}" for n in range(9_000)))
    validate(box, 65)
    schema = f"{{type: object, properties: {{{names[0].replace(',', ': 1,')}: 1}}, required: [{names[1]}]}}"
    box.write("prompts/a.md", f"---\ntools: [{{name: f, parameters: {schema}}}]\n---\nHello {{{{x}}}}\n")
    validate(box, 65)
    box.write("prompts/a.md", "Hello {{x}}\n")
    variables = f"variables: {{{names[0].replace(',', ': {default: x},')}: {{default: x}}}}\n"
    box.write("job.yaml", ONE_PROMPT + variables + "description: '" + "".join(f"${{var.b{n}}}" for n in range(9_000)) + "'\n")
    validate(box, 65)


# Prompts at keys


def at_key(box, key, name="k.yaml") -> None:
    """Makes the job's prompt the one at a key."""
    box.write("job.yaml", SPEC + f"prompts: {{a: {{file: {json.dumps(name)}, key: {json.dumps(key)}}}}}\n")


DOCUMENTS = {
    "a_bomb.yaml": BOMB + "a: {b: 'x {{y}}'}\n",
    "merge_keys.yaml": MERGES + "a: {b: 'x {{y}}'}\n",
    "a_value_in_itself.yaml": "a: &a {b: *a}\n",
    "a_tag.yaml": "a: {b: !!python/object/apply:os.system ['touch pwned']}\n",
    "nested_lists.json": '{"a": {"b": ' + "[" * 100_000 + "]" * 100_000 + "}}",
    "nested_objects.json": '{"a": {"b": ' * 50_000 + '"x"' + "}}" * 50_000,
    "open_lists.json": '{"a": {"b": ' + "[" * 1_000_000,
    "a_lone_surrogate.json": '{"a": {"b": "x \\ud800 {{y}} \\udc00\\ud83d"}}',
    "a_surrogate_for_a_key.json": '{"a": {"\\ud800": "x", "b": "x {{y}}"}}',
    "a_huge_number.json": '{"a": {"b": ' + "9" * 1_000_000 + "}}",
    "a_number_without_end.json": '{"a": {"b": 1e999999999}, "c": -1e-999999999}',
    "not_a_number.json": '{"a": {"b": NaN}}',
    "two_documents.json": '{"a": {"b": "x"}}{"a": {"b": "y"}}',
    "a_nul.json": '{"a": {"b": "x\\u0000 {{y}}", "\\u0000": 1}}',
    "controls.json": '{"a": {"b": "\\u001b[2J {{\\u202e}} {{y}}", "\\u001b": {"\\u009b": "a {{b}} c"}}}',
    "too_long.yaml": "a: {b: x}\n" + "#" * 9_000_000,
    "one_long_key.yaml": "? " + "k" * 500_000 + "\n: 'x {{y}} z'\na: {b: 'x {{y}}'}\n",
    "quotes.yaml": "'a.b': 'x {{y}} z'\n\"a'b\": 'x {{y}} z'\n"
    "'it''s \"a\" prompt': 'x {{y}} z'\n'a\"b': 'x {{y}} z'\n'': 'x {{y}} z'\n",
    "lines.yaml": '"a: b": "x {{y}} z"\n'
    '"a\\n  b: {file: /etc/passwd}\\n": "x {{y}} z"\n"#": "x {{y}} z"\n"${var.x}": "x {{y}} z"\n',
    "odd_characters.yaml": '"\\ufffe \\uffff \\ufeff \\u2028": "x {{y}} {z"\n"\\uffff_prompt": "x {{y}} {\\ufffe} {{\\uffff}}"\n',
    "many_texts.yaml": "".join(f"p{n}: 'x {{{{y}}}} z'\n" for n in range(40_000)),
    "equal_keys.yaml": "a: {b: 'x {{y}}'}\n" * 20_000 + "".join(f"p{n}: 'x {{{{y}}}} z'\n" for n in range(499)),
    "one_text_often.yaml": "t: &t '" + "{{v}} {x} " * 9_000 + "'\n" + "".join(f"p{n}: *t\n" for n in range(300)),
    "unfinished_tags_often.yaml": "t: &t '" + "{{> {{role {% " * 6_000 + "'\n" + "".join(f"p{n}: *t\n" for n in range(100)),
}  # fmt: skip


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_file_with_keys(name, box):
    (box.folder / "prompts" / "a.md").unlink()
    box.write(f"prompts/{name}", DOCUMENTS[name])
    for key in ("a.b", ["a", "b"]):
        at_key(box, key, name)
        register(box)
    draft(box)


REFUSED_KEYS = [
    ".", "..", "a.", ".a", "a..b", "'", '"', "'a", "a.'b", "'a'b", "", " ", "-1", "list.-1", "list.2",
    "list.99999999999999999999",
    "list.+1", "list.1e0", "list.0x1", "list. 1", "nothing", "a.b.c", "a.B", "\x1b[2J", "\u202e.x", "a\nb", "x" * 1_000_000,
    [], [[]], [None], [1.5], [{}], ["a", "b", "c"], {"a": "b"}, 1, True, None, "a.b\x00", "A.b", "list.0.0", "map", "list",
    ["a"] * 10_000, ["x" * 100] * 10_000, ".".join(["a"] * 10_000), "'a'." * 10_000 + "b", ["a.b"] * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(REFUSED_KEYS)))
def test_a_key(number, box):
    """One that leads to no text is refused, with what was wrong with it."""
    box.write("prompts/k.yaml", "a: {b: 'x {{y}}'}\nlist: ['x {{y}}', 'z']\nmap: {a: {}}\n")
    at_key(box, "a.b")
    register(box, 0)
    for name in ("k.yaml", "k.json"):
        box.write("prompts/k.json", '{"a": {"b": "x {{y}}"}, "list": ["x {{y}}", "z"], "map": {"a": {}}}')
        at_key(box, REFUSED_KEYS[number], name)
        # Without a value a key is not there, and the file is registered as a whole.
        validate(box, None if REFUSED_KEYS[number] is None else 65)


@pytest.mark.parametrize("path", [
    "/dev/zero", "/dev/stdin", "/proc/self/environ", "../../etc/passwd", "../secret.yaml", "fifo.yaml", "folder.yaml",
    "loop.yaml",
    "out.yaml", "zero.yaml", "a.md\x00.yaml", "k.yaml\x00", "k.yaml/x", "./k.yaml\n", "outside/x.yaml", "\udcff.yaml",
])  # fmt: skip
def test_a_file_of_keys_that_is_none(path, box):
    prompts = box.folder / "prompts"
    box.write("prompts/k.yaml", "a: 'x {{y}}'\n")
    os.mkfifo(prompts / "fifo.yaml")
    (prompts / "folder.yaml").mkdir()
    for link, target in {"loop": "loop.yaml", "out": "../secret.yaml", "zero": "/dev/zero"}.items():
        (prompts / f"{link}.yaml").symlink_to(target)
    (prompts / "outside").symlink_to("../outside")
    for key in (f"{CANARY}_prompt", "a"):
        box.write("job.yaml", SPEC + f"prompts: {{a: {{file: {json.dumps(path)}, key: {key.replace(CANARY, 'x')}}}}}\n")
        validate(box, 65)
    draft(box)


def test_very_many_prompts_of_one_text(box):
    """A small job and a small file must not come to gigabytes."""
    box.write("prompts/k.yaml", "a: &a 'x {{y}} " + "z" * 90_000 + "'\n" + "".join(f"p{n}: *a\n" for n in range(300)))
    prompts = "".join(f"  p{n}: {{file: k.yaml, key: p{n % 300}}}\n" for n in range(5_000))
    box.write("job.yaml", SPEC + "prompts:\n" + prompts)
    assert "MiB in all" in validate(box, 65).err
