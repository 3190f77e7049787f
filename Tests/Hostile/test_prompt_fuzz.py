"""Damaged prompts of every kind in a folder, for the job that takes them and for one that is drafted from them.

A failure names its case: HOSTILE_CASE=N repeats it alone.
"""

import os
import random
import shutil

import mutation
import pytest
from prompt_files import SPEC, draft, put_secrets, validate
from test_fuzz import cases

VALIDATED = 400
FILES = {
    "header.md": "---\ndescription: Says hello.\nvariables: [name]\ntags: {team: platform}\naliases: [staging]\n"
    "syntax: mustache\n"
    "model_config: {model_name: m, temperature: 0.2}\nresponse_format: {type: object, properties: {a: {type: string}}}\n"
    "tools:\n- {name: f, description: d, parameters: {type: object, properties: {p: {type: string}}, required: [p]}}\n"
    "---\nHello {{name}} {{> part}}\n",
    "dot.prompt": "---\nmodel: vendor/model\nconfig: {temperature: 0.7, maxOutputTokens: 400}\ninput:\n  schema:\n"
    "    name: string, who it is\n"
    "    style?(enum): [plain, fancy]\noutput:\n  format: json\n  schema: {answer: string, items(array): {n: integer}}\n---\n"
    '{{role "system"}}Be nice.\n{{role "user"}}Hello {{name}} {{style}} {{> part}}\n',
    "chat.prompty": "---\nname: Chat\ndescription: d\nmodel:\n  api: chat\n"
    "  configuration: {type: azure_openai, azure_deployment: m}\n"
    "  parameters: {max_tokens: 100, temperature: 0}\ninputs: {name: {type: string, required: false}}\n"
    "outputs: {answer: {type: string}}\n"
    "sample: {name: Ann}\ntemplate: {format: jinja2, parser: prompty}\n---\nsystem:\nBe nice.\n\nuser:\nHello {{name}}\n",
    "loop.j2": '{# a comment #}{% for item in items %}{{ item.name | upper }} '
    '{% include "jinja.j2" ignore missing %}{% endfor %}\n'
    "{% raw %}{{ x }}{% endraw %}\n",
    "talk.chat.yaml": "messages:\n- role: system\n  content: Be nice. {{> part}}\n"
    "- role: user\n  content: |\n    Hello {{name}}\ndescription: d\n",
    "list.chat.json": '[{"role": "user", "content": [{"type": "text", "text": "Hello {{name}}"}]}]\n',
    "agents.yaml": 'planner:\n  system: |\n    Plan for {{name}}.\n  "v1.2": "x {{y}} z"\n'
    'list: ["a {{b}} c", &t "d {{e}} f", *t]\n',
    "chain.json": '{"_type": "prompt", "template": "Hello {name}", "template_format": "f-string", "input_variables": ["name"]}\n',
    "_part.md": "<!-- promptreg-ignore -->\nA part with {{> other}}\n",
    "other.md": "another {{name}}\n",
    "_jinja.j2": "{% if x %}{{ x }}{% endif %}\n",
    "plain.txt": "Hello {name} and {{other}}\n",
}
KEYS = ['planner.system', 'planner."v1.2"', "[list, 1]", "list.2"]
KEYED = "".join(f"  k{n}: {{file: agents.yaml, key: {key}}}\n" for n, key in enumerate(KEYS))
JOBS = [SPEC, SPEC + "prompts:\n  '*': {tags: {a: b}}\n" + KEYED]
TAGS = ["{{> @}}", '{% include "@" %}', "{{>@}}", "{% include '@' ignore missing %}"]
TARGETS = ["../secret.md", "header.md", "loop.j2", "_part.md", "/dev/zero", "link", "link/secret.md", "agents.yaml", "other.md"]


@pytest.fixture
def box(sandbox):
    """A folder with a prompt of every kind, with secrets beside it."""
    for name, content in FILES.items():
        sandbox.write(f"prompts/{name}", content)
    os.mkfifo(sandbox.folder / "prompts" / "fifo.md")
    (sandbox.folder / "prompts" / "link").symlink_to("..")
    put_secrets(sandbox)
    return sandbox


def test_the_prompts_are_good_before_they_are_damaged(box):
    (box.folder / "prompts" / "fifo.md").unlink()
    for job in JOBS:
        box.write("job.yaml", job)
        validate(box, 0)
    assert len(draft(box)) >= 10


def damage(box, source: random.Random) -> set[bytes]:
    """Damages one to three files, or puts one there under another name; returns what was written."""
    prompts, written = box.folder / "prompts", set()
    for _ in range(source.choice([1, 1, 2, 3])):
        name = source.choice(list(FILES))
        content = FILES[name].encode()
        if source.random() < 0.3:
            at = source.randint(0, len(content))
            tag = source.choice(TAGS).replace("@", source.choice(TARGETS))
            content = content[:at] + tag.encode() * source.choice([1, 1, 2, 50]) + content[at:]
        if source.random() < 0.8:
            content = mutation.mutate(content, source)
        if source.random() < 0.15:
            stem = mutation.encoded(source.choice(mutation.NASTY)).replace(b"/", b"").replace(b"\0", b"")[:200]
            path = os.path.join(os.fsencode(prompts), stem + os.fsencode(name))
        else:
            path = os.fsencode(prompts / name)
        with open(path, "wb") as file:
            file.write(content)
        written.add(path)
    return written


def test_damaged_prompts(box, seed):
    codes = dict.fromkeys([0, 65], 0)
    (box.folder / "prompts" / "fifo.md").unlink()
    for case in cases(VALIDATED):
        source = random.Random(f"{seed}-prompts-{case}")
        box.write("job.yaml", source.choice(JOBS))
        damaged = damage(box, source)
        try:
            codes[validate(box).code] += 1
            if case % 3 == 0 or "HOSTILE_CASE" in os.environ:
                draft(box)
        except Exception as failure:
            kept = shutil.copytree(box.folder, box.folder.with_name("failed"), symlinks=True)
            pytest.fail(f"case {case} of seed {seed}, kept in {kept}: {failure!r}", pytrace=False)
        for path in damaged:
            os.unlink(path)
            if (name := os.fsdecode(os.path.basename(path))) in FILES:
                box.write(f"prompts/{name}", FILES[name])
    assert ("HOSTILE_CASE" in os.environ or min(codes.values()) > VALIDATED / 20), codes
