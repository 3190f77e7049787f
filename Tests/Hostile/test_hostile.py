"""Single attacks, each with what it has to come to."""

import json
import os
import socket
import subprocess

import pytest

SPEC = "version: 1\njob: hostile\nprompts_dir: prompts\n"
ONE_PROMPT = SPEC + "prompts: {a: {file: a.md}}\n"


@pytest.fixture
def box(sandbox):
    """A job of one prompt."""
    sandbox.write("job.yaml", ONE_PROMPT)
    sandbox.write("prompts/a.md", "Hello {{x}}\n")
    return sandbox


def test_the_job_is_good_before_it_is_attacked(box):
    assert box.validate("job.yaml").code == 0


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MAP_BOMB = "variables:\n  a0: &b0 {default: x}\n" + "".join(
    f"  a{n}: &b{n} {{{', '.join(f'k{i}: *b{n - 1}' for i in range(9))}}}\n" for n in range(1, 12)
)
DOCUMENTS = {
    "nested_lists": "[" * 100_000,
    "nested_lists_closed": "[" * 20_000 + "]" * 20_000,
    "nested_mappings": "{a: " * 50_000,
    "nested_keys": "? " * 50_000,
    "nested_dashes": "- " * 100_000 + "x",
    "nested_blocks": "".join(" " * depth + "a:\n" for depth in range(1_500)),
    "a_list_bomb": BOMB,
    "a_mapping_bomb": MAP_BOMB,
    "a_bomb_of_one_long_text": "a: &a '" + "x" * 1_000_000 + "'\nb: [" + ", ".join(["*a"] * 10_000) + "]\n",
    "an_anchor_in_itself": "a: &a [*a]\n",
    "merge_keys": "x: &x {<<: *x}\n" + SPEC,
    "many_anchors": "".join(f"k{n}: &a{n} x\n" for n in range(50_000)),
    "many_keys": "".join(f"key_{n}: x\n" for n in range(100_000)),
    "many_equal_keys": "job: x\n" * 50_000,
    "many_list_items": "aliases: [" + "a, " * 300_000 + "]",
    "many_bad_aliases": "aliases: [" + ", ".join(f"'a b{n}'" for n in range(50_000)) + "]",
    "many_documents": "---\na: 1\n" * 50_000,
    "many_near_keys": SPEC + "".join(f"promts{n}: x\n" for n in range(20_000)),
    "many_prompts_without_files": SPEC + "prompts:\n" + "".join(f"  p{n}: {{file: p{n}.md}}\n" for n in range(20_000)),
    "many_variables": "variables:\n" + "".join(f"  v{n}: {{default: x}}\n" for n in range(30_000)),
    "many_interpolations": SPEC + "description: '" + "${var.x}" * 100_000 + "'\n",
    "one_long_line": "x" * 8_000_000,
    "one_long_key": SPEC + "k" * 900_000 + ": x\n",
    "one_long_name": "version: 1\njob: " + "j" * 1_000_000 + "\nprompts: {}\n",
    "one_long_number": "version: " + "1" * 1_000_000 + "\n",
    "too_many_bytes": "#" * 9_000_000,
    "blanks": " " * 4_000_000,
    "newlines": "\n" * 4_000_000,
    "tabs": "\t" * 100_000,
    "carriage_returns": "version: 1\rjob: x\rprompts: {}\r",
    "nuls": "\x00" * 1_000,
    "a_nul_in_a_text": "version: 1\njob: 'a\x00b'\n",
    "nothing": "",
    "a_text": "just a text",
    "a_list": "[1, 2, 3]",
    "a_tag": "!!python/object/apply:os.system ['touch pwned']",
    "a_directive": "%YAML 99.99\n---\nversion: 1\n",
    "controls": "version: 1\njob: \"\\e[2J\\a\\x9b31m\"\n\x1b[31m: red\n",
    "bidi": "version: 1\njob: \u202etxt.exe\u202c\n\u2066\u2067: x\n",
    "a_surrogate": 'version: 1\njob: "\\ud800"\n',
    "a_byte_order_mark": "\ufeff" + ONE_PROMPT + "extra: 1\n",
}
OTHER_ENCODINGS = ["utf-16", "utf-16-le", "utf-32", "latin-1"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_spec(name, box):
    box.write("job.yaml", DOCUMENTS[name])
    assert box.validate("job.yaml").code == 65


@pytest.mark.parametrize("encoding", OTHER_ENCODINGS)
def test_a_spec_in_another_encoding(encoding, box):
    box.write("job.yaml", ("description: Grüße\n" + ONE_PROMPT).encode(encoding))
    box.validate("job.yaml")


def test_a_variable_that_grows(box):
    """Values are not interpolated again, or this would end with 10^12 characters."""
    variables = ", ".join(f"v{n}: {{default: '{'${var.v%d}' % (n + 1) * 10}'}}" for n in range(12))
    box.write("job.yaml", ONE_PROMPT + f"variables: {{{variables}, v12: {{default: x}}}}\ndescription: ${{var.v0}}\n")
    box.validate("job.yaml")


def test_one_long_text(box):
    box.write("job.yaml", ONE_PROMPT + "description: '" + "x" * 7_000_000 + "'\n")
    box.validate("job.yaml")


def test_a_long_variable_used_often(box):
    """As with aliases in YAML, a small spec must not grow without bound."""
    uses = "".join(f"  p{n}: {{file: a.md, description: '{'${var.v}' * 100}'}}\n" for n in range(1_000))
    box.write("job.yaml", SPEC + "variables: {v: {default: " + "x" * 100_000 + "}}\nprompts:\n" + uses)
    assert box.validate("job.yaml").code == 65


TEXTS = {
    "open_braces": "{" * 100_000,
    "closed_braces": "}" * 100_000,
    "double_braces": "{{" * 50_000,
    "braces_in_turn": "{}" * 50_000,
    "empty_variables": "{{}}" * 25_000,
    "open_variables": "{{x" * 33_000,
    "variables": "".join(f"{{{{v{n}}}}}" for n in range(9_000)),
    "one_variable": "{{x}}" * 20_000,
    "one_long_variable": "{{" + "x" * 99_000 + "}}",
    "single_braces": "{x}" * 33_000,
    "open_statements": "{%" * 50_000,
    "statements": "{% if x %}" * 10_000,
    "nested_loops": "{% for x in y %}" * 3_000 + "{{x}}" + "{% endfor %}" * 3_000,
    "open_comments": "{#" * 50_000,
    "nested_parentheses": "{{ " + "(" * 50_000 + "x" + ")" * 49_000 + " }}",
    "nested_indexes": "{{ x" + "[x" * 45_000 + " }}",
    "long_filter_chain": "{{ x" + "|upper" * 16_000 + " }}",
    "many_dots": "{{ x" + ".y" * 49_000 + " }}",
    "quotes": "{{ '" * 20_000,
    "raw": "{% raw %}" * 11_000,
    "blanks": " " * 100_000,
    "long": "{{x}}" + "x" * 200_000,
    "much_too_long": "x" * 5_000_000,
    "carriage_returns": "\r" * 100_000,
    "combining": "e" + "\u0301" * 90_000,
    "joined": "👩\u200d" * 40_000,
    "controls": "{{x}}\x1b]0;title\x07{\x9b31m} {\x1b[2J} {{ \x1b }}",
    "bidi": "{\u202eevil} {{ \u2066x }}",
    "nul": "a\x00b",
}


@pytest.mark.parametrize("syntax", ["mustache", "python", "jinja2", "none"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_template(name, syntax, box):
    box.write("job.yaml", ONE_PROMPT + f"syntax: {syntax}\n")
    box.write("prompts/a.md", TEXTS[name])
    ended = box.validate("job.yaml")
    if name in ("blanks", "long", "much_too_long", "nul"):
        assert ended.code == 65


@pytest.mark.parametrize("content", [b"\xff\xfe", b"\xc0\x80", b"a\xed\xa0\x80", b"\x80" * 100_000, "ä".encode("utf-16")])
def test_a_template_that_is_not_text(content, box):
    box.write("prompts/a.md", content)
    ended = box.validate("job.yaml")
    assert ended.code == 65 and "prompts/a.md" in ended.err


# Paths


def test_files_that_are_no_files(box):
    prompts = box.folder / "prompts"
    os.mkfifo(prompts / "fifo.md")
    (prompts / "folder.md").mkdir()
    (prompts / "loop.md").symlink_to("loop.md")
    (prompts / "nowhere.md").symlink_to("nothing.md")
    listener = socket.socket(socket.AF_UNIX)
    here = os.open(prompts, os.O_PATH)
    listener.bind(f"/proc/self/fd/{here}/socket.md")
    for name in ("fifo", "folder", "loop", "nowhere", "socket"):
        box.write("job.yaml", SPEC + f"prompts: {{a: {{file: {name}.md}}}}\n")
        ended = box.validate("job.yaml")
        assert ended.code == 65 and f"{name}.md" in ended.err
    # And all of them at once, found by themselves.
    box.write("job.yaml", SPEC)
    assert box.validate("job.yaml").code == 65
    listener.close()
    os.close(here)


OUTSIDE = [
    "../job.yaml", "../../etc/passwd", "/etc/passwd", "/dev/zero", "/dev/full", "/dev/null", "/dev/stdin", "/dev/tty",
    "/proc/self/mem", "/proc/self/environ", "/proc/kmsg", "./../prompts/../job.yaml", "~/x", "a.md/x",
    "", ".", "..", "/", "x" * 5_000, "a\nb.md", "\x1b[2J.md", "\u202ea.md", "con\x00trol",
]  # fmt: skip


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_template_that_is_elsewhere(path, box):
    box.write("job.yaml", SPEC + "prompts: {a: {file: %s}}\n" % json.dumps(path))
    assert box.validate("job.yaml").code == 65
    link = box.folder / "prompts" / "link.md"
    if "\x00" in path or len(path) > 4_000 or not path:
        return
    link.symlink_to(path)
    box.write("job.yaml", SPEC + "prompts: {a: {file: link.md}}\n")
    assert box.validate("job.yaml").code == 65
    box.write("job.yaml", SPEC + "prompts: {a: {file: a.md, response_format: %s}}\n" % json.dumps(path))
    assert box.validate("job.yaml").code == 65


@pytest.mark.parametrize("folder", ["/", "/dev", "/proc", "/proc/self/fd", "..", "a\nb", "job.yaml", "", "loop", "\x1b"])
def test_a_folder_of_templates(folder, box):
    (box.folder / "loop").symlink_to("loop")
    for prompts in ("", "prompts: {a: {file: etc/passwd}}\n", "prompts: {a: {file: zero}}\n"):
        box.write("job.yaml", "version: 1\njob: x\nprompts_dir: %s\n" % json.dumps(folder) + prompts)
        box.validate("job.yaml")


def test_file_names_that_steer_a_terminal(box):
    for name in (b"\x1b[2J.md", b"a\nb.md", b"\xff\xfe.md", "\u202egnp.md".encode(), b"\xc2\x9b.md", b"-rf.md", b"..md"):
        open(os.path.join(os.fsencode(box.folder), b"prompts", name), "w").close()
    box.write("job.yaml", SPEC)
    assert box.validate("job.yaml").code == 65


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full", "/dev/null", "/dev/tty", ".", "fifo", "loop", "x" * 5_000, "/proc/self/mem", "/proc/kmsg", "\x1b[2J", "\u202e", "a\nb", ""])  # fmt: skip
def test_a_spec_that_is_no_file(path, box):
    os.mkfifo(box.folder / "fifo")
    (box.folder / "loop").symlink_to("loop")
    assert box.validate(path).code in (64, 65)
    assert box.plan(path, "--registry", "file:mlruns").code in (64, 65)


def test_a_spec_that_is_no_text_in_its_name(box):
    assert box.validate(b"\xff\xfe\x9b.yaml").code == 65


@pytest.mark.parametrize("endless", [False, True])
def test_a_spec_on_the_standard_input(endless, box):
    feeder = subprocess.Popen(["yes"] if endless else ["true"], stdout=subprocess.PIPE)
    box.validate("/dev/stdin", stdin=f"/proc/{os.getpid()}/fd/{feeder.stdout.fileno()}")
    feeder.stdout.close()
    feeder.kill()
    feeder.wait()


# Settings that are files


RESPONSE_FORMATS = {
    "nothing": "",
    "broken": '{"a": ',
    "two": "{} {}",
    "a_list": "[1]",
    "a_text": '"x"',
    "a_comment": "{/* x */}",
    "a_trailing_comma": '{"a": 1,}',
    "single_quotes": "{'a': 1}",
    "not_a_number": '{"a": NaN}',
    "nested_lists": '{"a":' + "[" * 100_000,
    "nested_lists_closed": '{"a":' + "[" * 50_000 + "]" * 50_000 + "}",
    "nested_objects": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "a_surrogate": '{"a": "\\ud800"}',
    "controls": '{"\x1b[2J": "\x07"}',
    "nul": '{"a": "\x00"}',
    "huge": '{"a": "' + "x" * 10_000_000 + '"}',
    "many_keys": "{" + ", ".join(f'"k{n}": 1' for n in range(30_000)) + "}",
    "equal_keys": '{"a": 1, "a": 2}',
    "a_huge_number": '{"a": ' + "9" * 100_000 + "}",
    "a_tiny_number": '{"a": 1e-99999}',
    "an_endless_number": '{"a": 1e99999}',
    "a_byte_order_mark": '\ufeff{"a": 1}',
}
NOT_JSON = {
    "nothing", "broken", "two", "a_list", "a_text", "a_comment", "a_trailing_comma", "single_quotes", "not_a_number",
    "nested_lists", "controls", "nul", "huge",
}  # fmt: skip


@pytest.mark.parametrize("name", RESPONSE_FORMATS)
def test_a_response_format(name, box):
    """It is refused, or it is what MLflow reads as JSON; nothing is found to be wrong with it only by the run."""
    box.write("prompts/shape.json", RESPONSE_FORMATS[name])
    box.write("job.yaml", SPEC + "prompts: {a: {file: a.md, response_format: shape.json}}\n")
    if box.validate("job.yaml").code == 0:
        assert name not in NOT_JSON
        box.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
        stored = next((box.folder / "mlruns").rglob("_mlflow_prompt_response_format"))
        json.loads(stored.read_text(encoding="utf-8"))


CHATS = {
    "nothing": "",
    "a_text": "hello",
    "a_mapping": "role: user\ncontent: x\n",
    "an_empty_list": "[]",
    "texts": "[a, b]",
    "no_role": "- content: x\n",
    "no_content": "- role: user\n",
    "an_unknown_role": "- {role: root, content: x}\n",
    "an_empty_content": "- {role: user, content: ''}\n",
    "a_list_for_content": "- {role: user, content: [a]}\n",
    "another_key": "- {role: user, content: x, name: y}\n",
    "a_key_twice": "- {role: user, role: system, content: x}\n",
    "a_bomb": BOMB,
    "nested": "[" * 50_000,
    "controls": '- {role: "\\e[2J", content: "{{\\e}}"}\n',
    "many_messages": "- {role: user, content: x}\n" * 100_000,
    "one_long_content": "- {role: user, content: " + "x" * 150_000 + "}\n",
    "not_text": b"- {role: user, content: \xff}\n",
}


# MLflow takes any role, and messages with a name.
CHATS_OF_MLFLOW = {"an_unknown_role", "another_key", "controls"}


@pytest.mark.parametrize("name", CHATS)
def test_a_chat(name, box):
    box.write("prompts/c.chat.yaml", CHATS[name])
    box.write("job.yaml", SPEC + "prompts: {c: {file: c.chat.yaml}}\n")
    ended = box.validate("job.yaml")
    if name in CHATS_OF_MLFLOW:
        assert ended.code == 0
    else:
        assert ended.code == 65 and "c.chat.yaml" in ended.err


# The command line and the environment


WORDS = [
    "", " ", "\x1b[2J", "\n", "a\nb", "\u202e", "\x9b", "\x7f", "é", "..", "../x", "/", "a/b", "a.b.c", "latest", "v1",
    "x" * 10_000, "*", "[", "[a-", "\\", "?", "-", "--", "=", "a=", "=b", "a=b=c", "${var.x}", "$(id)", "%s", "-1", "0",
    "99999999999999999999", "1e9", "NaN", b"\xff\xfe", b"\xed\xa0\x80",
]  # fmt: skip
FLAGS = [
    "--target", "--catalog", "--schema", "--alias", "--select", "--var", "--message", "--concurrency", "--format",
    "--color", "--registry", "--bogus", "-t", "-s",
]  # fmt: skip


@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag(flag, box):
    for word in WORDS:
        registry = [] if flag == "--registry" else ["--registry", "file:mlruns"]
        box.plan("job.yaml", *registry, flag, word)


def test_words_that_are_no_commands(box):
    for word in WORDS:
        ended = box.run(word, codes={0, 64})
        assert ended.code == 64 or word == "--"


@pytest.mark.parametrize(
    "registry",
    [
        "file:", "file://", "file:///", "file://host/share", "file:job.yaml", "file:/dev/null", "file:/dev/zero", "file:/proc",
        "file:prompts", "file:fifo", "file:loop", "file:a\nb", "file:\x1b[2J", "file:" + "x" * 300, "file:" + "x/" * 3_000,
        "http://", "https://", "http:///x", "http://user:secret@host", "http://[::1", "http://\x1b[2J", "http://a b",
        "databricks", "databricks://x", "databricks-uc://\x1b[2J", "sqlite:///x.db", "s3://bucket", "postgresql://x",
        "javascript:x", ":", "://", "~", "\x00"[:0], "\u202e", "mlruns\x07",
    ],
)  # fmt: skip
def test_a_registry_that_is_none(registry, box):
    os.mkfifo(box.folder / "fifo")
    (box.folder / "loop").symlink_to("loop")
    ended = box.plan("job.yaml", "--registry", registry)
    assert "secret" not in ended.out + ended.err
    box.plan("job.yaml", env={"MLFLOW_REGISTRY_URI": registry})
    box.write("job.yaml", ONE_PROMPT + "registry: %s\n" % json.dumps(registry))
    box.plan("job.yaml")


def test_variables_of_the_environment(box):
    spec = ONE_PROMPT + "variables: {v: {default: x}}\ncatalog: '${var.v}'\nschema: s\ndescription: '${var.v}'\n"
    box.write("job.yaml", spec)
    for word in WORDS:
        box.validate("job.yaml", env={"PROMPTREG_VAR_v": word, "PROMPTREG_VAR_V": word})
        box.validate("job.yaml", env={"NO_COLOR": word, "TERM": word, "GITHUB_ACTIONS": "true"})
        if isinstance(word, str):
            box.validate("job.yaml", "--var", f"v={word}")


def test_what_a_registry_holds(box):
    """The registry is somebody else's too: damaged files in it are an error, and steer no terminal."""
    box.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
    model = box.folder / "mlruns" / "models" / "prompt_a"
    damage = [b"", b"\x00", b"\xff", b"{", b"[" * 50_000, b"a: \x1b[2J", "a: \u202e".encode(), BOMB.encode(), b"- x", b"9" * 30]
    damage += [b'name: "\\e[2J"\nversion: 1\n', b"x" * 2_000_000, b"prompt: " + b"{{" * 100_000, b'name: prompt_a\ndescription: "\\e[2J\\u202e"\n']
    for path in sorted(p for p in model.rglob("*") if p.is_file()):
        whole = path.read_bytes()
        for content in damage:
            path.write_bytes(content)
            box.run("plan", "job.yaml", "--registry", "file:mlruns", codes={0, 1, 69})
        path.unlink()
        box.run("plan", "job.yaml", "--registry", "file:mlruns", codes={0, 1, 69})
        os.mkfifo(path)
        box.run("plan", "job.yaml", "--registry", "file:mlruns", codes={0, 1, 69})
        path.unlink()
        path.symlink_to("/dev/zero")
        box.run("plan", "job.yaml", "--registry", "file:mlruns", codes={0, 1, 69})
        path.unlink()
        path.write_bytes(whole)
    assert box.plan("job.yaml", "--registry", "file:mlruns").code == 0


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/full", "/dev/null", ".", "fifo", "loop", "nothing", "job.yaml", "\x1b[2J", ""])
def test_a_saved_plan_that_is_none(path, box):
    os.mkfifo(box.folder / "fifo")
    (box.folder / "loop").symlink_to("loop")
    ended = box.run("run", "--plan", path, codes={64, 65})
    assert "error:" in ended.err


@pytest.mark.parametrize("flag", ["--out", "--report"])
@pytest.mark.parametrize("path", ["job.yaml/x.json", "loop/x.json", "folder.json", ""])
def test_a_file_that_cannot_be_written(path, flag, box):
    """It is refused before anything is done."""
    (box.folder / "loop").symlink_to("loop")
    (box.folder / "folder.json").mkdir()
    command = "plan" if flag == "--out" else "run"
    ended = box.run(command, "job.yaml", "--registry", "file:mlruns", flag, path, codes={1, 64, 65, 77})
    assert "error:" in ended.err


@pytest.mark.parametrize("flag", ["--out", "--report"])
@pytest.mark.parametrize("path", ["/proc/x.json", "x" * 300 + ".json"])
def test_a_file_that_only_an_attempt_shows_not_to_be_writable(path, flag, box):
    codes = {1, 64, 65, 77}
    ended = box.run("plan", "job.yaml", "--registry", "file:mlruns", flag, path, codes=codes, writes=True)
    assert "error:" in ended.err
    # What Swift shows of a value is no message.
    assert "FileWriteError(" not in ended.err


@pytest.mark.parametrize("flag", ["--out", "--report"])
def test_a_file_that_is_a_device(flag, box):
    """It is written to or refused, but never replaced: a run as root must not do away with /dev/null."""
    link, fifo = box.folder / "null.json", box.folder / "fifo.json"
    link.symlink_to("/dev/null")
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
    for path in (link, fifo):
        box.run("plan", "job.yaml", "--registry", "file:mlruns", flag, path, codes={0, 1, 64, 65}, writes=True)
    os.close(reader)
    assert link.is_symlink() and fifo.is_fifo()
