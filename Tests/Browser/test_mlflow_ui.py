"""MLflow's own pages, as a server serves them, show which version of a prompt a trace of PromptClient belongs to."""

import pytest
from jobs import JobFolder
from model_endpoints import ScriptedEndpoint, said
from playwright.sync_api import expect

# A server that was just started takes its time.
MILLISECONDS = 60_000
VIEW = {"width": 1500, "height": 1000}


@pytest.fixture(scope="module")
def called(program, mlflow_server, tmp_path_factory):
    """A prompt with two versions, of which the first one was called: its name, and what the call printed."""
    endpoint = ScriptedEndpoint()
    endpoint.answers = [said("It is 42.", usage={"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10})]
    job = JobFolder(tmp_path_factory.mktemp("ui") / "job", aliases=["production"])
    registry = ["--registry", mlflow_server.url]
    job.add("greet", "Hello {{name}}")
    program("run", job.write(), *registry)
    name = job.full_name("greet")
    flags = ["--endpoint", endpoint.url, "--model", "small", "--experiment", "ui", "--format", "json"]
    ended = program("call", f"{name}@production", "--set", "name=Ada", *registry, *flags)
    job.add("greet", "Good day {{name}}")
    program("run", job.path, *registry)
    endpoint.shutdown()
    endpoint.server_close()
    return name, ended.report


def test_a_trace_names_the_prompt_that_is_linked(browser, called):
    name, report = called
    with browser.page(report["trace"]["url"], viewport=VIEW) as (page, _, _):
        page.set_default_timeout(MILLISECONDS)
        # By text and not by role: a hint of MLflow's hides the rest from assistive technology.
        page.get_by_text("1 linked prompt").click()
        expect(page.get_by_text("Linked prompts", exact=True)).to_be_visible()
        expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
        link = page.locator("a[href*='/prompts/']", has_text=name)
        # It leads to the version that was called, not to the newest one.
        assert link.get_attribute("href").endswith(f"/prompts/{name}?promptVersion=1")


def test_the_page_of_a_prompt_lists_its_traces(browser, called):
    name, report = called
    # Outside of an experiment the page has no traces.
    experiment = report["trace"]["url"].split("/traces?")[0]
    with browser.page(f"{experiment}/prompts/{name}?promptVersion=1", viewport=VIEW) as (page, _, _):
        page.set_default_timeout(MILLISECONDS)
        expect(page.get_by_text("Viewing version 1")).to_be_visible(timeout=MILLISECONDS)
        page.locator("label", has=page.locator("input[value='traces']")).click()
        # The page goes on with the newest version, which nobody has called.
        expect(page.get_by_text("No traces found.")).to_be_visible(timeout=MILLISECONDS)
        # A hint for newcomers lies over everything.
        page.get_by_text("Got it").click()
        page.get_by_text("Version 1", exact=True).click()
        expect(page.get_by_text(report["trace"]["id"])).to_be_visible(timeout=MILLISECONDS)
        expect(page.get_by_text("It is 42.")).to_be_visible()
