#!/usr/bin/env python3
"""A stand-in for a Databricks workspace on this machine: the prompt registry of Unity Catalog, and what leads to it.

    unity_server.py [--port N] [--record FILE] [--schema CATALOG.SCHEMA]… [--page-size N] [--config FILE]

Prints one line of JSON with its address when it is ready, and ends with its standard input. Without --config there is
one identity with every grant, whose access token is `token`. What the flags do not say is said, while it runs, to
`/_control/…`: GET requests or state; POST faults, identities, schemas, owners, page-size, lifetime or revoke; DELETE
requests or faults. POST workspaces begins another workspace in the same process, of which nothing is shared.
"""

import argparse
import json
import socket
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import unity_catalog
import unity_permissions
from google.protobuf import json_format
from unity_catalog import ApiError, Catalog
from unity_faults import Fault, Faults
from unity_identity import AZURE_AUDIENCE, Identities, Identity, Refusal
from unity_traces import STORAGE, Traces

METADATA = "/.well-known/databricks-config"
DISCOVERY = "/oidc/.well-known/oauth-authorization-server"
TOKEN = "/oidc/v1/token"
ID_TOKEN = "/_github/id-token"
DEVOPS = "/_devops/project-1/_apis/distributedtask/hubs/build/plans/plan-1/jobs/job-1/oidctoken"
METADATA_SERVICE = "/_metadata/3f9c"
WORKSPACE_ID = "4242"
IDENTITIES = [{"principal": "someone@example.com", "tokens": ["token"]}]


