"""Folders of prompts that mean harm, for jobs that take whatever is there and for jobs that are drafted from them."""

import itertools
import json
import os

import pytest
from prompt_files import CANARY, SPEC, draft, put_secrets, register, validate

TEXT = "Hello {{x}}\n"


@pytest.fixture
def box(sandbox):
    """A job that names no prompts, with secrets beside its folder."""
    sandbox.write("job.yaml", SPEC)
    (sandbox.folder / "prompts").mkdir()
    put_secrets(sandbox)
    return sandbox


def write(box, name: bytes | str, content=TEXT) -> None:
    """Writes a file of the folder, whose name may be any."""
    path = os.path.join(os.fsencode(box.folder), b"prompts", os.fsencode(name))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content.encode())


MANY = {
    "of_prompts": lambda n: (f"p{n}.md", TEXT),
    "of_names_that_are_none": lambda n: (f"{chr(0x4E00 + n)}.md", TEXT),
    "of_mistakes": lambda n: (f"p{n}.md", "---\ndescription: [\n---\nHello {{x}}"),
    "of_empty_files": lambda n: (f"p{n}.txt", ""),
    "of_images": lambda n: (f"p{n}.png", "x"),
    "of_documents": lambda n: (f"p{n}.yaml", f"a: {{prompt: 'x {{{{y}}}} {n}'}}\n"),
    "of_folders": lambda n: (f"f{n}/p.md", TEXT),
    "of_one_name": lambda n: ("a" + "".join(f"{'_/'[n >> bit & 1]}b" for bit in range(12)) + f".{['md', 'txt'][n >> 12]}", TEXT),
    "of_parts": lambda n: (f"_p{n}.md", TEXT),
}


@pytest.mark.parametrize("name", MANY)
def test_very_many_files(name, box):
    count = {"of_prompts": 5_000, "of_one_name": 4_500}.get(name, 1_000)
    for n in range(count):
        write(box, *MANY[name](n))
    validate(box)
    prompts = draft(box)
    if name in ("of_prompts", "of_names_that_are_none", "of_documents", "of_folders", "of_one_name"):
        assert len(prompts) == count + 1
    # Patterns, of which few fit.
    patterns = "".join(f"  '{stars}{n}': {{description: x}}\n" for n in range(50) for stars in ("*?", "**/*[a-z]"))
    box.write("job.yaml", SPEC + "prompts:\n" + patterns)
    validate(box)


