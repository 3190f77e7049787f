"""What an agent pays for its prompts and its traces."""

import statistics
from pathlib import Path

from measuring import HERE, JOB, PYTHON, REPO, Figure, register, run, settle

MANIFEST = f"""// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "agent",
    dependencies: [.package(name: "promptreg", path: "{REPO}")],
    targets: [.executableTarget(name: "agent", dependencies: [.product(name: "PromptClient", package: "promptreg")])]
)
"""
NAME = "main.health_monitor_agent.prompt_cost_worker"


def traced_agent(folder: Path, quick: bool) -> list[Figure]:
    """(k) A traced function with one load and one step, and the load alone, on a folder."""
    sources = folder / "Sources" / "agent"
    sources.mkdir(parents=True)
    (folder / "Package.swift").write_text(MANIFEST)
    (sources / "main.swift").write_text((HERE / "TracedAgent.swift").read_text())
    # Kept between runs, so that only what changed is built.
    scratch = REPO / ".build" / "benchmark-agent"
    run(["swift", "build", "--package-path", str(folder), "--scratch-path", str(scratch), "-c", "release"])
    loads, calls, theirs = [], [], []
    for attempt in range(3 if quick else 7):
        registry = folder / f"registry-{attempt}"
        run(register(JOB, registry))
        settle()
        theirs.append(float(run([PYTHON, str(HERE / "traced_agent.py"), f"file:{registry}", NAME]).out))
        settle()
        load, call = run([str(scratch / "release" / "agent"), f"file:{registry}", NAME]).out.split()
        loads.append(float(load))
        calls.append(float(call))
    load, call, their = map(statistics.median, (loads, calls, theirs))
    what = "what the caller of a traced function pays, with one load and one step"
    return [
        Figure("k", what, f"{call / 1e3:.1f} us", f"MLflow {their / 1e3:.0f} us", f"{their / call:.0f}x", ">= 20x", their / call >= 20),
        Figure("k", "a load of a prompt that is kept", f"{load / 1e3:.2f} us", "", "", "<= 2 us", load <= 2_000),
    ]
