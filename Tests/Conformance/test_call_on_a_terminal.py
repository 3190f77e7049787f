"""`promptreg call` on a terminal: the answer is written as it comes."""

import json
import os
import pty
import subprocess

import pytest
from mlflow_registry import mlflow
from model_endpoints import LiteLLM, ScriptedEndpoint, Stream, said

USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
DONE = "data: [DONE]\n\n"


@pytest.fixture
def endpoint():
    """An endpoint that does what a test says."""
    scripted = ScriptedEndpoint()
    yield scripted
    scripted.shutdown()


class Terminal:
    """A call whose standard output is a terminal."""

    def __init__(self, promptreg, folder, url: str, key: str = ""):
        (folder / "a.md").write_text("Hello")
        self.master, slave = pty.openpty()
        flags = ["--endpoint", url, "--registry", f"file:{folder}/mlruns"]
        self.process = subprocess.Popen(
            [promptreg, "call", folder / "a.md", "--model", "small", *flags],
            stdout=slave, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env={**os.environ, "OPENAI_API_KEY": key},
        )  # fmt: skip
        os.close(slave)
        self.shown = ""

    def read(self, until: str | None = None) -> str:
        """All that is shown, up to a text or to the end."""
        while until is None or until not in self.shown:
            try:
                part = os.read(self.master, 4096)
            except OSError:  # The other end is closed.
                part = b""
            if not part:
                assert until is None, self.shown
                break
            self.shown += part.decode()
        return self.shown

    def end(self) -> tuple[int, str, str]:
        """How it ended, all that it showed, and its errors."""
        shown = self.read()
        errors = self.process.stderr.read().decode()
        return self.process.wait(timeout=60), shown.replace("\r\n", "\n"), errors


def test_text_is_shown_as_it_comes(promptreg, endpoint, folder, tmp_path):
    usage = f'data: {json.dumps({"choices": [], "usage": USAGE})}\n\n'
    last = Stream.bit("dré\n\x1b[31m👩")
    stream = Stream(": hello\n\n", Stream.bit("Hi, An"), Stream.PAUSE, last[:40], last[40:], usage, DONE)
    endpoint.answers = [(200, stream)]
    terminal = Terminal(promptreg, tmp_path, endpoint.url)
    # The first words are there before the others are sent.
    assert terminal.read(until="Hi, An")
    stream.goes_on.set()
    code, shown, errors = terminal.end()
    assert (code, shown, errors) == (0, "Hi, André\n\\u{1b}[31m👩\n", "")
    assert endpoint.asked[0]["stream"] is True and endpoint.asked[0]["stream_options"] == {"include_usage": True}
    (trace,) = mlflow.search_traces(locations=["0"], return_type="list")
    assert trace.info.token_usage["total_tokens"] == 10 and trace.data.spans[0].outputs == "Hi, André\n\x1b[31m👩"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([Stream.bit("Hi, ")], "broke off"),
        ([Stream.bit("Hi, "), 'data: {"error": {"message": "no GPU"}}\n\n', DONE], "ended with an error: no GPU"),
        ([Stream.bit("Hi, "), 'data: {"choi'], "broke off"),
    ],
)
def test_an_answer_that_ends_early_fails_and_is_not_asked_for_again(promptreg, endpoint, tmp_path, parts, told):
    endpoint.answers = [(200, Stream(*parts)), said("again")]
    code, shown, errors = Terminal(promptreg, tmp_path, endpoint.url).end()
    assert code != 0 and shown == "Hi, \n" and told in errors and len(endpoint.asked) == 1


def test_tools_and_refusals_are_told(promptreg, endpoint, tmp_path):
    call = '{"choices": [{"delta": {"tool_calls": [{"function": {"name": "search"}}]}, "finish_reason": "tool_calls"}]}'
    endpoint.answers = [(200, Stream(f"data: {call}\n\n", DONE))]
    code, shown, errors = Terminal(promptreg, tmp_path, endpoint.url).end()
    assert code != 0 and shown == "" and "the model wants tools to be called: search" in errors


@pytest.mark.parametrize("refusal", [400, 422])
def test_an_endpoint_that_does_not_stream_answers_at_once(promptreg, endpoint, tmp_path, refusal):
    endpoint.answers = [(refusal, {"error": {"message": "stream_options is unknown"}}), said("Hi")]
    assert Terminal(promptreg, tmp_path, endpoint.url).end() == (0, "Hi\n", "")
    assert "stream" not in endpoint.asked[1]
    endpoint.answers = [said("Hi", usage=USAGE)]
    assert Terminal(promptreg, tmp_path, endpoint.url).end() == (0, "Hi\n", "")


def test_what_fails_before_the_answer_is_tried_again(promptreg, endpoint, tmp_path):
    endpoint.answers = [(500, {"error": {"message": "no GPU"}}), (200, Stream(Stream.bit("Hi"), DONE))]
    assert Terminal(promptreg, tmp_path, endpoint.url).end() == (0, "Hi\n", "")


def test_litellm_streams(promptreg, tmp_path, tmp_path_factory):
    proxy = LiteLLM(tmp_path_factory.mktemp("litellm"))
    code, shown, errors = Terminal(promptreg, tmp_path, proxy.url, proxy.key).end()
    proxy.stop()
    assert (code, shown, errors) == (0, "It is 42.\n", "")


def test_a_stream_that_was_cut_off_is_told(promptreg, endpoint, folder, tmp_path):
    last = {"choices": [{"index": 0, "delta": {}, "finish_reason": "length"}]}
    endpoint.answers = [(200, Stream(Stream.bit("Once upon a"), f"data: {json.dumps(last)}\n\n", DONE))]
    code, shown, errors = Terminal(promptreg, tmp_path, endpoint.url).end()
    assert code == 0 and shown == "Once upon a\n" and "warning: the answer is not whole" in errors
