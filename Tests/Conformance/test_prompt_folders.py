"""A folder of prompts as teams keep them becomes a job, and MLflow fills in every prompt of it."""

import json
import re
import shutil
import urllib.parse
from pathlib import Path

import jinja2.meta
import mlflow
import pytest
import yaml
from jinja2.sandbox import SandboxedEnvironment
from mlflow_registry import MLflowRegistry, settle
from prompt_layouts import LAYOUTS, Layout

CORPUS = Path(__file__).parent / "corpus"
# What MLflow takes for a variable.
VARIABLE = re.compile(r"\{\{\s*[a-zA-Z_]\w*(\.[a-zA-Z_]\w*)*\s*\}\}", re.ASCII)
# Values for templates that do more with one than to show it.
VALUES = {
    "documents": [{"title": "One", "text": "first", "content": "first"}],
    "items": ["a", "b"],
    "limit": 3,
    "rows": ["r1", "r2"],
    "tools": [{"name": "search", "description": "Finds."}],
    "topics": ["y", "x"],
}


def contents(version) -> list[str]:
    """The texts that MLflow fills in."""
    if isinstance(version.template, str):
        return [version.template]
    return [text for text in (message.get("content") for message in version.template) if isinstance(text, str)]


def is_jinja(version) -> bool:
    return any("{%" in text and "%}" in text for text in contents(version))


def variables(version) -> set[str]:
    """The variables of a version: those of Jinja2 where MLflow renders with it, else MLflow's own."""
    if not is_jinja(version):
        return version.variables
    environment = SandboxedEnvironment()
    return set().union(*(jinja2.meta.find_undeclared_variables(environment.parse(t)) for t in contents(version)))


def check_filled(version) -> None:
    """Fills a version in with a value for each variable."""
    if len(contents(version)) < len(version.template) and not isinstance(version.template, str):
        return  # MLflow fills in only contents that are text.
    values = {name: VALUES.get(name, f"<{name}>") for name in variables(version)}
    filled = version.format(**values)
    texts = [filled] if isinstance(filled, str) else [message["content"] for message in filled]
    if is_jinja(version):
        assert texts == [SandboxedEnvironment().from_string(text).render(values) for text in contents(version)]
    else:
        assert not VARIABLE.search("\n".join(texts))
        for name, value in values.items():
            assert any(str(value) in text for text in texts), name


def drafted(job: Path) -> tuple[dict[str, dict], dict[str, str], set[str]]:
    """What a drafted job says: its prompts, those that are comments with their reasons, and the other files it names."""
    comments = [line.strip("# ") for line in job.read_text().splitlines() if line.startswith("  # ")]
    left_out, others = {}, set()
    for reason, line in zip(["", *comments], comments, strict=False):
        if reason.startswith("Left out: "):
            left_out |= {name: reason for name in yaml.safe_load(line)}
        elif line.startswith("Not taken for prompts: "):
            others |= set(line.removeprefix("Not taken for prompts: ").split(", "))
        elif found := re.match(r"Not read: ([^:]+)|(\S+\.\w+) (?:has|is)\b", line):
            others.add(found[1] or found[2])
    return yaml.safe_load(job.read_text())["prompts"], left_out, others


def check_draft(job: Path, layout: Layout) -> None:
    """Compares a drafted job with what is expected of it."""
    prompts, left_out, others = drafted(job)
    assert set(prompts) == set(layout.taken)
    assert {name: prompt.get("syntax") for name, prompt in prompts.items()} == {
        name: next(iter({"python", "jinja2"} & set(words.split()[:1])), None) for name, words in layout.taken.items()
    }
    assert set(left_out) == set(layout.left_out)
    for name, reason in layout.left_out.items():
        assert reason in left_out[name]
    assert others == set(layout.others.split())


@pytest.mark.parametrize("name", sorted(path.name for path in CORPUS.iterdir() if path.is_dir()))
def test_a_folder_becomes_a_job_whose_prompts_mlflow_fills_in(name, program, registry, tmp_path):
    layout = LAYOUTS[name]
    shutil.copytree(CORPUS / name, tmp_path / "prompts")
    # Names beyond ASCII are kept with escapes: not every tool lists others as they are.
    for path in list((tmp_path / "prompts").rglob("*%*")):
        path.rename(path.with_name(urllib.parse.unquote(path.name)))
    program("init", "--from", "prompts", "agent", cwd=tmp_path)
    job = tmp_path / "agent/jobs/agent.yaml"
    check_draft(job, layout)
    program("validate", job)
    program("validate", job, "--target", "prod")
    report = program.run(job, registry)
    assert report["summary"]["created"] == len(layout.taken)
    program.plan(job, registry, "--detailed-exitcode")

    MLflowRegistry(registry)
    for prompt in report["prompts"]:
        version = mlflow.genai.load_prompt(prompt["uri"])
        words = [word for word in layout.taken[prompt["name"]].split() if word not in ("python", "jinja2")]
        assert isinstance(version.template, list) == (words[:1] == ["chat"]), prompt["name"]
        assert variables(version) == set(words) - {"chat"}, prompt["name"]
        check_filled(version)
    settle()


def test_every_layout_has_a_folder():
    assert set(LAYOUTS) == {path.name for path in CORPUS.iterdir() if path.is_dir()}
    assert sum(path.is_file() for path in CORPUS.rglob("*")) >= 60
