"""Every kind of registry that promptreg registers in, each with what a test has to do to it and to know of it."""

import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from fault_proxy import Fault, FaultProxy, Request
from mlflow_registry import describe, mlflow, settle
from program import Program, tree

# After mlflow_registry, which sets what MLflow reads when it is imported.
from mlflow.utils import rest_utils  # isort: skip

STAND_IN = Path(__file__).parent.parent / "UnityCatalogStandIn" / "unity_server.py"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
schema_numbers = itertools.count(1)


def free_port() -> int:
    """A port that nothing uses just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class MLflowServer:
    """A real MLflow server on SQLite, with two workers as it has in production."""

    def __init__(self, folder: Path):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        command = [
            *(sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
            *("--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--workers", "2"),
        ]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                with DIRECT.open(self.url + "/health", timeout=5):
                    return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.2)
        self.stop()
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        """Ends it, and all that it started."""
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class UnityCatalogStandIn:
    """The stand-in for a Databricks workspace."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, STAND_IN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.url = json.loads(self.process.stdout.readline())["url"]

    def add_schema(self, name: str) -> None:
        """Makes a schema that prompts can be registered in."""
        body = json.dumps([name]).encode()
        request = urllib.request.Request(self.url + "/_control/schemas", body, method="POST")
        with DIRECT.open(request):
            pass

    def stop(self) -> None:
        """Ends it."""
        self.process.communicate("")


class Registry:
    """A registry with one schema that only one test uses."""

    kind: str
    uri: str
    proxy: FaultProxy | None = None
    environment: dict[str, str] = {}

    def __init__(self, program: Program):
        self.program = program
        self.schema = f"tests_{next(schema_numbers)}"

    def run(self, job: Path, *arguments, command: str = "run", code: int | None = 0) -> dict:
        """The report of a command, whose exit code has to be `code`."""
        flags = ["--registry", self.uri, "--schema", self.schema, "--format", "json", *arguments]
        return self.program(command, job, *flags, code=code, env=self.environment).report

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
        raise NotImplementedError

    def break_alias(self, name: str, alias: str) -> None:
        """Lets an alias fail to be moved."""
        raise NotImplementedError

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

    def __init__(self, program: Program, server: MLflowServer, proxy: FaultProxy):
        super().__init__(program)
        self.proxy = proxy
        self.uri = proxy.url
        use_mlflow(server.url, server.url)

    def versions(self, name: str) -> list[int]:
        return numbers_found(name)

    def break_creation(self, name: str) -> None:
        self._refuse(lambda request: request.is_like("POST", "/registered-models/create", name))

    def break_alias(self, name: str, alias: str) -> None:
        self._refuse(
            lambda request: (
                request.is_like("POST", "/registered-models/alias", name) and request.body["alias"] == alias
            )
        )


class UnityCatalogRegistry(Registry):
    """Unity Catalog, as the stand-in has it."""

    kind = "unity"
    uri = "databricks-uc"

    def __init__(self, program: Program, stand_in: UnityCatalogStandIn, proxy: FaultProxy, folder: Path):
        super().__init__(program)
        self.proxy = proxy
        self.stand_in = stand_in
        self.environment = {"DATABRICKS_HOST": proxy.url, "DATABRICKS_TOKEN": "token", "HOME": str(folder)}
        self.add_schema("main")
        os.environ.update(DATABRICKS_HOST=stand_in.url, DATABRICKS_TOKEN="token")
        rest_utils.get_workspace_client.cache_clear()
        use_mlflow(f"sqlite:///{folder}/tracking.db", self.uri)

    def close(self) -> None:
        """Lets other tests have their own environment."""
        for name in ("DATABRICKS_HOST", "DATABRICKS_TOKEN"):
            os.environ.pop(name, None)
        rest_utils.get_workspace_client.cache_clear()

    def add_schema(self, catalog: str) -> None:
        """Makes the test's schema in another catalog, too."""
        self.stand_in.add_schema(f"{catalog}.{self.schema}")

    def versions(self, name: str) -> list[int]:
        found = mlflow.MlflowClient().search_prompt_versions(name)
        return sorted(int(version.version) for version in found)

    def break_creation(self, name: str) -> None:
        self._refuse(lambda request: request.is_like("POST", "/unity-catalog/prompts", name))

    def break_alias(self, name: str, alias: str) -> None:
        self._refuse(lambda request: request.is_like("POST", f"/prompts/{name}/aliases/{alias}"))


def use_mlflow(tracking: str, registry: str) -> None:
    """Lets MLflow's own client work on a registry."""
    mlflow.set_tracking_uri(tracking)
    mlflow.set_registry_uri(registry)


def numbers_found(name: str) -> list[int]:
    """The numbers of a prompt's versions, found by a search."""
    filter_string = f"name = '{name}' AND tags.`mlflow.prompt.is_prompt` = 'true'"
    found = mlflow.MlflowClient().search_model_versions(filter_string, max_results=1000)
    return sorted(int(version.version) for version in found)


def requests_by_kind(requests: list[Request]) -> tuple[int, int]:
    """How many of them read, and how many write."""
    writes = sum(request.is_write for request in requests)
    return len(requests) - writes, writes
