"""Databricks configurations, and what the Databricks SDK for Python makes of each without any network."""

import base64
import json
import re
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

HOME = "/home/user"
W = "https://w.example.com"
PAT = {"DATABRICKS_HOST": W, "DATABRICKS_TOKEN": "dapi1"}
M2M = {"DATABRICKS_HOST": W, "DATABRICKS_CLIENT_ID": "app", "DATABRICKS_CLIENT_SECRET": "s"}
GITHUB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://github.example/token?v=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "rt"}
CI = {"DATABRICKS_HOST": W, "DATABRICKS_CLIENT_ID": "app", **GITHUB}
FILE = f"""\
[DEFAULT]
host = https://default.example.com
token = dapi-default

# A comment
[ci]
host: https://ci.example.com/
client_id = ci-app
client_secret = ci = secret

[pat]
host = https://pat.example.com
token = dapi-pat

[cli]
host = https://cli.example.com
auth_type = databricks-cli

[no-host]
token = dapi-no-host

[host-only]
host = https://host-only.example.com

[both]
host = {W}
token = dapi-both
client_id = app
client_secret = s

[chosen]
host = {W}
token = dapi-both
client_id = app
client_secret = s
auth_type = oauth-m2m
"""


@dataclass
class Row:
    """A configuration; in it, `/home/user` is the home folder."""

    name: str
    environment: dict[str, str] = field(default_factory=dict)
    profile: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    # Scripts by their paths below the home folder, whose folders `bin` and `bin2` make up PATH.
    programs: dict[str, str] = field(default_factory=dict)
    # Why promptreg does something else than the SDK, where it does.
    because: str = ""


def jwt(**claims) -> str:
    """A token with claims, which nobody signed."""
    parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + ".x"


def script(*cases: tuple[str, str], otherwise: str = "exit 9") -> str:
    """A program that notes how it was called; each case is a pattern of its arguments, and what it does."""
    lines = [f'*"{pattern}"*) {what} ;;' for pattern, what in cases]
    return "\n".join(
        ["#!/bin/sh", 'echo "${0##*/} $*" >>"$HOME/calls"', 'case "$*" in', *lines, f"*) {otherwise} ;;", "esac", ""]
    )


def says(**answer) -> str:
    """Prints JSON."""
    return f"echo '{json.dumps(answer)}'"


def databricks(version: str = "0.296.0", token: str = "cli-token", expiry: str = "2999-01-01T00:00:00Z") -> str:
    """The Databricks CLI of somebody who is logged in."""
    major, minor, patch = map(int, version.split("."))
    return script(
        ("version --output json", says(Version=version, Major=major, Minor=minor, Patch=patch)),
        ("auth token", says(access_token=token, token_type="Bearer", expiry=expiry)),
    )


def az(token: str = "az-token", user: str = "user", name: str = "me@example.com", refused: str = "nothing") -> str:
    """The Azure CLI of somebody who is logged in; what has `refused` in its arguments is refused."""
    management = says(accessToken="az-management", tokenType="Bearer", expiresOn="2999-01-01 00:00:00.000000")
    return script(
        ("account show", says(user={"type": user, "name": name})),
        (refused, "echo no >&2; exit 1"),
        ("--resource https://management", management),
        (
            "get-access-token",
            says(accessToken=token, tokenType="Bearer", expiresOn="2999-01-01 00:00:00.000000", expires_on=32472144000),
        ),
    )


