"""Every kind of registry that promptreg registers in, each with what a test has to do to it and to know of it."""

import itertools
import json
import os
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path

import snapshots
from fault_proxy import Fault, FaultProxy, Request
from mlflow_registry import describe, mlflow, settle, use_mlflow
from program import Ended, Program, tree
from servers import DIRECT, MLflowServer, Workspace

# After mlflow_registry, which sets what MLflow reads when it is imported.
from mlflow.utils import rest_utils  # isort: skip

schema_numbers = itertools.count(1)


@dataclass
class State:
    """What a registry holds of a prompt."""

    # The text of each version, or the list of messages, by number.
    versions: dict[int, str | list] = field(default_factory=dict)
    aliases: dict[str, int] = field(default_factory=dict)


class Registry:
    """A registry with one schema that only one test uses."""

    kind: str
    uri: str
    proxy: FaultProxy | None = None
    environment: dict[str, str] = {}

    def __init__(self, program: Program):
        self.program = program
        self.schema = f"tests_{next(schema_numbers)}"

    def close(self) -> None:
        """Lets other tests have their own environment."""

    def run(self, job: Path, *arguments, command: str = "run", code: int | None = 0) -> dict:
        """The report of a command, whose exit code has to be `code`."""
        return self.ended(job, *arguments, command=command, code=code).report

    def ended(self, job: Path, *arguments, command: str = "run", code: int | None = None) -> Ended:
        """A command that has ended, with any exit code or the one that it has to have."""
        flags = ["--registry", self.uri, "--schema", self.schema, "--format", "json", *arguments]
        return self.program(command, job, *flags, code=code, env=self.environment)

    def plan(self, job: Path, *arguments, code: int | None = 0) -> dict:
        """The report of a plan, which must not have written anything."""
        before = self.written()
        report = self.run(job, *arguments, command="plan", code=code)
        assert self.written() == before, "a plan wrote to the registry"
        return report

    def written(self):
        """Something that is another after anything was written."""
        return len(self.proxy.writes)

    def load(self, uri: str) -> dict:
        """A version as MLflow's own client loads it."""
        version = mlflow.genai.load_prompt(f"prompts:/{uri}", cache_ttl_seconds=0)
        settle()
        return describe(version)

    def versions(self, name: str) -> list[int]:
        """The numbers of a prompt's versions, as MLflow's own client finds them."""
        raise NotImplementedError

    def state(self) -> dict[str, State]:
        """All prompts of the schema by name, asked of the registry itself."""
        raise NotImplementedError

    def everything(self) -> snapshots.Snapshot:
        """All prompts of the schema with all their tags, asked of the registry itself."""
        raise NotImplementedError

    def through(self, proxy: FaultProxy) -> tuple[str, dict[str, str]]:
        """The address and the environment that lead through another proxy to it."""
        return self.uri.replace(self.proxy.url, proxy.url), self.environment

    def is_journal(self, request: Request, name: str = "") -> bool:
        """Whether a request writes the journal of alias moves, or the one of a prompt."""
        is_any = request.method == "POST" and (request.body or {}).get("key") == snapshots.JOURNAL
        return is_any and name in ("", request.name)

    def sign_in(self, secret: str) -> None:
        """Lets promptreg send a secret with each request."""
        raise NotImplementedError

    def is_creation(self, request: Request, name: str = "") -> bool:
        """Whether a request makes a prompt, or the one of a name."""
        raise NotImplementedError

    def is_version(self, request: Request, name: str = "") -> bool:
        """Whether a request makes a version, or one of the prompt of a name."""
        raise NotImplementedError

    def is_alias(self, request: Request, name: str = "", alias: str = "") -> bool:
        """Whether a request sets an alias, or one of a prompt and a name of its own."""
        raise NotImplementedError

    def aliases(self, name: str, *names: str) -> dict[str, int]:
        """Where aliases of a prompt point, for those that there are."""
        found, client = {}, mlflow.MlflowClient()
        for alias in names:
            try:
                version = client.get_prompt_version_by_alias(name, alias)
            except mlflow.MlflowException as error:
                assert "not found" in str(error), error
                continue
            # For Unity Catalog the client has None for an alias that there is not.
            if version:
                found[alias] = version.version
        return found

    def break_creation(self, name: str) -> None:
        """Lets a prompt that there is not yet fail to be made."""
        self._refuse(lambda request: self.is_creation(request, name))

    def break_alias(self, name: str, alias: str) -> None:
        """Lets an alias fail to be moved."""
        self._refuse(lambda request: self.is_alias(request, name, alias))

    def heal(self, name: str) -> None:
        """Takes back what was broken about a prompt."""
        self.proxy.clear()

    def _refuse(self, matches) -> None:
        self.proxy.fail(Fault("status", status=403, code="PERMISSION_DENIED"), matches)


