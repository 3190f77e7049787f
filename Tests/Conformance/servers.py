"""The servers that the tests start: a real MLflow server, and a stand-in for Databricks."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

STAND_IN = Path(__file__).parent.parent / "UnityCatalogStandIn" / "unity_server.py"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """A port that nothing uses just now, and that nobody is given by chance: it is below those that Linux gives."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class ServerProcess:
    """A server on this machine, in a process group of its own, which answers at `health` once it is up."""

    def __init__(self, command: list, folder: Path, health: str, environment: dict[str, str]):
        self.log = folder / "log"
        self.health = health
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait()

    def _wait(self) -> None:
        for _ in range(600):
            try:
                with DIRECT.open(self.health, timeout=5):
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


class MLflowServer(ServerProcess):
    """A real MLflow server with several workers as it has in production, and no jobs of its own.

    What it holds is in SQLite, or in the database whose address is `store`.
    """

    def __init__(
        self,
        folder: Path,
        python: str = sys.executable,
        store: str = "",
        workers: int = 2,
        options: list[str] = (),
        health: str = "",
    ):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [
            *(python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port)),
            *("--backend-store-uri", store or f"sqlite:///{folder}/mlflow.db", "--workers", str(workers)),
            *options,
        ]
        environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
        super().__init__(command, folder, f"{self.url}{health}/health", environment)


class Workspace:
    """A Databricks workspace, as the stand-in has it."""

    def __init__(self, url: str):
        self.url = url

    def control(self, what: str, value=None, url: str = ""):
        """Tells the stand-in something, or asks it where there is no value; or another workspace of its."""
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(f"{url or self.url}/_control/{what}", body)
        with DIRECT.open(request) as answer:
            return json.load(answer)

    def add_schema(self, name: str) -> None:
        """Makes a schema that prompts can be registered in."""
        self.control("schemas", [name])

    def another(self, **config) -> "Workspace":
        """A workspace that shares nothing with this one."""
        return Workspace(self.control("workspaces", config)["url"])


class UnityCatalogStandIn(Workspace):
    """The stand-in for a Databricks workspace."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, STAND_IN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        super().__init__(json.loads(self.process.stdout.readline())["url"])

    def stop(self) -> None:
        """Ends it."""
        self.process.communicate("")
