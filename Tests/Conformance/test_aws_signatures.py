"""What promptreg signs for AWS, botocore would have signed the same: a gateway before an MLflow server verifies it."""

import datetime
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import mock

import pytest
from botocore import auth, awsrequest, credentials
from jobs import JobFolder
from servers import DIRECT, free_port

KEY, SECRET, TOKEN = "AKIDEXAMPLE", "hush/1f9b+0c", "hush-session/77=="
AWS = {"MLFLOW_TRACKING_AWS_SIGV4": "true", "AWS_REGION": "eu-west-1"}
KEYS = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


class Gateway(ThreadingHTTPServer):
    """An API Gateway with IAM authentication: it passes on what is signed well."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, upstream: str, token: str | None = None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = upstream
        self.keys = credentials.Credentials(KEY, SECRET, token)
        self.signatures: list[str] = []
        self.refused: list[str] = []
        self.failures = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def expected(self, method: str, path: str, headers, body: bytes) -> str:
        """The header that botocore makes for a request at the same time."""
        time = datetime.datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        request = awsrequest.AWSRequest(method=method, url=self.url + path, data=body)
        request.headers["X-Amz-Content-SHA256"] = headers["x-amz-content-sha256"]
        signer = auth.SigV4Auth(self.keys, "execute-api", "eu-west-1")
        with mock.patch("botocore.auth.get_current_datetime", return_value=time):
            signer.add_auth(request)
        assert signer.payload(request) == headers["x-amz-content-sha256"]
        assert abs(datetime.datetime.now(datetime.UTC) - time.replace(tzinfo=datetime.UTC)).total_seconds() < 60
        return request.headers["Authorization"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    lock = threading.Lock()

    def log_message(self, *arguments):
        pass

    def handle_any(self):
        server = self.server
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # botocore's clock is one for all.
        with self.lock:
            try:
                wanted = server.expected(self.command, self.path, self.headers, body)
            except (AssertionError, TypeError):
                wanted = "nothing"
            sent = self.headers.get("Authorization")
            is_failure = server.failures > 0
            server.failures -= is_failure
        if sent != wanted or self.headers.get("x-amz-security-token") != server.keys.token:
            server.refused.append(f"{self.command} {self.path}")
            reason = f"The request signature we calculated does not match: {sent}"
            return self.answer(403, f'{{"message": "{reason}"}}'.encode())
        server.signatures.append(sent)
        if is_failure:
            return self.answer(503, b"{}")
        import urllib.error
        import urllib.request

        request = urllib.request.Request(server.upstream + self.path, body or None, method=self.command)
        if body:
            request.add_header("Content-Type", self.headers["Content-Type"])
        try:
            with DIRECT.open(request) as answer:
                return self.answer(answer.status, answer.read())
        except urllib.error.HTTPError as error:
            return self.answer(error.code, error.read())

    do_GET = do_POST = do_PATCH = do_DELETE = handle_any

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def gateway(server):
    """Begins gateways before the MLflow server."""
    begun = []

    def begin(**options) -> Gateway:
        begun.append(Gateway(server.uri, **options))
        return begun[-1]

    yield begin
    for each in begun:
        each.shutdown()


def job_in(folder, registry):
    job = JobFolder(folder / "job", schema=registry.schema, aliases=["production"])
    for name in ("a", "b_2"):
        job.add(name, f"Ä {name} {{{{x}}}} & more = ?")
    job.write()
    return job.path


@pytest.mark.parametrize("token", [None, TOKEN])
def test_a_run_is_signed_as_botocore_signs(token, gateway, server, program, tmp_path):
    place = gateway(token=token)
    env = AWS | KEYS | {"HOME": str(tmp_path), "AWS_SESSION_TOKEN": token or ""}
    arguments = ["--registry", place.url, "--schema", server.schema, "--format", "json"]
    job = job_in(tmp_path, server)
    first = program("run", job, *arguments, env=env).report
    assert {prompt["action"] for prompt in first["prompts"]} == {"create"}
    again = program("run", job, *arguments, env=env)
    assert {prompt["action"] for prompt in again.report["prompts"]} == {"unchanged"}
    assert place.refused == [] and len(place.signatures) > 8
    assert not re.search("hush", again.out + again.err)


def test_a_retry_is_signed_anew(gateway, server, program, tmp_path):
    place = gateway()
    place.failures = 2
    program("list", "--registry", place.url, env=AWS | KEYS | {"HOME": str(tmp_path)})
    assert place.refused == [] and len(place.signatures) >= 3


def test_keys_of_a_profile(gateway, server, program, tmp_path):
    place = gateway(token=TOKEN)
    (tmp_path / ".aws").mkdir()
    keys = f"[ci]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
    (tmp_path / ".aws" / "credentials").write_text(keys)
    (tmp_path / ".aws" / "config").write_text("[profile ci]\nregion = eu-west-1\n")
    env = {"MLFLOW_TRACKING_AWS_SIGV4": "true", "AWS_PROFILE": "ci", "HOME": str(tmp_path)}
    program("list", "--registry", place.url, env=env)
    assert place.refused == [] and place.signatures


def test_a_wrong_key_is_told_without_it(gateway, server, program, tmp_path):
    place = gateway()
    env = AWS | KEYS | {"AWS_SECRET_ACCESS_KEY": SECRET + "x", "HOME": str(tmp_path)}
    ended = program("list", "--registry", place.url, env=env, code=None)
    assert ended.code == 77 and "does not match" in ended.err
    assert "hush" not in ended.out + ended.err and "Signature=" not in ended.err
    assert place.signatures == []


def test_doctor_says_what_signs(gateway, server, program, tmp_path):
    place = gateway()
    ended = program("doctor", "--registry", place.url, env=AWS | KEYS | {"HOME": str(tmp_path)}, code=None)
    assert "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and the region eu-west-1 of AWS_REGION" in ended.out
    assert ended.code == 0, ended.out
    url = f"http://127.0.0.1:{free_port()}"
    ended = program("doctor", "--registry", url, env=AWS | {"HOME": str(tmp_path)}, code=None)
    assert "no keys of AWS" in ended.out and "AWS_PROFILE" in ended.out and ended.code == 77


def test_what_a_plugin_would_do_is_told(program, tmp_path):
    env = {"MLFLOW_TRACKING_AUTH": "kubernetes-namespaced", "HOME": str(tmp_path)}
    ended = program("list", "--registry", f"http://127.0.0.1:{free_port()}", env=env, code=64)
    assert "only Python can run" in ended.err and "MLFLOW_TRACKING_TOKEN" in ended.err and "MLFLOW_WORKSPACE" in ended.err
