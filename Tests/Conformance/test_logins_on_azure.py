"""promptreg works with what people have on Azure: `az login`, a service principal's secret, and GitHub Actions."""

import json

import pytest
from azure_network import DATABRICKS, LOGIN, MANAGEMENT, TENANT, WORKSPACE, AzureNetwork
from jobs import JobFolder

LIST = ["list", "--catalog", "main", "--schema", "agents"]
PRINCIPAL = {"ARM_CLIENT_ID": "arm-app", "ARM_CLIENT_SECRET": "hush-secret"}
RESOURCE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Databricks/workspaces/w"


class Machine:
    """A machine from which a workspace on Azure can be reached."""

    def __init__(self, folder, stand_in, program):
        self.home, self.program = folder, program
        me = {"principal": "me@example.com", "tokens": ["hush-entra"]}
        self.url = stand_in.control("workspaces", {"identities": [me]})["url"]
        self.network = AzureNetwork(folder, self.url)
        (folder / "bin").mkdir()
        self.env = self.network.env | {"HOME": str(folder), "PATH": f"{folder}/bin:/usr/bin:/bin"}

    def az(self, script: str) -> None:
        """Installs an Azure CLI, which notes how it is called."""
        path = self.home / "bin" / "az"
        path.write_text(f'#!/bin/sh\necho "$*" >>"$HOME/calls"\n{script}\n')
        path.chmod(0o755)

    def calls(self) -> list[str]:
        return (self.home / "calls").read_text().splitlines()

    def __call__(self, *arguments, code: int | None = 0, **env):
        ended = self.program(*arguments, "--registry", "databricks-uc", code=code, env=self.env | env)
        assert "hush" not in ended.out + ended.err
        return ended

    def doctor(self, code: int | None = 0, **env) -> dict[str, dict]:
        ended = self("doctor", *LIST[1:], "--format", "json", code=code, **env)
        return {found["check"]: found for found in json.loads(ended.out)}

    def headers(self) -> list[dict]:
        """The headers of the requests to the workspace that had a token."""
        return [headers for host, _, headers, _ in self.network.requests if host == WORKSPACE and "Authorization" in headers]


@pytest.fixture
def machine(unity_stand_in, program, tmp_path):
    made = Machine(tmp_path, unity_stand_in, program)
    yield made
    made.network.shutdown()


def printed(token: str, expires_on: str = ', "expires_on": 32472144000') -> str:
    text = f'{{"accessToken": "{token}", "tokenType": "Bearer", "expiresOn": "2999-01-01 00:00:00.000000"{expires_on}}}'
    return f"printf '%s' '{text}'"


def az(account: str = '{"user": {"type": "user", "name": "me"}}', expires_on: str = ', "expires_on": 32472144000') -> str:
    """An Azure CLI that is logged in."""
    return f"""case "$*" in
    "account show"*) echo '{account}' ;;
    *"--resource {DATABRICKS}"*) {printed("hush-entra", expires_on)} ;;
    *) {printed("hush-management", expires_on)} ;;
    esac"""


# Before version 2.54, the CLI told a local time alone.
@pytest.mark.parametrize("expires_on", [', "expires_on": 32472144000', ""])
def test_the_login_of_the_azure_cli(expires_on, machine):
    machine.az(az(expires_on=expires_on))
    machine(*LIST)
    token = f"account get-access-token --resource {DATABRICKS} --output json --tenant {TENANT}"
    assert machine.calls()[:2] == ["account show --output json", token]
    assert {headers["Authorization"] for headers in machine.headers()} == {"Bearer hush-entra"}
    assert {headers["X-Databricks-Azure-SP-Management-Token"] for headers in machine.headers()} == {"hush-management"}
    found = machine.doctor()
    assert found["credentials"]["message"] == f"azure-cli: DATABRICKS_HOST, {machine.home}/bin/az"
    assert {each["status"] for each in found.values()} <= {"ok", "skip"}, found