class FileRegistry(Registry):
    """A folder."""

    kind = "file"

    def __init__(self, program: Program, folder: Path):
        super().__init__(program)
        self.folder = folder
        self.uri = f"file:{folder}"
        use_mlflow(self.uri, self.uri)

    def written(self):
        return {path: data for path, data in tree(self.folder).items() if not path.endswith(".lock")}

    def versions(self, name: str) -> list[int]:
        return numbers_found(name)

    def everything(self) -> snapshots.Snapshot:
        return snapshots.of_folder(self.folder)

    def through(self, proxy: None = None) -> tuple[str, dict[str, str]]:
        return self.uri, self.environment

    def break_creation(self, name: str) -> None:
        (self.folder / "models").mkdir(parents=True, exist_ok=True)
        (self.folder / "models" / name).symlink_to("nowhere")

    def break_alias(self, name: str, alias: str) -> None:
        path = self.folder / "models" / name / "aliases" / alias
        path.rename(path.with_name(".aside"))
        path.mkdir()

    def heal(self, name: str) -> None:
        model = self.folder / "models" / name
        if model.is_symlink():
            model.unlink()
        for aside in model.glob("aliases/.aside"):
            for folder in model.glob("aliases/*/"):
                folder.rmdir()
                aside.rename(folder)


class ServerRegistry(Registry):
    """An MLflow server."""

    kind = "server"

    def __init__(self, program: Program, server: MLflowServer, proxy: FaultProxy, folder: Path):
        super().__init__(program)
        self.environment = {"HOME": str(folder)}
        self.proxy = proxy
        self.server = server
        self.uri = proxy.url
        use_mlflow(server.url, server.url)

    def versions(self, name: str) -> list[int]:
        return numbers_found(name)

    def state(self) -> dict[str, State]:
        found = {model["name"]: State(aliases=self._aliases(model)) for model in self._search("registered-models")}
        for version in self._search("model-versions"):
            tags = {tag["key"]: tag["value"] for tag in version["tags"]}
            text = tags["mlflow.prompt.text"]
            is_chat = tags["_mlflow_prompt_type"] == "chat"
            found[version["name"]].versions[int(version["version"])] = json.loads(text) if is_chat else text
        return found

    def everything(self) -> snapshots.Snapshot:
        return snapshots.of_server(self._search("registered-models"), self._search("model-versions"))

    @staticmethod
    def _aliases(model: dict) -> dict[str, int]:
        return {alias["alias"]: int(alias["version"]) for alias in model.get("aliases", [])}

    def _search(self, resource: str) -> list[dict]:
        """What there is in the schema; a search shows more than a thousand nowhere here."""
        wanted = f"name LIKE 'main.{self.schema}.%' AND tag.`mlflow.prompt.is_prompt` = 'true'"
        query = urllib.parse.urlencode({"filter": wanted, "max_results": 1000})
        with DIRECT.open(f"{self.server.url}/api/2.0/mlflow/{resource}/search?{query}") as answer:
            page = json.load(answer)
        assert not page.get("next_page_token")
        return page.get(resource.replace("-", "_"), [])

    def sign_in(self, secret: str) -> None:
        self.environment["MLFLOW_TRACKING_TOKEN"] = secret

    def is_creation(self, request: Request, name: str = "") -> bool:
        return request.is_like("POST", "/registered-models/create", name)

    def is_version(self, request: Request, name: str = "") -> bool:
        return request.is_like("POST", "/model-versions/create", name)

    def is_alias(self, request: Request, name: str = "", alias: str = "") -> bool:
        is_any = request.is_like("POST", "/registered-models/alias", name)
        return is_any and alias in ("", request.body["alias"])


