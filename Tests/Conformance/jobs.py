"""Jobs for the tests, and what MLflow has to say of their prompts once they are registered."""

import json
import random
import re
from dataclasses import dataclass, field
from pathlib import Path

import jinja2
import yaml

PROVENANCE = "promptreg_"


@dataclass
class Expected:
    """What MLflow has to say of a prompt's newest version."""

    full_name: str
    template: str | list
    tags: dict[str, str] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    description: str | None = None
    model_config: dict | None = None
    response_format: dict | None = None

    def check(self, version: dict, number: int, message: str | None) -> None:
        """Compares it with a version as `mlflow_registry.describe` shows it."""
        shown = dict(version)
        shown["tags"] = without_provenance(version["tags"])
        assert shown == {
            "version": number,
            "template": self.template,
            "is_text": isinstance(self.template, str),
            "tags": self.tags,
            "aliases": sorted(self.aliases),
            "model_config": self.model_config,
            "response_format": self.response_format,
            "commit_message": message,
        }


def without_provenance(tags: dict[str, str]) -> dict[str, str]:
    """The tags that promptreg did not add by itself."""
    return {key: value for key, value in tags.items() if not key.startswith(PROVENANCE)}


def registered(raw: bytes, syntax: str = "mustache") -> str:
    """The text that the contract says a template file is registered as."""
    text = raw.decode().replace("\r\n", "\n")
    text = text[:-1] if text.endswith("\n") else text
    if syntax == "python":
        forms = {"{{": "{", "}}": "}"}
        text = re.sub(
            r"\{\{|\}\}|\{(\w+)\}", lambda found: forms.get(found[0]) or "{{" + found[1] + "}}", text
        )
    return text


def scalar(value) -> str:
    """A tag's value as text, booleans as YAML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def expected_of(job: Path, target: str) -> dict[str, Expected]:
    """What a job's target wants, read from the spec by other means than the program's."""
    spec = yaml.safe_load(job.read_text())
    chosen = spec["targets"][target]
    values = {name: variable.get("default") for name, variable in spec.get("variables", {}).items()}
    values |= chosen.get("variables", {})

    def resolve(text: str) -> str:
        return re.sub(r"\$\{var\.(\w+)\}", lambda found: scalar(values[found[1]]), text)

    folder = job.parent / spec["prompts_dir"]
    catalog = resolve(chosen.get("catalog", spec["catalog"]))
    prefix = f"{catalog}.{resolve(spec['schema'])}.{spec.get('name_prefix', 'prompt_')}"
    expected = {}
    for name, prompt in spec["prompts"].items():
        syntax = prompt.get("syntax", spec.get("syntax", "mustache"))
        raw = (folder / prompt["file"]).read_bytes()
        is_chat = prompt["file"].endswith(".chat.yaml")
        shape = prompt.get("response_format")
        if isinstance(shape, str):
            shape = json.loads((folder / shape).read_text())
        expected[name] = Expected(
            full_name=prefix + name,
            template=yaml.safe_load(raw) if is_chat else registered(raw, syntax),
            tags={key: resolve(scalar(value)) for key, value in prompt.get("tags", {}).items()},
            aliases=prompt.get("aliases", chosen.get("aliases", spec.get("aliases", []))),
            description=prompt.get("description"),
            model_config=prompt.get("model_config"),
            response_format=shape,
        )
    return expected


class JobFolder:
    """A job in a folder of its own, made by a test."""

    def __init__(self, folder: Path, **settings):
        self.folder = folder
        self.path = folder / "jobs" / "job.yaml"
        self.prompts_dir = folder / "prompts"
        self.path.parent.mkdir(parents=True)
        self.prompts_dir.mkdir()
        self.spec = {"version": 1, "job": "generated", "catalog": "main", "schema": "tests"}
        self.spec |= {"prompts_dir": "../prompts", "prompts": {}, **settings}
        self.expected: dict[str, Expected] = {}

    def add(self, name: str, content: bytes | str | list, ending: str = ".md", **settings) -> None:
        """Adds a prompt, or writes it anew; a list is a chat prompt's messages."""
        if isinstance(content, list):
            ending = ".chat.yaml"
            raw = yaml.safe_dump(content, allow_unicode=True, width=1000).encode()
        else:
            raw = content.encode() if isinstance(content, str) else content
        (self.prompts_dir / (name + ending)).write_bytes(raw)
        self.spec["prompts"][name] = {"file": name + ending, **settings}
        syntax = settings.get("syntax", self.spec.get("syntax", "mustache"))
        self.expected[name] = Expected(
            full_name=self.full_name(name),
            template=content if isinstance(content, list) else registered(raw, syntax),
            tags={key: scalar(value) for key, value in settings.get("tags", {}).items()},
            aliases=settings.get("aliases", self.spec.get("aliases", [])),
            description=settings.get("description"),
            model_config=settings.get("model_config"),
            response_format=settings.get("response_format"),
        )

    def full_name(self, name: str) -> str:
        """The name of a prompt in the registry."""
        return f"{self.spec['catalog']}.{self.spec['schema']}.prompt_{name}"

    def write(self) -> Path:
        """Writes the spec."""
        self.path.write_text(yaml.safe_dump(literal(self.spec), allow_unicode=True, sort_keys=False))
        return self.path


