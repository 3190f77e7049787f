"""Parts of templates that mean harm: what leads out of the folder, what has no end, and what grows."""

import json
import os

import pytest
from prompt_files import CANARY, ONE_PROMPT, SPEC, draft, put_secrets, register, registered, validate

# Without the rest of the name, as whoever includes a file may leave it out.
TAGS = {"md": "{{{{> {}}}}}", "j2": '{{% include "{}" %}}', "prompt": "{{{{> {}}}}}", "txt": "{{{{>{}}}}}"}


@pytest.fixture
def box(sandbox):
    """A job of whatever is in its folder, with secrets beside it."""
    sandbox.write("job.yaml", SPEC)
    sandbox.write("prompts/_part.md", "a part\n")
    put_secrets(sandbox)
    return sandbox


@pytest.mark.parametrize("ending", TAGS)
def test_the_parts_are_put_in_before_they_are_attacked(ending, box):
    box.write(f"prompts/a.{ending}", f"Hello {{{{ x }}}} {TAGS[ending].format('part.md')}\n")
    validate(box, 0)
    box.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
    assert "a part" in registered(box)


OUTSIDE = [
    "../secret", "../secret.md", "../secret.json", "../job.yaml", "../.env", "./../secret.md", "x/../../secret.md",
    "../prompts/../secret.md",
    "/etc/passwd", "/etc/hostname", "/dev/zero", "/dev/stdin", "/dev/fd/0", "/proc/self/environ", "/proc/self/mem",
    "//dev/zero", "file:///etc/passwd",
    "~/secret.md", "..", ".", "/", "", "folder", "folder/", "link.md", "up/secret.md", "up/prompts/../secret.md", "outside/x",
    "up",
    "zero.md", "stdin.md", "fifo.md", "loop.md", "nowhere.md", "sub/up/secret", "..\\secret.md", "%2e%2e/secret.md",
    "..%2fsecret.md",
    "a\x1b[2J", "\u202e", "part.md\u2028", "part\n.md", "x" * 5_000, "../" * 2_000 + "etc/passwd", "*", "?art.md",
    "[p]art.md", "$HOME", "${var.x}",
    "\u2025/secret.md", "．．/secret.md", "part.md/../../secret.md", "part.md/", "part.md/.", "binary.md", "utf16.md",
    "huge.md", "chat.chat.yaml",
]  # fmt: skip


@pytest.mark.parametrize("ending", ["md", "j2"])
def test_a_part_that_is_elsewhere_or_no_file(ending, box):
    prompts = box.folder / "prompts"
    (prompts / "folder").mkdir()
    (prompts / "sub").mkdir()
    os.mkfifo(prompts / "fifo.md")
    links = {
        "link.md": "../secret.md", "up": "..", "outside": "../outside", "zero.md": "/dev/zero", "stdin.md": "/dev/stdin",
        "loop.md": "loop.md",
        "nowhere.md": "nothing", "sub/up": "../..",
    }  # fmt: skip
    for name, target in links.items():
        (prompts / name).symlink_to(target)
    box.write("prompts/binary.md", b"\xff\xfe\x00a")
    box.write("prompts/utf16.md", "Grüße".encode("utf-16"))
    box.write("prompts/huge.md", b"x" * 5_000_000)
    box.write("prompts/chat.chat.yaml", "- {role: user, content: x}\n")
    box.write("job.yaml", SPEC + f"prompts: {{a: {{file: a.{ending}}}}}\n")
    box.write(f"prompts/a.{ending}", f"Hello {{{{ x }}}} {TAGS[ending].format('part.md')}")
    register(box, 0)
    for name in [*OUTSIDE, str(box.folder / "secret.md"), f"../../{box.folder.name}/secret"]:
        box.write(f"prompts/a.{ending}", f"Hello {{{{ x }}}} {TAGS[ending].format(name)}")
        # Mustache has no line breaks in its tags, and Jinja2 no backslashes that are not escapes.
        ended = register(box, None if name in ("", "..\\secret.md", "part.md/", "part.md/.") else 65)
        assert "root:" not in ended.err
    draft(box)


