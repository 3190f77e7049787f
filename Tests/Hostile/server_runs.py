"""Runs of the program against hostile servers, many at a time, and what holds of each."""

import json
import queue
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from hostile_server import Attack, Hostile, Script
from registry_backends import BACKENDS, NAMES, SCHEMA
from sandbox import Launcher, Sandbox

TEXTS = {"a": "Hello {{x}}", "b": "New {{x}}", "c": "Third {{x}}"}
JOB = f"""version: 1
job: hostile
catalog: main
schema: agents
aliases: [production]
prompts_dir: prompts
prompts: {{a: {{file: a.md}}, b: {{file: b.md}}, c: {{file: c.md}}}}
"""
# A job of what is registered, and a lock file with it.
REGISTERED = JOB.replace(", c: {file: c.md}", "")
WITHOUT_ALIASES = JOB.replace("[production]", "[]")
A, B = NAMES["a"], NAMES["b"]
LOCK = {
    "schema_version": 1, "job": "hostile", "target": None, "registry": "file:elsewhere", "workspace": None, "alias": None,
    "prompts": [
        {"name": letter, "full_name": NAMES[letter], "uri": f"prompts:/{NAMES[letter]}/2", "version": 2,
         "content_hash": f"sha256:{digest}", "commit": None, "dirty": None, "bundle": None}
        for letter, digest in [
            ("a", "3b996667ca9e3b5b28a4b7d5e8fb2e7a056d60b821eaa1e6e3ced7e3adda742e"),
            ("b", "c29737da77e10a23b2b2ddc90e6f24d30719fcd4b6f29bc35fedd336158ead11"),
        ]
    ],
}  # fmt: skip
ONE = f"prompts:/{A}@production"
COMMANDS = {
    "plan": ["plan", "job.yaml", "--report", "report.json"],
    "run": ["run", "job.yaml", "--report", "report.json", "--report", "report.md", "--report", "report.xml",
            "--report", "report.html"],
    "list": ["list", "--catalog", "main", "--schema", "agents"],
    "show": ["show", A],
    "load": ["load", ONE],
    "history": ["history", A],
    "promote": ["promote", A, B, "--from", "staging", "--to", "production", "--report", "report.json"],
    "rollback": ["rollback", A, "--alias", "staging", "--to", "1", "--report", "report.json"],
    "diff": ["diff", ONE, f"prompts:/{A}@staging"],
    "import": ["import", "--into", "imported", "--catalog", "main", "--schema", "agents"],
    "copy": ["copy", "--to", "file:copy", "--catalog", "main", "--schema", "agents", "--report", "report.json"],
    "doctor": ["doctor", "--catalog", "main", "--schema", "agents"],
    "lock": ["lock", "registered.yaml", "--lock", "made.lock.json"],
    "verify": ["verify", "--lock", "prompts.lock.json"],
    "bundle": ["bundle", "--lock", "prompts.lock.json", "--out", "bundle"],
    "pull": ["pull", "registered.yaml", "--force"],
}
TOKEN = 'S3cret-To"ken/of\\the+j&b=='
# What a run may end with whatever a server does. 2 would be of --detailed-exitcode, 65 of a wrong job, 75 of a plan.
CODES = {0, 1, 69, 77}
MEGABYTES = 300
OUTPUT = 1 << 20


@dataclass
class Case:
    """One run to be made."""

    attack: Attack
    kind: str = "mlflow"
    command: str = "run"
    timeout: str = "2s"
    # How long after its begin it gets which signal.
    signal: int = 0
    signal_after: float = 0.7
    seconds: float = 30
    on_connection: Script | None = None
    environment: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    job: str = JOB
    # How many megabytes it may take.
    megabytes: int = MEGABYTES
    # The address in place of the server's; {port} is its port.
    url: str = ""


@dataclass
class Ran:
    """A run that has ended."""

    case: Case
    code: int
    out: str
    err: str
    seconds: float
    kilobytes: int
    state: dict
    requests: list
    faults: list[str]
    reports: dict[str, str]

    def __str__(self) -> str:
        asked = "\n".join(f"{each.method} {each.path} {each.query} {each.body}"[:200] for each in self.requests[-25:])
        return (
            f"{self.case.command} on {self.case.kind}: exit {self.code} after {self.seconds:.2f} s, "
            f"{self.kilobytes >> 10} MB\n{self.out[-1500:]}\n{self.err[-2500:]}\nlast requests:\n{asked}"
        )

    @property
    def report(self) -> dict:
        return json.loads(self.reports["report.json"])