LOGGED_OUT = script(("version", says(Major=0, Minor=296, Patch=0)), otherwise="echo 'no cached token' >&2; exit 1")
LEGACY = "#!/usr/bin/python3\nimport sys\nfrom databricks_cli.cli import cli\nsys.exit(cli())\n"
A = "https://adb-1.2.azuredatabricks.net"
RESOURCE = "/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Databricks/workspaces/w"
ARM = {"DATABRICKS_HOST": A, "ARM_CLIENT_ID": "a", "ARM_CLIENT_SECRET": "s"}
PIPELINE = {
    "SYSTEM_ACCESSTOKEN": "at",
    "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": "https://devops.example/org/",
    "SYSTEM_TEAMPROJECTID": "project-1",
    "SYSTEM_PLANID": "plan-1",
    "SYSTEM_JOBID": "job-1",
    "SYSTEM_HOSTTYPE": "build",
}
DEVOPS = {"DATABRICKS_HOST": W, "DATABRICKS_CLIENT_ID": "app", **PIPELINE}


def config(text: str) -> dict[str, str]:
    return {f"{HOME}/.databrickscfg": text}


ROWS = [
    # Environment
    Row("nothing"),
    Row("pat", PAT),
    Row("host alone", {"DATABRICKS_HOST": W}),
    Row("token alone", {"DATABRICKS_TOKEN": "dapi1"}),
    Row("empty token", PAT | {"DATABRICKS_TOKEN": ""}),
    Row("empty host", PAT | {"DATABRICKS_HOST": ""}),
    Row("m2m", M2M),
    Row("m2m without its secret", {k: v for k, v in M2M.items() if not k.endswith("SECRET")}),
    Row("m2m without its id", {k: v for k, v in M2M.items() if not k.endswith("ID")}),
    Row("m2m with a secret that has to be escaped", M2M | {"DATABRICKS_CLIENT_SECRET": "a:b/c+d"}),
    Row("m2m for a group", M2M | {"DATABRICKS_GROUP_ID": "7"}),
    Row("m2m with a discovery URL", M2M | {"DATABRICKS_DISCOVERY_URL": "https://other.example.com/oidc"}),
    Row("pat for a group", PAT | {"DATABRICKS_GROUP_ID": "7"}),
    Row("pat and m2m", PAT | M2M),
    Row("pat and m2m, pat named", PAT | M2M | {"DATABRICKS_AUTH_TYPE": "pat"}),
    Row("pat and m2m, m2m named", PAT | M2M | {"DATABRICKS_AUTH_TYPE": "oauth-m2m"}),
    Row("pat and client id", PAT | {"DATABRICKS_CLIENT_ID": "app"}),
    Row("pat and basic", PAT | {"DATABRICKS_USERNAME": "u", "DATABRICKS_PASSWORD": "p"}),
    Row("pat and azure", PAT | {"ARM_CLIENT_ID": "a", "ARM_TENANT_ID": "t"}),
    Row("pat and azure tenant", PAT | {"ARM_TENANT_ID": "t"}),
    Row("pat and google", PAT | {"GOOGLE_CREDENTIALS": "{}"}),
    Row("pat and an ID token's variable", PAT | {"DATABRICKS_OIDC_TOKEN_ENV": "JWT", "JWT": "j"}),
    Row("pat and an ID token", PAT | {"DATABRICKS_OIDC_TOKEN": "j"}),
    Row("m2m and azure, m2m named", M2M | {"ARM_CLIENT_ID": "a", "DATABRICKS_AUTH_TYPE": "oauth-m2m"}),
    Row("m2m named without a secret", CI | {"DATABRICKS_AUTH_TYPE": "oauth-m2m"}),
    Row("pat named, m2m given", M2M | {"DATABRICKS_AUTH_TYPE": "pat"}),
    Row("unknown method named", PAT | {"DATABRICKS_AUTH_TYPE": "magic"}),
    Row("method in capitals", PAT | {"DATABRICKS_AUTH_TYPE": "PAT"}),
    Row("azure-cli named", PAT | {"DATABRICKS_AUTH_TYPE": "azure-cli"}),
    Row("basic", {"DATABRICKS_HOST": W, "DATABRICKS_USERNAME": "u", "DATABRICKS_PASSWORD": "p"}),
    Row("basic without its password", {"DATABRICKS_HOST": W, "DATABRICKS_USERNAME": "u"}),
    Row("metadata service", {"DATABRICKS_HOST": W, "DATABRICKS_METADATA_SERVICE_URL": "http://127.0.0.1:1/x"}),
    Row(
        "azure client secret",
        {"DATABRICKS_HOST": W, "ARM_CLIENT_ID": "a", "ARM_CLIENT_SECRET": "s", "ARM_TENANT_ID": "t"},
    ),
    # OIDC
    Row("github", CI),
    Row("github named", CI | {"DATABRICKS_AUTH_TYPE": "github-oidc"}),
    Row("github with an audience", CI | {"DATABRICKS_TOKEN_AUDIENCE": "https://aud/?a b"}),
    Row("github without a client id", {"DATABRICKS_HOST": W, **GITHUB}),
    Row("github without a request URL", {k: v for k, v in CI.items() if not k.endswith("URL")}),
    Row(
        "github named outside of Actions",
        {"DATABRICKS_HOST": W, "DATABRICKS_CLIENT_ID": "app", "DATABRICKS_AUTH_TYPE": "github-oidc"},
    ),
    Row("github and m2m", CI | M2M),
    Row("github and pat", CI | {"DATABRICKS_TOKEN": "dapi1"}),
    Row("github named, pat given", CI | {"DATABRICKS_TOKEN": "dapi1", "DATABRICKS_AUTH_TYPE": "github-oidc"}),
    Row("github for a group", CI | {"DATABRICKS_GROUP_ID": "7"}),
    Row("ID token", {"DATABRICKS_HOST": W, "DATABRICKS_CLIENT_ID": "app", "DATABRICKS_OIDC_TOKEN": "j"}),
    Row("ID token without a client id", {"DATABRICKS_HOST": W, "DATABRICKS_OIDC_TOKEN": "j"}),
    Row("ID token in a named variable", {"DATABRICKS_HOST": W, "DATABRICKS_OIDC_TOKEN_ENV": "JWT", "JWT": "j"}),
    Row("ID token in a named variable that is not set", {"DATABRICKS_HOST": W, "DATABRICKS_OIDC_TOKEN_ENV": "JWT"}),
    Row("ID token before github's", CI | {"DATABRICKS_OIDC_TOKEN": "j"}),
    Row(
        "ID token in a file",
        {"DATABRICKS_HOST": W, "DATABRICKS_OIDC_TOKEN_FILEPATH": f"{HOME}/jwt"},
        files={f"{HOME}/jwt": "j\n"},
    ),
    Row(
        "ID token in a file, by its old name",
        {"DATABRICKS_HOST": W, "DATABRICKS_OIDC_TOKEN_FILE": f"{HOME}/jwt"},
        files={f"{HOME}/jwt": " j "},
    ),
    Row(
        "ID token in an empty file",
        {"DATABRICKS_HOST": W, "DATABRICKS_OIDC_TOKEN_FILEPATH": f"{HOME}/jwt"},
        files={f"{HOME}/jwt": "\n"},
    ),
    Row(
        "ID token in a file that is missing",
        CI | {"DATABRICKS_OIDC_TOKEN_FILEPATH": f"{HOME}/jwt", "DATABRICKS_AUTH_TYPE": "file-oidc"},
    ),
    # Hosts
    *[
        Row(f"host {host}", PAT | {"DATABRICKS_HOST": host})
        for host in (
            "w.example.com",
            "w.example.com/",
            "https://w.example.com//",
            "http://127.0.0.1:8080/",
            "127.0.0.1:8080",
            "https://w.example.com:443",
            "w.example.com:443/",
            "https://w.example.com:8443/",
            "HTTPS://W.Example.com",
            "https://w.example.com/a/b/",
            "https://w.example.com:x",
        )
    ],
    Row("host of another scheme", PAT | {"DATABRICKS_HOST": "ftp://w.example.com"}, because="no request could be sent"),
    Row(
        "host of a browser's address",
        PAT | {"DATABRICKS_HOST": "https://w.example.com/?o=123#job/1"},
        because="requests to such a host could not work",
    ),
    # The file
    Row("default profile", files=config(FILE)),
    Row("profile of the environment", {"DATABRICKS_CONFIG_PROFILE": "pat"}, files=config(FILE)),
    Row("profile of the address", profile="pat", files=config(FILE)),
    Row("profile of the address before the environment's", {"DATABRICKS_CONFIG_PROFILE": "ci"}, "pat", config(FILE)),
    Row("profile with m2m", profile="ci", files=config(FILE)),
    Row("profile with the CLI's login", profile="cli", files=config(FILE)),
    Row("profile without a host", profile="no-host", files=config(FILE)),
    Row("profile without a host, host of the environment", {"DATABRICKS_HOST": W}, "no-host", config(FILE)),
    Row("profile without credentials", profile="host-only", files=config(FILE)),
    Row("profile without credentials, token of the environment", {"DATABRICKS_TOKEN": "t"}, "host-only", config(FILE)),
    Row("profile with two methods", profile="both", files=config(FILE)),
    Row("profile with two methods, one named there", profile="chosen", files=config(FILE)),
    Row("profile with two methods, one named outside", {"DATABRICKS_AUTH_TYPE": "pat"}, "chosen", config(FILE)),
    Row("profile that is missing", profile="other", files=config(FILE)),
    Row("profile of another case", profile="PAT", files=config(FILE)),
    Row("profile without a file", profile="pat"),
    Row("profile with the environment's method too", M2M, "pat", config(FILE)),
    Row(
        "environment before the profile's values", {"DATABRICKS_TOKEN": "t", "DATABRICKS_HOST": W}, "pat", config(FILE)
    ),
    Row("environment without a profile leaves the file", {"DATABRICKS_HOST": W}, files=config(FILE)),
    Row("environment with a token leaves the file", {"DATABRICKS_TOKEN": "t"}, files=config(FILE)),
    Row("azure in the environment leaves the file", {"ARM_TENANT_ID": "t"}, files=config(FILE)),
    Row("method alone takes the file", {"DATABRICKS_AUTH_TYPE": "pat"}, files=config(FILE)),
    Row(
        "other file",
        {"DATABRICKS_CONFIG_FILE": f"{HOME}/other"},
        files={f"{HOME}/other": "[DEFAULT]\nhost=a.example.com\ntoken=t"},
    ),
    Row(
        "other file under the home folder",
        {"DATABRICKS_CONFIG_FILE": "~/other"},
        files={f"{HOME}/other": "[DEFAULT]\nhost=a.example.com\ntoken=t"},
    ),
    Row("no default profile", files=config("[a]\nhost = a.example.com\ntoken = t\n")),
    Row(
        "default profile named in the file",
        files=config("[__settings__]\ndefault_profile = a\n[a]\nhost = a.example.com\ntoken = t\n"),
    ),
    Row(
        "default profile named in the file and missing",
        files=config("[__settings__]\ndefault_profile = b\n[a]\nhost = x\n"),
    ),
    Row(
        "settings as a profile",
        profile="__settings__",
        files=config("[__settings__]\nhost = a.example.com\ntoken = t\n"),
    ),
    Row("default profile asked for and empty", profile="DEFAULT", files=config("[DEFAULT]\n[a]\nhost = x\n")),
    Row(
        "no inheritance from the default profile",
        profile="a",
        files=config("[DEFAULT]\ntoken = t\n[a]\nhost = a.example.com\n"),
    ),
    Row(
        "empty token in a profile",
        files=config("[DEFAULT]\nhost = a.example.com\ntoken =\nclient_id = i\nclient_secret = s\n"),
    ),
    Row("keys in capitals", files=config("[DEFAULT]\nHOST = a.example.com\nToken = t\n")),
    Row(
        "spaces, comments and line ends",
        files=config("; x\r\n[DEFAULT]\r\n\r\n  host   =   a.example.com  \r\n# y\r\n  token : t\r\n"),
    ),
    Row("continued value", files=config("[DEFAULT]\nhost =\n  a.example.com\ntoken = t\n")),
    Row("unknown keys", files=config("[DEFAULT]\nhost = a.example.com\ntoken = t\nfuture = 1\n")),
    Row("scopes", files=config("[DEFAULT]\nhost = a.example.com\nclient_id = i\nclient_secret = s\nscopes = b, a c\n")),
    Row(
        "authorization details",
        files=config(
            '[DEFAULT]\nhost = a.example.com\nclient_id = i\nclient_secret = s\nauthorization_details = [{"a": 1}]\n'
        ),
    ),
    Row("line before the first profile", files=config("host = x\n")),
    Row("line without a delimiter", files=config("[DEFAULT]\nhost\n")),
    Row("profile twice", files=config("[a]\nhost = x\n[a]\ntoken = t\n"), profile="a"),
    Row("key twice", files=config("[DEFAULT]\nhost = a.example.com\nhost = b.example.com\ntoken = t\n")),
    Row("empty file", files=config("")),
    Row("other profile broken", files=config("[DEFAULT]\nhost = a.example.com\ntoken = t\n[b]\nnonsense\n")),
    # The Databricks CLI
    Row("CLI", {"DATABRICKS_HOST": W}, programs={"bin/databricks": databricks()}),
    Row("CLI that cannot refresh", {"DATABRICKS_HOST": W}, programs={"bin/databricks": databricks("0.295.9")}),
    Row("CLI of no version", {"DATABRICKS_HOST": W}, programs={"bin/databricks": databricks("0.0.0")}),
    Row("CLI of a next major version", profile="cli", files=config(FILE), programs={"bin/databricks": databricks("1.0.0")}),
    Row("CLI with a profile", profile="cli", files=config(FILE), programs={"bin/databricks": databricks()}),
    Row(
        "CLI that knows no profiles", profile="cli", files=config(FILE), programs={"bin/databricks": databricks("0.207.0")}
    ),
    Row(
        "CLI with a default profile named in the file",
        files=config("[__settings__]\ndefault_profile = a\n[a]\nhost = a.example.com\n"),
        programs={"bin/databricks": databricks()},
    ),
    Row(
        "CLI with the default profile",
        files=config("[DEFAULT]\nhost = a.example.com\n"),
        programs={"bin/databricks": databricks()},
    ),
    Row(
        "CLI that does not tell its version",
        profile="cli",
        files=config(FILE),
        programs={
            "bin/databricks": script(
                ("auth token", says(access_token="t", token_type="Bearer", expiry="2999-01-01T00:00:00.123456789Z"))
            )
        },
    ),
    Row("CLI that is logged out", {"DATABRICKS_HOST": W}, programs={"bin/databricks": LOGGED_OUT}),
    Row(
        "CLI that is logged out, and named",
        {"DATABRICKS_HOST": W, "DATABRICKS_AUTH_TYPE": "databricks-cli"},
        programs={"bin/databricks": LOGGED_OUT},
    ),
    Row("CLI that prints no JSON", {"DATABRICKS_HOST": W}, programs={"bin/databricks": script(("token", "echo hello"))}),
    Row(
        "CLI that prints no expiry",
        {"DATABRICKS_HOST": W},
        programs={"bin/databricks": script(("token", says(access_token="t", token_type="Bearer")))},
    ),
    Row(
        "CLI whose token has expired",
        {"DATABRICKS_HOST": W},
        programs={"bin/databricks": databricks(expiry="2001-01-01T00:00:00Z")},
        because="the workspace would refuse the token",
    ),
    Row("CLI that is missing, and named", {"DATABRICKS_HOST": W, "DATABRICKS_AUTH_TYPE": "databricks-cli"}),
    Row("CLI without a host", {"DATABRICKS_AUTH_TYPE": "databricks-cli"}, programs={"bin/databricks": databricks()}),
    Row("CLI for a group", {"DATABRICKS_HOST": W, "DATABRICKS_GROUP_ID": "7"}, programs={"bin/databricks": databricks()}),
    Row("CLI, and a token", PAT, programs={"bin/databricks": databricks()}),
    Row("legacy CLI", {"DATABRICKS_HOST": W}, programs={"bin/databricks": LEGACY}),
    Row(
        "legacy CLI before the other one",
        {"DATABRICKS_HOST": W},
        programs={"bin/databricks": LEGACY, "bin2/databricks": databricks()},
    ),
    Row(
        "CLI at a path",
        {"DATABRICKS_HOST": W, "DATABRICKS_CLI_PATH": f"{HOME}/bin/dbx"},
        programs={"bin/dbx": databricks(), "bin/databricks": LOGGED_OUT},
    ),
    Row(
        "CLI of another name",
        {"DATABRICKS_HOST": W, "DATABRICKS_CLI_PATH": "dbx"},
        programs={"bin2/dbx": databricks(), "bin/databricks": LOGGED_OUT},
    ),
    *[
        Row(
            f"CLI whose token is for {scope}",
            files=config("[DEFAULT]\nhost = a.example.com\nscopes = sql, unity-catalog\n"),
            programs={"bin/databricks": databricks(token=jwt(scope=scope))},
        )
        for scope in ("unity-catalog sql offline_access", "all-apis", "sql")
    ],
    # Azure
    Row("az", {"DATABRICKS_HOST": A}, programs={"bin/az": az(jwt(upn="me@example.com"))}),
    Row("az of a service principal", {"DATABRICKS_HOST": A}, programs={"bin/az": az(user="servicePrincipal")}),
    Row(
        "az of a machine",
        {"DATABRICKS_HOST": A},
        programs={"bin/az": az(user="servicePrincipal", name="systemAssignedIdentity")},
    ),
    Row(
        "az that gets no management token", {"DATABRICKS_HOST": A}, programs={"bin/az": az(refused="https://management")}
    ),
    Row("az with a tenant", {"DATABRICKS_HOST": A, "ARM_TENANT_ID": "t-2"}, programs={"bin/az": az()}),
    Row("az with a resource", {"DATABRICKS_HOST": A, "DATABRICKS_AZURE_RESOURCE_ID": RESOURCE}, programs={"bin/az": az()}),
    Row(
        "az with a resource in a subscription of others",
        {"DATABRICKS_HOST": A, "DATABRICKS_AZURE_RESOURCE_ID": RESOURCE},
        programs={"bin/az": az(refused="--subscription sub-1")},
    ),
    Row("az of the US government", {"DATABRICKS_HOST": "https://adb-1.databricks.azure.us"}, programs={"bin/az": az()}),
    Row("az in China", {"DATABRICKS_HOST": "https://adb-1.databricks.azure.cn"}, programs={"bin/az": az()}),
    Row("az for another cloud", {"DATABRICKS_HOST": W}, programs={"bin/az": az()}),
    Row(
        "az for another cloud, and named", {"DATABRICKS_HOST": W, "DATABRICKS_AUTH_TYPE": "azure-cli"}, programs={"bin/az": az()}
    ),
    Row("az that is missing, and named", {"DATABRICKS_HOST": A, "DATABRICKS_AUTH_TYPE": "azure-cli"}),
    Row("az that is logged out", {"DATABRICKS_HOST": A}, programs={"bin/az": LOGGED_OUT}),
    Row(
        "az that is logged out, and the CLI",
        {"DATABRICKS_HOST": A},
        programs={"bin/az": LOGGED_OUT, "bin/databricks": databricks()},
    ),
    Row(
        "az that is logged out, and a pipeline",
        DEVOPS | {"DATABRICKS_HOST": A},
        programs={"bin/az": LOGGED_OUT, "bin/databricks": databricks()},
    ),
    Row("az and the CLI", {"DATABRICKS_HOST": A}, programs={"bin/az": az(), "bin/databricks": databricks()}),
    Row("az that prints no JSON", {"DATABRICKS_HOST": A}, programs={"bin/az": script(("token", "echo hello"))}),
    Row("az for a group", {"DATABRICKS_HOST": A, "DATABRICKS_GROUP_ID": "7"}, programs={"bin/az": az()}),
    Row("azure secret", ARM | {"ARM_TENANT_ID": "t-2"}),
    Row("azure secret without a tenant", ARM),
    Row("azure secret with a resource", ARM | {"DATABRICKS_AZURE_RESOURCE_ID": RESOURCE}),
    Row("azure secret of the US government", ARM | {"DATABRICKS_HOST": "https://adb-1.databricks.azure.us"}),
    Row("azure secret, and az", ARM, programs={"bin/az": az()}),
    Row("azure secret and github, github named", ARM | GITHUB | {"DATABRICKS_AUTH_TYPE": "github-oidc-azure"}),
    Row("azure secret for a group", ARM | {"DATABRICKS_GROUP_ID": "7"}),
    Row("azure secret without its secret", {k: v for k, v in ARM.items() if not k.endswith("SECRET")}),
    Row("azure secret, and another method", ARM | {"DATABRICKS_TOKEN": "dapi1"}),
    Row("azure github", {"DATABRICKS_HOST": A, "ARM_CLIENT_ID": "a", **GITHUB}),
    Row("azure github with a tenant", {"DATABRICKS_HOST": A, "ARM_CLIENT_ID": "a", "ARM_TENANT_ID": "t-2", **GITHUB}),
    Row("azure github for another cloud", {"DATABRICKS_HOST": W, "ARM_CLIENT_ID": "a", **GITHUB}),
    Row(
        "azure github outside of Actions",
        {"DATABRICKS_HOST": A, "ARM_CLIENT_ID": "a", "DATABRICKS_AUTH_TYPE": "github-oidc-azure"},
    ),
    # Azure DevOps, the metadata service and the runtime
    Row("pipeline", DEVOPS),
    Row("pipeline named", DEVOPS | {"DATABRICKS_AUTH_TYPE": "azure-devops-oidc"}),
    Row("pipeline for a group", DEVOPS | {"DATABRICKS_GROUP_ID": "7"}),
    Row("pipeline without its token", DEVOPS | {"SYSTEM_ACCESSTOKEN": ""}),
    Row("pipeline without a plan", {k: v for k, v in DEVOPS.items() if k != "SYSTEM_PLANID"}),
    Row("pipeline without a client id", {"DATABRICKS_HOST": W, **PIPELINE}),
    Row(
        "metadata service named",
        {
            "DATABRICKS_HOST": W,
            "DATABRICKS_METADATA_SERVICE_URL": "http://127.0.0.1:1/x/",
            "DATABRICKS_AUTH_TYPE": "metadata-service",
        },
    ),
    Row("metadata service, and the CLI", {"DATABRICKS_HOST": W, "DATABRICKS_METADATA_SERVICE_URL": "http://127.0.0.1:1/x"}),
    Row(
        "runtime",
        {"DATABRICKS_HOST": W, "DATABRICKS_RUNTIME_VERSION": "15.4"},
        because="there is no runtime here; the SDK asks for what a notebook has",
    ),
    Row("runtime named", {"DATABRICKS_HOST": W, "DATABRICKS_AUTH_TYPE": "runtime"}),
]