def test_a_part_that_yaml_names(box):
    """In a text of YAML a name may have any character."""
    names = ["part.md\x00", "../secret.md\x00.md", "../secret.md", "/dev/zero", "part.md\x00/../../secret.md", "\x00", "\x1b"]
    for name in [*names, "\x85"]:
        for tag in TAGS.values():
            text = json.dumps(f"x {{{{y}}}} {tag.format(name)} z")
            box.write("prompts/k.yaml", f"a: {text}\n")
            box.write("job.yaml", SPEC + "prompts: {a: {file: k.yaml, key: a}}\n")
            register(box, None if "%" in tag else 65)
            box.write("prompts/c.chat.yaml", f"- {{role: user, content: {text}}}\n")
            box.write("job.yaml", SPEC + "prompts: {a: {file: c.chat.yaml}}\n")
            register(box, None if "%" in tag else 65)
    draft(box)


@pytest.mark.parametrize("text", [
    "{# {% include \"TARGET\" %} #}{{ x }}", "{% raw %}{% include \"TARGET\" %}{% endraw %}{{ x }}",
    "{{ '{% include \"TARGET\" %}' }}{{ x }}",
    "{% raw %}{# {% endraw %}{% include \"TARGET\" %}{# #}", "{% include [\"TARGET\", \"TARGET\"] %}",
    "{% include 'TAR' ~ 'GET' %}",
    "{% set f = \"TARGET\" %}{% include f %}", "{% import \"TARGET\" as t %}{{ t }}", "{% from \"TARGET\" import t %}",
    "{% extends \"TARGET\" %}",
    "{%- include 'TARGET' ignore missing -%}", "{% include \"\\x2e\\x2e/secret.md\" %}", "{% include 'TARGET'",
    "{% include %}", "{% include \"TARGET",
    "{%include\"TARGET\"%}" * 100, "{% if false %}{% include \"TARGET\" %}{% endif %}",
])  # fmt: skip
def test_a_part_where_none_is_meant(text, box):
    """In a comment or a text it is not put in; anywhere else it is an error."""
    for target in ("../secret.md", "/dev/zero", "part.md"):
        box.write("prompts/a.j2", text.replace("TARGET", target).replace("TAR' ~ 'GET", target.replace("s", "' ~ 's")))
        register(box)
    if text.startswith(("{#", "{% raw %}{% include", "{{ '")):
        box.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
        assert "a part" not in registered(box)
    draft(box)


@pytest.mark.parametrize("text", [
    "{{! {{> TARGET}} }}", "<!-- {{> TARGET}} -->", "`{{> TARGET}}`", "```\n{{> TARGET}}\n```", "{{{{> TARGET}}}}",
    "{{{> TARGET}}}", "\\{{> TARGET}}",
    "{{#x}}{{> TARGET}}{{/x}}", "{{> (lookup . 'TARGET')}}", "{{> \"TARGET\"}}", "{{> 'TARGET'}}", "{{> TARGET x=y}}",
    "{{>TARGET", "{{>\nTARGET}}", "{{ > TARGET}}",
    "{{~> TARGET~}}", "{{#> TARGET}}x{{/TARGET}}", "{{> {{> TARGET}}}}", "{{>TARGET}" * 50_000, "{{>" * 100_000, "{{>}}" * 50_000,
    "<!-- promptreg-ignore --> {{> TARGET}}", "{{role \"{{> TARGET}}\"}}", "---\ndescription: '{{> TARGET}}'\n---\nHello {{x}}",
])  # fmt: skip
@pytest.mark.parametrize("ending", ["md", "prompt"])
def test_a_part_in_other_brackets(text, ending, box):
    for target in ("../secret.md", "/dev/zero", "part"):
        box.write(f"prompts/a.{ending}", text.replace("TARGET", target)[:400_000])
        register(box)
    draft(box)


@pytest.mark.parametrize("ending", ["md", "j2"])
@pytest.mark.parametrize("count", range(1, 6))
def test_parts_that_include_each_other(count, ending, box):
    for n in range(count):
        box.write(f"prompts/a{n}.{ending}", f"{n} {{{{ x }}}} " + TAGS[ending].format(f"a{(n + 1) % count}.{ending}") * 3)
    assert "include each other" in validate(box, 65).err
    # By other names, too: a link, another folder, another way.
    (box.folder / "prompts" / f"link.{ending}").symlink_to(f"a0.{ending}")
    text = "".join(TAGS[ending].format(f"{way}link.{ending}") for way in ("./x/../", ".//"))
    box.write(f"prompts/a{count - 1}.{ending}", text)
    validate(box, 65)
    assert "include each other" in validate(box, 65).err or count == 1
    draft(box)


