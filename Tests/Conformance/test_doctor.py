"""What doctor says of registries that can be used, and of those that cannot; it writes to none."""

import base64
import email.utils
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from fault_proxy import PAGE, Fault, FaultProxy
from jobs import JobFolder
from mlflow_registry import mlflow
from servers import free_port

SECRET = "hush-1f9b"


@dataclass
class Findings:
    """What doctor said."""

    code: int
    text: str
    found: dict[str, dict]

    @property
    def statuses(self) -> dict[str, str]:
        return {check: finding["status"] for check, finding in self.found.items()}

    @property
    def failed(self) -> set[str]:
        return {check for check, status in self.statuses.items() if status == "fail"}

    def message(self, check: str) -> str:
        return self.found[check]["message"]

    def hint(self, check: str) -> str:
        return self.found[check]["hint"] or ""


@pytest.fixture
def doctor(program, tmp_path):
    """Runs doctor, in text and in JSON, which have to say the same; no secret is in either."""

    def run(*arguments, env=None, code: int = 0) -> Findings:
        env = {"HOME": str(tmp_path)} | (env or {})
        as_json = program("doctor", *arguments, "--format", "json", env=env, code=code)
        found = json.loads(as_json.out)
        assert [set(finding) for finding in found] == [{"check", "status", "message", "hint"}] * len(found)
        as_text = program("doctor", *arguments, env=env, code=code)
        lines = [line.split() for line in as_text.out.split("\n\n")[0].splitlines()]
        lines = [words[:2] for words in lines if words[0] != "help:"]
        assert lines == [[finding["status"], finding["check"]] for finding in found]
        for finding in found:
            assert finding["hint"] or finding["status"] != "fail", finding
        said = as_json.out + as_json.err + as_text.out + as_text.err
        assert SECRET not in said
        assert not [character for character in said if ord(character) < 32 and character != "\n"]
        return Findings(code, as_text.out, {finding["check"]: finding for finding in found})

    return run


# An MLflow server


def test_a_server_that_can_be_used(doctor, server):
    found = doctor("--registry", server.uri)
    assert found.statuses == {
        "registry": "ok",
        "reachability": "ok",
        "clock": "ok",
        "server": "ok",
        "credentials": "ok",
        "authentication": "ok",
        "reading": "ok",
        "writing": "skip",
    }
    assert found.message("server") == f"MLflow {mlflow.__version__}"
    assert found.message("registry") == f"{server.uri}, named by --registry"
    assert found.message("authentication") == "the server requires none"
    assert {request.method for request in server.proxy.requests} == {"GET"}


def test_a_job_and_the_environment_name_the_registry(doctor, server, tmp_path):
    job = JobFolder(tmp_path / "job")
    job.add("a", "A {{x}}")
    # MLflow's client, in this process, leaves its own in the environment.
    env = {"MLFLOW_TRACKING_URI": server.uri}
    found = doctor(job.write(), env=env)
    assert found.message("registry") == f"{server.uri}, named by MLFLOW_TRACKING_URI"
    job.spec["targets"] = {"prod": {"registry": server.uri}}
    found = doctor(job.write(), "--target", "prod", env=env | {"MLFLOW_TRACKING_URI": "file:x"})
    assert found.message("registry") == f"{server.uri}, named by the job {job.path} for its target prod"


def test_nothing_listens_there(doctor):
    url = f"http://127.0.0.1:{free_port()}"
    found = doctor("--registry", url, env={"MLFLOW_TRACKING_TOKEN": SECRET}, code=69)
    assert found.failed == {"reachability"} and "nothing answers" in found.message("reachability")
    assert found.message("credentials") == "MLFLOW_TRACKING_TOKEN"
    assert set(found.statuses.values()) == {"ok", "fail", "skip"}


UNWELL = {
    "502": (Fault("status", status=502), 69, "reachability"),
    "reset": (Fault("reset"), 69, "reachability"),
    "slow": (Fault("usual", seconds=10), 69, "reachability"),
    "page": (Fault("page", status=200), 69, "server"),
    "404 page": (Fault("page", status=404), 69, "server"),
    "404 of another API": (Fault("status", status=404, code="", message="Not Found"), 69, "server"),
    "redirect": (Fault("page", status=302, headers={"Location": "http://registry.example/login"}), 69, "server"),
}


