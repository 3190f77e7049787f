"""What a workspace tells whoever asks of itself: who it is, which schemas there are, and what was granted on them.

The answers are those of Databricks' REST API: `databricks-sdk` reads them as `User`, `SchemaInfo` and
`EffectivePermissionsList`. What a group was granted is listed with the group alone.
"""

from unity_catalog import CHANGE, ApiError

ME = "/api/2.0/preview/scim/v2/Me"
SCHEMAS = "/api/2.1/unity-catalog/schemas/"
PERMISSIONS = "/api/2.1/unity-catalog/effective-permissions/schema/"
EVERYBODY = "account users"
SECOND_PAGE = "page-2"


def answer(server, identity, method: str, path: str, query: dict) -> dict | None:
    """The answer to a call; None where it is another one's."""
    if method != "GET":
        return None
    if path == ME:
        groups = [{"display": name, "type": "direct", "value": str(number)} for number, name in enumerate(identity.groups)]
        return {"id": "1", "userName": identity.principal, "active": True, "groups": groups}
    if path.startswith(SCHEMAS):
        name = existing(server, path.removeprefix(SCHEMAS))
        catalog, schema = name.split(".")
        owner = server.owners.get(name, "owner@example.com")
        return {"full_name": name, "name": schema, "catalog_name": catalog, "owner": owner}
    if path.startswith(PERMISSIONS):
        return permissions(server, identity, existing(server, path.removeprefix(PERMISSIONS)), query)
    return None


def existing(server, name: str) -> str:
    if name not in server.catalog.schemas:
        raise ApiError(404, "SCHEMA_DOES_NOT_EXIST", f"Schema '{name}' does not exist.")
    return name


def permissions(server, identity, schema: str, query: dict) -> dict:
    """What was granted to a principal on a schema, in pages of which the first is empty."""
    if unknown := set(query) - {"principal", "max_results", "page_token"}:
        raise ApiError.invalid(f"Unknown parameters: {sorted(unknown)}")
    size = int(query.get("max_results", 150))
    if size < 0 or 0 < size < 150:
        raise ApiError.invalid("max_results has to be 0, or 150 and more.")
    principal = query.get("principal", "")
    if principal not in (identity.principal, EVERYBODY, *identity.groups) and not identity.may(CHANGE, schema):
        raise ApiError(403, "PERMISSION_DENIED", f"User does not have MANAGE on Schema '{schema}'.")
    if "max_results" in query and query.get("page_token") != SECOND_PAGE:
        return {"next_page_token": SECOND_PAGE}
    found = next((each for each in server.identities.identities if each.principal == principal), None)
    if found is None:
        if principal == EVERYBODY:
            return {}
        raise ApiError(404, "PRINCIPAL_DOES_NOT_EXIST", f"Could not find principal with name {principal}.")
    granted = [grant(privilege, securable, schema) for privilege, securable in found.privileges(schema).items()]
    return {"privilege_assignments": [{"principal": principal, "privileges": granted}]} if granted else {}


def grant(privilege: str, securable: str, schema: str) -> dict:
    """A privilege, and where it comes from when it was granted on the catalog."""
    name = {"privilege": privilege.replace(" ", "_")}
    return name if securable == schema else name | {"inherited_from_type": "CATALOG", "inherited_from_name": securable}