@pytest.mark.parametrize("depth", [17, 500])
def test_folders_in_each_other(depth, box):
    place = os.open(box.folder / "prompts", os.O_DIRECTORY)
    for _ in range(depth):
        for name, content in (("a.md", TEXT), ("k.yaml", "a: 'x {{y}} z'\n")):
            with open(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=place), "w") as file:
                file.write(content)
        os.mkdir("d", dir_fd=place)
        inner = os.open("d", os.O_DIRECTORY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(place)
    for limit in ("", "max_depth: 400\n", "max_depth: 99999999999999999999\n", "max_depth: 100000\nname_separator: ''\n"):
        box.write("job.yaml", SPEC + limit)
        validate(box)
    draft(box)


def test_folders_with_long_names(box):
    """A name as long as a path may be is no key of a YAML file."""
    for length in (100, 200):
        write(box, "/".join("n" * length for _ in range(16)) + "/a.md")
    write(box, "b" * 251 + ".md")
    write(box, "k.yaml", "k" * 3_000 + "_prompt: 'hello {{x}} there'\n")
    validate(box, 65)
    draft(box)


def test_links_in_circles_and_out(box):
    prompts = box.folder / "prompts"
    write(box, "a/b/p.md")
    links = {
        "a/b/up": "..", "a/top": "..", "self": ".", "here": "../prompts", "loop": "loop", "one": "two", "two": "one",
        "root": "/", "dev": "/dev",
        "proc": "/proc/self/fd", "out": "../outside", "loop.md": "loop.md", "zero.md": "/dev/zero", "stdin.md": "/dev/stdin",
        "full.yaml": "/dev/full",
        "secret.md": "../secret.md", "secret.yaml": "../secret.yaml", "secret.chat.yaml": "../secret.chat.yaml",
        "secret.json": "../secret.json",
        "environ.md": "/proc/self/environ", "mem.txt": "/proc/self/mem", "folder.md": "a", "job.yaml": "../job.yaml",
        "same.md": "a/b/p.md",
        "env.txt": "../.env", "passwd.txt": "/etc/passwd", "nowhere.md": "nothing", "long.md": "x" * 4_000,
        "many.md": "/".join(["self"] * 50 + ["a/b/p.md"]),
    }  # fmt: skip
    for name, target in links.items():
        (prompts / name).symlink_to(target)
    os.mkfifo(prompts / "fifo.md")
    os.mkfifo(prompts / "fifo.yaml")
    (prompts / "locked").mkdir(mode=0)
    validate(box, 65)
    drafted = draft(box)
    assert {entry["file"] for entry in drafted.values()} == {"a/b/p.md", "same.md", "fine.md", "many.md"} - ({"many.md"})
    for file in links:
        for entry in (f"{{file: {file}}}", f"{{file: {file}, key: {CANARY[:6]}}}"):
            box.write("job.yaml", SPEC + f"prompts: {{x: {entry}}}\n")
            register(box)


NAMES = [
    b"\xff\xfe.md", b"\xc3.md", b"\xed\xa0\x80.md", b"a\x80/b.md", b"\xff.yaml", b"\xff.chat.yaml", b"\xff.png", "\ufffd.md",
    "\ufffe.md",
    "\uffff.png", "\ufeff.md", "\U0010ffff.md", b"a\nb.md", b"a\r.md", b"a\n  b: {file: c}\n.md", b"\n.md",
    b"\n\ntargets:\n.png", b"\x1b[2J.md",
    b"\x1b]0;x\x07.png", b"\xc2\x9b31m.md", b"\xc2\x85.md", "\u2028.md", "\u2029.png", "\u202egnp.md", "\u2066.yaml",
    "\u200e.md", b"\x7f.md",
    b"-rf.md", b"--.md", b"-.md", b"..md", b"...md", b" .md", b" a.md ", b"a .md", b"a\t.md", b"~.md", b"#.md", b"# x.md",
    b"%.md", b"&a.md", b"*a.md",
    b"!x.md", b"{a: b}.md", b"[a].md", b"a: b.md", b"a,b.md", b"?.md", b"? x.md", b"- x.md", b"|.md", b">.md", b"@.md",
    b"`.md", b'"a".md', b"'a'.md",
    b"'.yaml", b'".yaml', b"\\.md", b"\\n.md", b"${var.catalog}.md", b"$${x}.md", b"${.md", b"{{x}}.md", b"{x}.md",
    b"null.md", b"true.md", b"y.md",
    b"1.md", b"1e3.md", b"0x1F.md", b"2024-01-01.md", b".inf.md", b"<<.md", b"=.md", b"file.md", b"a.md.md",
    b"a.chat.yaml.md", b".md", b".chat.yaml",
    b"_a.md", b".env", b".env.md", b"README.md", b"A.md", b"a.md", b"a.MD", b"a.Md", "\xc4.md", "a\u0308.md", "A\u0308.md",
    "\xe4.md", "\u212b.md", "\ufb01.md",
    "\u0130.md", "i\u0307.md", "\u1e9e.md", "\xdf.md", "a" * 250 + ".md", "é" * 125 + ".md", "👩\u200d👩.md", "prompts:.md",
    "targets:", "a b/c d.md",
    "a'b\"c.yaml", "*", "?", "[a-z]", "CON.md", "a:b.md", "a;id.md", "$(id).md", "`id`.md", "|id", "a&&b.md",
    "Left out: x.md", "fine.txt", "FINE.md",
]  # fmt: skip


def test_names_that_mean_harm(box):
    """Each alone, and all of them at once."""
    texts = (TEXT, "a:\n  prompt: 'x {{y}} {z'\n", "{x} {{", "")
    for number, name in enumerate(NAMES):
        file = os.path.join(os.fsencode(box.folder), b"prompts", os.fsencode(name))
        write(box, name, texts[number % 3 if number % 7 else 3])
        validate(box)
        draft(box)
        os.unlink(file)
    for number, name in enumerate(NAMES):
        write(box, name, texts[1] if b".yaml" in os.fsencode(name) else TEXT)
    validate(box, 65)
    assert len(draft(box)) > 60


def test_names_with_harm_in_what_is_wrong_with_them(box):
    """What is told of a file is a comment in the job that is drafted, whatever its text is."""
    texts = ["\n  x: {file: y}\n", "\x1b[2J", "\u2028", "\ufffe", "\x85targets:", "# ", "\r  x: y", "\u202e"]
    for number, text in enumerate(texts):
        write(box, f"n{number}{text}.md", f"{{{{a {text}}}}} {{{text}}}")
        write(box, f"n{number}{text}.j2", f"{{{{ a | {text} }}}}{{% {text} %}}")
        write(box, f"n{number}{text}.prompt", f"{{{{#{text}}}}}{{{{> {text}}}}}")
        write(box, f"k{number}.yaml", f"{json.dumps(text)}: {{prompt: {json.dumps('x {{y}} {' + text + '} {% ' + text)}}}\n")
        write(box, f"f{number}.md", f"---\n{json.dumps(text)}: {json.dumps(text)}\naliases: {json.dumps(text)}\n---\n{{{{x}}}}")
    validate(box, 65)
    draft(box)


PATTERNS = [
    "*a" * 120 + "b", "**" * 100 + "/x", "**/" * 300 + "x", "?" * 5_000, "[" * 5_000, "[a-" * 1_000, "[!" * 1_000,
    "[[:alpha:]]" * 400, "*[a-z]*" * 60 + "0",
    "/" * 5_000 + "*", "*/" * 100 + "*", "../*", "/etc/*", "/**", "**", "*", "\\*", "*\\", "*\x1b", "*\u202e", "*\x00",
    "[\u0100-\uffff]*", "*" * 50_000,
    "+(a|b)*", "@(a*b)*", "{a,b}*", "~/*", "./*", "[]]*", "[^a]*", "[z-a]*", "[[.x.]]*", "[[=a=]]*",
]  # fmt: skip


def test_patterns_with_many_wildcards(box):
    for n in range(300):
        write(box, "a" * 200 + f"/{'a' * 150}{n}.md")
    for pattern in PATTERNS:
        box.write("job.yaml", SPEC + f"prompts:\n  {json.dumps(pattern)}: {{description: x}}\n")
        validate(box)
        box.write("job.yaml", SPEC + f"exclude: [{json.dumps(pattern)}]\n")
        validate(box)
    box.write("job.yaml", SPEC + f"exclude: {json.dumps(PATTERNS)}\n")
    validate(box)
    box.write("job.yaml", SPEC + "prompts:\n" + "".join(f"  abc{n}*: {{}}\n" for n in range(3_000)))
    validate(box, 65)


def test_names_that_differ_by_case_alone(box):
    """Two prompts, or two of which one has another name; never one in the place of the other."""
    spellings = ["".join(letters) for letters in itertools.product(*((c, c.upper()) for c in "abcdefgh"))]
    for spelling in spellings:
        write(box, f"{spelling}.md", f"{spelling} {{{{x}}}}\n")
    validate(box)
    drafted = draft(box)
    assert {entry["file"] for entry in drafted.values()} == {f"{spelling}.md" for spelling in spellings} | {"fine.md"}
    assert len({name.lower() for name in drafted}) == len(drafted)


def test_documents_that_hold_one_long_text_often(box):
    """What they come to through aliases is not looked at again and again."""
    for n in range(40):
        write(box, f"k{n}.yaml", "t: &t '" + "{{v}} {x} " * 40_000 + "'\n" + "".join(f"p{m}_prompt: *t\n" for m in range(70)))
        write(box, f"m{n}.yaml", "t: &t '{{v}} " + "x " * 40_000 + "'\n" + "".join(f"p{m}_prompt: *t\n" for m in range(300)))
    draft(box)
