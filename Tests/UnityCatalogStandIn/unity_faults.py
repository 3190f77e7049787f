"""What goes wrong on purpose."""

import re
import threading
from dataclasses import dataclass, field


@dataclass
class Fault:
    """A failure for the next requests that match.

    `effect` says whether the call is carried out; `answer` is what the client gets: `normal`, `error` (the status and
    a JSON error), `html` (the status and a page), `truncated` (half of the JSON), `cut` (the connection ends in the
    middle of the body) or `drop` (the connection ends without an answer).
    """

    method: str = ".*"
    path: str = ".*"
    # How many matching requests pass first, and how many fail then; -1 is all.
    skip: int = 0
    times: int = 1
    effect: bool = False
    answer: str = "error"
    status: int = 500
    code: str = "INTERNAL_ERROR"
    message: str = "An internal error occurred."
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0


class Faults:
    """The failures that are still to come."""

    def __init__(self):
        self.waiting: list[Fault] = []
        self.lock = threading.Lock()

    def add(self, values: list[dict]) -> None:
        with self.lock:
            self.waiting += [Fault(**each) for each in values]

    def clear(self) -> None:
        with self.lock:
            self.waiting = []

    def next(self, method: str, path: str) -> Fault | None:
        """The failure that this request meets."""
        with self.lock:
            for fault in self.waiting:
                if fault.times == 0 or not re.fullmatch(fault.method, method) or not re.search(fault.path, path):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                return fault
        return None
