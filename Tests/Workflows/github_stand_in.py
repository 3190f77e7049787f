"""What the action uses of GitHub's API, on loopback: comments of a pull request, and whose token it is."""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BOT = {"login": "github-actions[bot]", "type": "Bot"}
# A workflow's own token, that of a fork's pull request, and one of a person.
TOKENS = {"ghs_own": BOT, "ghs_fork": BOT, "ghp_alice": {"login": "alice", "type": "User"}}
MAY_ONLY_READ = {"ghs_fork"}


@dataclass
class Fault:
    """Answers a request with this status, before or after it was done."""

    method: str
    status: int
    is_late: bool = False
    headers: dict[str, str] = field(default_factory=dict)


class GitHubStandIn:
    def __init__(self):
        self.comments: list[dict] = []
        self.faults: list[Fault] = []
        self.requests: list[str] = []
        self.tells_viewer = True
        handler = type("Handler", (_Handler,), {"github": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def add_comment(self, user: dict | None, body: str) -> dict:
        self.comments.append({"id": 1000 + len(self.comments), "user": user, "body": body})
        return self.comments[-1]

    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.comments]

    def answer(self, method: str, target: str, token: str, content: dict | None) -> tuple[int, object]:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        if token not in TOKENS:
            return 401, {"message": "Bad credentials"}
        if (method, path) == ("POST", "/graphql"):
            return 200, {"data": {"viewer": TOKENS[token]} if self.tells_viewer else None}
        if (method, path) == ("GET", "/repos/me/agent/issues/7/comments"):
            size, page = (int(query[name][0]) for name in ("per_page", "page"))
            assert size <= 100
            return 200, self.comments[(page - 1) * size : page * size]
        creates = (method, path) == ("POST", "/repos/me/agent/issues/7/comments")
        edits = re.fullmatch(r"/repos/me/agent/issues/comments/(\d+)", path) if method == "PATCH" else None
        if not creates and not edits:
            return 404, {"message": "Not Found"}
        if token in MAY_ONLY_READ:
            return 403, {"message": "Resource not accessible by integration"}
        if len(content["body"]) > 65_536:
            return 422, {"message": "Body is too long (maximum is 65536 characters)"}
        if creates:
            return 201, self.add_comment(TOKENS[token], content["body"])
        [comment] = [each for each in self.comments if each["id"] == int(edits[1])]
        comment["body"] = content["body"]
        return 200, comment


class _Handler(BaseHTTPRequestHandler):
    github: GitHubStandIn

    def handle_any(self):
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.github.requests.append(f"{self.command} {urlsplit(self.path).path}")
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        fault = next((fault for fault in self.github.faults if fault.method == self.command), None)
        if fault:
            self.github.faults.remove(fault)
        status, answer = 200, {"message": "fault"}
        if not fault or fault.is_late:
            status, answer = self.github.answer(self.command, self.path, token, json.loads(content or "null"))
        data = json.dumps(answer).encode()
        self.send_response(fault.status if fault else status)
        for name, value in (fault.headers if fault else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = handle_any

    def log_message(self, *_):
        pass