class Runs:
    """Runs cases, many at a time: most of them wait."""

    def __init__(self, program: Path, folder: Path, concurrency: int):
        self.program, self.folder = program, folder
        self.launchers: queue.SimpleQueue[Launcher] = queue.SimpleQueue()
        self.all = [Launcher() for _ in range(concurrency)]
        for launcher in self.all:
            self.launchers.put(launcher)
        self.pool = ThreadPoolExecutor(concurrency)
        self.count = 0

    def stop(self) -> None:
        """Ends it, once all have ended."""
        self.pool.shutdown(cancel_futures=True)
        for launcher in self.all:
            launcher.stop()

    def start(self, case: Case) -> Future[Ran]:
        """Begins a run."""
        self.count += 1
        return self.pool.submit(self.run, case, self.folder / str(self.count))

    def run(self, case: Case, folder: Path) -> Ran:
        """Makes a run, and checks what holds of all."""
        (folder / "prompts").mkdir(parents=True)
        (folder / "job.yaml").write_text(case.job)
        (folder / "registered.yaml").write_text(REGISTERED)
        (folder / "prompts.lock.json").write_text(json.dumps(LOCK))
        for letter, text in TEXTS.items():
            (folder / "prompts" / f"{letter}.md").write_text(text + "\n")
        server = Hostile(BACKENDS[case.kind](), case.attack, case.on_connection)
        launcher = self.launchers.get()
        try:
            answer = launcher.run(
                [str(self.program).encode(), *self.command(case, server)],
                folder,
                self.environment(case, server, folder),
                seconds=case.seconds,
                signal=case.signal,
                signal_after=case.signal_after,
            )
        finally:
            self.launchers.put(launcher)
            server.stop()
        out, err = answer["output"]
        reports = {each.name: each.read_bytes() for each in folder.glob("report.*")}
        ran = Ran(
            case,
            answer["code"],
            out.decode(errors="replace"),
            err.decode(errors="replace"),
            answer["seconds"],
            answer["kilobytes"],
            server.backend.state(),
            server.requests,
            server.faults,
            {name: content.decode(errors="replace") for name, content in reports.items()},
        )
        assert answer["in_time"], f"it ran longer than {case.seconds} s\n{ran}"
        assert not server.faults, f"the server itself failed: {server.faults}\n{ran}"
        assert ran.kilobytes < case.megabytes << 10, f"it took {ran.kilobytes >> 10} MB\n{ran}"
        for content in (out, err, *reports.values()):
            assert len(content) <= OUTPUT, f"it wrote {len(content)} bytes\n{ran}"
            Sandbox.checked(content)
        assert ran.code in CODES | ({128 + case.signal, -case.signal} if case.signal else set()), str(ran)
        if ran.code == 0 and "report.json" in reports:
            check_promises(ran)
        return ran

    def command(self, case: Case, server: Hostile) -> list[bytes]:
        address = "databricks-uc" if case.kind == "unity" else case.url.format(port=server.port) or server.url
        words = [*COMMANDS[case.command], "--timeout", case.timeout]
        if case.command == "load":
            words[1] = ONE
        flag = "--from" if case.command == "copy" else "--registry"
        return [word.encode() for word in [*words, flag, address, *case.arguments]]

    def environment(self, case: Case, server: Hostile, folder: Path) -> dict[str, bytes]:
        given = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        if case.kind == "unity":
            given |= {"DATABRICKS_HOST": case.url.format(port=server.port) or server.url, "DATABRICKS_TOKEN": TOKEN}
        else:
            given["MLFLOW_TRACKING_TOKEN"] = TOKEN
        given |= {name: value.format(port=server.port) for name, value in case.environment.items()}
        return {name: value.encode() for name, value in given.items()}


def check_promises(ran: Ran) -> None:
    """An exit code of 0 is a promise: the registry is as the report says."""
    report = ran.report
    assert report["status"] == "ok", str(ran)
    for prompt in report["prompts"] if report["mode"] == "run" and ran.case.command != "copy" else []:
        letter = prompt["full_name"][-1]
        stored = ran.state[f"{SCHEMA}.prompt_{letter}"]
        if prompt["action"] in ("create", "update"):
            assert stored["versions"].get(prompt["version"]) == TEXTS[letter], f"{prompt}\n{stored}\n{ran}"
        for alias in prompt["aliases"]:
            said = alias["version"]
            assert stored["aliases"].get(alias["alias"]) == said, f"{prompt}\n{stored}\n{ran}"
