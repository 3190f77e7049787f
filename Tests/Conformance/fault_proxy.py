"""A proxy on this machine, between promptreg and a registry's server: it writes down what is sent, and spoils some."""

import http.client
import json
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}
PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body>Sign in first.</body></html>"


@dataclass
class Request:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    body: dict | None
    status: int = 0
    reached_server: bool = False

    @property
    def is_write(self) -> bool:
        """Whether it changes anything; Unity Catalog searches with a POST."""
        return self.method != "GET" and not self.path.endswith("/search")

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

    `when` says whether the server carries it out before. `kind` is what the client gets: `status`, `reset`, `half`
    (of the answer), `page` (HTML), `garbage` (no JSON), `huge`, or `slow` (the usual, late).
    """

    kind: str
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    takes_effect: bool = False
    seconds: float = 0
    code: str = "INTERNAL_ERROR"
    message: str = "made to fail"


class FaultProxy(ThreadingHTTPServer):
    """The proxy; `choose` says which fault a request meets, if any."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, upstream: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urllib.parse.urlsplit(upstream)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = threading.Lock()
        self.requests: list[Request] = []
        self.choose: Callable[[Request], Fault | None] = lambda request: None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away is no failure of the proxy."""

    def clear(self) -> None:
        """Forgets what was sent, and spoils nothing more."""
        with self.lock:
            self.requests = []
            self.choose = lambda request: None

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
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        request = Request(self.command, url.path, query, json.loads(raw) if raw else None)
        with self.server.lock:
            self.server.requests.append(request)
            fault = self.server.choose(request)
        if fault and fault.seconds:
            time.sleep(fault.seconds)
        status, headers, body = 0, {}, b""
        if not fault or fault.takes_effect or fault.kind in ("slow", "half"):
            status, headers, body = self.forward(raw)
            request.reached_server = True
        match fault.kind if fault else "slow":
            case "status":
                status, headers = fault.status, {"Content-Type": "application/json"} | fault.headers
                body = json.dumps({"error_code": fault.code, "message": fault.message}).encode()
            case "page":
                status, headers, body = fault.status, {"Content-Type": "text/html"} | fault.headers, PAGE
            case "garbage":
                status, headers, body = 200, {"Content-Type": "application/json"}, b'{"registered_model": {'
            case "huge":
                self.send_huge()
                return
            case "reset":
                self.hang_up()
                return
        request.status = status
        self.answer(status, headers, body, half=bool(fault) and fault.kind == "half")

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

    def forward(self, raw: bytes) -> tuple[int, dict[str, str], bytes]:
        """Asks the server itself."""
        upstream = self.server.upstream
        connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["Accept-Encoding"] = "identity"
        connection.request(self.command, self.path, raw or None, headers)
        response = connection.getresponse()
        kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP_BY_HOP}
        body = response.read()
        connection.close()
        return response.status, kept, body

    def answer(self, status: int, headers: dict[str, str], body: bytes, half: bool) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if half else body)
        if half:
            self.hang_up()

    def send_huge(self) -> None:
        """More than anybody takes, in pieces until the client has enough."""
        self.send_response_only(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.close_connection = True
        piece = b" " * (1 << 20)
        for _ in range(200):
            self.wfile.write(piece)

    def hang_up(self) -> None:
        """Ends the connection at once, so that the client sees it reset."""
        self.wfile.flush()
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.shutdown(socket.SHUT_RDWR)
