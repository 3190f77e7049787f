"""Prompts as Unity Catalog holds them, and the calls of MLflow's prompt service on them.

Requests and answers are the messages of `mlflow.protos.unity_catalog_prompt_messages_pb2`, so that what is no field
there is refused.
"""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from mlflow.protos import databricks_pb2
from mlflow.protos import unity_catalog_prompt_messages_pb2 as messages
from mlflow.protos.unity_catalog_prompt_service_pb2 import UnityCatalogPromptService
from unity_filter import Filter

SERVICE = UnityCatalogPromptService.DESCRIPTOR
ROOT = "/api/2.0"
FORBIDDEN_IN_TAG_KEYS = set(".,-=/:")
ALIAS = re.compile(r"[A-Za-z0-9_-]{1,255}")
RESERVED_ALIAS = re.compile(r"latest|v[0-9]+", re.IGNORECASE)
TEXT_LIMIT = 100_000

CREATE, READ, CHANGE = "CREATE FUNCTION", "EXECUTE", "MANAGE"
PRIVILEGES = {
    "CreatePrompt": CREATE,
    "GetPrompt": READ,
    "SearchPrompts": READ,
    "GetPromptVersion": READ,
    "SearchPromptVersions": READ,
    "GetPromptVersionByAlias": READ,
}


class ApiError(Exception):
    """A refusal, as the REST API words it."""

    def __init__(self, status: int, code: str, message: str):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    @classmethod
    def invalid(cls, message: str) -> "ApiError":
        return cls(400, "INVALID_PARAMETER_VALUE", message)

    @classmethod
    def missing(cls, message: str) -> "ApiError":
        return cls(404, "RESOURCE_DOES_NOT_EXIST", message)


@dataclass(frozen=True)
class Route:
    """A method of the service with the paths that lead to it."""

    name: str
    verb: str
    pattern: re.Pattern
    request: type[Message]

    def arguments(self, verb: str, path: str) -> dict[str, str] | None:
        """What the path says; None when it is not this one's."""
        found = self.pattern.fullmatch(path) if verb == self.verb else None
        return found.groupdict() if found else None


def routes() -> list[Route]:
    """The methods of the service, those with the fewest variables in their paths first."""
    found = []
    for method in SERVICE.methods:
        for endpoint in method.GetOptions().Extensions[databricks_pb2.rpc].endpoints:
            pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(ROOT + endpoint.path))
            request = getattr(messages, method.input_type.name)
            found.append(Route(method.name, endpoint.method, re.compile(pattern), request))
    return sorted(found, key=lambda route: route.pattern.groups)


@dataclass
class Prompt:
    """A prompt with its versions by number."""

    info: messages.Prompt
    versions: dict[int, messages.PromptVersion] = field(default_factory=dict)
    last: int = 0

    @property
    def own_name(self) -> str:
        return self.info.name.split(".")[2]

    @property
    def tags(self) -> dict[str, str]:
        return {tag.key: tag.value for tag in self.info.tags}


def now() -> Timestamp:
    stamp = Timestamp()
    stamp.GetCurrentTime()
    stamp.nanos -= stamp.nanos % 1_000_000
    return stamp


def check_tags(tags) -> None:
    for tag in tags:
        if not tag.key:
            raise ApiError.invalid("Tag key cannot be empty.")
        if bad := sorted(set(tag.key) & FORBIDDEN_IN_TAG_KEYS):
            raise ApiError.invalid(f"Tag key '{tag.key}' contains the invalid character '{bad[0]}'.")
    keys = [tag.key for tag in tags]
    if len(set(keys)) < len(keys):
        raise ApiError.invalid("Tag keys must be unique.")


def set_tag(tags, key: str, value: str) -> None:
    for tag in tags:
        if tag.key == key:
            tag.value = value
            return
    tags.add(key=key, value=value)


def delete_where(values, matches: Callable) -> bool:
    """Takes away what matches; says whether there was any."""
    found = [index for index, value in enumerate(values) if matches(value)]
    for index in reversed(found):
        del values[index]
    return bool(found)