BAD = {
    "logged out": ("echo hush >&2; exit 1", "has no token for", "az login"),
    "garbage": ("echo hush", "printed no token that can be understood", "az login"),
    "huge": ("yes hush | head -c 3000000", "printed more than 1 MiB", "az login"),
    "expired": (
        az(expires_on=', "expires_on": 1000000000').replace("2999", "2001"), "has expired", "az login",
    ),
    "hangs": ("sleep 300", "exceeded its time limit while it waited for the Azure CLI", "--timeout"),
}  # fmt: skip


@pytest.mark.parametrize("script, message, help", BAD.values(), ids=BAD)
def test_an_azure_cli_without_a_good_token(script, message, help, machine):
    machine.az(script)
    code = 69 if script == "sleep 300" else 77
    ended = machine(*LIST, "--timeout", "3s", code=code)
    assert message in ended.err and help in ended.err, ended.err
    assert machine.headers() == []


def test_the_databricks_cli_where_the_azure_cli_is_logged_out(machine):
    machine.az("exit 1")
    path = machine.home / "bin" / "databricks"
    path.write_text(
        "#!/bin/sh\necho '{\"access_token\": \"hush-entra\", \"token_type\": \"Bearer\", \"expiry\": \"2999-01-01T00:00:00Z\"}'\n"
    )
    path.chmod(0o755)
    machine(*LIST)
    message = machine.doctor()["credentials"]["message"]
    assert message == f"databricks-cli: DATABRICKS_HOST, {path}; azure-cli has no token"
    ended = machine(*LIST, code=77, DATABRICKS_AUTH_TYPE="azure-cli")
    assert "the Azure CLI has no token for" in ended.err and "az login" in ended.err


@pytest.mark.parametrize("tenant", [None, TENANT])
def test_a_service_principal_s_secret(tenant, machine):
    env = PRINCIPAL | {"DATABRICKS_AZURE_RESOURCE_ID": RESOURCE} | ({"ARM_TENANT_ID": tenant} if tenant else {})
    job = JobFolder(machine.home / "job", schema="agents", registry="databricks-uc")
    job.add("a", "A {{x}}")
    machine("run", job.write(), **env)
    assert [form["resource"] for form in machine.network.posts(LOGIN)] == [DATABRICKS, MANAGEMENT]
    for headers in machine.headers():
        assert headers["X-Databricks-Azure-SP-Management-Token"] == "hush-management"
        assert headers["X-Databricks-Azure-Workspace-Resource-Id"] == RESOURCE
    asked = [path for host, path, _, _ in machine.network.requests if host == WORKSPACE and path == "/aad/auth"]
    assert len(asked) == (tenant is None)
    message = machine.doctor(**env)["credentials"]["message"]
    assert message.startswith("azure-client-secret: DATABRICKS_HOST, DATABRICKS_AZURE_RESOURCE_ID, ARM_CLIENT_SECRET")


def test_a_service_principal_s_wrong_secret(machine):
    ended = machine(*LIST, code=77, **PRINCIPAL | {"ARM_CLIENT_SECRET": "hush-wrong"})
    assert "AADSTS7000215" in ended.err and "check ARM_CLIENT_SECRET and ARM_CLIENT_ID" in ended.err
    machine.network.says_tenant = False
    ended = machine(*LIST, code=77, **PRINCIPAL)
    assert "set ARM_TENANT_ID" in ended.err
    ended = machine(*LIST, code=77, **PRINCIPAL | {"DATABRICKS_HOST": "https://w.example.com"})
    assert "'azure-client-secret' is for Azure" in ended.err
    assert machine.headers() == []


def test_github_actions_for_azure(machine):
    env = {
        "ARM_CLIENT_ID": "arm-app",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{machine.url}/_github/id-token?v=1",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "github-request-token",
    }
    machine(*LIST, **env)
    form = machine.network.posts(LOGIN)[0]
    assert form["client_assertion"].startswith("id-token-") and "client_secret" not in form
    assert {headers["Authorization"] for headers in machine.headers()} == {"Bearer hush-entra"}
    ended = machine(*LIST, code=77, **env | {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "hush-wrong"})
    assert "GitHub issued no ID token" in ended.err and "id-token: write" in ended.err
    ended = machine(*LIST, code=77, **env | {"ARM_CLIENT_ID": "other"})
    assert "federated credentials" in ended.err
