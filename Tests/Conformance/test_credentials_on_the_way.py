"""Credentials reach the registry and nobody else, and are renewed while a run goes on."""

import itertools

import pytest
from fault_proxy import Fault, FaultProxy, Request
from faults import PASSING, once_each
from jobs import JobFolder
from registries import State, UnityCatalogRegistry

ALIASES = ["production", "staging"]
TIMEOUT = ["--timeout", "4s"]
SECRET = "hush-5f1d0c"
METADATA, TOKEN = "/.well-known/databricks-config", "/oidc/v1/token"


def job_in(folder, registry, count: int = 2) -> JobFolder:
    """A job of new prompts with two aliases each."""
    job = JobFolder(folder / "job", aliases=ALIASES, schema=registry.schema)
    for index in range(count):
        job.add(f"p{index}", f"Text {index} {{{{x}}}}")
    job.write()
    return job


def check_whole(registry, job: JobFolder) -> None:
    """Every prompt has its one version and both aliases, and there is nothing besides."""
    registry.proxy.clear()
    assert registry.state() == {
        prompt.full_name: State({1: prompt.template}, dict.fromkeys(ALIASES, 1))
        for prompt in job.expected.values()
    }


# Redirections


@pytest.fixture
def elsewhere(remote):
    """Another host, which would answer just as the registry does."""
    proxy = FaultProxy(remote.proxy.upstream.geturl())
    yield proxy
    proxy.stop()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("is_writing", [False, True], ids=["reading", "writing"])
def test_nothing_follows_a_redirect_to_another_host(is_writing, status, remote, elsewhere, tmp_path):
    remote.sign_in(SECRET)
    job = job_in(tmp_path, remote)

    def choose(request: Request) -> Fault | None:
        if is_writing and not request.is_write:
            return None
        return Fault("page", status=status, headers={"Location": elsewhere.url + request.path})

    remote.proxy.choose = choose
    report = remote.run(job.path, *TIMEOUT, "--verbose", code=1 if is_writing else 69)
    assert "redirects requests elsewhere" in str(report) and "not-a-registry" in str(report)
    assert {request.headers["authorization"] for request in remote.proxy.requests} == {f"Bearer {SECRET}"}
    assert elsewhere.requests == []
    remote.proxy.clear()
    assert remote.state() == {}


def test_a_redirect_that_quotes_a_credential_is_not_quoted(remote, tmp_path):
    remote.sign_in(SECRET)
    job = job_in(tmp_path, remote)
    headers = {"Location": f"http://login.example/?token={SECRET}"}
    remote.proxy.choose = lambda request: Fault("page", status=302, headers=headers)
    flags = ["--registry", remote.uri, "--schema", remote.schema, *TIMEOUT, "--verbose"]
    ended = remote.program("run", job.path, *flags, code=69, env=remote.environment)
    assert "login.example" in ended.err and SECRET not in ended.out + ended.err


def test_an_answer_that_quotes_a_credential_is_not_quoted(remote, tmp_path):
    remote.sign_in(SECRET)
    job = job_in(tmp_path, remote)
    remote.proxy.choose = lambda request: Fault("status", status=400, message=f"bad header: Bearer {SECRET}")
    flags = ["--registry", remote.uri, "--schema", remote.schema, *TIMEOUT, "--verbose"]
    ended = remote.program("run", job.path, *flags, code=None, env=remote.environment)
    assert "bad header" in ended.err and SECRET not in ended.out + ended.err


def test_credentials_do_not_cross_a_network_in_plain_text(remote, tmp_path):
    remote.sign_in(SECRET)
    job = job_in(tmp_path, remote)
    remote.uri = remote.uri.replace(remote.proxy.url, "http://registry.example")
    remote.environment = {**remote.environment, "DATABRICKS_HOST": "http://registry.example"}
    report = remote.run(job.path, code=64)
    assert "--insecure-http" in str(report) and SECRET not in str(report)


# Tokens that are refused


@pytest.mark.parametrize("token", ["expired", "dapi-of-another-workspace"])
def test_a_token_that_is_refused_ends_the_run(token, unity, tmp_path):
    unity.environment["DATABRICKS_TOKEN"] = token
    report = unity.run(job_in(tmp_path, unity).path, *TIMEOUT, code=77)
    assert "unauthenticated" in str(report) and token not in str(report)
    assert not unity.proxy.writes and unity.state() == {}


