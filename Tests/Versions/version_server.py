"""A server of some version of MLflow, and what it holds, asked without any client of MLflow's."""

import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from servers import DIRECT, MLflowServer

HERE = Path(__file__).resolve().parent
BUILD = HERE.parent.parent / ".build"
LINES = [line.split() for line in (HERE / "versions.txt").read_text().splitlines()]
ALL = [words[0] for words in LINES if words and words[0] != "#"]
# Before 2.21 there are no prompts.
WITH_PROMPTS = [version for version in ALL if version != "2.20"]


def number(version: str) -> tuple[int, int]:
    """A version to compare with others."""
    major, minor = version.split(".")
    return int(major), int(minor)


class Server(MLflowServer):
    """A server of a version."""

    def __init__(self, version: str, folder: Path, prefix: str = ""):
        python = BUILD / f"mlflow-{version}" / "bin" / "python"
        assert python.exists(), f"{python} is missing: Tests/run versions installs it"
        self.version = number(version)
        self.prefix = prefix
        options = ["--static-prefix", prefix] if prefix else []
        health = prefix if self.version >= (3, 9) else ""
        super().__init__(folder, str(python), options=options, health=health)
        # Before 3.12 the prefix is not the API's.
        self.api = self.url + (prefix if self.version >= (3, 12) else "") + "/api/2.0/mlflow/"

    def get(self, path: str, **query) -> dict | None:
        """An answer of the API; nothing where what was asked for does not exist."""
        try:
            with DIRECT.open(f"{self.api}{path}?{urllib.parse.urlencode(query)}") as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            assert json.load(error)["error_code"] == "RESOURCE_DOES_NOT_EXIST", error
            return None

    def model(self, name: str) -> dict | None:
        """A prompt: its description, tags and aliases."""
        answer = self.get("registered-models/get", name=name)
        if answer is None:
            return None
        model = answer["registered_model"]
        return {
            "description": model.get("description"),
            "tags": tags(model),
            "aliases": {alias["alias"]: int(alias["version"]) for alias in model.get("aliases", [])},
        }

    def versions(self, name: str) -> dict[int, dict]:
        """A prompt's versions with their tags and messages, by number."""
        found = self.get(
            "model-versions/search", filter=f"name = '{name}' AND tag.`mlflow.prompt.is_prompt` = 'true'"
        )
        return {
            int(version["version"]): {"tags": tags(version), "message": version.get("description")}
            for version in (found or {}).get("model_versions", [])
        }


def tags(message: dict) -> dict[str, str]:
    """The tags in an answer, without those that promptreg adds by itself."""
    found = {tag["key"]: tag.get("value", "") for tag in message.get("tags", [])}
    return {key: value for key, value in found.items() if not key.startswith("promptreg_")}
