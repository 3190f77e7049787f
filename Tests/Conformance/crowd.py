"""Several runs at once on one registry, over a network each has a proxy of its own to."""

import json
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from fault_proxy import Fault, FaultProxy, Request
from invariants import Run
from jobs import JobFolder
from registries import Registry

Choose = Callable[[Request], Fault | None]


class Crowd:
    """Runs that are under way."""

    def __init__(self, registry: Registry, folder: Path):
        self.registry = registry
        self.folder = folder
        self.proxies: list[FaultProxy] = []
        self.processes: list[subprocess.Popen] = []
        # Whether all that was sent had taken effect when the last run ended.
        self.is_settled = True

    def start(self, job: JobFolder, *flags: str, choose: Choose = lambda request: None) -> subprocess.Popen:
        """Begins a run, whose requests `choose` spoils."""
        proxy = None
        if self.registry.proxy:
            proxy = FaultProxy(self.registry.proxy.upstream.geturl())
            proxy.choose = choose
            self.proxies.append(proxy)
        uri, environment = self.registry.through(proxy)
        number = len(self.processes)
        command = ["run", job.path, "--registry", uri, "--schema", self.registry.schema, "--report", self._report(number)]
        with self._log(number).open("w") as log:
            process = subprocess.Popen(
                [self.registry.program.path, *map(str, command), "--no-progress", "--verbose", *flags],
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def _report(self, number: int) -> Path:
        return self.folder / f"run-{number}.json"

    def _log(self, number: int) -> Path:
        return self.folder / f"run-{number}.log"

    def finish(self) -> list[Run]:
        """Waits for the runs, and for what their network still carries out; what became of each."""
        runs = []
        for number, process in enumerate(self.processes):
            try:
                code = process.wait(150)
            except subprocess.TimeoutExpired:
                for each in self.processes:
                    each.kill()
                raise AssertionError(f"run {number} does not end") from None
            is_killed = code == -signal.SIGKILL
            runs.append(Run(code, None if is_killed else json.loads(self._report(number).read_text())))
        self.is_settled = all(proxy.is_settled for proxy in self.proxies)
        for proxy in self.proxies:
            proxy.stop()
        return runs

    def story(self) -> str:
        """What each run said and sent, for failures."""
        told = []
        for number, process in enumerate(self.processes):
            told.append(f"--- run {number}, exit code {process.returncode}\n{self._log(number).read_text()}")
        for number, proxy in enumerate(self.proxies):
            told += [f"--- requests of run {number}", *map(str, proxy.requests)]
        return "\n".join(told)


class Gate:
    """Holds runs at the first request that matches, until all of them have come there."""

    def __init__(self, count: int, matches: Callable[[Request], bool]):
        self.barrier = threading.Barrier(count)
        self.matches = matches

    def choose(self) -> Choose:
        """What holds one of the runs."""
        has_passed = threading.Event()

        def choose(request: Request) -> Fault | None:
            if has_passed.is_set() or not self.matches(request):
                return None
            has_passed.set()
            return Fault("usual", before=self.wait)

        return choose

    def wait(self) -> None:
        """Waits for the others; one that has ended without coming here keeps nobody for long."""
        try:
            self.barrier.wait(5)
        except threading.BrokenBarrierError:
            return
