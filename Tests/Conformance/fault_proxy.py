"""A proxy on this machine, between promptreg and a registry's server: it writes down what is sent, and spoils some."""

import email.utils
import gzip
import gzip
import http.client
import json
import os
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from past_answers import Asked, Past

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in first.</body></html>"
JSON = {"Content-Type": "application/json"}
KINDS = {
    *("status", "page", "body", "usual", "stale", "half", "cut"),
    *("reset", "silence", "noise", "drip", "huge", "bomb"),
}
MEGABYTE = 1 << 20
BOMB = gzip.compress(bytes(100 * MEGABYTE), compresslevel=1)


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: dict | None
    headers: dict[str, str]
    status: int = 0
    # What happened to it; empty for the usual.
    fault: str = ""

    def __str__(self) -> str:
        about = [self.name, *((self.body or {}).get(key, "") for key in ("alias", "version", "key"))]
        told = f"{self.method} {self.path} {' '.join(filter(None, about))}: {self.status}"
        return f"{told}  <- {self.fault}" if self.fault else told

    @property
    def is_for_token(self) -> bool:
        """Whether it is part of getting an access token, not of working with prompts."""
        return "/oidc/" in self.path or "/.well-known/" in self.path

    @property
    def is_write(self) -> bool:
        """Whether it changes anything; Unity Catalog searches with a POST."""
        return self.method != "GET" and not self.path.endswith("/search") and not self.is_for_token

    @property
    def name(self) -> str:
        """The name of the prompt that it is about."""
        asked = (self.body or {}).get("name") or self.query.get("name")
        return asked or next((part for part in self.path.split("/") if part.count(".") == 2), "")

    def is_like(self, method: str, part: str, name: str = "") -> bool:
        """Whether it is of a method, has a text in its path, and is about a prompt."""
        return self.method == method and part in self.path and (not name or self.name == name)


@dataclass
class Fault:
    """What happens to a request in place of the usual.

    `takes_effect` says whether the server carries it out before. `kind` is what the client gets:

    - `status`: an error of the API, with `status`; `page`: the same as HTML; `body`: `body`, whatever it is
    - `usual`: the server's own answer, with other `headers`
    - `stale`: what the server answered, or would have answered, `age` seconds ago
    - `half`: half of that, and a reset; `cut`: half of that, and the end of the connection
    - `reset`: no answer but a reset; `silence`: none at all; `noise`: what is no HTTP
    - `drip`: a byte at a time, for ever; `huge`: more than anybody takes; `bomb`: the same, compressed

    It comes `seconds` late. The server carries it out `late` seconds after that, when the client knows no more of it.
    `retry_at` adds the date that many seconds ahead as `Retry-After`. `before` and `after` are done by somebody else,
    just before the server gets the request, and when it has carried it out but nobody knows yet.
    """

    kind: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    takes_effect: bool = False
    seconds: float = 0
    late: float = 0
    retry_at: float | None = None
    code: str = "INTERNAL_ERROR"
    message: str = "made to fail"
    body: bytes = b'{"registered_model": {'
    age: float = 0
    before: Callable[[], object] | None = None
    after: Callable[[], object] | None = None

    def __str__(self) -> str:
        told = [self.kind, *([str(self.status)] if self.kind in ("status", "page") else [])]
        told += ["carried out"] if self.takes_effect else []
        for name in ("seconds", "late", "age"):
            told += [f"{name} {getattr(self, name):.1f}"] if getattr(self, name) else []
        told += [f"{name} {what.__name__}" for name in ("before", "after") if (what := getattr(self, name))]
        return ", ".join(told)

    def __post_init__(self):
        assert self.kind in KINDS, self.kind

    @property
    def is_forwarded(self) -> bool:
        """Whether the server gets the request."""
        return self.takes_effect or self.kind in ("usual", "stale", "half", "cut")

    @property
    def all_headers(self) -> dict[str, str]:
        """What is answered beside the usual."""
        if self.retry_at is None:
            return self.headers
        return self.headers | {"Retry-After": email.utils.formatdate(time.time() + self.retry_at, usegmt=True)}