@pytest.mark.parametrize("fault, code, check", UNWELL.values(), ids=UNWELL)
def test_what_is_no_registry_is_none(fault, code, check, doctor, server):
    server.proxy.choose = lambda request: fault
    found = doctor("--registry", server.uri, "--timeout", "3s", code=code)
    assert found.failed == {check}, found.text
    assert {found.statuses[name] for name in ("reading", "writing")} == {"skip"}
    assert found.statuses["clock"] in ("ok", "skip")


REFUSED = {
    "401": (Fault("status", status=401, code="UNAUTHENTICATED", message=f"no, {SECRET}\x1b[31m"), 77, "authentication"),
    "403": (Fault("status", status=403, code="PERMISSION_DENIED"), 77, "reading"),
    "500": (Fault("status", status=500), 1, "reading"),
    "garbage": (Fault("body"), 1, "reading"),
}


@pytest.mark.parametrize("fault, code, check", REFUSED.values(), ids=REFUSED)
def test_a_server_that_refuses_to_be_read(fault, code, check, doctor, server):
    server.proxy.fail(fault, lambda request: request.path.endswith("/search"))
    found = doctor("--registry", server.uri, env={"MLFLOW_TRACKING_TOKEN": SECRET}, code=code)
    assert found.failed == {check}, found.text
    assert found.statuses["reachability"] == found.statuses["server"] == "ok"
    if check == "authentication":
        assert found.hint(check) == "check MLFLOW_TRACKING_TOKEN"


