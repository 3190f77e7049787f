"""The pages that `--report FILE.html` writes, in a real browser."""

import functools
import http.server
import threading
import time

import pytest
from jobs import JobFolder
from model_endpoints import AnsweringEndpoint, ScriptedEndpoint, said
from pages import complaints

PAGES = ["run.html", "plan.html", "promoted.html", "failed.html", "wrong.html", "traces.html", "try.html"]
WHITE = "rgb(255, 255, 255)"
TEXT = "Answer the question about {{{{topic}}}} in {} sentences.\nBe kind.\n"


@pytest.fixture(scope="module")
def folder(program, tmp_path_factory):
    """The reports of a job: it is run, changed, planned, run, promoted, and then fails."""
    folder = tmp_path_factory.mktemp("pages")
    job = JobFolder(folder / "job", aliases=["staging"])
    job.add("answer", TEXT.format("three"), description="Answers.", model_config={"temperature": 0.2})
    job.add("chat", [{"role": "system", "content": "Help."}, {"role": "user", "content": "{{q}}"}])
    job.add("steady", "This one stays.\n")
    registry = folder / "mlruns"

    def report(command: str, page: str, *arguments, code: int = 0) -> None:
        where = ["--registry", f"file:{registry}", "--report", folder / page]
        program(command, job.path, *arguments, *where, code=code)

    job.write()
    report("run", "run.html")
    report("promote", "promoted.html", "--from", "staging", "--to", "production")
    traces(program, folder, job.full_name("answer"))
    job.add("answer", TEXT.format("five") + "<script>alert(1)</script>\n", model_config={"temperature": 0.7})
    job.add("chat", [{"role": "system", "content": "Help now."}, {"role": "user", "content": "{{q}}"}])
    job.add("new", "A new one for {{topic}}.\n")
    job.write()
    report("plan", "plan.html")
    report("run", "run-2.html")
    tried(program, folder, job)
    report("promote", "promoted.html", "--from", "staging", "--to", "production")
    job.add("steady", "It changes.\n")
    job.write()
    (registry / "models" / job.full_name("chat") / "meta.yaml").write_text("{")
    report("run", "failed.html", code=1)
    job.path.write_text(job.path.read_text() + "unknown: 1\n")
    report("run", "wrong.html", code=65)
    return folder


def traces(program, folder, name: str) -> None:
    """The report of what a prompt's traces say, of which there is one."""
    registry = ["--registry", f"file:{folder / 'mlruns'}"]
    endpoint = ScriptedEndpoint()
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10, "cost": 0.002}
    endpoint.answers = [said("It is 42.", usage=usage)] * 2
    flags = ["--endpoint", endpoint.url, "--model", "small"]
    for _ in range(2):
        program("call", f"{name}@production", "--set", "topic=x", *registry, *flags)
        # So far apart that they are drawn apart.
        time.sleep(1.1)
    endpoint.shutdown()
    endpoint.server_close()
    program("traces", name, *registry, "--report", folder / "traces.html")


def tried(program, folder, job) -> None:
    """The report of a case that the new version no longer passes."""
    endpoint = AnsweringEndpoint(lambda body: "short <b>" if "five" in body["messages"][-1]["content"] else "It is 42.")
    cases = '- {name: the answer, prompt: answer, values: {topic: life}, checks: {contains: "42"}}\n'
    (folder / "cases.yaml").write_text(cases)
    flags = ["--endpoint", endpoint.url, "--model", "small", "--registry", f"file:{folder / 'mlruns'}", "--no-trace"]
    program("try", job.path, "--cases", folder / "cases.yaml", *flags, "--report", folder / "try.html", code=1)
    endpoint.shutdown()
    endpoint.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_a_page_which_asks_for_nothing(browser, folder, name, scheme):
    url = (folder / name).as_uri()
    with browser.page(url, color_scheme=scheme) as (page, said, asked):
        # Those who fold everything out see no less.
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert complaints(page) == []
        assert said == [] and asked == [url]
        # The style sheet counts: its hash is right, and it knows the scheme.
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (background == WHITE) == (scheme == "light")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_plan_says_what_would_change(browser, folder):
    with browser.page((folder / "plan.html").as_uri()) as (page, _, _):
        assert page.title() == "promptreg: plan for generated" == page.locator("h1").inner_text()
        main = page.locator("main")
        text = main.inner_text()
        # The numbers come first.
        assert text.startswith("Summary\n1 to create\n2 to update\n0 to retag\n1 unchanged\n3 aliases to set or move\n")
        assert "This is a plan: nothing was written to the registry." in text
        block = page.locator("details", has=page.locator("h3", has_text="answer"))
        assert block.locator("del").all_inner_texts() == ["three", "2"]
        assert block.locator("ins").all_inner_texts() == ["five", "<script>alert(1)</script>", "7"]
        row = block.get_by_role("row", name="staging")
        assert row.get_by_role("cell").all_inner_texts() == ["v1", "v2", "move"]
        # Nothing of what was not changed is in the way.
        assert page.locator("details").count() == 3
        assert not page.get_by_text("A new one for {{topic}}.").is_visible()


