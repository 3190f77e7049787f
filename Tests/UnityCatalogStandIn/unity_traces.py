"""Experiments and traces of a workspace, and the storage where the steps of traces are kept.

Requests are read as messages of `mlflow.protos.service_pb2`, so that what is no field there is refused. Where a trace's
steps are to be put is said as `storage`: a volume, or one of the kinds of credentials that MLflow's client knows.
"""

import re
import threading
import urllib.parse

from google.protobuf import json_format
from mlflow.protos import service_pb2 as messages
from unity_catalog import ApiError

STORAGE = "/_storage/"
FILES = "/api/2.0/fs/files/"
EXPERIMENTS = "/api/2.0/mlflow/experiments/"
UPLOAD = re.compile(r"/api/2\.0/mlflow/traces/(tr-[0-9a-f]{32})/credentials-for-data-upload")
SIGNATURE = "signature"


class Traces:
    """What a workspace keeps of experiments and traces."""

    url = ""

    def __init__(self):
        self.storage = "AWS_PRESIGNED_URL"
        self.experiments: dict[str, messages.Experiment] = {}
        self.infos: dict[str, messages.TraceInfoV3] = {}
        self.files: dict[str, str] = {}
        self.blocks: dict[tuple[str, str], str] = {}
        self.lock = threading.Lock()

    def answer(self, method: str, path: str, query: dict, raw: bytes) -> dict | None:
        """The answer to a request about experiments and traces; nothing to another one."""
        with self.lock:
            if path.startswith(EXPERIMENTS):
                return self.experiment(method, path.removeprefix(EXPERIMENTS), query, raw)
            if (method, path) == ("POST", "/api/3.0/mlflow/traces"):
                return self.start(raw)
            if method == "GET" and (upload := UPLOAD.fullmatch(path)):
                return {"credential_info": self.credential(upload.group(1))}
            if method == "PUT" and path.startswith(FILES):
                if query != {"overwrite": "true"}:
                    raise ApiError.invalid(f"Unexpected parameters: {query}")
                self.files[urllib.parse.unquote(path.removeprefix(FILES))] = raw.decode()
                return {}
        return None

    def experiment(self, method: str, call: str, query: dict, raw: bytes) -> dict:
        match (method, call):
            case ("GET", "get-by-name"):
                found = next((each for each in self.experiments.values() if each.name == query["experiment_name"]), None)
                if found is None:
                    raise ApiError.missing(f"Node {query['experiment_name']} does not exist.")
                return {"experiment": as_json(found)}
            case ("GET", "get"):
                return {"experiment": as_json(self.known(query["experiment_id"]))}
            case ("POST", "create"):
                name = read(messages.CreateExperiment, raw).name
                if not name.startswith("/"):
                    raise ApiError.invalid(f"Got an invalid experiment name '{name}'. It must be an absolute path.")
                number = str(1_000 + len(self.experiments))
                self.experiments[number] = messages.Experiment(
                    experiment_id=number, name=name, lifecycle_stage="active"
                )
                return {"experiment_id": number}
            case ("POST", "set-experiment-tag"):
                request = read(messages.SetExperimentTag, raw)
                self.known(request.experiment_id).tags.add(key=request.key, value=request.value)
                return {}
        raise ApiError(404, "ENDPOINT_NOT_FOUND", f"No API found for '{method} {EXPERIMENTS}{call}'")

    def known(self, number: str) -> messages.Experiment:
        if number not in self.experiments:
            raise ApiError.missing(f"Experiment with id {number} does not exist.")
        return self.experiments[number]

    def start(self, raw: bytes) -> dict:
        info = read(messages.StartTraceV3, raw).trace.trace_info
        number = info.trace_location.mlflow_experiment.experiment_id
        self.known(number)
        root = "dbfs:/Volumes/main/agents/traces" if self.storage == "volume" else "dbfs:/databricks/mlflow-tracking"
        info.tags["mlflow.artifactLocation"] = f"{root}/{number}/{info.trace_id}"
        self.infos[info.trace_id] = info
        return {"trace": {"trace_info": as_json(info)}}

    def credential(self, trace: str) -> dict:
        if trace not in self.infos:
            raise ApiError.missing(f"Trace {trace} does not exist.")
        uri = f"{self.url}{STORAGE}{trace}/traces.json?sig={SIGNATURE}"
        return {"signed_uri": uri, "type": self.storage, "headers": [{"name": "x-given", "value": "yes"}]}

    def store(self, method: str, path: str, query: dict, raw: bytes, headers) -> dict:
        """What the storage of a cloud does with a request, which has a signature in place of credentials."""
        if query.pop("sig", "") != SIGNATURE or headers.get("Authorization") or headers.get("x-given") != "yes":
            raise ApiError(403, "AccessDenied", "The request signature does not match.")
        # It would be a part of what is signed.
        if headers.get("Content-Type"):
            raise ApiError(403, "SignatureDoesNotMatch", "There is a content type.")
        match (self.storage, method, query):
            case ("AWS_PRESIGNED_URL" | "GCP_SIGNED_URL", "PUT", {}) if not query:
                self.files[path] = raw.decode()
            case ("AZURE_SAS_URI", "PUT", {"comp": "block", "blockid": block}):
                if headers.get("x-ms-blob-type") != "BlockBlob":
                    raise ApiError(400, "MissingRequiredHeader", "x-ms-blob-type")
                self.blocks[path, block] = raw.decode()
            case ("AZURE_SAS_URI", "PUT", {"comp": "blocklist"}):
                wanted = re.findall("<Uncommitted>(.*?)</Uncommitted>", raw.decode())
                self.files[path] = "".join(self.blocks[path, block] for block in wanted)
            case ("AZURE_ADLS_GEN2_SAS_URI", "PUT", {"resource": "file"}) if not raw:
                self.files[path] = ""
            case ("AZURE_ADLS_GEN2_SAS_URI", "PATCH", {"action": "append", "position": "0", "flush": "true"}):
                self.files[path] += raw.decode()
            case _:
                raise ApiError(400, "InvalidQueryParameterValue", f"{method} {query}")
        return {}

    def dump(self) -> dict:
        """All there is, for tests."""
        with self.lock:
            return {
                "experiments": {number: as_json(each) for number, each in self.experiments.items()},
                "infos": {trace: as_json(info) for trace, info in self.infos.items()},
                "files": self.files,
            }


def read(kind: type, raw: bytes):
    try:
        return json_format.Parse(raw, kind())
    except json_format.ParseError as error:
        raise ApiError(400, "MALFORMED_REQUEST", f"Could not parse the request: {error}") from error


def as_json(message) -> dict:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)
