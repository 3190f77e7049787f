"""A Swift agent, in a package of its own that depends on this one, loads what promptreg registered in each registry."""

from pathlib import Path

from agent_package import run
from jobs import JobFolder
from mlflow_registry import mlflow

REPO = Path(__file__).resolve().parents[2]


def ask(agent: Path, registry, *names: str) -> list[str]:
    """What the agent prints of some prompts."""
    return run(agent / "agent", registry, *names)


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
    template = (REPO / "prompts/cost_worker.md").read_text()
    answer = "\n".join(run(agent / "example", folder)) + "\n"
    assert answer == template.replace("{{query}}", "What did last week cost?").replace("{{data}}", "…")


def test_the_further_examples_of_the_readme_are_traced(agent, folder):
    folder.run(REPO / "jobs/health_monitor.yaml")
    assert '"role": "user"' in run(agent / "examples", folder)[-1]
    traces = {each.data.spans[0].name: each for each in mlflow.search_traces(locations=["0"], return_type="list")}
    assert set(traces) == {"agent_predict", "model"} and traces["model"].info.token_usage["total_tokens"] == 10


def test_an_agent_goes_on_without_a_registry(agent, server):
    server.uri = "http://127.0.0.1:9"
    lines = ask(agent, server, "greet@production")
    assert lines[:2] == [f'main.{server.schema}.prompt_greet 0 [] ["x"]', "Fallback <x>"]
    assert lines[2].startswith("unreachable: nothing answers at http://127.0.0.1:9")