def at_home(value: str, home: Path) -> str:
    return value.replace(HOME, str(home))


# The methods whose requests, headers and commands are compared, each of them once.
WHOLE = (
    "metadata-service", "azure-client-secret", "github-oidc-azure", "azure-cli", "azure-devops-oidc", "databricks-cli",
)  # fmt: skip


class Network:
    """Answers in the place of a workspace, GitHub, Azure and a metadata service, and notes what was asked for."""

    def __init__(self):
        self.exchange: dict = {}
        self.requests: list[dict] = []

    def note(self, **request) -> None:
        if request not in self.requests:
            self.requests.append(request)

    def do(self, client, method, url, **options) -> dict:
        base = url.split("/.well-known")[0]
        if url.endswith("/.well-known/databricks-config"):
            return {"oidc_endpoint": f"{base}/oidc", "account_id": "account", "workspace_id": "4242"}
        return {"token_endpoint": f"{base}/v1/token", "authorization_endpoint": f"{base}/v1/authorize"}

    def get(self, url, headers=None, **options):
        answer = mock.Mock(ok=True, status_code=200, headers={})
        answer.json.return_value = {
            "value": "github-jwt",
            "access_token": "m",
            "token_type": "Bearer",
            "expires_on": 9e9,
        }
        if "audience=" in url:
            self.exchange["audience"] = url.split("audience=", 1)[1]
        if re.search("/aad/auth$|/authorize$", url):
            answer.status_code = 302
            location = f"{login(url)}/tenant-1/oauth2/authorize"
            answer.headers = {"Location": location, "location": location}
        self.note(method="GET", url=urllib.parse.quote(url, safe=":/?&=%"), headers=headers or {}, form={})
        return answer

    def post(self, url, params=None, auth=None, headers=None):
        answer = mock.Mock(ok=True, headers={})
        answer.json.return_value = {"access_token": "issued", "token_type": "Bearer", "expires_in": 3600}
        self.note(method="POST", url=url, headers=headers or {}, form=dict(params or {}))
        if params is None:
            answer.json.return_value = {"oidcToken": "devops-jwt"}
            return answer
        request = mock.Mock(headers={})
        auth(request)
        authorization = request.headers.get("Authorization")
        self.exchange |= {"url": url, "form": dict(params)}
        if authorization:
            self.exchange["basic"] = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        return answer