class Server(ThreadingHTTPServer):
    """The workspace."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, config: dict, record: Path | None = None):
        super().__init__(("127.0.0.1", port), Handler)
        self.catalog = Catalog(config.get("schemas", ["main.agents"]), config.get("page_size", 100))
        self.identities = Identities([Identity(**each) for each in config.get("identities", IDENTITIES)])
        self.owners: dict[str, str] = {}
        self.faults = Faults()
        self.faults.add(config.get("faults", []))
        self.routes = unity_catalog.routes()
        self.traces = Traces()
        self.requests: list[dict] = []
        self.record = record
        self.lock = threading.Lock()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.traces.url = self.url

    def handle_error(self, request, client_address):
        # A client that goes away is no failure of the server.
        if not isinstance(sys.exception(), (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)

    def note(self, entry: dict) -> None:
        """Writes a request down."""
        with self.lock:
            self.requests.append(entry)
            if self.record:
                with self.record.open("a") as file:
                    file.write(json.dumps(entry) + "\n")


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    # Header and body go in one write.
    wbufsize = 1 << 16
    server: Server

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        url = urllib.parse.urlsplit(self.path)
        path, query = url.path, dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if path.startswith("/_control/"):
            self.send(200, self.control(path.removeprefix("/_control/"), raw))
            return
        entry = {
            "method": self.command,
            "path": path,
            "query": query,
            "body": readable(raw),
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        fault = self.server.faults.next(self.command, path)
        if fault and fault.delay:
            time.sleep(fault.delay)
        status, answer = 0, {}
        if not fault or fault.effect or fault.answer in ("normal", "truncated", "cut"):
            status, answer = self.answer(path, query, raw)
        if fault and fault.answer in ("error", "html"):
            status = fault.status
        entry["status"] = 0 if fault and fault.answer == "drop" else status
        self.server.note(entry)
        self.reply(status, answer, fault)

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = handle_any

    # What is asked

    def answer(self, path: str, query: dict, raw: bytes) -> tuple[int, dict]:
        """Carries a call out."""
        try:
            return 200, self.dispatch(path, query, raw)
        except ApiError as error:
            return error.status, {"error_code": error.code, "message": error.message, "details": []}
        except Refusal as refusal:
            return refusal.status, {"error": refusal.error, "error_description": refusal.error_description}

    def dispatch(self, path: str, query: dict, raw: bytes) -> dict:
        authorization = self.headers.get("Authorization")
        identities = self.server.identities
        match (self.command, path):
            case ("GET", _) if path == METADATA:
                return {
                    "oidc_endpoint": f"{self.server.url}/oidc",
                    "account_id": "account",
                    "workspace_id": WORKSPACE_ID,
                    "cloud": "AWS",
                }
            case ("GET", _) if path == DISCOVERY:
                return {
                    "token_endpoint": self.server.url + TOKEN,
                    "authorization_endpoint": f"{self.server.url}/oidc/v1/authorize",
                }
            case (_, _) if path.startswith(STORAGE):
                return self.server.traces.store(self.command, path, query, raw, self.headers)
            case ("POST", _) if path == TOKEN:
                form = dict(urllib.parse.parse_qsl(raw.decode(), strict_parsing=True))
                return identities.token(form, authorization, self.server.url + TOKEN)
            case ("GET", _) if path == ID_TOKEN:
                return identities.id_token(authorization, query.get("audience", ""))
            case ("POST", _) if path == DEVOPS and query == {"api-version": "7.2-preview.1"} and not raw:
                return {"oidcToken": identities.id_token(authorization, AZURE_AUDIENCE)["value"]}
            case ("GET", _) if path == METADATA_SERVICE:
                return identities.metadata_token(self.headers.get("X-Databricks-Metadata-Version"))
        identity = identities.authenticate(authorization)
        if (self.command, path) == ("POST", "/serving-endpoints/chat/completions"):
            body = json.loads(raw)
            message = {"role": "assistant", "content": [{"type": "text", "text": body["messages"][-1]["content"]}]}
            return {"model": body["model"], "choices": [{"message": message}]}
        kept = self.server.traces.answer(self.command, path, query, raw)
        if kept is not None:
            return kept
        told = unity_permissions.answer(self.server, identity, self.command, path, query)
        if told is not None:
            return told
        return self.service(path, query, raw, identity)

    def service(self, path: str, query: dict, raw: bytes, identity: Identity) -> dict:
        """Carries out a call of the prompt service."""
        for route in self.server.routes:
            arguments = route.arguments(self.command, path)
            if arguments is not None:
                break
        else:
            raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{self.command} {path}'")
        try:
            body = query if self.command == "GET" else json.loads(raw or b"{}")
            request = json_format.ParseDict(body, route.request())
        except (ValueError, json_format.ParseError) as error:
            raise ApiError(400, "MALFORMED_REQUEST", f"Could not parse the request: {error}") from error
        for name, value in arguments.items():
            value = urllib.parse.unquote(value)
            if getattr(request, name) not in ("", value):
                raise ApiError.invalid(f"'{name}' is not the same in the path and the body.")
            setattr(request, name, value)
        self.server.identities.authorize(identity, route.name, self.schema(request))
        return unity_catalog.as_json(self.server.catalog.call(route.name, request))

    def schema(self, request) -> str:
        if hasattr(request, "catalog_schema"):
            return f"{request.catalog_schema.catalog_name}.{request.catalog_schema.schema_name}"
        if hasattr(request, "prompt_versions"):
            return self.server.catalog.schema_of(request.prompt_versions[0].name)
        return self.server.catalog.schema_of(request.name)

    def control(self, what: str, raw: bytes) -> dict | list:
        """Steers the stand-in itself."""
        server = self.server
        value = json.loads(raw) if raw else None
        match (self.command, what):
            case ("GET", "requests"):
                return server.requests
            case ("DELETE", "requests"):
                server.requests = []
            case ("GET", "state"):
                return server.catalog.dump()
            case ("GET", "traces"):
                return server.traces.dump()
            case ("POST", "storage"):
                server.traces.storage = value
            case ("POST", "faults"):
                server.faults.add(value)
            case ("DELETE", "faults"):
                server.faults.clear()
            case ("POST", "identities"):
                server.identities.identities = [Identity(**each) for each in value]
            case ("POST", "schemas"):
                server.catalog.schemas |= set(value)
            case ("POST", "owners"):
                server.owners |= value
            case ("POST", "page-size"):
                server.catalog.page_size = value
            case ("POST", "lifetime"):
                server.identities.lifetime = value
            case ("POST", "revoke"):
                server.identities.revoke()
            case ("POST", "workspaces"):
                return {"url": begin(Server(0, value or {})).url}
            case _:
                raise ValueError(f"there is no control {self.command} {what}")
        return {}

    # What is answered

    def reply(self, status: int, answer: dict, fault: Fault | None) -> None:
        body = json.dumps(answer).encode()
        kind = fault.answer if fault else "normal"
        headers = fault.headers if fault else {}
        match kind:
            case "drop":
                self.hang_up()
            case "cut":
                self.send(status, body[: len(body) // 2], headers, length=len(body))
                self.hang_up()
            case "truncated":
                self.send(status, body[: len(body) // 2], headers)
            case "html":
                page = b"<!doctype html><html><head><title>Sign in</title></head><body>Bad gateway</body></html>"
                self.send(status, page, {"Content-Type": "text/html"} | headers)
            case "error":
                self.send(status, {"error_code": fault.code, "message": fault.message}, headers)
            case _:
                self.send(status, body, headers)

    def send(self, status: int, body, headers: dict | None = None, length: int | None = None) -> None:
        """Sends an answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def hang_up(self) -> None:
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def readable(raw: bytes):
    """A body as JSON where it is, else as text."""
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")


def begin(server: Server) -> Server:
    """Lets a workspace answer, until the process ends."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--schema", action="append")
    parser.add_argument("--page-size", type=int)
    parser.add_argument("--config", type=Path, help="JSON with schemas, page_size, identities and faults")
    flags = parser.parse_args()
    config = json.loads(flags.config.read_text()) if flags.config else {}
    if flags.schema:
        config["schemas"] = flags.schema
    if flags.page_size:
        config["page_size"] = flags.page_size
    print(json.dumps({"url": begin(Server(flags.port, config, flags.record)).url}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
