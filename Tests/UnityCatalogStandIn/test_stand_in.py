"""The stand-in is a true one: MLflow's own client works with it, and what the API refuses it refuses."""

import base64
import http.client
import json
import threading
import urllib.error
import urllib.parse

import pytest

PROMPTS = "/api/2.0/mlflow/unity-catalog/prompts"
BEARER = {"Authorization": "Bearer token"}
NAME = "main.agents.prompt_orchestrator"
EXCHANGE = {
    "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
    "scope": "all-apis",
    "client_id": "app",
}


@pytest.fixture
def client(stand_in, monkeypatch, tmp_path):
    """MLflow's own client of the stand-in."""
    import mlflow
    from mlflow.utils import rest_utils

    monkeypatch.setenv("DATABRICKS_HOST", stand_in.url)
    monkeypatch.setenv("DATABRICKS_TOKEN", "token")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MLFLOW_REGISTRY_URI", "databricks-uc")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    rest_utils.get_workspace_client.cache_clear()
    mlflow.set_registry_uri(None)
    yield mlflow.MlflowClient(registry_uri="databricks-uc")
    # It ties what it registers and loads to the experiment meanwhile.
    for thread in threading.enumerate():
        if thread.name.startswith("link_prompt"):
            thread.join()


def refusal(stand_in, *arguments, **options) -> tuple[int, dict]:
    """The status and the body that a call is refused with."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        stand_in.call(*arguments, **options)
    return caught.value.code, json.load(caught.value)


def register(stand_in, name=NAME, template='"Hi"', tags=()):
    """Registers a version as the official client does."""
    try:
        stand_in.call("POST", PROMPTS, {"name": name, "prompt": {"name": name}}, BEARER)
    except urllib.error.HTTPError as error:
        assert error.code == 409
    version = {"name": name, "template": template, "tags": [{"key": key, "value": "x"} for key in tags]}
    return stand_in.call("POST", f"{PROMPTS}/{name}/versions", {"name": name, "prompt_version": version}, BEARER)


def test_official_client_registers_and_loads_a_text(client):
    first = client.register_prompt(NAME, "Hello {{name}}", commit_message="First", tags={"team": "platform"})
    second = client.register_prompt(NAME, "Good day {{name}} \N{GRINNING FACE}\r\n\"'\\")
    assert (first.version, second.version) == (1, 2)
    client.set_prompt_alias(NAME, "production", 1)
    client.set_prompt_alias(NAME, "staging", 2)
    production = client.load_prompt(f"prompts:/{NAME}@production")
    assert (production.version, production.template) == (1, "Hello {{name}}")
    assert (production.commit_message, production.tags, production.aliases) == (
        "First",
        {"team": "platform"},
        ["production"],
    )
    assert client.load_prompt(f"prompts:/{NAME}/2").template == "Good day {{name}} \N{GRINNING FACE}\r\n\"'\\"
    client.set_prompt_alias(NAME, "production", 2)
    assert client.load_prompt(f"prompts:/{NAME}@production", cache_ttl_seconds=0).version == 2
    client.delete_prompt_alias(NAME, "staging")
    assert client.get_prompt_version_by_alias(NAME, "staging") is None


def test_official_client_registers_a_chat_with_settings(client):
    messages = [{"role": "system", "content": "Be {{style}}"}, {"role": "user", "content": "{{question}}"}]
    shape = {"type": "object", "properties": {"answer": {"type": "string"}}}
    settings = {"model_name": "databricks-claude-sonnet-4-5", "temperature": 0.2}
    client.register_prompt(NAME, messages, response_format=shape, model_config=settings)
    loaded = client.load_prompt(f"prompts:/{NAME}/1")
    assert loaded.template == messages
    assert loaded.response_format == shape
    assert loaded.model_config == settings


def test_official_client_lists_and_tags(client, stand_in):
    for name in ("a", "b", "c"):
        client.register_prompt(f"main.agents.{name}", "Hi")
    for number in (2, 3):
        assert client.register_prompt("main.agents.a", f"Hi {number}").version == number
    found, token = [], None
    while token != "":
        page = client.search_prompts("catalog = 'main' AND schema = 'agents'", page_token=token)
        found += [prompt.name for prompt in page]
        token = page.token
    assert found == ["main.agents.a", "main.agents.b", "main.agents.c"]
    answer = client.search_prompt_versions("main.agents.a")
    assert [int(version.version) for version in answer] == [1, 2]
    assert answer.token == "page-2"
    client.set_prompt_tag("main.agents.a", "team", "platform")
    client.set_prompt_version_tag("main.agents.a", 1, "reviewed", "yes")
    assert client.get_prompt("main.agents.a").tags["team"] == "platform"
    assert client.get_prompt_version("main.agents.a", 1).tags == {"reviewed": "yes"}
    client.delete_prompt_tag("main.agents.a", "team")
    client.delete_prompt_version_tag("main.agents.a", 1, "reviewed")
    assert "team" not in client.get_prompt("main.agents.a").tags
    assert client.get_prompt_version("main.agents.a", 1).tags == {}


def test_official_client_finds_prompts(client):
    from mlflow.exceptions import MlflowException

    for name, tags in (("prompt_a", {"team": "x"}), ("prompt_b", {"team": "y"}), ("promptxc", None)):
        client.create_prompt(f"main.agents.{name}", tags=tags)
    client.set_prompt_tag("main.agents.prompt_b", "_mlflow_experiment_ids", ",1,12,")

    def search(text="", **options):
        found = client.search_prompts(f"catalog = 'main' AND schema = 'agents'{text}", **options)
        return [prompt.name.removeprefix("main.agents.") for prompt in found]

    assert search(max_results=2) == ["prompt_a", "prompt_b"]
    assert search(" AND name = 'prompt_a'") == ["prompt_a"]
    assert search(" AND name LIKE 'prompt%'", page_token="page-2") == ["promptxc"]
    assert search(" AND name ILIKE 'PROMPTX_'") == ["promptxc"]
    assert search(" AND tags.team = 'y'") == ["prompt_b"]
    assert search(" AND tag.`team` LIKE '_' AND name LIKE '%a'") == ["prompt_a"]
    assert search(" AND experiment_id = '12'") == ["prompt_b"]
    assert search(" AND experiment_id = '2'") == []
    for wrong in (" AND name", " AND name > 'a'", " AND name = 'a' OR name = 'b'", " AND creator = 'x'"):
        with pytest.raises(MlflowException, match="Invalid filter"):
            search(wrong)
    with pytest.raises(MlflowException, match="Schema 'main.other' does not exist"):
        client.search_prompts("catalog = 'main' AND schema = 'other'")


def test_official_client_reads_versions(client):
    messages = [{"role": "user", "content": "{{question}}"}]
    client.register_prompt(NAME, "one", commit_message="First", tags={"team": "platform"})
    client.register_prompt(NAME, messages, model_config={"temperature": 0.2})
    client.register_prompt(NAME, "three")
    client.set_prompt_alias(NAME, "production", 2)
    found = client.search_prompt_versions(NAME, max_results=2)
    found += client.search_prompt_versions(NAME, max_results=2, page_token=found.token)
    assert [(version.version, version.template, version.aliases) for version in found] == [
        (1, "one", []),
        (2, messages, ["production"]),
        (3, "three", []),
    ]
    assert (found[0].commit_message, found[0].tags) == ("First", {"team": "platform"})
    assert found[1].model_config == {"temperature": 0.2}
    assert [version.version for version in client.search_prompt_versions(NAME, max_results=1)] == [1]
    client.delete_prompt_version(NAME, 1)
    assert [version.version for version in client.search_prompt_versions(NAME)] == [2, 3]
    assert client.load_prompt(f"prompts:/{NAME}@production").template == messages
    assert client.load_prompt(NAME, version=3).template == "three"
    assert client.load_prompt(f"prompts:/{NAME}/1", allow_missing=True) is None


def test_official_client_is_refused_as_by_the_real_api(client):
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException, match="three-level"):
        client.register_prompt("orchestrator", "Hi")
    with pytest.raises(MlflowException, match="Schema 'main.other' does not exist"):
        client.register_prompt("main.other.orchestrator", "Hi")
    with pytest.raises(MlflowException, match="invalid character"):
        client.register_prompt(NAME, "Hi", tags={"a.b": "c"})
    client.register_prompt(NAME, "Hi")
    assert client.get_prompt_version_by_alias(NAME, "latest") is None


def test_unknown_fields_are_refused(stand_in):
    body = {"name": NAME, "prompt": {"name": NAME, "text": "Hi"}}
    status, error = refusal(stand_in, "POST", PROMPTS, body, BEARER)
    assert (status, error["error_code"]) == (400, "MALFORMED_REQUEST")
    assert stand_in.control("GET", "state") == {}


def test_refusals(stand_in):
    body = {"name": NAME, "prompt": {"name": NAME}}
    stand_in.call("POST", PROMPTS, body, BEARER)
    assert refusal(stand_in, "POST", PROMPTS, body, BEARER)[1]["error_code"] == "ALREADY_EXISTS"
    assert refusal(stand_in, "GET", f"{PROMPTS}/main.agents.none", None, BEARER)[0] == 404
    version = {"name": NAME, "template": "Hi"}
    path = f"{PROMPTS}/{NAME}/versions"
    status, error = refusal(stand_in, "POST", path, {"name": NAME, "prompt_version": version}, BEARER)
    assert (status, "not JSON" in error["message"]) == (400, True)
    for alias in ("latest", "v3", "a b"):
        assert (
            refusal(
                stand_in, "POST", f"{PROMPTS}/{NAME}/aliases/{urllib.parse.quote(alias)}", {"version": "1"}, BEARER
            )[0]
            == 400
        )
    assert refusal(stand_in, "POST", f"{PROMPTS}/{NAME}/aliases/production", {"version": "9"}, BEARER)[0] == 404


@pytest.mark.parametrize("character", ".,-=/:")
def test_tag_keys(stand_in, character):
    assert register(stand_in)["version"] == "1"
    key = f"a{character}b"
    tag = {"name": NAME, "key": key, "value": "x"}
    assert (
        refusal(stand_in, "POST", f"{PROMPTS}/{NAME}/tags", tag, BEARER)[1]["error_code"] == "INVALID_PARAMETER_VALUE"
    )
    with pytest.raises(urllib.error.HTTPError):
        register(stand_in, tags=[key])


def test_grants_and_tokens(stand_in):
    stand_in.control(
        "POST", "identities", [{"principal": "ci", "tokens": ["token"], "grants": {"main.agents": ["EXECUTE"]}}]
    )
    body = {"name": NAME, "prompt": {"name": NAME}}
    status, error = refusal(stand_in, "POST", PROMPTS, body, BEARER)
    assert (status, error["error_code"]) == (403, "PERMISSION_DENIED")
    assert error["message"] == "User does not have CREATE FUNCTION on Schema 'main.agents'."
    assert refusal(stand_in, "GET", f"{PROMPTS}/{NAME}", None, BEARER)[0] == 404
    assert refusal(stand_in, "GET", f"{PROMPTS}/{NAME}", None, {"Authorization": "Bearer other"})[0] == 401
    assert refusal(stand_in, "GET", f"{PROMPTS}/{NAME}")[0] == 401
    assert stand_in.call("GET", "/api/2.0/preview/scim/v2/Me", None, BEARER)["userName"] == "ci"


def test_client_credentials_and_expiry(stand_in):
    stand_in.control("POST", "identities", [{"principal": "ci", "client_id": "app", "client_secret": "s"}])
    basic = {"Authorization": "Basic " + base64.b64encode(b"app:s").decode()}
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "all-apis"}).encode()
    answer = stand_in.call("POST", "/oidc/v1/token", form, basic)
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert answer["expires_in"] == 3600
    assert stand_in.call("GET", "/api/2.0/preview/scim/v2/Me", None, bearer)["userName"] == "ci"
    stand_in.control("POST", "revoke", [])
    assert refusal(stand_in, "GET", "/api/2.0/preview/scim/v2/Me", None, bearer)[0] == 401
    wrong = {"Authorization": "Basic " + base64.b64encode(b"app:t").decode()}
    assert refusal(stand_in, "POST", "/oidc/v1/token", form, wrong)[1]["error"] == "invalid_client"


def test_token_exchange(stand_in):
    stand_in.control("POST", "identities", [{"principal": "ci", "client_id": "app", "federation": True}])
    audience = urllib.parse.quote(f"{stand_in.url}/oidc/v1/token", safe="")
    github = {"Authorization": "Bearer github-request-token"}
    token = stand_in.call("GET", f"/_github/id-token?api-version=2.0&audience={audience}", None, github)["value"]
    form = urllib.parse.urlencode(EXCHANGE | {"subject_token": token}).encode()
    answer = stand_in.call("POST", "/oidc/v1/token", form)
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    assert stand_in.call("GET", "/api/2.0/preview/scim/v2/Me", None, bearer)["userName"] == "ci"
    wrong = stand_in.call("GET", "/_github/id-token?audience=other", None, github)["value"]
    form = urllib.parse.urlencode(EXCHANGE | {"subject_token": wrong}).encode()
    assert refusal(stand_in, "POST", "/oidc/v1/token", form)[1]["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("fault", "took_effect"),
    [
        ({"status": 503, "code": "TEMPORARILY_UNAVAILABLE", "headers": {"Retry-After": "1"}}, False),
        ({"status": 500, "effect": True}, True),
        ({"answer": "drop"}, False),
        ({"answer": "drop", "effect": True}, True),
        ({"answer": "html", "status": 200}, False),
        ({"answer": "truncated"}, True),
        ({"answer": "cut"}, True),
    ],
)
def test_faults(stand_in, fault, took_effect):
    stand_in.control("POST", "faults", [{"method": "POST", "path": "/versions$", "skip": 1, **fault}])
    assert register(stand_in)["version"] == "1"
    with pytest.raises((OSError, ValueError, http.client.IncompleteRead)):
        register(stand_in)
    assert len(stand_in.control("GET", "state")[NAME]["versions"]) == 1 + took_effect
    assert register(stand_in)["version"] == str(2 + took_effect)


def test_requests_are_recorded(stand_in):
    register(stand_in)
    paths = [(request["method"], request["path"], request["status"]) for request in stand_in.control("GET", "requests")]
    assert paths == [("POST", PROMPTS, 200), ("POST", f"{PROMPTS}/{NAME}/versions", 200)]
