"""What a server answered some time ago, as a cache or a replica behind it goes on telling."""

import json
import threading
import time
from dataclasses import dataclass
from datetime import datetime

Answer = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True)
class Asked:
    """A request as it goes to the server."""

    method: str
    path: str
    headers: dict[str, str]
    raw: bytes


class Past:
    """The answers to reads, by what was asked."""

    def __init__(self):
        self.answers: dict[tuple, list[tuple[float, Answer]]] = {}
        self.lock = threading.Lock()

    def answer(self, asked: Asked, fresh: Answer, age: float) -> Answer:
        """Remembers a fresh answer; returns the one that there was `age` seconds ago."""
        with self.lock:
            known = self.answers.setdefault((asked.method, asked.path, asked.raw), [])
            known.append((time.monotonic(), fresh))
            if not age:
                return fresh
            old = [answer for at, answer in known[:-1] if at <= time.monotonic() - age]
        return old[-1] if old else without_what_is_new(fresh, age)


def without_what_is_new(answer: Answer, age: float) -> Answer:
    """An answer without the versions that were made in the last seconds."""
    status, headers, body = answer
    try:
        page = json.loads(body)
    except ValueError:
        return answer
    for key in ("model_versions", "prompt_versions"):
        if key in page:
            page[key] = [version for version in page[key] if made_at(version) <= time.time() - age]
            body = json.dumps(page).encode()
    return status, headers, body


def made_at(version: dict) -> float:
    """When a version was made, in seconds; MLflow says it in milliseconds, Unity Catalog as a date."""
    told = version["creation_timestamp"]
    try:
        return int(told) / 1000
    except ValueError:
        return datetime.fromisoformat(told).timestamp()