@pytest.mark.parametrize("step", ["creation", "version", "alias"])
def test_a_token_that_is_taken_back_ends_the_run(step, unity, tmp_path):
    unity.sign_in(SECRET)
    job = job_in(tmp_path, unity)
    matches = {"creation": unity.is_creation, "version": unity.is_version, "alias": unity.is_alias}[step]

    def choose(request: Request) -> None:
        if matches(request):
            unity.stand_in.control("identities", [{"principal": "someone@example.com", "tokens": ["token"]}])

    unity.proxy.choose = choose
    report = unity.run(job.path, *TIMEOUT, code=77)
    assert {prompt["error"]["code"] for prompt in report["prompts"] if prompt["error"]} == {"unauthenticated"}
    unity.sign_in(SECRET)
    unity.proxy.clear()
    unity.run(job.path)
    check_whole(unity, job)


# Tokens that are given out


@pytest.fixture
def service(program, unity_stand_in, tmp_path):
    """Unity Catalog for a service principal, which has to ask for its tokens, in a workspace of its own."""
    identity = {"principal": "ci", "client_id": "app", "client_secret": SECRET}
    workspace = unity_stand_in.another(schemas=[], identities=[identity])
    registry = UnityCatalogRegistry(program, workspace, FaultProxy(workspace.url), tmp_path)
    registry.environment |= {"DATABRICKS_CLIENT_ID": "app", "DATABRICKS_CLIENT_SECRET": SECRET, "DATABRICKS_TOKEN": ""}
    yield registry
    registry.close()
    registry.proxy.stop()


def asked_for_tokens(registry) -> int:
    """How often a token was asked for."""
    return sum(request.path == TOKEN for request in registry.proxy.requests)


def bearers(registry) -> list[str]:
    """The tokens that were sent, in the order in which they were first sent."""
    sent = [request.headers.get("authorization", "") for request in registry.proxy.requests]
    return list(dict.fromkeys(value for value in sent if value.startswith("Bearer ")))


def refused(registry) -> int:
    """How many requests were refused for their token."""
    return sum(request.status == 401 for request in registry.proxy.requests)


def test_one_token_does_for_a_run(service, tmp_path):
    job = job_in(tmp_path, service, count=20)
    report = service.run(job.path)
    assert asked_for_tokens(service) == len(bearers(service)) == 1 and not refused(service)
    assert report["requests"] == len(service.proxy.requests)
    check_whole(service, job)


def test_a_token_is_renewed_before_it_ends(service, tmp_path):
    """Each lasts two seconds, and the run takes longer."""
    service.stand_in.control("lifetime", 2)
    job = job_in(tmp_path, service)
    service.proxy.choose = lambda request: Fault("usual", seconds=0.3) if request.is_write else None
    service.run(job.path, "--concurrency", "1")
    assert len(bearers(service)) > 1 and not refused(service)
    check_whole(service, job)


STEPS = ["observing", "creation", "version", "alias"]


def step_of(registry, step: str):
    """Says of a request whether it is of a step."""
    return {
        "observing": lambda request: request.method == "GET" and not request.is_for_token,
        "creation": registry.is_creation,
        "version": registry.is_version,
        "alias": registry.is_alias,
    }[step]


@pytest.mark.parametrize("step", STEPS)
def test_a_token_that_is_refused_is_renewed(step, service, tmp_path):
    job, matches = job_in(tmp_path, service, count=8), step_of(service, step)
    left = [1]

    def choose(request: Request) -> None:
        if matches(request) and left:
            left.pop()
            service.stand_in.control("revoke", [])

    service.proxy.choose = choose
    service.run(job.path)
    # However many requests it was refused to, it was replaced once.
    assert asked_for_tokens(service) == len(bearers(service)) == 2 and 1 <= refused(service) <= 8
    check_whole(service, job)


def test_tokens_that_are_refused_again_and_again_are_renewed(service, tmp_path):
    job = job_in(tmp_path, service, count=4)
    numbers = itertools.count(1)

    def choose(request: Request) -> None:
        if not request.is_for_token and next(numbers) % 7 == 0:
            service.stand_in.control("revoke", [])

    service.proxy.choose = choose
    service.run(job.path, "--concurrency", "1")
    assert refused(service) >= 3
    check_whole(service, job)