def login(url: str) -> str:
    """Where people log in who are redirected from a workspace."""
    zones = {".us/": "https://login.microsoftonline.us", ".cn/": "https://login.chinacloudapi.cn"}
    return next((place for zone, place in zones.items() if zone in url), "https://login.microsoftonline.com")


def choice(row: Row, home: Path) -> dict:
    """The method and host that the SDK chooses, with the request for a token that it sends; or its refusal."""
    import configparser

    from databricks.sdk import _base_client, config

    environment = {name: at_home(value, home) for name, value in row.environment.items()}
    for path, text in row.files.items():
        Path(at_home(path, home)).write_text(text, newline="")
    for path, text in row.programs.items():
        (home / path).parent.mkdir(exist_ok=True)
        (home / path).write_text(text)
        (home / path).chmod(0o755)
    network = Network()
    with (
        mock.patch.dict("os.environ", environment | {"HOME": str(home), "PATH": f"{home}/bin:{home}/bin2"}, clear=True),
        mock.patch.object(_base_client._BaseClient, "do", lambda *a, **k: network.do(*a, **k)),
        mock.patch("requests.get", network.get),
        mock.patch("requests.post", network.post),
    ):
        try:
            chosen = config.Config(**({"profile": row.profile} if row.profile else {}))
            headers = chosen.authenticate()
        except (ValueError, configparser.Error) as error:
            kind = "conflict" if "more than one authorization method" in str(error) else "other"
            return {"error": kind}
    result = {"method": chosen.auth_type, "host": chosen.host}
    if "url" in network.exchange and chosen.auth_type in ("oauth-m2m", "env-oidc", "file-oidc", "github-oidc"):
        result["exchange"] = network.exchange
        assert urllib.parse.urlsplit(network.exchange["url"]).scheme == "https"
    if chosen.auth_type in WHOLE:
        calls = (home / "calls").read_text().splitlines() if (home / "calls").exists() else []
        result |= {"headers": headers, "requests": network.requests, "calls": list(dict.fromkeys(calls))}
    return result