def literal(value):
    """A spec's value with nothing in it that would be interpolated."""
    if isinstance(value, dict):
        return {key: literal(item) for key, item in value.items()}
    if isinstance(value, list):
        return [literal(item) for item in value]
    return value.replace("${", "$${") if isinstance(value, str) else value


# Texts that a store, a YAML file or a careless reader of either would change.
AWKWARD_TEXTS: dict[str, bytes | str] = {
    "crlf": b"Dear {{name}},\r\nthe second line.\r\n\r\n",
    "lone_returns": b"one\rtwo\r\nthree\r",
    "trailing_blanks": "ends in blanks   \n\ttab before, tab after\t\n   \n\n",
    "leading_newlines": "\n\n  {{query}}\n",
    "no_final_newline": "no newline at the end of {{x}}",
    "two_final_newlines": "one of two goes\n\n",
    "one_character": "x",
    "umlauts": "Grüße, 質問 {{query}}: ελληνικά, עברית, العربية\n",
    "astral": "👩‍👩‍👧‍👦 🇨🇭 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U0010fffd {{q}}\n",
    "combining": "e\u0301 is not é, \ufb01 is not fi, \u212b is not Å\n",
    "separators": "a\u2028b\u2029c\u0085d\u00a0e\u200bf\ufefft\n",
    "controls": "bell \x07, escape \x1b[31m, delete \x7f, form feed \x0c, C1 \x9b\n",
    "braces": "{single} {{double}} {{{triple}}} {{ spaced }} { {split} } }} {{ {{}} {{1x}}\n",
    "quotes": "\"double\" 'single' ''two'' \\\"escaped\\\" back\\slash \\n \\u0041 `tick`\n",
    "like_yaml": "---\nkey: value\n- item\n? complex\n: |\n  block\n*alias &anchor !tag %TAG\n...\n",
    "like_a_number": "0123\n",
    "like_null": "null\n",
    "like_true": "yes",
    "like_json": '[{"role": "user", "content": "{{x}}"}]\n',
    "like_a_timestamp": "2024-01-01T00:00:00Z\n",
    "hash_and_colon": "# not a comment: really # not\n",
    "percent": "100 % of %s, %(name)s, %20, $HOME, ${var.x}, $${var.x}, $(ls)\n",
    "html": "<b>&amp;</b> <!-- {{comment}} --> <script>alert(1)</script>\n",
    "long_line": "word " * 5_000 + "{{end}}\n",
    "nearly_too_long": "ä€𝔸 \n" * 19_999 + "{{x}}\n",
}


