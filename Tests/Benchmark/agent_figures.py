"""What an agent pays for its prompts and its traces."""

import statistics
from pathlib import Path

from measuring import HERE, JOB, PYTHON, REPO, Figure, folder_in_memory, register, run, settle
from server_figures import fresh_server

MANIFEST = f"""// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "agent",
    dependencies: [.package(name: "promptreg", path: "{REPO}")],
    targets: ["agent", "exporter"].map {{ name in
        .executableTarget(name: name, dependencies: [.product(name: "PromptClient", package: "promptreg")])
    }}
)
"""
PROGRAMS = {"agent": "TracedAgent.swift", "exporter": "ExportedTraces.swift"}
# Kept between runs, so that only what changed is built.
SCRATCH = REPO / ".build" / "benchmark-agent"
NAME = "main.health_monitor_agent.prompt_cost_worker"


def build(folder: Path) -> None:
    """Builds the agents that are measured."""
    for name, source in PROGRAMS.items():
        sources = folder / "Sources" / name
        sources.mkdir(parents=True)
        (sources / "main.swift").write_text((HERE / source).read_text())
    (folder / "Package.swift").write_text(MANIFEST)
    run(["swift", "build", "--package-path", str(folder), "--scratch-path", str(SCRATCH), "-c", "release"])


def agents(folder: Path, quick: bool) -> list[Figure]:
    """(k) What a traced function costs its caller, and how fast traces are stored."""
    build(folder)
    return traced_agent(folder, quick) + exported_traces(folder, quick)


def traced_agent(folder: Path, quick: bool) -> list[Figure]:
    """A traced function with one load and one step, and the load alone, on a folder."""
    loads, calls, theirs = [], [], []
    for attempt in range(3 if quick else 7):
        registry = folder / f"registry-{attempt}"
        run(register(JOB, registry))
        settle()
        theirs.append(float(run([PYTHON, str(HERE / "traced_agent.py"), f"file:{registry}", NAME]).out))
        settle()
        load, call = run([str(SCRATCH / "release" / "agent"), f"file:{registry}", NAME]).out.split()
        loads.append(float(load))
        calls.append(float(call))
    load, call, their = map(statistics.median, (loads, calls, theirs))
    what = "what the caller of a traced function pays, with one load and one step"
    return [
        Figure("k", what, f"{call / 1e3:.1f} us", f"MLflow {their / 1e3:.0f} us", f"{their / call:.0f}x", ">= 20x", their / call >= 20),
        Figure("k", "a load of a prompt that is kept", f"{load / 1e3:.2f} us", "", "", "<= 2 us", load <= 2_000),
    ]


def exported_traces(folder: Path, quick: bool) -> list[Figure]:
    """2,000 traces to a server, whose database lies in memory. The contenders take turns, each on a server to itself."""
    ours, theirs = [], []
    bare = [PYTHON, str(HERE / "bare_exporter.py")]
    for _ in range(1 if quick else 3):
        for times in (theirs, ours):
            with folder_in_memory() as data, fresh_server(data) as url:
                run(register(JOB, url))
                uri = f"prompts:/{NAME}@production"
                program = [str(SCRATCH / "release" / "exporter"), url, uri] if times is ours else [*bare, url, NAME]
                times.append(float(run(program).out))
    our, their = map(statistics.median, (ours, theirs))
    what = "2,000 linked traces stored on a server"
    ratio = their / our
    return [Figure("k", what, f"{2_000 / our:.0f}/s", f"a bare client {2_000 / their:.0f}/s", f"{ratio:.2f}x", ">= 0.8x", ratio >= 0.8)]
