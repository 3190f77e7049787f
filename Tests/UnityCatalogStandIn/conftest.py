"""The stand-in as a fixture."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

SERVER = Path(__file__).parent / "unity_server.py"


class StandIn:
    """A running stand-in for one workspace."""

    def __init__(self, url: str):
        self.url = url

    def control(self, method: str, what: str, value=None):
        """Asks the stand-in itself for something."""
        return self.call(method, f"/_control/{what}", value)

    def call(self, method: str, path: str, value=None, headers: dict | None = None):
        """Sends a request; raises `HTTPError` when it is refused."""
        body = value if isinstance(value, bytes) else None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.url + path, body, headers or {}, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
            return json.load(answer)


@pytest.fixture(scope="session")
def first_stand_in():
    """A stand-in, which begins others."""
    process = subprocess.Popen([sys.executable, SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    yield StandIn(json.loads(process.stdout.readline())["url"])
    process.communicate("")


@pytest.fixture
def stand_in(first_stand_in):
    """A stand-in with the schema main.agents, whose token is `token`, in pages of two."""
    return StandIn(first_stand_in.control("POST", "workspaces", {"page_size": 2})["url"])
