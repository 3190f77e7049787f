"""The network as a machine sees it that uses Databricks on Azure: all of it, with TLS, is on this machine."""

import datetime
import http.client
import ipaddress
import json
import socket
import ssl
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

WORKSPACE = "adb-42.7.azuredatabricks.net"
LOGIN = "login.microsoftonline.com"
TENANT = "0b1c2d3e-tenant"
DATABRICKS = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
MANAGEMENT = "https://management.core.windows.net/"


def certificate(folder: Path) -> Path:
    """Makes an authority and a certificate of its for all hosts here; returns the authority's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "promptreg tests")])
    now = datetime.datetime.now(datetime.UTC)
    hosts = [x509.DNSName(host) for host in (WORKSPACE, LOGIN)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([*hosts, x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "authority.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unencrypted = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unencrypted)
    (folder / "key.pem").write_bytes(private)
    return folder / "authority.pem"


class AzureNetwork(ThreadingHTTPServer):
    """A proxy to Microsoft Entra ID and a workspace: it has answers of its own, and the stand-in's for the rest."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, folder: Path, workspace: str):
        super().__init__(("127.0.0.1", 0), Handler)
        self.authority = certificate(folder)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.authority, folder / "key.pem")
        self.workspace = urllib.parse.urlsplit(workspace)
        self.token = "hush-entra"
        self.secret = "hush-secret"
        self.says_tenant = True
        self.requests: list[tuple[str, str, dict, dict]] = []
        self.env = {
            "HTTPS_PROXY": f"http://127.0.0.1:{self.server_address[1]}",
            "https_proxy": f"http://127.0.0.1:{self.server_address[1]}",
            "no_proxy": "",
            "NO_PROXY": "",
            "SSL_CERT_FILE": str(self.authority),
            "REQUESTS_CA_BUNDLE": "",
            "CURL_CA_BUNDLE": "",
            "DATABRICKS_HOST": f"https://{WORKSPACE}",
        }
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def posts(self, host: str) -> list[dict]:
        """The forms that were sent to a host."""
        return [form for place, path, _, form in self.requests if place == host and form]

    def entra(self, path: str, form: dict) -> tuple[int, dict]:
        """Microsoft Entra ID."""
        if path != f"/{TENANT}/oauth2/token":
            return 404, {"error": "invalid_request", "error_description": "AADSTS90002: Tenant not found."}
        is_proven = form.get("client_secret") == self.secret or form.get("client_assertion", "").startswith("id-token-")
        if not is_proven or form.get("client_id") != "arm-app":
            words = f"AADSTS7000215: Invalid client secret provided: {form.get('client_secret')}"
            return 401, {"error": "invalid_client", "error_description": words}
        token = {DATABRICKS: self.token, MANAGEMENT: "hush-management"}[form["resource"]]
        return 200, {"token_type": "Bearer", "expires_in": "3599", "access_token": token}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    host = ""

    def log_message(self, *arguments):
        pass

    def do_CONNECT(self):
        self.send_response_only(200)
        self.end_headers()
        self.wfile.flush()
        self.host = self.path.split(":")[0]
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rfile = self.connection.makefile("rb", -1)
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False
        while not self.close_connection:
            self.handle_one_request()

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urllib.parse.urlsplit(self.path).path
        form = dict(urllib.parse.parse_qsl(body.decode())) if self.host == LOGIN else {}
        self.server.requests.append((self.host, path, dict(self.headers), form))
        if self.host == LOGIN:
            status, answer = self.server.entra(path, form)
            return self.answer(status, json.dumps(answer).encode())
        if path in ("/aad/auth", "/oidc/oauth2/v2.0/authorize") and self.server.says_tenant:
            return self.answer(302, b"", {"Location": f"https://{LOGIN}/{TENANT}/oauth2/authorize?client_id=x"})
        upstream = http.client.HTTPConnection(self.server.workspace.netloc)
        upstream.request(self.command, self.path, body or None, dict(self.headers))
        given = upstream.getresponse()
        self.answer(given.status, given.read())

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def answer(self, status: int, body: bytes, headers: dict | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | (headers or {})).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