class FaultProxy(ThreadingHTTPServer):
    """The proxy; `choose` says which fault a request meets, if any."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, upstream: str, port: int = 0):
        super().__init__(("127.0.0.1", port), Handler)
        self.upstream = urllib.parse.urlsplit(upstream)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = threading.Lock()
        self.requests: list[Request] = []
        self.choose: Callable[[Request], Fault | None] = lambda request: None
        # Set when the proxy is cleared, so that nobody goes on being kept waiting.
        self.cleared = threading.Event()
        self.late: list[threading.Timer] = []
        # How many requests the server is working on, whether anybody waits for them or not.
        self.working = 0
        self.is_idle = threading.Condition()
        self.past = Past()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away is no failure of the proxy."""

    def stop(self) -> None:
        """Ends it."""
        with self.lock:
            self.cleared.set()
        self.settle()
        self.shutdown()
        self.server_close()

    def clear(self) -> None:
        """Spoils nothing more, waits for what still comes late, and forgets what was sent."""
        with self.lock:
            self.choose = lambda request: None
            self.cleared.set()
            self.cleared = threading.Event()
        self.settle()
        with self.lock:
            self.requests = []
            self.past = Past()

    def settle(self) -> None:
        """Waits until the server has carried out all that it is to carry out late."""
        while self.late:
            self.late.pop().join()
        with self.is_idle:
            self.is_idle.wait_for(lambda: not self.working, timeout=60)

    @property
    def is_settled(self) -> bool:
        """Whether the server has carried out all that it is to carry out."""
        return not self.working and not any(timer.is_alive() for timer in self.late)

    def forward(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        """Asks the server itself."""
        with self.is_idle:
            self.working += 1
        try:
            return self._forward(asked)
        finally:
            with self.is_idle:
                self.working -= 1
                self.is_idle.notify_all()

    def _forward(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(self.upstream.hostname, self.upstream.port, timeout=60)
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["Accept-Encoding"] = "identity"
        connection.request(asked.method, asked.path, asked.raw or None, headers)
        response = connection.getresponse()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP}
        # A workspace that says where it gives out tokens means itself, and so the proxy.
        body = response.read().replace(self.upstream.geturl().encode(), self.url.encode())
        connection.close()
        return response.status, kept, body

    def forward_late(self, asked: Asked, seconds: float) -> None:
        """Lets the server carry out a request once nobody waits for its answer."""
        timer = threading.Timer(seconds, self.forward, [asked])
        timer.daemon = True
        self.late.append(timer)
        timer.start()

    @property
    def writes(self) -> list[Request]:
        """The requests that change something."""
        return [request for request in self.requests if request.is_write]

    def fail(self, fault: Fault, matches: Callable[[Request], bool], times: int | None = None) -> None:
        """Spoils the requests that match: all, or the first few of them."""
        left = [times]

        def choose(request: Request) -> Fault | None:
            if not matches(request) or left[0] == 0:
                return None
            if left[0] is not None:
                left[0] -= 1
            return fault

        self.choose = choose


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    server: FaultProxy

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = self.received(raw)
        # The next request on this connection may come before this one is carried out.
        asked = Asked(self.command, self.path, dict(self.headers.items()), raw)
        with self.server.lock:
            self.server.requests.append(request)
            fault = self.server.choose(request)
            cleared = self.server.cleared
        request.fault = str(fault or "")
        fault = fault or Fault("usual")
        if fault.seconds:
            cleared.wait(fault.seconds)
        if fault.before:
            fault.before()
        if fault.late:
            self.server.forward_late(asked, fault.late)
        status, headers, body = self.server.forward(asked) if fault.is_forwarded else (0, {}, b"")
        if fault.is_forwarded and not request.is_write:
            status, headers, body = self.server.past.answer(asked, (status, headers, body), fault.age)
        if fault.after:
            fault.after()
        match fault.kind:
            case "status":
                status, headers = fault.status, JSON | fault.all_headers
                body = json.dumps({"error_code": fault.code, "message": fault.message}).encode()
            case "page":
                status, headers, body = fault.status, {"Content-Type": "text/html"} | fault.all_headers, PAGE
            case "body":
                status, headers, body = 200, JSON | fault.headers, fault.body
            case "usual":
                headers |= fault.headers
        request.status = status
        match fault.kind:
            case "half" | "cut":
                self.answer(status, headers, body, sent=len(body) // 2)
                self.hang_up(resets=fault.kind == "half")
            case "reset":
                self.hang_up(resets=True)
            case "silence":
                cleared.wait(60)
                self.hang_up(resets=True)
            case "noise":
                self.wfile.write(b"220 mail.example ESMTP\r\n")
                self.hang_up(resets=False)
            case "drip" | "huge" | "bomb":
                self.go_on_for_ever(fault.kind, cleared)
            case _:
                self.answer(status, headers, body)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

    def received(self, raw: bytes) -> Request:
        url = urllib.parse.urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_form = headers.get("content-type") == "application/x-www-form-urlencoded"
        text = gzip.decompress(raw) if headers.get("content-encoding") == "gzip" else raw
        # The storage of a cloud takes XML.
        is_other = is_form or url.path.startswith("/_storage/")
        body = None if is_other or not raw else json.loads(text)
        return Request(self.command, url.path, dict(urllib.parse.parse_qsl(url.query)), body, headers)

    def answer(self, status: int, headers: dict[str, str], body: bytes, sent: int | None = None) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])

    def go_on_for_ever(self, kind: str, cleared: threading.Event) -> None:
        """More than anybody takes or waits for, until the client has enough."""
        self.send_response_only(200)
        headers = JSON | ({"Content-Encoding": "gzip"} if kind == "bomb" else {})
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        if kind == "bomb":
            self.wfile.write(BOMB)
            return
        for _ in range(200):
            self.wfile.write(b" " if kind == "drip" else b" " * MEGABYTE)
            self.wfile.flush()
            if kind == "drip" and cleared.wait(0.2):
                return

    def hang_up(self, resets: bool) -> None:
        """Ends the connection at once, so that the client sees it reset or closed."""
        self.wfile.flush()
        self.close_connection = True
        if resets:
            # Only a close that nothing else came before resets; Python's own waits until all files are closed.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            os.close(self.connection.detach())
        else:
            self.connection.shutdown(socket.SHUT_RDWR)