def test_a_token_may_be_refused_before_each_attempt(service, tmp_path):
    """A request that is tried again for another reason gets a new token again."""
    job = job_in(tmp_path, service, count=1)
    answers = [401, 503, 401, 503, 401]

    def choose(request: Request) -> Fault | None:
        if not service.is_version(request) or not answers:
            return None
        return Fault("status", status=answers.pop(0), code="UNAUTHENTICATED")

    service.proxy.choose = choose
    service.run(job.path)
    assert not answers and len(bearers(service)) == 4
    check_whole(service, job)


@pytest.mark.parametrize("step", STEPS)
def test_a_secret_that_is_taken_back_ends_the_run(step, service, tmp_path):
    job, matches = job_in(tmp_path, service), step_of(service, step)

    def choose(request: Request) -> None:
        if matches(request):
            service.stand_in.control("revoke", [])
            service.stand_in.control("identities", [])

    service.proxy.choose = choose
    report = service.run(job.path, *TIMEOUT, code=77)
    told = [report["error"], *(prompt["error"] for prompt in report["prompts"])]
    assert {error["code"] for error in told if error} == {"unauthenticated"} and SECRET not in str(report)
    identity = {"principal": "ci", "client_id": "app", "client_secret": SECRET}
    service.stand_in.control("identities", [identity])
    service.proxy.clear()
    service.run(job.path)
    check_whole(service, job)


def test_what_passes_is_got_over_where_tokens_are_given_out(service, tmp_path):
    for number, (name, fault) in enumerate(PASSING.items()):
        service.proxy.clear()
        service.proxy.choose = once_each(fault, lambda request: request.path == TOKEN)
        service.schema = f"tokens_{number}"
        service.add_schema("main")
        job = job_in(tmp_path / str(number), service, count=1)
        service.run(job.path)
        assert 1 <= asked_for_tokens(service) <= 2, name
        check_whole(service, job)


REFUSALS = {
    "400": (Fault("status", status=400, code="invalid_request"), 77, "unauthenticated"),
    "401": (Fault("status", status=401, code="invalid_client"), 77, "unauthenticated"),
    "403": (Fault("status", status=403), 77, "unauthenticated"),
    "429": (Fault("status", status=429), 69, "unreachable"),
    "500": (Fault("status", status=500), 69, "failed"),
    "503": (Fault("status", status=503), 69, "unreachable"),
    "reset": (Fault("reset"), 69, "unreachable"),
    "silence": (Fault("silence"), 69, "unreachable"),
    "page": (Fault("page", status=200), 69, "not-a-registry"),
    "invalid JSON": (Fault("body"), 69, "failed"),
    "huge": (Fault("huge"), 69, "failed"),
}


@pytest.mark.parametrize("fault, code, error", REFUSALS.values(), ids=REFUSALS)
def test_where_no_token_is_given_out_nothing_is_done(fault, code, error, service, tmp_path):
    job = job_in(tmp_path, service)
    service.proxy.fail(fault, lambda request: request.path == TOKEN)
    report = service.run(job.path, "--timeout", "2s", code=code)
    told = [report["error"], *(prompt["error"] for prompt in report["prompts"])]
    assert {problem["code"] for problem in told if problem} == {error}
    assert SECRET not in str(report) and bearers(service) == []


@pytest.mark.parametrize("path", [METADATA, "/oauth-authorization-server", TOKEN])
@pytest.mark.parametrize("status", [302, 307])
def test_a_secret_follows_no_redirect(status, path, service, tmp_path):
    elsewhere = FaultProxy(service.stand_in.url)
    job = job_in(tmp_path, service)
    headers = {"Location": f"{elsewhere.url}{path}"}
    service.proxy.fail(
        Fault("page", status=status, headers=headers), lambda request: request.path.endswith(path)
    )
    # A workspace that does not describe itself is asked where it is known to give out tokens.
    report = service.run(job.path, *TIMEOUT, code=0 if path == METADATA else None)
    assert elsewhere.requests == [] and SECRET not in str(report)
    if path != METADATA:
        assert "not-a-registry" in str(report) and bearers(service) == []
    elsewhere.stop()
