"""Random damage to files: a seed and a number always give the same."""

import json
import random
import re

import yaml

# What is put in place of a value, a key, a line or a piece of text.
NASTY = [
    "", " ", "\t", "~", "null", "true", "no", "0", "-1", "1e999", ".nan", ".inf", "0x1F", "1_000", "2024-01-01",
    "9" * 40, "[]", "{}", "[[[[]]]]", "{a: {b: {c: }}}", "- x", "? x", "| x", ">-", "!!binary aGk=", "!!set {a}",
    "!!python/object/apply:os.system [id]", "!local x", "&a [*a]", "*nothing", "<<: *x", "%YAML 9.9", "---", "...",
    "#", "'", '"', '"\\x00"', '"\\e[2J"', '"\\u202eevil"', '"\\ud800"', "\x00", "\x1b[31m", "\x07", "\x7f", "\x85",
    "\u202e", "\u2066", "\u2028", "\ufeff", "\ufffe", "\U0010ffff", "é", "e\u0301", "𝕏", "👩‍👩‍👧‍👦", "ﬁ",
    "${var.catalog}", "${var.", "${", "$${", "${var.nothing}", "${var.a${var.b}}", "$${var.x}", "${env.HOME}",
    "../../../etc/passwd", "/etc/passwd", "/dev/zero", "/dev/stdin", "/proc/self/mem", ".", "..", "/", "a/../b",
    "file:///", "file:", "file:\n", "http://", "http://u:p@h/", "databricks-uc://\x1b", "sqlite:///x", "latest",
    "LATEST", "v1", "V99", "a,b", "a b", "a\nb", "a.b.c", "a" * 300, "mustache", "python", "jinja2", "none",
    "{{", "}}", "{{x", "{{}}", "{{ x | y }}", "{{{x}}}", "{", "}", "{x}", "{{x}}", "{0}", "{x!r:>{w}}", "{%", "%}",
    "{% for x in y %}", "{% endfor %}", "{% raw %}", "{#", "#}", "{{ self.__class__ }}", "{{" * 500, "{%" * 500,
]  # fmt: skip
KEYS = [
    "version", "job", "description", "variables", "default", "registry", "catalog", "schema", "name_prefix",
    "aliases", "prompts_dir", "syntax", "on_error", "experiment", "provenance", "prompts", "targets", "file", "tags",
    "model_config", "response_format", "temperature", "max_tokens", "stop_sequences", "role", "content", "<<",
    "Version", "prompt", "catalogue", "", "\x1b[2J", "\u202e", "a\nb", "null", "1", "true", "mlflow.prompt.text",
]  # fmt: skip
BYTES = [b"\x00", b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf8", b"\xe2\x80", b"\r", b"\n", b"\x1a", b"\xc2\x85"]
OTHER_VALUES = [
    None, True, False, 0, -1, 1.5, 10**30, float("inf"), float("nan"), "", [], {}, [[]], [{}], {"": ""}, "\x1b[2J",
    "\u202e", "a\nb", {"x": {"y": {"z": [1, 2, {"w": None}]}}}, ["a", "a"], "${var.catalog}", "../..", "/dev/zero",
]  # fmt: skip


def mutate(content: bytes, source: random.Random) -> bytes:
    """Damages a file in one to four ways."""
    for _ in range(source.choice([1, 1, 1, 2, 3, 4])):
        content = source.choice(MUTATIONS)(content, source)
    return content


def flip_bytes(content: bytes, source: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(source.randint(1, 8)):
        if damaged:
            damaged[source.randrange(len(damaged))] = source.randrange(256)
    return bytes(damaged)


def insert_bytes(content: bytes, source: random.Random) -> bytes:
    at = source.randint(0, len(content))
    return content[:at] + source.choice(BYTES) * source.choice([1, 1, 2, 1000]) + content[at:]


def insert_text(content: bytes, source: random.Random) -> bytes:
    at = source.randint(0, len(content))
    return content[:at] + encoded(source.choice(NASTY)) + content[at:]


def cut(content: bytes, source: random.Random) -> bytes:
    start = source.randint(0, len(content))
    return content[:start] + content[start + source.choice([1, 2, 10, 100, 10_000]) :]


def repeat(content: bytes, source: random.Random) -> bytes:
    start = source.randint(0, len(content))
    end = start + source.choice([1, 10, 100, 1000])
    return content[:end] + content[start:end] * source.choice([1, 2, 50]) + content[end:]


def damage_lines(content: bytes, source: random.Random) -> bytes:
    lines = content.split(b"\n")
    at, other = source.randrange(len(lines)), source.randrange(len(lines))
    match source.randrange(7):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = b" " * source.randint(1, 9) + lines[at]
        case 4:
            lines[at] = lines[at].lstrip()
        case 5:
            lines[at] = b"\t" + lines[at]
        case 6:
            lines.insert(at, encoded(source.choice(NASTY)))
    return b"\n".join(lines)


def swap_value(content: bytes, source: random.Random) -> bytes:
    places = list(re.finditer(rb"(?<=: )[^\n]+", content))
    if not places:
        return content
    place = source.choice(places)
    return content[: place.start()] + encoded(source.choice(NASTY)) + content[place.end() :]


def rename_key(content: bytes, source: random.Random) -> bytes:
    places = list(re.finditer(rb"[\w.-]+(?=:)", content))
    if not places:
        return content
    place = source.choice(places)
    return content[: place.start()] + encoded(source.choice(KEYS)) + content[place.end() :]


def encode_otherwise(content: bytes, source: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    encoding = source.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "utf-8-sig", "cp037"])
    return text.encode(encoding, "replace")


def restructure(content: bytes, source: random.Random) -> bytes:
    """Reads a document, puts other values and keys into it, and writes it in some style."""
    try:
        document = yaml.safe_load(content)
    except (yaml.YAMLError, ValueError, RecursionError):
        return content
    for _ in range(source.randint(1, 3)):
        document = with_other(document, source)
    if source.random() < 0.4:
        return json.dumps(document, ensure_ascii=source.random() < 0.5, default=str).encode()
    try:
        return yaml.safe_dump(document, default_flow_style=source.choice([True, False, None])).encode()
    except (yaml.YAMLError, RecursionError):
        return content


def with_other(value, source: random.Random):
    """A document with another value or key at some place."""
    if isinstance(value, dict) and value and source.random() < 0.85:
        key = source.choice(list(value))
        if source.random() < 0.2:
            return {source.choice(KEYS) if k == key else k: v for k, v in value.items()}
        return {k: with_other(v, source) if k == key else v for k, v in value.items()}
    if isinstance(value, list) and value and source.random() < 0.85:
        at = source.randrange(len(value))
        return [with_other(item, source) if index == at else item for index, item in enumerate(value)]
    return source.choice([*OTHER_VALUES, *NASTY])


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


MUTATIONS = [
    flip_bytes, insert_bytes, insert_text, insert_text, cut, repeat, damage_lines, damage_lines, swap_value,
    swap_value, swap_value, rename_key, rename_key, encode_otherwise, restructure, restructure,
]  # fmt: skip
