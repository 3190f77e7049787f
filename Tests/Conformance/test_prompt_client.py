"""A Swift agent, in a package of its own that depends on this one, loads what promptreg registered in each registry."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from jobs import JobFolder

REPO = Path(__file__).resolve().parents[2]
MANIFEST = """// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "agent",
    dependencies: [.package(name: "promptreg", path: "PATH")],
    targets: ["agent", "example"].map { name in
        .executableTarget(name: name, dependencies: [.product(name: "PromptClient", package: "promptreg")])
    }
)
"""
AGENT = """import PromptClient

let client = try PromptClient()
for name in CommandLine.arguments.dropFirst() {
    let prompt = await client.load(name, fallback: "Fallback {{x}}")
    print("\\(prompt.name) \\(prompt.version ?? 0) \\(prompt.aliases) \\(prompt.variables)")
    print(try prompt.render(Dictionary(uniqueKeysWithValues: prompt.variables.map { ($0, "<\\($0)>") })))
}
do throws(PromptClientError) {
    _ = try await client.load("nobody@production")
} catch {
    print("\\(error.code): \\(error.message)")
}
"""


@pytest.fixture(scope="session", params=["debug", "release"])
def agent(request, tmp_path_factory) -> Path:
    """The agent's program, and beside it the README's example."""
    folder = tmp_path_factory.mktemp("agent")
    (folder / "Package.swift").write_text(MANIFEST.replace("PATH", str(REPO)))
    example = re.search(r"```swift\n(.*?)```", (REPO / "README.md").read_text(), re.DOTALL).group(1)
    for name, source in (("agent", AGENT), ("example", example + "print(text)\n")):
        (folder / "Sources" / name).mkdir(parents=True)
        (folder / "Sources" / name / "main.swift").write_text(source)
    # Kept between runs, so that only what changed is built.
    scratch = REPO / ".build" / "agent"
    build = ["swift", "build", "--package-path", folder, "--scratch-path", scratch, "-c", request.param]
    done = subprocess.run(build, capture_output=True, text=True, timeout=1_200)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("agent", "example"):
        shutil.copy(scratch / request.param / name, folder / name)
    return folder / "agent"


def ask(agent: Path, registry, *names: str) -> list[str]:
    """What the agent prints of some prompts."""
    environment = {"PATH": os.environ["PATH"], "MLFLOW_REGISTRY_URI": registry.uri, **registry.environment}
    environment |= {"AGENT_CATALOG": "main", "AGENT_SCHEMA": registry.schema}
    done = subprocess.run(
        [agent, *names], env=environment, capture_output=True, text=True, timeout=60, cwd=agent.parent
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


def test_an_agent_loads_what_is_registered(agent, any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=any_registry.schema)
    job.add("greet", "Hello {{name}}, {{name}}!")
    any_registry.run(job.write())
    job.add("greet", "Good day, {{name}}.")
    any_registry.run(job.write(), "--alias", "staging")
    full = f"main.{any_registry.schema}.prompt_greet"
    assert ask(agent, any_registry, "greet@production", f"prompts:/{full}@staging", "greet/1", "gone@production") == [
        f'{full} 1 ["production"] ["name"]',
        "Hello <name>, <name>!",
        f'{full} 2 ["staging"] ["name"]',
        "Good day, <name>.",
        f'{full} 1 [] ["name"]',
        "Hello <name>, <name>!",
        f'main.{any_registry.schema}.prompt_gone 0 [] ["x"]',
        "Fallback <x>",
        f"notFound: there is no prompt 'main.{any_registry.schema}.prompt_nobody' in {place(any_registry)}",
    ]


def place(registry) -> str:
    """The registry as messages name it."""
    if registry.kind == "unity":
        return f"databricks-uc ({registry.proxy.url})"
    return registry.uri


def test_the_example_of_the_readme(agent, folder):
    folder.run(REPO / "jobs/health_monitor.yaml")
    environment = {"PATH": os.environ["PATH"], "MLFLOW_REGISTRY_URI": folder.uri}
    environment |= {"AGENT_CATALOG": "main", "AGENT_SCHEMA": folder.schema}
    example = agent.parent / "example"
    done = subprocess.run([example], env=environment, capture_output=True, text=True, timeout=60, check=True)
    template = (REPO / "prompts/cost_worker.md").read_text()
    assert done.stdout == template.replace("{{query}}", "What did last week cost?").replace("{{data}}", "…")


def test_an_agent_goes_on_without_a_registry(agent, server):
    server.uri = "http://127.0.0.1:9"
    lines = ask(agent, server, "greet@production")
    assert lines[:2] == [f'main.{server.schema}.prompt_greet 0 [] ["x"]', "Fallback <x>"]
    assert lines[2].startswith("unreachable: nothing answers at http://127.0.0.1:9")
