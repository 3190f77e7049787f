"""What all measurements share: running processes, jobs to run, and how figures are shown."""

import contextlib
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parent.parent
PROMPTREG = str(REPO / ".build" / "release" / "promptreg")
PYTHON = str(REPO / ".build" / "venv" / "bin" / "python")
JOB = str(REPO / "jobs" / "health_monitor.yaml")
SHIPPED = sorted(str(path) for path in (REPO / "prompts").glob("*.md"))


@dataclass
class Ran:
    """One process that has ended."""

    seconds: float
    processor_seconds: float
    megabytes: float
    out: str


@dataclass
class Figure:
    """One line of the table."""

    letter: str
    what: str
    ours: str
    theirs: str
    ratio: str
    target: str
    passed: bool


# The system counts the memory of whoever starts a process as the most of that process, so that a small one has to.
STARTER = """
import os, sys, time
report = int(sys.argv[1])
os.set_inheritable(report, False)
start = time.perf_counter()
process = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(process, 0)
figures = time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
os.write(report, " ".join(map(str, (os.waitstatus_to_exitcode(status), *figures))).encode())
"""


def run(command: list[str], cwd: Path | None = None, given: str = "") -> Ran:
    """Runs a process with some input and measures all of it, from its start to its end."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "GITHUB_"))}
    with contextlib.ExitStack() as files:
        into, out, err, report = (files.enter_context(tempfile.TemporaryFile()) for _ in range(4))
        into.write(given.encode())
        into.seek(0)
        subprocess.run(
            [sys.executable, "-IS", "-c", STARTER, str(report.fileno()), *command],
            cwd=cwd, env=environment, stdin=into, stdout=out, stderr=err, pass_fds=[report.fileno()], check=True,
        )  # fmt: skip
        out.seek(0)
        err.seek(0)
        report.seek(0)
        code, *figures = report.read().split()
        if int(code) != 0:
            sys.exit(f"{' '.join(command)[:300]} ended with {int(code)}\n{err.read().decode()[-3000:]}")
        return Ran(*map(float, figures), out.read().decode(errors="replace"))


def median(runs: list[Ran]) -> float:
    return statistics.median(run.seconds for run in runs)


def shown(seconds: float) -> str:
    """A time in the unit that suits it."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def spread(runs: list[Ran]) -> str:
    """The median with the range around it."""
    return spread_of([run.seconds for run in runs])


def spread_of(times: list[float]) -> str:
    """The median of some seconds with the range around it."""
    return f"{shown(statistics.median(times))} ({shown(min(times))} to {shown(max(times))})"


def register(job: str, registry: Path | str, *flags: str, program: str = PROMPTREG) -> list[str]:
    """The command of a run, on a folder or a server."""
    address = registry if isinstance(registry, str) else f"file:{registry}"
    return [program, "run", job, "--registry", address, "--quiet", "--no-progress", *flags]


def written_job(folder: Path, count: int, described: bool = True) -> str:
    """A job of prompts like the shipped ones, of about 2 KB each, all different, with tags and descriptions or not."""
    source = random.Random(1)
    lines = [line for file in SHIPPED for line in Path(file).read_text().splitlines() if line and "{{" not in line]
    prompts = folder / "prompts"
    prompts.mkdir(parents=True)
    spec = ["version: 1", "job: health_monitor", "catalog: main", "schema: health_monitor_agent"]
    spec += ["aliases: [production, staging]", "prompts_dir: prompts", "prompts:"]
    for number in range(count):
        text = f"# Prompt {number}\n\n{{{{query}}}}\n\n{{{{data}}}}\n\n"
        while len(text) < 2_000:
            text += source.choice(lines) + "\n"
        (prompts / f"p{number}.md").write_text(text)
        spec += [f"  p{number}:", f"    file: p{number}.md", "    variables: [query, data]"]
        if described:
            spec += ["    tags: {role: worker, domain: cost}", f"    description: What prompt {number} is for."]
    job = folder / "job.yaml"
    job.write_text("\n".join(spec) + "\n")
    return str(job)


@contextlib.contextmanager
def folder_in_memory() -> Iterator[Path]:
    """A folder that no disk has a part in, where the machine has such."""
    memory = "/dev/shm"
    folder = tempfile.mkdtemp(prefix="promptreg-benchmark-", dir=memory if os.access(memory, os.W_OK) else None)
    try:
        yield Path(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def settle() -> None:
    """Writes out what earlier measurements left, so that it does not count for this one."""
    os.sync()
