"""A server on this machine that answers as an attack says, in place of what the registry behind it would."""

import json
import socket
import struct
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

HANG = "hang"
RESET = "reset"


@dataclass
class Request:
    """A request as it arrived, and what the registry answers."""

    method: str
    path: str
    query: dict[str, str]
    body: dict | None
    headers: dict[str, str]
    backend: object
    index: int = 0
    answered: tuple | None = field(default=None, repr=False)

    @property
    def is_write(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET" and not self.path.endswith("/search")

    def answer(self) -> tuple[int, dict]:
        """What the registry answers; what it is asked to do is done once."""
        if self.answered is None:
            with self.backend.lock:
                self.answered = self.backend.answer(self.method, self.path, self.query, self.body)
        return self.answered

    def usual(self) -> bytes:
        """The usual answer."""
        return reply(*self.answer())


def reply(status: int, body, headers: str = "", version: str = "HTTP/1.1") -> bytes:
    """An answer in whole."""
    content = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    head = f"{version} {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return (head + headers + "Connection: close\r\n\r\n").encode("latin-1") + content


# What is sent in place of an answer, piece by piece: bytes, seconds to wait, HANG or RESET.
Script = Iterator[bytes | float | str]
Attack = Callable[[Request], Script | bytes]


class Hostile:
    """One server, for one run of the program."""

    def __init__(self, backend, attack: Attack, on_connection: Script | None = None):
        self.backend = backend
        backend.lock = threading.Lock()
        self.attack = attack
        self.on_connection = on_connection
        self.requests: list[Request] = []
        self.faults: list[str] = []
        self.ended = threading.Event()
        self.listener = socket.socket()
        # What is not read soon shows in the client, too.
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def stop(self) -> None:
        """Ends it."""
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self) -> None:
        while not self.ended.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            try:
                if self.on_connection is not None:
                    self.play(connection, self.on_connection())
                    return
                request = self.receive(connection)
                if request is None:
                    return
                script = self.attack(request)
                self.play(connection, iter([script]) if isinstance(script, bytes) else script)
            except OSError:
                # The client has enough, as it should.
                return
            except Exception as error:
                self.faults.append(repr(error))
                raise

    def receive(self, connection: socket.socket) -> Request | None:
        raw = b""
        while b"\r\n\r\n" not in raw:
            more = connection.recv(65536)
            if not more:
                return None
            raw += more
        head, _, body = raw.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            more = connection.recv(65536)
            if not more:
                return None
            body += more
        url = urllib.parse.urlsplit(target)
        query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        given = json.loads(body) if body[:1] == b"{" else None
        request = Request(method, url.path, query, given, headers, self.backend, len(self.requests))
        self.requests.append(request)
        return request

    def play(self, connection: socket.socket, script: Script) -> None:
        """Sends what a script says, until the client has enough."""
        for piece in script:
            if isinstance(piece, bytes):
                connection.sendall(piece)
            elif piece == HANG:
                self.ended.wait(30)
            elif piece == RESET:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            elif self.ended.wait(piece):
                return
        connection.shutdown(socket.SHUT_WR)
        # A close while the client still sends would reset the connection, and with it the answer.
        while connection.recv(65536):
            pass