def fillable(draw) -> str:
    """The first text drawn that MLflow can fill in: it takes what has both marks of a tag for Jinja2."""
    while True:
        text = draw()
        if "{%" not in text or "%}" not in text:
            return text
        try:
            jinja2.Environment().from_string(text)
            return text
        except jinja2.TemplateError:
            pass


def awkward_job(
    folder: Path, seed: int, experiments: list[str] = (), lone_returns: bool = True
) -> JobFolder:
    """A job with every kind of text, setting and tag that a job can have, and random ones besides.

    Without lone returns there is no carriage return in it but those of CRLF.
    """
    source = random.Random(seed)
    job = JobFolder(folder, aliases=["production", "staging-2", "_a"])
    if experiments:
        job.spec["experiment"] = list(experiments)
    for name, text in AWKWARD_TEXTS.items():
        if name == "lone_returns" and not lone_returns:
            continue
        # A dotprompt file cannot say what the braces say.
        job.add(name, text, source.choice([".md", ".txt", ".prompt"] if name != "braces" else [".md", ".txt"]))
    job.add(
        "chat_awkward",
        [
            {"role": "system", "content": "Null: \u0085 “quotes” \"'\\ {{who}}\n\n  indented\n"},
            {"role": "user", "content": "---\n- {{question}}: 質問 👩‍👩‍👧‍👦\ttab \n"},
            {"role": "assistant", "content": "true"},
            {"role": "user", "content": "{\"json\": [1, 2.50, null]}"},
        ],
        description="A chat: with a colon, 'quotes' and – a dash\nand a second line",
        tags={"team": "platform", "key.with-dots_1 and blanks": "ä: b # c", "count": 7, "on": True},
        model_config={
            "provider": "openai",
            "model_name": "gpt: 4 # mini",
            "temperature": 0,
            "max_tokens": 4096,
            "top_p": 0.95,
            "top_k": 40,
            "frequency_penalty": -0.5,
            "presence_penalty": 1.5,
            "stop_sequences": ["\n", "END", "質問"],
            "extra": {"nested": [1, "two", None, True, {"x": 1e-7}], "empty": {}},
        },
        response_format={
            "type": "object",
            "properties": {"größe": {"type": ["string", "null"], "enum": ["a\"b", "c\nd", None]}},
            "required": ["größe"],
            "additionalProperties": False,
            "maximum": 12345678901,
            "minimum": -0.1,
        },
        aliases=["only-here"],
    )
    job.add(
        "chat_parts",
        [
            {"role": "human", "content": [{"type": "text", "text": "What is {{thing}}?\n"}]},
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "{{image}}", "detail": "low"}}]},
            {"role": "assistant", "content": None, "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a": [1.50, "{{x}}"]}'}},
            ]},
            {"role": "tool", "tool_call_id": "call_1", "content": '{"ok": true}', "name": "f"},
        ],
    )
    job.add("python_syntax", "Dear {name}, {{literal}} {{{both}}} {name}\n", syntax="python")
    job.add(
        "jinja", "{% for x in items %}{{ x.name | upper }}{# note #}\n{% endfor %}", ".j2", syntax="jinja2"
    )
    job.add("verbatim", "{{ not closed {% nor this\n", syntax="none", aliases=[])
    for name, value in {"empty_text": "", "number": "12", "blank": " ", "colon": "a: b"}.items():
        job.add(f"tag_{name}", "Text {{x}}.\n", tags={"team": "data", "value": value})
    alphabet = "aäß€𝔸 \t\n{}[]\"'\\:#-?!&*|>%@`,$<>_\u2028\u00a0\ufeff{{x}}" + "\r" * lone_returns
    for index in range(30):
        length = source.choice([1, 5, 40, 400, 4_000])
        text = fillable(lambda: "r" + "".join(source.choices(alphabet, k=length)).replace("\r\n", "\r"))
        tags = {f"t{n}": "".join(source.choices(alphabet, k=source.randint(0, 30))) for n in range(3)}
        job.add(f"random_{index}", text, syntax="none", tags=tags, description=f"d{index}: {text[:40]!r}")
    job.write()
    return job
