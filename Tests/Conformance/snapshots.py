"""All that a registry holds of prompts, in one form whatever the registry: what invariants are checked on."""

import json
from dataclasses import dataclass, field
from pathlib import Path

MARK, KEY, JOB, JOURNAL = "promptreg_run", "promptreg_key", "promptreg_job", "promptreg_alias_log"
# What a run that was killed while it moved aliases back may leave.
MOVING_BACK = "promptreg_moving_back"
TEXT = "mlflow.prompt.text"
# The tags that are part of what a version says, besides its text.
CONTENT = ("_mlflow_prompt_type", "_mlflow_prompt_response_format", "_mlflow_prompt_model_config")


@dataclass
class Version:
    """A version as it is stored."""

    # The text, or a chat prompt's messages as JSON.
    text: str
    tags: dict[str, str]

    @property
    def content(self) -> tuple[str, ...]:
        """What makes it another version than its neighbour."""
        return (self.text, *(self.tags.get(key, "") for key in CONTENT))


@dataclass
class Prompt:
    """A prompt as it is stored."""

    tags: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)
    versions: dict[int, Version] = field(default_factory=dict)

    @property
    def journal(self) -> list[dict]:
        """The moves of its aliases, the newest first."""
        return json.loads(self.tags.get(JOURNAL, "[]"))


Snapshot = dict[str, Prompt]


def of_folder(folder: Path) -> Snapshot:
    """What a file registry holds."""
    found = {}
    for model in sorted((folder / "models").glob("*/meta.yaml")):
        home = model.parent
        aliases = {alias: int(number) for alias, number in _files(home / "aliases").items()}
        prompt = found[home.name] = Prompt(_files(home / "tags"), aliases)
        for version in home.glob("version-*/meta.yaml"):
            tags = _files(version.parent / "tags")
            prompt.versions[int(version.parent.name.removeprefix("version-"))] = Version(tags.pop(TEXT), tags)
    return found


def _files(folder: Path) -> dict[str, str]:
    """What the files below a folder say, by their paths."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().decode() for path in files}


def of_server(models: list[dict], versions: list[dict]) -> Snapshot:
    """What searches of an MLflow server found."""
    found = {model["name"]: Prompt(_tags(model), _aliases(model)) for model in models}
    for version in versions:
        tags = _tags(version)
        found[version["name"]].versions[int(version["version"])] = Version(tags.pop(TEXT), tags)
    return found


def of_workspace(dump: dict, schema: str) -> Snapshot:
    """What the stand-in for Unity Catalog holds in a schema."""
    found = {}
    for name, prompt in dump.items():
        if name.rpartition(".")[0] != schema:
            continue
        versions = {}
        for version in prompt["versions"]:
            template = json.loads(version["template"])
            text = template if isinstance(template, str) else json.dumps(template)
            versions[int(version["version"])] = Version(text, _tags(version))
        found[name] = Prompt(_tags(prompt["prompt"]), _aliases(prompt["prompt"]), versions)
    return found


def _tags(entry: dict) -> dict[str, str]:
    return {tag["key"]: tag.get("value", "") for tag in entry.get("tags", [])}


def _aliases(entry: dict) -> dict[str, int]:
    return {alias["alias"]: int(alias["version"]) for alias in entry.get("aliases", [])}