def test_a_keyboard_is_enough(browser, folder):
    with browser.page((folder / "plan.html").as_uri()) as (page, _, _):
        new = page.locator("details", has=page.locator("h3", has_text="new"))
        new.locator("summary").focus()
        page.keyboard.press("Enter")
        assert page.get_by_text("A new one for {{topic}}.").is_visible()
        page.get_by_role("link", name="new").focus()
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#" + new.get_attribute("id")
        headings = page.get_by_role("heading", level=2).all_inner_texts()
        assert headings == ["Summary", "Prompts", "Changes"]
        for landmark in ("banner", "main"):
            assert page.get_by_role(landmark).count() == 1
        assert page.get_by_role("region", name="Summary").count() == 1
        assert page.get_by_role("rowheader", name="answer").count() == 1


def test_on_paper_everything_is_there_and_white(browser, folder):
    with browser.page((folder / "plan.html").as_uri(), color_scheme="dark") as (page, said, _):
        page.emulate_media(media="print")
        assert page.get_by_text("A new one for {{topic}}.").bounding_box()["height"] > 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == WHITE
        assert page.evaluate("getComputedStyle(document.querySelector('del')).textDecorationLine") == "line-through"
        assert page.pdf().startswith(b"%PDF") and said == []


def test_what_was_done_and_what_failed(browser, folder):
    with browser.page((folder / "promoted.html").as_uri()) as (page, _, _):
        assert page.locator("h1").inner_text() == "promptreg: promote generated done"
        assert "Successfully promoted: 3" in page.locator("main").inner_text()
        block = page.locator("details", has=page.locator("h3", has_text="answer"))
        assert block.locator("ins").all_inner_texts() == ["five", "<script>alert(1)</script>", "7"]
        assert block.get_by_role("row", name="production").get_by_role("cell").all_inner_texts() == ["v1", "v2", "ok"]
    with browser.page((folder / "failed.html").as_uri()) as (page, _, _):
        assert page.locator("h1").inner_text() == "promptreg: generated failed"
        errors = page.get_by_role("region", name="Errors").inner_text()
        assert "chat" in errors and "meta.yaml" in errors and "help:" in errors


def test_what_traces_say(browser, folder):
    with browser.page((folder / "traces.html").as_uri()) as (page, _, _):
        assert page.get_by_role("img", name="Latency of main.tests.prompt_answer (ms)").locator("rect").count() == 3
        figures = page.locator("details", has_text="Tokens of main.tests.prompt_answer”")
        figures.locator("summary").click()
        assert figures.get_by_role("row").all_inner_texts() == ["Version\tinput\toutput", "v1\t7\t3"]
        line = page.get_by_role("img", name="Tokens of main.tests.prompt_answer over time (mean)")
        assert line.locator("circle").count() == 2


def test_what_cases_say(browser, folder):
    with browser.page((folder / "try.html").as_uri()) as (page, _, _):
        text = page.locator("body").inner_text()
        assert "0 of 1 case passed, 1 regression" in text and "the answer" in text
        assert "short <b>" in text


def test_the_policy_lets_nothing_out(browser, folder):
    """Even a script that got into the page could tell nobody."""
    reached = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            reached.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=functools.partial(listener.serve_forever, 0.05), daemon=True).start()
    url = f"http://127.0.0.1:{listener.server_address[1]}/out"
    with browser.page((folder / "plan.html").as_uri()) as (page, said, _):
        told = page.evaluate(
            """async url => {
                document.body.insertAdjacentHTML("beforeend", `<img src="${url}"><link rel="stylesheet" href="${url}">
                    <form action="${url}"><input name="x"></form><b style="position:fixed">x</b>
                    <iframe src="${url}"></iframe><b onmouseover="document.title = 1">over</b>`);
                document.forms[0].submit();
                document.querySelector("b[onmouseover]").dispatchEvent(new Event("mouseover"));
                const script = document.createElement("script");
                script.textContent = "document.title = 1";
                document.body.append(script);
                return await fetch(url).then(() => "fetched", error => String(error));
            }""",
            url,
        )
        assert "Failed to fetch" in told
        page.wait_for_timeout(300)
        assert reached == [] and page.title() != "1"
        assert page.evaluate("getComputedStyle(document.querySelector('body > b')).position") == "static"
        assert any("Content Security Policy" in line for line in said)
    listener.shutdown()
    listener.server_close()
