"""What is registered of a template with parts renders in MLflow as Jinja2 renders the files with a loader."""

import random
import subprocess

import jinja2
from jinja2.sandbox import SandboxedEnvironment

PIECES = [
    "text", " ", "\n", "\n\n", "{{ x }}", "{{ x | upper }}", "{% if x %}yes{% endif %}", "{# note #}",
    "{% for item in items %}{{ item }},{% endfor %}", "{% raw %}{{ y }}{% include 'p1.j2' %}{% endraw %}", "é",
]  # fmt: skip
TAGS = [
    '{% include "NAME" %}', "{%- include 'NAME' %}", '{% include "NAME" -%}', '{%- include "NAME" with context -%}',
    "{% include 'NAME' ignore missing %}", "{%+ include 'NAME' +%}",
    "{% if x %}{% include 'NAME' %}{% endif %}", "{% for item in items %}{% include 'NAME' %}{% endfor %}",
]  # fmt: skip


def template(chance: random.Random, parts: list[str]) -> str:
    """A text that may include later parts only, so that none includes itself."""
    pieces = [chance.choice(PIECES) for _ in range(chance.randint(0, 6))]
    for _ in range(chance.randint(0, 3) if parts else 0):
        pieces.insert(chance.randint(0, len(pieces)), chance.choice(TAGS).replace("NAME", chance.choice(parts)))
    return "".join(pieces)


def test_includes_render_as_jinja2_renders_them(promptreg, tmp_path):
    chance = random.Random(17)
    parts = [f"p{number}.j2" for number in range(8)]
    files = {name: template(chance, parts[index + 1 :]) for index, name in enumerate(parts)}
    prompts = {f"t{number}": template(chance, parts) + "{% if x %}.{% endif %}" for number in range(150)}
    files |= {f"{name}.j2": text for name, text in prompts.items()}
    (tmp_path / "prompts").mkdir()
    for name, text in files.items():
        (tmp_path / "prompts" / name).write_bytes(text.encode())
    listed = "".join(f"  {name}: {{file: {name}.j2}}\n" for name in prompts)
    (tmp_path / "job.yaml").write_text(f"version: 1\njob: parts\nprompts_dir: prompts\nprompts:\n{listed}")
    command = [promptreg, "run", "job.yaml", "--registry", "file:reg", "--quiet"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
    whole = SandboxedEnvironment(loader=jinja2.DictLoader(files), keep_trailing_newline=False)
    alone = SandboxedEnvironment()
    included = 0
    for name, text in prompts.items():
        registered = (tmp_path / f"reg/models/prompt_{name}/version-1/tags/mlflow.prompt.text").read_bytes().decode()
        included += registered != text
        values = {"x": chance.choice(["", "a\n"]), "items": ["1", "2"]}
        assert alone.from_string(registered).render(values) == whole.get_template(f"{name}.j2").render(values), text
    assert included > 80
