"""Jobs of many prompts, and what a registry holds of them."""

import json
from pathlib import Path


def make(folder: Path, count: int, text: str = "Prompt {number}, asked {{{{query}}}}.\n") -> Path:
    """Writes a job with numbered prompts; returns its path."""
    (folder / "jobs").mkdir(exist_ok=True)
    (folder / "prompts").mkdir(exist_ok=True)
    lines = [
        "version: 1", "job: generated", "catalog: main", "schema: many", "aliases: [production, staging]",
        "prompts_dir: ../prompts", 'registry: "file:../mlruns"', "prompts:",
    ]  # fmt: skip
    for number in range(count):
        (folder / "prompts" / f"p{number}.md").write_text(text.format(number=number))
        lines.append(f"  p{number}: {{file: p{number}.md, variables: [query], tags: {{number: {number}}}}}")
    path = folder / "jobs" / "generated.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def models(folder: Path) -> list[Path]:
    """The folders of the prompts in the job's registry."""
    root = folder / "mlruns" / "models"
    return list(root.iterdir()) if root.exists() else []


def state(folder: Path) -> dict[str, tuple]:
    """Aliases and texts of the versions by prompt; complains about what is no whole prompt."""
    found = {}
    for model in models(folder):
        assert (model / "meta.yaml").read_text().strip(), model
        aliases = {path.name: path.read_text() for path in model.glob("aliases/*")}
        versions = {}
        for version in model.glob("version-*"):
            assert (version / "meta.yaml").read_text().strip(), version
            versions[version.name] = (version / "tags" / "mlflow.prompt.text").read_text()
        found[model.name] = (aliases, versions)
    return found


def complete_state(count: int) -> dict[str, tuple]:
    """What a registry holds after a whole first run."""
    return {
        f"main.many.prompt_p{number}": (
            {"production": "1", "staging": "1"},
            {"version-1": f"Prompt {number}, asked {{{{query}}}}."},
        )
        for number in range(count)
    }


def leftovers(folder: Path) -> list[str]:
    """What a run left beside the prompts, but for the lock and MLflow's own experiment."""
    root = folder / "mlruns"
    kept = [path.name for path in root.iterdir() if path.name not in ("models", "0", ".promptreg.lock")]
    for model in models(folder):
        for path in model.iterdir():
            if path.name not in ("meta.yaml", "tags", "aliases") and not path.name.startswith("version-"):
                kept.append(str(path))
    return kept


def report(path: Path) -> dict:
    """A JSON report."""
    return json.loads(path.read_text())