class UnityCatalogRegistry(Registry):
    """Unity Catalog, as the stand-in has it."""

    kind = "unity"
    uri = "databricks-uc"

    def __init__(self, program: Program, stand_in: Workspace, proxy: FaultProxy, folder: Path):
        super().__init__(program)
        self.proxy = proxy
        self.stand_in = stand_in
        self.environment = {"DATABRICKS_HOST": proxy.url, "DATABRICKS_TOKEN": "token", "HOME": str(folder)}
        self.add_schema("main")
        os.environ.update(DATABRICKS_HOST=stand_in.url, DATABRICKS_TOKEN="token")
        rest_utils.get_workspace_client.cache_clear()
        use_mlflow(f"sqlite:///{folder}/tracking.db", self.uri)

    def close(self) -> None:
        for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
            os.environ.pop(name, None)
        rest_utils.get_workspace_client.cache_clear()

    def add_schema(self, catalog: str) -> None:
        """Makes the test's schema in another catalog, too."""
        self.stand_in.add_schema(f"{catalog}.{self.schema}")

    def versions(self, name: str) -> list[int]:
        found = mlflow.MlflowClient().search_prompt_versions(name)
        return sorted(int(version.version) for version in found)

    def state(self) -> dict[str, State]:
        found = {}
        for name, prompt in self.stand_in.control("state").items():
            if name.split(".")[1] != self.schema:
                continue
            aliases = {alias["alias"]: int(alias["version"]) for alias in prompt["prompt"].get("aliases", [])}
            texts = {int(version["version"]): json.loads(version["template"]) for version in prompt["versions"]}
            found[name] = State(texts, aliases)
        return found

    def everything(self) -> snapshots.Snapshot:
        return snapshots.of_workspace(self.stand_in.control("state"), f"main.{self.schema}")

    def through(self, proxy: FaultProxy) -> tuple[str, dict[str, str]]:
        return self.uri, {**self.environment, "DATABRICKS_HOST": proxy.url}

    def sign_in(self, secret: str) -> None:
        identities = [{"principal": "someone@example.com", "tokens": ["token", secret]}]
        self.stand_in.control("identities", identities)
        self.environment["DATABRICKS_TOKEN"] = secret

    def is_creation(self, request: Request, name: str = "") -> bool:
        return request.is_like("POST", "/unity-catalog/prompts", name) and request.path.endswith("/prompts")

    def is_version(self, request: Request, name: str = "") -> bool:
        return request.is_like("POST", "/versions", name) and request.path.endswith("/versions")

    def is_alias(self, request: Request, name: str = "", alias: str = "") -> bool:
        return request.is_like("POST", "/aliases/", name) and request.path.endswith(f"/{alias}" if alias else "")


def numbers_found(name: str) -> list[int]:
    """The numbers of a prompt's versions, found by a search."""
    filter_string = f"name = '{name}' AND tags.`mlflow.prompt.is_prompt` = 'true'"
    found = mlflow.MlflowClient().search_model_versions(filter_string, max_results=1000)
    return sorted(int(version.version) for version in found)


def requests_by_kind(requests: list[Request]) -> tuple[int, int]:
    """How many of them read, and how many write."""
    writes = sum(request.is_write for request in requests)
    return len(requests) - writes, writes