class Catalog:
    """The state of a metastore: schemas and the prompts in them."""

    def __init__(self, schemas: list[str], page_size: int = 100):
        self.schemas = set(schemas)
        self.page_size = page_size
        self.prompts: dict[str, Prompt] = {}
        self.lock = threading.Lock()

    def call(self, name: str, request: Message) -> Message:
        """Does what a method of the service does."""
        with self.lock:
            return getattr(self, name)(request)

    def dump(self) -> dict:
        """All that there is, as JSON."""
        with self.lock:
            return {
                name: {"prompt": as_json(prompt.info), "versions": [as_json(v) for v in prompt.versions.values()]}
                for name, prompt in self.prompts.items()
            }

    # Names

    def schema_of(self, name: str) -> str:
        parts = name.split(".")
        if len(parts) != 3 or not all(parts):
            raise ApiError.invalid(f"'{name}' is not a valid three-level name (catalog.schema.prompt).")
        return ".".join(parts[:2])

    def prompt(self, name: str) -> Prompt:
        schema = self.schema_of(name)
        if schema not in self.schemas:
            raise ApiError.missing(f"Schema '{schema}' does not exist.")
        if name not in self.prompts:
            raise ApiError.missing(f"Prompt '{name}' does not exist.")
        return self.prompts[name]

    def version(self, name: str, number: str) -> messages.PromptVersion:
        prompt = self.prompt(name)
        if not number.isdigit() or int(number) not in prompt.versions:
            raise ApiError.missing(f"Version '{number}' of prompt '{name}' does not exist.")
        version = messages.PromptVersion()
        version.CopyFrom(prompt.versions[int(number)])
        version.aliases.extend(alias for alias in prompt.info.aliases if alias.version == number)
        return version

    # The methods of the service

    def CreatePrompt(self, request) -> Message:
        schema = self.schema_of(request.name)
        if schema not in self.schemas:
            raise ApiError.missing(f"Schema '{schema}' does not exist.")
        if request.prompt.name != request.name:
            raise ApiError.invalid("The prompt's name must be the request's.")
        check_tags(request.prompt.tags)
        if request.name in self.prompts:
            raise ApiError(409, "ALREADY_EXISTS", f"Prompt '{request.name}' already exists.")
        info = messages.Prompt(name=request.name, tags=request.prompt.tags, creation_timestamp=now())
        info.description = request.prompt.description
        info.last_updated_timestamp.CopyFrom(info.creation_timestamp)
        self.prompts[request.name] = Prompt(info)
        return info

    def UpdatePrompt(self, request) -> Message:
        prompt = self.prompt(request.name)
        if request.prompt.name != request.name:
            raise ApiError.invalid("The prompt's name must be the request's.")
        if request.prompt.tags or request.prompt.aliases:
            raise ApiError.invalid("Only the description of a prompt can be updated.")
        prompt.info.description = request.prompt.description
        self.touch(prompt)
        return prompt.info

    def DeletePrompt(self, request) -> Message:
        if self.prompt(request.name).versions:
            raise ApiError.invalid(f"Prompt '{request.name}' still has versions.")
        del self.prompts[request.name]
        return Empty()

    def GetPrompt(self, request) -> Message:
        return self.prompt(request.name).info

    def SearchPrompts(self, request) -> Message:
        location = request.catalog_schema
        schema = f"{location.catalog_name}.{location.schema_name}"
        if schema not in self.schemas:
            raise ApiError.missing(f"Schema '{schema}' does not exist.")
        found = [prompt for name, prompt in sorted(self.prompts.items()) if self.schema_of(name) == schema]
        try:
            wanted = Filter(request.filter)
        except ValueError as error:
            raise ApiError.invalid(str(error)) from error
        found = [prompt for prompt in found if wanted.matches(prompt.own_name, prompt.tags)]
        page, token = self.page(found, request)
        answer = messages.SearchPromptsResponse(next_page_token=token)
        for prompt in page:
            # A listing is without what has to be fetched prompt by prompt.
            info = answer.prompts.add()
            info.CopyFrom(prompt.info)
            del info.tags[:], info.aliases[:]
        return answer

    def CreatePromptVersion(self, request) -> Message:
        prompt = self.prompt(request.name)
        draft = request.prompt_version
        if draft.name != request.name or draft.version or draft.aliases:
            raise ApiError.invalid("A new version has the prompt's name, and neither a number nor aliases.")
        check_tags(draft.tags)
        check_template(draft.template)
        prompt.last += 1
        version = messages.PromptVersion()
        version.CopyFrom(draft)
        version.version = str(prompt.last)
        version.creation_timestamp.CopyFrom(now())
        version.last_updated_timestamp.CopyFrom(version.creation_timestamp)
        prompt.versions[prompt.last] = version
        return version

    def UpdatePromptVersion(self, request) -> Message:
        self.version(request.name, request.version)
        stored = self.prompts[request.name].versions[int(request.version)]
        stored.description = request.prompt_version.description
        return stored

    def DeletePromptVersion(self, request) -> Message:
        self.version(request.name, request.version)
        prompt = self.prompts[request.name]
        del prompt.versions[int(request.version)]
        delete_where(prompt.info.aliases, lambda alias: alias.version == request.version)
        return Empty()

    def GetPromptVersion(self, request) -> Message:
        return self.version(request.name, request.version)

    def SearchPromptVersions(self, request) -> Message:
        # No order is promised; the oldest first is the least convenient.
        page, token = self.page(sorted(self.prompt(request.name).versions), request)
        versions = [self.version(request.name, str(number)) for number in page]
        return messages.SearchPromptVersionsResponse(prompt_versions=versions, next_page_token=token)

    def SetPromptAlias(self, request) -> Message:
        if not ALIAS.fullmatch(request.alias) or RESERVED_ALIAS.fullmatch(request.alias):
            raise ApiError.invalid(f"Invalid alias '{request.alias}'.")
        self.version(request.name, request.version)
        prompt = self.prompts[request.name]
        delete_where(prompt.info.aliases, lambda alias: alias.alias == request.alias)
        prompt.info.aliases.add(alias=request.alias, version=request.version)
        return Empty()

    def DeletePromptAlias(self, request) -> Message:
        aliases = self.prompt(request.name).info.aliases
        if not delete_where(aliases, lambda alias: alias.alias == request.alias):
            raise ApiError.missing(f"Alias '{request.alias}' of prompt '{request.name}' does not exist.")
        return Empty()

    def GetPromptVersionByAlias(self, request) -> Message:
        for alias in self.prompt(request.name).info.aliases:
            if alias.alias == request.alias:
                return self.version(request.name, alias.version)
        raise ApiError.missing(f"Alias '{request.alias}' of prompt '{request.name}' does not exist.")

    def SetPromptTag(self, request) -> Message:
        check_tags([request])
        prompt = self.prompt(request.name)
        set_tag(prompt.info.tags, request.key, request.value)
        self.touch(prompt)
        return Empty()

    def DeletePromptTag(self, request) -> Message:
        if not delete_where(self.prompt(request.name).info.tags, lambda tag: tag.key == request.key):
            raise ApiError.missing(f"Tag '{request.key}' does not exist.")
        return Empty()

    def SetPromptVersionTag(self, request) -> Message:
        check_tags([request])
        self.version(request.name, request.version)
        set_tag(self.prompts[request.name].versions[int(request.version)].tags, request.key, request.value)
        return Empty()

    def DeletePromptVersionTag(self, request) -> Message:
        self.version(request.name, request.version)
        tags = self.prompts[request.name].versions[int(request.version)].tags
        if not delete_where(tags, lambda tag: tag.key == request.key):
            raise ApiError.missing(f"Tag '{request.key}' does not exist.")
        return Empty()

    def link(self, request) -> Message:
        for entry in request.prompt_versions:
            self.version(entry.name, entry.version)
        return Empty()

    LinkPromptVersionsToModels = LinkPromptsToTraces = LinkPromptVersionsToRuns = link

    # Helpers

    def touch(self, prompt: Prompt) -> None:
        prompt.info.last_updated_timestamp.CopyFrom(now())

    def page(self, values: list, request) -> tuple[list, str]:
        """The page that a request wants, and the token of the next."""
        if request.page_token and not re.fullmatch(r"page-\d+", request.page_token):
            raise ApiError.invalid("Invalid page token.")
        if request.max_results < 0:
            raise ApiError.invalid("max_results cannot be negative.")
        start = int(request.page_token.removeprefix("page-") or 0)
        end = start + min(request.max_results or self.page_size, self.page_size)
        return values[start:end], f"page-{end}" if end < len(values) else ""


def check_template(text: str) -> None:
    """A template travels as JSON: a text, or a list of messages."""
    try:
        template = json.loads(text)
    except ValueError as error:
        raise ApiError.invalid(f"The template is not JSON: {error}") from error
    messages = template if isinstance(template, list) and template else []
    # A content may also be a list of parts, or nothing beside the calls of tools.
    if not (isinstance(template, str) or messages and all(isinstance(message, dict) for message in messages)):
        raise ApiError.invalid("The template is neither a text nor a list of messages.")
    contents = [message.get("content") for message in messages] or [template]
    if sum(len(each if isinstance(each, str) else json.dumps(each)) for each in contents) > TEXT_LIMIT:
        raise ApiError.invalid(f"Prompt text exceeds max length of {TEXT_LIMIT} characters.")


def as_json(message: Message) -> dict:
    """An answer's body."""
    return json_format.MessageToDict(message, preserving_proto_field_name=True)