@pytest.mark.parametrize("text", ["", "x", "{{y}}", "{{> nothing}}"])
@pytest.mark.parametrize("depth", [15, 40, 2_000])
def test_parts_that_include_the_next_twice(depth, text, box):
    for n in range(depth):
        box.write(f"prompts/_p{n}.md", f"{text}{{{{> p{n + 1}}}}}{{{{> p{n + 1}}}}}")
    box.write(f"prompts/_p{depth}.md", text)
    box.write("prompts/a.md", "Hello {{x}}{{> p0}}")
    validate(box, 0 if text in ("", "x") and depth == 15 else 65)
    draft(box)


def test_parts_of_which_each_includes_all(box):
    for n in range(80):
        box.write(f"prompts/{n}.md", f"{n} " + "".join(f"{{{{> {other}}}}}" for other in range(80)))
    validate(box, 65)
    draft(box)


GROWING = {
    "a.md": "".join(f"{{{{>p{n}}}}}" for n in range(1_000)),
    "b.md": "{{>long}}" * 40_000,
    "c.chat.yaml": "- {role: user, content: '{{>long}}'}\n" * 9_000,
    "d.prompt": '{{role "user"}}x{{>long}}\n' * 9_000,
    "e.prompty": "user:\nx{{x}}{% include 'long.md' %}\n" * 9_000,
    "f.j2": "{% include 'long.md' %}" * 15_000,
    "g.md": "".join(f"{{{{>{n:x}}}}}" for n in range(15_000)),
    "h.md": "{{>nothing}}" * 30_000,
    "deep/er/i.md": "".join(f"{{{{>{n:x}}}}}" for n in range(7_000)),
    "j.j2": "".join(f"{{% include '{n}' %}}" for n in range(10_000)),
    "k.md": "".join(f"{{{{>{'./' * (n % 50)}{'/' * (n // 50)}folder}}}}" for n in range(2_000)),
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_a_template_that_grows_by_its_parts(name, box):
    box.write("prompts/_long.md", "x" * 400_000)
    for n in range(1_000 if name in ("a.md", "k.md") else 1):
        box.write(f"prompts/_p{n}.md", "{{>long}}")
        box.write(f"prompts/folder/_f{n}.md", "x")
    box.write(f"prompts/{name}", GROWING[name])
    assert len(validate(box, 65).err) < 1_000_000
    draft(box)


def test_very_many_templates_with_a_long_part(box):
    box.write("prompts/_long.md", "x" * 90_000)
    for n in range(1_600):
        box.write(f"prompts/p{n}.md", "{{x}}{{>long}}")
    assert "MiB in all" in validate(box, 65).err
    draft(box)


def test_the_job_and_its_environment_as_parts(box):
    """Out of reach where the prompts have a folder of their own."""
    for name in ("../job.yaml", "../job", "../.env", ".env", "job.yaml", "job"):
        box.write("prompts/a.md", f"Hello {{{{x}}}} {{{{> {name}}}}}")
        register(box, 65)


@pytest.mark.parametrize("name", ["e\u0301", "\u212b", "\ufb01"])
def test_a_folder_whose_name_looks_alike(name, sandbox):
    """It is another one, and outside."""
    other = {"e\u0301": "\xe9", "\u212b": "\xc5", "\ufb01": "fi"}[name]
    sandbox.write(f"{name}/secret.md", CANARY)
    sandbox.write(f"{other}/a.md", f"Hello {{{{x}}}} {{{{> ../{name}/secret.md}}}}")
    (sandbox.folder / other / "link.md").symlink_to(f"../{name}/secret.md")
    for file in ("a.md", "link.md"):
        sandbox.write("job.yaml", ONE_PROMPT.replace("prompts_dir: prompts", f"prompts_dir: {other}").replace("a.md", file))
        register(sandbox, 65)
