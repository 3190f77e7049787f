"""The registries behind the hostile servers: the parts of MLflow's REST API and of Unity Catalog that prompts need."""

import json
import re
import sys
import urllib.parse
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "UnityCatalogStandIn"))

import unity_catalog
from google.protobuf import json_format

SCHEMA = "main.agents"
NAMES = {letter: f"{SCHEMA}.prompt_{letter}" for letter in "abc"}
# `b` is to be updated, `a` only to move, and `c` to be created.
STORED = {"a": ["Old {{x}}", "Hello {{x}}"], "b": ["Old {{x}}", "Older {{x}}"]}
ALIASES = {"production": 1, "staging": 2}
TAGS = {"mlflow.prompt.is_prompt": "true", "_mlflow_prompt_type": "text"}
GRANTS = ["USE_CATALOG", "USE_SCHEMA", "CREATE_FUNCTION", "EXECUTE", "MANAGE"]


class Refusal(Exception):
    """An error of the API."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.answer = status, {"error_code": code, "message": message}


def listed(tags: dict[str, str]) -> list[dict]:
    """Tags as both APIs write them."""
    return [{"key": key, "value": value} for key, value in tags.items()]


class MLflow:
    """An MLflow server's registered models."""

    kind = "mlflow"

    def __init__(self):
        self.models: dict[str, dict] = {}
        for letter, texts in STORED.items():
            self.create(NAMES[letter], dict(TAGS), "")
            for text in texts:
                self.add(NAMES[letter], TAGS | {"mlflow.prompt.text": text}, "")
            self.models[NAMES[letter]]["aliases"] = dict(ALIASES)

    def create(self, name: str, tags: dict, description: str) -> None:
        self.models[name] = {"tags": tags, "description": description, "versions": {}, "aliases": {}}

    def add(self, name: str, tags: dict, description: str) -> int:
        versions = self.models[name]["versions"]
        number = max(versions, default=0) + 1
        versions[number] = {"tags": tags, "description": description}
        return number

    def state(self) -> dict:
        """The texts and aliases of each prompt."""
        return {
            name: {
                "versions": {n: v["tags"].get("mlflow.prompt.text") for n, v in model["versions"].items()},
                "aliases": dict(model["aliases"]),
            }
            for name, model in self.models.items()
        }

    def answer(self, method: str, path: str, query: dict, body: dict | None) -> tuple[int, dict]:
        """Carries a call out."""
        if path in ("/health", "/version"):
            return 200, "3.17.2" if path == "/version" else "OK"
        try:
            return 200, self.call(method, path.removeprefix("/api/2.0/mlflow/"), query | (body or {}))
        except Refusal as refusal:
            return refusal.status, refusal.answer

    def call(self, method: str, path: str, given: dict) -> dict:
        tags = {tag["key"]: tag.get("value", "") for tag in given.get("tags") or []}
        name = given.get("name", "")
        if path in ("registered-models/search", "model-versions/search"):
            return self.search(path, given.get("filter", ""))
        if path == "registered-models/create":
            if name in self.models:
                raise Refusal(400, "RESOURCE_ALREADY_EXISTS", f"Registered Model (name={name}) already exists.")
            self.create(name, tags, given.get("description", ""))
            return {"registered_model": self.model(name)}
        if name not in self.models:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", f"Registered Model with name={name} not found")
        model = self.models[name]
        if path == "registered-models/alias":
            return self.alias(method, model, name, given)
        if path.startswith("model-versions/") and path != "model-versions/create":
            version = model["versions"].get(int(given["version"]))
            if version is None:
                raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", "Model Version not found")
        match path:
            case "registered-models/get":
                return {"registered_model": self.model(name)}
            case "registered-models/update":
                model["description"] = given.get("description", "")
                return {"registered_model": self.model(name)}
            case "registered-models/set-tag":
                model["tags"][given["key"]] = given["value"]
            case "registered-models/delete-tag":
                model["tags"].pop(given["key"], None)
            case "model-versions/create":
                return {"model_version": self.version(name, self.add(name, tags, given.get("description", "")))}
            case "model-versions/get":
                return {"model_version": self.version(name, int(given["version"]))}
            case "model-versions/set-tag":
                version["tags"][given["key"]] = given["value"]
            case "model-versions/delete-tag":
                version["tags"].pop(given["key"], None)
            case "model-versions/delete":
                del model["versions"][int(given["version"])]
            case _:
                raise Refusal(404, "ENDPOINT_NOT_FOUND", f"no {method} {path}")
        return {}

    def alias(self, method: str, model: dict, name: str, given: dict) -> dict:
        aliases = model["aliases"]
        if method == "POST" and int(given["version"]) not in model["versions"]:
            raise Refusal(404, "RESOURCE_DOES_NOT_EXIST", "Model Version not found")
        elif method == "POST":
            aliases[given["alias"]] = int(given["version"])
        elif method == "DELETE":
            aliases.pop(given["alias"], None)
        elif given["alias"] not in aliases:
            raise Refusal(400, "INVALID_PARAMETER_VALUE", "alias not found")
        else:
            return {"model_version": self.version(name, aliases[given["alias"]])}
        return {}

    def search(self, path: str, wanted: str) -> dict:
        names = [name for name in sorted(self.models) if self.matches(name, wanted)]
        if path.startswith("registered"):
            return {"registered_models": [self.model(name) for name in names]}
        versions = [(name, n) for name in names for n in sorted(self.models[name]["versions"], reverse=True)]
        found = [self.version(*each) for each in versions]
        for key, value in re.findall(r"tag\.`(promptreg_\w+)` = '([^']*)'", wanted):
            found = [each for each in found if {"key": key, "value": value} in each["tags"]]
        return {"model_versions": found}

    def matches(self, name: str, wanted: str) -> bool:
        if found := re.search(r"name IN \(([^)]*)\)", wanted):
            return f"'{name}'" in found[1]
        found = re.search(r"name (?:=|LIKE) '([^']*)'", wanted)
        if found and not re.fullmatch(re.escape(found[1]).replace("%", ".*"), name):
            return False
        tags = self.models[name]["tags"]
        return all(
            tags.get(key) == value
            for key, value in re.findall(r"tag\.`([^`]*)` = '([^']*)'", wanted)
            if not key.startswith("promptreg_run")
        )

    def model(self, name: str) -> dict:
        model = self.models[name]
        latest = [self.version(name, max(model["versions"]))] if model["versions"] else []
        return {
            "name": name,
            "description": model["description"],
            "tags": listed(model["tags"]),
            "aliases": [{"alias": alias, "version": str(n)} for alias, n in model["aliases"].items()],
            "latest_versions": latest,
        }

    def version(self, name: str, number: int) -> dict:
        version = self.models[name]["versions"][number]
        return {
            "name": name,
            "version": str(number),
            "description": version["description"],
            "creation_timestamp": 1_700_000_000_000 + number,
            "tags": listed(version["tags"]),
            "status": "READY",
        }


