"""Who may do what: access tokens, grants on schemas, and the two ways to get a token."""

import base64
import itertools
import threading
import time
from dataclasses import dataclass, field

from unity_catalog import CHANGE, PRIVILEGES, ApiError

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
JWT = "urn:ietf:params:oauth:token-type:jwt"
# What the ID tokens of Azure DevOps are always for.
AZURE_AUDIENCE = "api://AzureADTokenExchange"
ALL = ["CREATE FUNCTION", "EXECUTE", "MANAGE"]


@dataclass
class Identity:
    """A user or service principal."""

    principal: str
    # Privileges by schema or catalog; `*` is every schema.
    grants: dict[str, list[str]] = field(default_factory=lambda: {"*": list(ALL)})
    # Personal access tokens.
    tokens: list[str] = field(default_factory=list)
    # A service principal's id and secret; `federation` lets it exchange an ID token instead.
    client_id: str = ""
    client_secret: str = ""
    federation: bool = False
    # The groups that it is in, each an identity with grants of its own.
    groups: list[str] = field(default_factory=list)

    def privileges(self, schema: str) -> dict[str, str]:
        """What was granted to it alone for a schema, each with what it was granted on."""
        found = dict.fromkeys(self.grants.get(schema, self.grants.get("*", [])), schema)
        catalog = schema.split(".")[0]
        for privilege in self.grants.get(catalog, []):
            found.setdefault(privilege, catalog)
        return found

    def may(self, privilege: str, schema: str) -> bool:
        """Whether that is enough for something."""
        found = self.privileges(schema)
        return privilege in found or (privilege != CHANGE and "ALL PRIVILEGES" in found)


@dataclass
class Refusal(Exception):
    """What the token endpoint says when it gives no token."""

    status: int
    error: str
    error_description: str


class Identities:
    """The identities of a workspace, and the tokens that it gave out."""

    def __init__(self, identities: list[Identity], lifetime: float = 3600):
        self.identities = identities
        self.lifetime = lifetime
        self.issued: dict[str, tuple[Identity, float]] = {}
        self.id_tokens: dict[str, str] = {}
        self.request_token = "github-request-token"
        self.numbers = itertools.count(1)
        self.lock = threading.Lock()

    def authenticate(self, authorization: str | None) -> Identity:
        """Whose token a request carries."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(
                401, "UNAUTHENTICATED", "Credential was not sent or was of an unsupported type for this API."
            )
        with self.lock:
            if token in self.issued:
                identity, end = self.issued[token]
                if time.time() < end:
                    return identity
                raise ApiError(401, "UNAUTHENTICATED", "Access token has expired.")
            for identity in self.identities:
                if token in identity.tokens:
                    return identity
        # Another workspace's personal token is refused with another status than what is no token at all.
        raise ApiError(403 if token.startswith("dapi") else 401, "UNAUTHENTICATED", "Invalid access token.")

    def authorize(self, identity: Identity, method: str, schema: str) -> None:
        """Refuses what the identity has no privilege for."""
        privilege = PRIVILEGES.get(method, CHANGE)
        if not any(each.may(privilege, schema) for each in [identity, *self.groups(identity)]):
            raise ApiError(403, "PERMISSION_DENIED", f"User does not have {privilege} on Schema '{schema}'.")

    def groups(self, identity: Identity) -> list[Identity]:
        """The groups that an identity is in."""
        return [each for each in self.identities if each.principal in identity.groups]

    def revoke(self) -> None:
        """Takes back all tokens that were given out."""
        with self.lock:
            self.issued = {token: (identity, 0) for token, (identity, _) in self.issued.items()}

    def token(self, form: dict[str, str], authorization: str | None, endpoint: str) -> dict:
        """The answer of the token endpoint."""
        if "all-apis" not in form.get("scope", "").split():
            raise Refusal(400, "invalid_scope", "The scope has to be all-apis.")
        match form.get("grant_type"):
            case "client_credentials":
                identity = self.client(authorization)
            case grant if grant == EXCHANGE:
                identity = self.federated(form, endpoint)
            case other:
                raise Refusal(400, "unsupported_grant_type", f"The grant type {other} is not supported.")
        token = self.issue(identity)
        return {"access_token": token, "token_type": "Bearer", "scope": "all-apis", "expires_in": int(self.lifetime)}

    def issue(self, identity: Identity) -> str:
        """Gives a token out."""
        with self.lock:
            token = f"issued-{next(self.numbers)}"
            self.issued[token] = (identity, time.time() + self.lifetime)
        return token

    def metadata_token(self, version: str | None) -> dict:
        """What a metadata service on the machine of the first identity answers."""
        if version != "1":
            raise Refusal(400, "invalid_request", "The version of the protocol has to be 1.")
        token = self.issue(self.identities[0])
        return {"access_token": token, "token_type": "Bearer", "expires_on": int(time.time() + self.lifetime)}

    def client(self, authorization: str | None) -> Identity:
        scheme, _, encoded = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            raise Refusal(401, "invalid_client", "Client authentication failed.")
        client_id, _, secret = base64.b64decode(encoded).decode().partition(":")
        for identity in self.identities:
            if client_id and (identity.client_id, identity.client_secret) == (client_id, secret):
                return identity
        raise Refusal(401, "invalid_client", "Client authentication failed.")

    def federated(self, form: dict[str, str], endpoint: str) -> Identity:
        if form.get("subject_token_type") != JWT:
            raise Refusal(400, "invalid_request", "The subject token has to be a JWT.")
        audience = self.id_tokens.get(form.get("subject_token", ""))
        if audience is None:
            raise Refusal(400, "invalid_grant", "The subject token is not known.")
        if audience not in (endpoint, AZURE_AUDIENCE):
            raise Refusal(400, "invalid_grant", f"The subject token's audience is {audience}.")
        for identity in self.identities:
            if identity.federation and identity.client_id == form.get("client_id", ""):
                return identity
        raise Refusal(401, "invalid_client", "No federation policy matches.")

    def id_token(self, authorization: str | None, audience: str) -> dict:
        """What GitHub's endpoint for ID tokens answers."""
        if authorization != f"Bearer {self.request_token}":
            raise ApiError(401, "UNAUTHENTICATED", "The request token is not known.")
        with self.lock:
            token = f"id-token-{next(self.numbers)}"
            self.id_tokens[token] = audience
        return {"count": 1, "value": token}
