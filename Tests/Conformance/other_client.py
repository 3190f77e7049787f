"""Somebody else who uses the registry: another program than promptreg, straight at the server and without a proxy.

What it did is written down, so that a test can tell whether all of it is still there.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

from registries import Registry
from servers import DIRECT
from snapshots import JOURNAL

PROMPTS = "/api/2.0/mlflow/unity-catalog/prompts"
MLFLOW = "/api/2.0/mlflow/"


@dataclass
class Deeds:
    """What it did to one prompt, and did not undo."""

    versions: dict[int, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    version_tags: dict[tuple[int, str], str] = field(default_factory=dict)
    # All places where it put an alias, None for one that it deleted.
    aliases: dict[str, list[int | None]] = field(default_factory=dict)
    journal: list[dict] = field(default_factory=list)


class OtherClient:
    """Somebody else; `deeds` has what it did, by the full names of the prompts."""

    def __init__(self, remote: Registry):
        self.remote = remote
        self.is_unity = remote.kind == "unity"
        self.url = (remote.stand_in if self.is_unity else remote.server).url
        self.deeds: dict[str, Deeds] = {}

    def on(self, name: str) -> Deeds:
        """What it did to a prompt."""
        return self.deeds.setdefault(name, Deeds())

    # What it does

    def create(self, name: str) -> None:
        """Makes a prompt without versions."""
        if self.is_unity:
            self._call("POST", PROMPTS, {"name": name, "prompt": {"name": name}})
        else:
            tags = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
            self._call("POST", "registered-models/create", {"name": name, "tags": tags})

    def register(self, name: str, text: str) -> int:
        """Registers a version."""
        tags = [{"key": "_mlflow_prompt_type", "value": "text"}]
        if self.is_unity:
            version = {"name": name, "template": json.dumps(text), "tags": tags}
            answer = self._call("POST", f"{PROMPTS}/{name}/versions", {"name": name, "prompt_version": version})
            number = int(answer["version"])
        else:
            tags += [{"key": "mlflow.prompt.is_prompt", "value": "true"}, {"key": "mlflow.prompt.text", "value": text}]
            body = {"name": name, "source": "dummy-source", "tags": tags}
            number = int(self._call("POST", "model-versions/create", body)["model_version"]["version"])
        self.on(name).versions[number] = text
        return number

    def delete_version(self, name: str, number: int) -> None:
        """Deletes a version of its own, with the aliases on it."""
        deeds = self.on(name)
        del deeds.versions[number]
        deeds.version_tags = {at: value for at, value in deeds.version_tags.items() if at[0] != number}
        body = {"name": name, "version": str(number)}
        self._call("DELETE", f"{PROMPTS}/{name}/versions/{number}" if self.is_unity else "model-versions/delete", body)

    def move(self, name: str, alias: str, number: int) -> None:
        """Sets or moves an alias."""
        body = {"name": name, "alias": alias, "version": str(number)}
        self._call("POST", self._alias_path(name, alias), body)
        self.on(name).aliases.setdefault(alias, []).append(number)

    def remove(self, name: str, alias: str) -> None:
        """Deletes an alias."""
        self._call("DELETE", self._alias_path(name, alias), {"name": name, "alias": alias})
        self.on(name).aliases.setdefault(alias, []).append(None)

    def _alias_path(self, name: str, alias: str) -> str:
        return f"{PROMPTS}/{name}/aliases/{alias}" if self.is_unity else "registered-models/alias"

    def tag(self, name: str, key: str, value: str) -> None:
        """Tags a prompt."""
        self._tag(name, key, value)
        self.on(name).tags[key] = value

    def _tag(self, name: str, key: str, value: str) -> None:
        path = f"{PROMPTS}/{name}/tags" if self.is_unity else "registered-models/set-tag"
        self._call("POST", path, {"name": name, "key": key, "value": value})

    def tag_version(self, name: str, number: int, key: str, value: str) -> None:
        """Tags a version."""
        path = f"{PROMPTS}/{name}/versions/{number}/tags" if self.is_unity else "model-versions/set-tag"
        self._call("POST", path, {"name": name, "version": str(number), "key": key, "value": value})
        self.on(name).version_tags[number, key] = value

    def journal(self, name: str, alias: str, number: int) -> None:
        """Moves an alias of its own, and writes that into the journal as another job's run does."""
        prompt = self.remote.everything()[name]
        entry = {"alias": alias, "from": prompt.aliases.get(alias), "to": number}
        entry |= {"at": "2026-01-01T00:00:00Z", "by": "somebody else", "commit": None, "job": "other"}
        self._tag(name, JOURNAL, json.dumps([entry, *prompt.journal]))
        self.on(name).journal.append(entry)
        self.move(name, alias, number)

    def _call(self, method: str, path: str, body: dict) -> dict:
        url = self.url + (path if path.startswith("/") else MLFLOW + path)
        headers = {"Content-Type": "application/json", "Authorization": "Bearer token"}
        request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
        with DIRECT.open(request) as answer:
            return json.loads(answer.read() or b"{}")