class UnityCatalog:
    """A workspace's prompts, as the stand-in holds them."""

    kind = "unity"

    def __init__(self):
        self.catalog = unity_catalog.Catalog([SCHEMA])
        self.routes = unity_catalog.routes()
        for letter, texts in STORED.items():
            name = NAMES[letter]
            self.answer("POST", ROOT, {}, {"name": name, "prompt": {"name": name}})
            for text in texts:
                version = {"name": name, "template": json.dumps(text), "tags": listed({"_mlflow_prompt_type": "text"})}
                self.answer("POST", f"{ROOT}/{name}/versions", {}, {"name": name, "prompt_version": version})
            for alias, number in ALIASES.items():
                body = {"name": name, "alias": alias, "version": str(number)}
                self.answer("POST", f"{ROOT}/{name}/aliases/{alias}", {}, body)

    def state(self) -> dict:
        """The texts and aliases of each prompt."""
        return {
            name: {
                "versions": {int(v["version"]): json.loads(v["template"]) for v in each["versions"]},
                "aliases": {a["alias"]: int(a["version"]) for a in each["prompt"].get("aliases", [])},
            }
            for name, each in self.catalog.dump().items()
        }

    def answer(self, method: str, path: str, query: dict, body: dict | None) -> tuple[int, dict]:
        """Carries a call out."""
        if path.endswith("/scim/v2/Me"):
            return 200, {"id": "1", "userName": "someone@example.com"}
        if path.startswith("/api/2.1/unity-catalog/schemas/"):
            return 200, {"full_name": SCHEMA, "owner": "someone@example.com"}
        if path.startswith("/api/2.1/unity-catalog/effective-permissions/"):
            granted = [{"privilege": each} for each in GRANTS]
            return 200, {"privilege_assignments": [{"principal": "someone@example.com", "privileges": granted}]}
        for route in self.routes:
            if (arguments := route.arguments(method, path)) is not None:
                break
        else:
            return 404, {"error_code": "ENDPOINT_NOT_FOUND", "message": f"No API found for '{method} {path}'"}
        request = json_format.ParseDict(query if method == "GET" else body or {}, route.request())
        for name, value in arguments.items():
            setattr(request, name, urllib.parse.unquote(value))
        try:
            return 200, unity_catalog.as_json(self.catalog.call(route.name, request))
        except unity_catalog.ApiError as error:
            return error.status, {"error_code": error.code, "message": error.message}


ROOT = "/api/2.0/mlflow/unity-catalog/prompts"
BACKENDS = {each.kind: each for each in (MLflow, UnityCatalog)}
