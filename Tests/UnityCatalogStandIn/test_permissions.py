"""What the stand-in tells of schemas and grants, Databricks' own SDK understands."""

import pytest
from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import NotFound, PermissionDenied
from databricks.sdk.service.catalog import Privilege, SecurableType

SCHEMA = "main.agents"


@pytest.fixture
def workspace(stand_in, monkeypatch):
    """The SDK's client of a workspace in which `ci` is of the group `team`."""
    identities = [
        {"principal": "ci", "tokens": ["token"], "groups": ["team"], "grants": {SCHEMA: ["EXECUTE"]}},
        {"principal": "team", "grants": {"main": ["ALL PRIVILEGES"]}},
    ]
    stand_in.control("POST", "identities", identities)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return WorkspaceClient(host=stand_in.url, token="token", auth_type="pat")


def granted(workspace, principal: str) -> dict[Privilege, SecurableType | None]:
    """The privileges of a principal, page after page, with where they come from."""
    found, token = {}, None
    while True:
        page = workspace.grants.get_effective("schema", SCHEMA, max_results=0, page_token=token, principal=principal)
        for assignment in page.privilege_assignments or []:
            assert assignment.principal == principal
            found |= {each.privilege: each.inherited_from_type for each in assignment.privileges}
        token = page.next_page_token
        if not token:
            return found


def test_who_asks_and_in_which_groups(workspace):
    me = workspace.current_user.me()
    assert me.user_name == "ci" and [group.display for group in me.groups] == ["team"]


def test_a_schema_has_an_owner(workspace, stand_in):
    assert workspace.schemas.get(SCHEMA).owner == "owner@example.com"
    stand_in.control("POST", "owners", {SCHEMA: "team"})
    assert workspace.schemas.get(SCHEMA).owner == "team"
    with pytest.raises(NotFound, match="does not exist"):
        workspace.schemas.get("main.none")


def test_grants_of_a_group_are_the_groups(workspace):
    assert granted(workspace, "ci") == {Privilege.EXECUTE: None}
    assert granted(workspace, "team") == {Privilege.ALL_PRIVILEGES: SecurableType.CATALOG}
    assert granted(workspace, "account users") == {}


def test_grants_of_others_are_for_those_who_manage(workspace, stand_in):
    with pytest.raises(PermissionDenied, match="MANAGE"):
        granted(workspace, "somebody else")
    stand_in.control("POST", "identities", [{"principal": "ci", "tokens": ["token"], "grants": {SCHEMA: ["MANAGE"]}}])
    with pytest.raises(NotFound, match="somebody else"):
        granted(workspace, "somebody else")


def test_grants_of_a_group_are_enough(workspace, stand_in):
    stand_in.control("POST", "identities", [
        {"principal": "ci", "tokens": ["token"], "groups": ["team"], "grants": {}},
        {"principal": "team", "grants": {SCHEMA: ["EXECUTE"]}},
    ])  # fmt: skip
    body = {"catalog_schema": {"catalog_name": "main", "schema_name": "agents"}}
    found = workspace.api_client.do("POST", "/api/2.0/mlflow/unity-catalog/prompts/search", body=body)
    assert "prompts" not in found
