"""Endpoints of models: LiteLLM's proxy, and one that misbehaves."""

import json
import os
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from servers import ServerProcess, free_port

LITELLM = Path(__file__).resolve().parents[2] / ".build" / "litellm" / "bin" / "python"
CONFIG = """model_list:
  - model_name: small
    litellm_params: {model: openai/gpt-4o-mini, api_key: none, mock_response: "It is 42."}
"""


class LiteLLM(ServerProcess):
    """LiteLLM's proxy, whose only model always gives the same answer."""

    def __init__(self, folder: Path):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.key = "sk-" + secrets.token_hex(24)
        (folder / "config.yaml").write_text(CONFIG)
        environment = {**os.environ, "LITELLM_MASTER_KEY": self.key, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        command = "from litellm import run_server; run_server()"
        arguments = ["--config", folder / "config.yaml", "--host", "127.0.0.1", "--port", str(port)]
        super().__init__(
            [LITELLM, "-c", command, *arguments], folder, f"{self.url}/health/liveliness", environment
        )


class ScriptedEndpoint(ThreadingHTTPServer):
    """Gives the answers that it is told to, one after the other, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/v1"
        # The status and the body of each, and further headers.
        self.answers: list[tuple] = []
        self.asked: list[dict] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    server: ScriptedEndpoint

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status, body, *headers = self.server.answers.pop(0)
        if isinstance(body, Stream):
            return self.stream(status, body)
        content = json.dumps(body).encode() if body is not None else b"{"
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        # What is cut off is longer than what comes.
        self.send_header("Content-Length", str(len(content) + (100 if body is None else 0)))
        self.end_headers()
        self.wfile.write(content)


    def stream(self, status: int, body: "Stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for part in body.parts:
            if part is body.PAUSE:
                assert body.goes_on.wait(timeout=30)
                continue
            self.wfile.write(part.encode())
            self.wfile.flush()


class Stream:
    """An answer that comes bit by bit, and waits at each pause until a test lets it go on."""

    PAUSE = object()

    def __init__(self, *parts):
        self.parts = parts
        self.goes_on = threading.Event()

    @staticmethod
    def bit(text, **more) -> str:
        """An event that adds to the text."""
        delta = {"choices": [{"index": 0, "delta": {"content": text}}], **more}
        return f"data: {json.dumps(delta, ensure_ascii=False)}\n\n"


def said(text, **more) -> tuple[int, dict]:
    """An answer with a message."""
    return 200, {"choices": [{"message": {"role": "assistant", "content": text}}], **more}


class AnsweringEndpoint(ScriptedEndpoint):
    """Answers as a function says, of what it is asked: a text, or a status with a body."""

    def __init__(self, answer):
        super().__init__()
        self.answers = Answers(self, answer)


class Answers(list):
    """Answers that are made when they are wanted."""

    def __init__(self, endpoint: AnsweringEndpoint, answer):
        super().__init__()
        self.endpoint, self.answer = endpoint, answer
        self.lock = threading.Lock()
        self.given = 0

    def pop(self, _=0):
        with self.lock:
            body = self.endpoint.asked[self.given]
            self.given += 1
        answer = self.answer(body)
        usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
        return said(answer, usage=usage) if isinstance(answer, str) else answer