class Plain(ThreadingHTTPServer):
    """A server whose every answer a test says; it is no proxy, as its clock is to be its own."""

    daemon_threads = True

    def __init__(self, answers, date: str | None = None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.date = answers, date
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_GET(self):
        status, body = self.server.answers(self)
        self.send_response_only(status)
        if self.server.date:
            self.send_header("Date", self.server.date)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def plain():
    """Begins servers, and ends them."""
    servers = []

    def begin(*arguments) -> Plain:
        servers.append(Plain(*arguments))
        return servers[-1]

    yield begin
    for server in servers:
        server.shutdown()


def open_server(request) -> tuple[int, bytes]:
    """An MLflow server without authentication."""
    return 200, b"3.17.2" if request.path == "/version" else b"{}"


@dataclass
class Guarded:
    """An MLflow server with basic authentication, as its `basic-auth` app answers."""

    username: str
    password: str
    is_admin: bool = False
    asked: list = field(default_factory=list)

    def __call__(self, request) -> tuple[int, bytes]:
        pair = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        self.asked.append((request.path.split("?")[0], request.headers.get("Authorization")))
        if request.headers.get("Authorization") != f"Basic {pair}":
            return 401, b"You are not authenticated. Please see https://www.mlflow.org/docs/latest/auth/index.html"
        if request.path == "/api/2.0/mlflow/users/current":
            user = {"id": 1, "username": self.username, "is_admin": self.is_admin}
            return 200, json.dumps({"user": user, "is_basic_auth": True}).encode()
        return open_server(request)


@pytest.mark.parametrize("is_admin", [False, True])
def test_a_server_with_passwords(is_admin, doctor, plain):
    server = plain(Guarded("me", SECRET, is_admin))
    env = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": SECRET}
    found = doctor("--registry", server.url, env=env)
    assert found.message("credentials") == "MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    assert found.message("authentication") == "the server accepts the credentials as me"
    assert found.message("server") == "MLflow 3.17.2"
    assert found.statuses["writing"] == ("ok" if is_admin else "skip")


def test_a_wrong_password(doctor, plain):
    server = plain(Guarded("me", "other"))
    env = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": SECRET}
    found = doctor("--registry", server.url, env=env, code=77)
    assert found.failed == {"authentication"} and found.statuses["reachability"] == "ok"
    assert found.hint("authentication") == "check MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
    assert base64.b64encode(f"me:{SECRET}".encode()).decode() not in found.text


def test_no_password(doctor, plain):
    found = doctor("--registry", plain(Guarded("me", "x")).url, code=77)
    assert found.failed == {"authentication"} and "MLFLOW_TRACKING_USERNAME" in found.hint("authentication")
    assert "none were found" in found.message("credentials")


def test_credentials_that_count_for_nothing(doctor, plain):
    server = plain(open_server)
    found = doctor("--registry", server.url, env={"MLFLOW_TRACKING_USERNAME": "me"})
    assert found.statuses["credentials"] == "warn"
    env = {name: SECRET for name in ("MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")}
    assert "MLFLOW_TRACKING_TOKEN is ignored" in doctor("--registry", server.url, env=env).message("credentials")
    found = doctor("--registry", server.url, env={"MLFLOW_TRACKING_TOKEN": SECRET + "\n"}, code=77)
    assert found.failed == {"credentials"} and "line break" in found.message("credentials")


def test_credentials_of_the_file(doctor, plain, tmp_path):
    (tmp_path / ".mlflow").mkdir()
    text = f"[mlflow]\nmlflow_tracking_username = me\nmlflow_tracking_password = {SECRET}\n"
    (tmp_path / ".mlflow" / "credentials").write_text(text)
    found = doctor("--registry", plain(Guarded("me", SECRET)).url)
    assert found.message("credentials").startswith("mlflow_tracking_username in ~/.mlflow/credentials and ")
    (tmp_path / ".mlflow" / "credentials").write_text(text + SECRET)
    found = doctor("--registry", plain(Guarded("me", SECRET)).url, code=77)
    assert found.failed == {"credentials"} and found.message("credentials").endswith(":4: this line has no =")


def test_settings_that_make_no_sense(doctor):
    env = {"MLFLOW_TRACKING_INSECURE_TLS": "perhaps"}
    found = doctor("--registry", "http://127.0.0.1:1", env=env, code=64)
    assert found.message("reachability") == "MLFLOW_TRACKING_INSECURE_TLS is neither true nor false"


@pytest.mark.parametrize(
    "seconds, status, code, words",
    [
        (0, "ok", 0, "differ by"),
        (150, "warn", 0, "behind"),
        (-150, "warn", 0, "ahead"),
        (4000, "fail", 1, "behind"),
        (-400_000, "fail", 1, "4 days ahead"),
    ],
)
def test_clocks_that_differ(seconds, status, code, words, doctor, plain):
    server = plain(open_server, email.utils.formatdate(time.time() + seconds, usegmt=True))
    found = doctor("--registry", server.url, code=code)
    assert found.statuses["clock"] == status and words in found.message("clock")
    assert ("timedatectl" in found.hint("clock")) == (status != "ok")


def test_a_server_without_a_clock(doctor, plain):
    assert doctor("--registry", plain(open_server).url).statuses["clock"] == "skip"
    assert doctor("--registry", plain(open_server, "soon").url).statuses["clock"] == "skip"


def test_an_old_server(doctor, plain):
    server = plain(lambda request: (200, b"2.14.1" if request.path == "/version" else b"{}"))
    found = doctor("--registry", server.url, code=69)
    assert found.statuses["server"] == "fail" and "2.21" in found.hint("server")


def test_a_server_that_tells_no_version(doctor, plain):
    missing = json.dumps({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "not found"}).encode()
    found = doctor(
        "--registry", plain(lambda request: (200, b"{}") if "/search" in request.path else (404, missing)).url
    )
    assert found.statuses["server"] == "ok" and "does not say" in found.message("server")
    # What answers anything, also about a model that nobody made, is something else.
    for answer in (b"{}", b'{"status": "ok"}'):
        found = doctor("--registry", plain(lambda request, answer=answer: (200, answer)).url, code=69)
        assert found.failed == {"server"} and found.statuses["reading"] == "skip"
    found = doctor("--registry", plain(lambda request: (200, PAGE)).url, code=69)
    assert found.failed == {"server"}


# Unity Catalog

ALL = ["CREATE FUNCTION", "EXECUTE", "MANAGE"]
NAMED = ("--registry", "databricks-uc", "--catalog", "main", "--schema", "agents")


class Workspace:
    """A workspace of the stand-in's, behind a proxy."""

    def __init__(self, stand_in, grants: dict, doctor, **identity):
        self.stand_in, self.doctor = stand_in, doctor
        groups = [
            {"principal": name, "grants": granted} for name, granted in identity.pop("group_grants", {}).items()
        ]
        me = {"principal": "ci", "tokens": [SECRET], "grants": grants, "groups": [each["principal"] for each in groups]}
        self.url = stand_in.control("workspaces", {"identities": [me | identity, *groups]})["url"]
        self.proxy = FaultProxy(self.url)
        self.env = {"DATABRICKS_HOST": self.proxy.url, "DATABRICKS_TOKEN": SECRET}

    def __call__(self, *arguments, code: int = 0) -> Findings:
        found = self.doctor(*(arguments or NAMED), env=self.env, code=code)
        assert not self.proxy.writes
        return found


@pytest.fixture
def workspace(unity_stand_in, doctor):
    """Begins workspaces."""
    begun = []

    def begin(grants: dict, **identity) -> Workspace:
        begun.append(Workspace(unity_stand_in, grants, doctor, **identity))
        return begun[-1]

    yield begin
    for each in begun:
        each.proxy.shutdown()


def test_a_schema_that_can_be_used(workspace):
    found = workspace({"main.agents": ALL})()
    assert set(found.statuses.values()) == {"ok"} and len(found.statuses) == 9, found.text
    assert found.message("credentials") == "pat: DATABRICKS_HOST, DATABRICKS_TOKEN"
    assert found.message("authentication") == "the workspace accepts the credentials as ci"
    assert found.message("schema") == "main.agents exists, owned by owner@example.com"


def test_a_job_names_the_schema(workspace, tmp_path):
    job = JobFolder(tmp_path / "job", schema="agents", registry="databricks-uc")
    job.add("a", "A {{x}}")
    here = workspace({"main.agents": ALL})
    assert set(here(job.write()).statuses.values()) == {"ok"}
    assert here(job.path, "--schema", "other", code=1).failed == {"schema"}
    for key in ("catalog", "schema"):
        del job.spec[key]
    found = here(job.write(), code=1)
    assert found.failed == {"schema"} and "--catalog" in found.hint("schema")


def test_missing_grants_are_named(workspace):
    found = workspace({"main.agents": ["EXECUTE"]})(code=77)
    assert found.failed == {"writing"}
    assert found.message("writing") == "ci lacks CREATE FUNCTION, MANAGE on main.agents"
    assert found.hint("writing") == (
        "have its owner run: GRANT CREATE FUNCTION, MANAGE ON SCHEMA `main`.`agents` TO `ci`"
    )


def test_no_grant_at_all(workspace):
    found = workspace({})(code=77)
    assert found.failed == {"reading", "writing"}
    assert "USE CATALOG, USE SCHEMA, CREATE FUNCTION, EXECUTE, MANAGE" in found.message("writing")
    assert "GRANT USE CATALOG ON CATALOG `main` TO `ci`; GRANT USE SCHEMA, " in found.hint("writing")


@pytest.mark.parametrize(
    "grants, groups, owner, writes",
    [
        ({"main.agents": ["EXECUTE"]}, {"team": {"main.agents": ["CREATE FUNCTION", "MANAGE"]}}, "", True),
        ({"main.agents": ["EXECUTE"]}, {"team": {"main.agents": ["MANAGE"]}}, "", False),
        ({"main": ["ALL PRIVILEGES"], "main.agents": ["MANAGE"]}, {}, "", True),
        ({"main": ["ALL PRIVILEGES"]}, {}, "", False),
        ({"main.agents": ["EXECUTE"]}, {}, "ci", True),
        ({"main.agents": ["EXECUTE"]}, {"team": {}}, "team", True),
    ],
)
def test_grants_come_from_groups_catalogs_and_owning(grants, groups, owner, writes, workspace):
    here = workspace(grants, group_grants=groups)
    if owner:
        here.stand_in.control("owners", {"main.agents": owner}, here.url)
    assert here(code=0 if writes else 77).statuses["writing"] == ("ok" if writes else "fail")


def test_grants_that_may_not_be_seen(workspace):
    here = workspace({"main.agents": ALL})
    here.proxy.fail(
        Fault("status", status=403, code="PERMISSION_DENIED"), lambda request: "effective-permissions" in request.path
    )
    found = here()
    assert found.statuses["writing"] == "warn" and "it is not known whether" in found.message("writing")
    assert "CREATE FUNCTION, EXECUTE and MANAGE" in found.hint("writing")


def test_who_asks_may_not_be_seen(workspace):
    here = workspace({"main.agents": ALL})
    here.proxy.fail(Fault("status", status=403, code="PERMISSION_DENIED"), lambda request: "scim" in request.path)
    found = here()
    assert found.statuses["authentication"] == found.statuses["writing"] == "warn"
    assert found.statuses["reading"] == "ok"


def test_a_schema_that_may_not_be_seen(workspace):
    here = workspace({"main.agents": ALL})
    here.proxy.fail(
        Fault("status", status=403, code="PERMISSION_DENIED", message="User does not have USE SCHEMA."),
        lambda request: "/schemas/" in request.path,
    )
    assert here().statuses["schema"] == "warn"


def test_a_schema_that_there_is_not(workspace):
    found = workspace({"*": ALL})("--registry", "databricks-uc", "--catalog", "main", "--schema", "none", code=1)
    assert found.failed == {"schema"} and found.statuses["writing"] == "skip"
    assert "CREATE SCHEMA `main`.`none`" in found.hint("schema")


def test_no_schema_is_named(workspace):
    found = workspace({"*": ALL})("--registry", "databricks-uc")
    assert {found.statuses[check] for check in ("schema", "reading", "writing")} == {"skip"}
    assert found.statuses["authentication"] == "ok"


def test_a_workspace_without_a_prompt_registry(workspace):
    here = workspace({"main.agents": ALL})
    here.proxy.fail(
        Fault("status", status=404, code="FEATURE_DISABLED"), lambda request: request.path.endswith("/prompts/search")
    )
    assert here(code=69).failed == {"reading"}


@pytest.mark.parametrize("token", [f"dapi-{SECRET}", f"other-{SECRET}"])
def test_a_wrong_token(token, workspace):
    here = workspace({"main.agents": ALL})
    here.env["DATABRICKS_TOKEN"] = token
    found = here(code=77)
    assert found.failed == {"authentication"} and found.statuses["reachability"] == "ok"
    assert "DATABRICKS_" in found.hint("authentication")


def test_a_service_principal(workspace):
    here = workspace({"main.agents": ALL}, client_id="app", client_secret=SECRET)
    here.env = {"DATABRICKS_HOST": here.url, "DATABRICKS_CLIENT_ID": "app", "DATABRICKS_CLIENT_SECRET": SECRET}
    found = here()
    assert found.message("credentials") == (
        "oauth-m2m: DATABRICKS_HOST, DATABRICKS_CLIENT_ID, DATABRICKS_CLIENT_SECRET"
    )
    here.env["DATABRICKS_CLIENT_SECRET"] = SECRET + "x"
    found = here(code=77)
    assert found.failed == {"authentication"}
    assert found.hint("authentication") == "check DATABRICKS_CLIENT_ID and DATABRICKS_CLIENT_SECRET"


def test_a_profile(workspace, tmp_path):
    here = workspace({"main.agents": ALL})
    (tmp_path / ".databrickscfg").write_text(f"[prod]\nhost = {here.url}\ntoken = {SECRET}\n")
    here.env = {}
    found = here("--registry", "databricks-uc://prod", *NAMED[2:])
    assert "token of profile prod in ~/.databrickscfg" in found.message("credentials")
    assert here("--registry", "databricks-uc://none", *NAMED[2:], code=77).failed == {"credentials"}


def test_no_credentials_for_a_workspace_that_is_there(workspace):
    here = workspace({"main.agents": ALL})
    del here.env["DATABRICKS_TOKEN"]
    found = here(code=77)
    assert found.failed == {"credentials"}
    assert found.statuses["reachability"] == found.statuses["clock"] == "ok"


def test_no_workspace(doctor):
    found = doctor(*NAMED, code=77)
    assert found.failed == {"credentials"} and found.statuses["reachability"] == "skip"


def test_a_workspace_that_is_none(doctor, plain):
    server = plain(lambda request: (200, PAGE))
    found = doctor(*NAMED, env={"DATABRICKS_HOST": server.url, "DATABRICKS_TOKEN": SECRET}, code=69)
    assert found.failed == {"server"}
    url = f"http://127.0.0.1:{free_port()}"
    found = doctor(*NAMED, env={"DATABRICKS_HOST": url, "DATABRICKS_TOKEN": SECRET}, code=69)
    assert found.failed == {"reachability"} and found.statuses["credentials"] == "ok"


def test_an_address_that_is_none(program):
    ended = program("doctor", "--registry", "databricks-uc://a:b", code=64)
    assert "names a scope" in ended.err and ended.out == ""
