"""The least that storing 2,000 linked traces on an MLflow server can take: their infos, their steps in batches, their links.

Arguments: the server's address and a prompt's name. The bodies are made before the time begins, and eight requests are
under way at a time. Prints the seconds it took.
"""

import gzip
import http.client
import json
import secrets
import sys
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

COUNT, BATCH, AT_ONCE = 2_000, 200, 8
address, name = sys.argv[1:]
server = urllib.parse.urlsplit(address)
JSON = {"Content-Type": "application/json"}
LINK = {"name": name, "version": "1"}


def send(request: tuple[str, bytes, dict]) -> bytes:
    """Makes one write; its answer."""
    path, body, headers = request
    connection = http.client.HTTPConnection(server.hostname, server.port)
    connection.request("POST", path, body, JSON | headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != 200:
        sys.exit(f"{path} was answered {response.status}: {answer[:300]}")
    return answer


def post(path: str, body: dict, **headers: str) -> tuple[str, bytes, dict]:
    return path, json.dumps(body).encode(), headers


def info(identifier: str) -> tuple:
    tags = {
        "mlflow.traceName": "agent",
        "mlflow.linkedPrompts": json.dumps([LINK]),
        "prompts_loaded": f"{name}/1",
        f"promptreg.prompt.{name}": "1",
    }
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": experiment}}
    about = {"trace_id": "tr-" + identifier, "trace_location": location, "state": "OK", "tags": tags}
    about |= {"request_time": "2026-11-27T11:52:43.656Z", "execution_duration": "0.001s"}
    about |= {"request_preview": '{"question": "why"}', "response_preview": "because"}
    about |= {"trace_metadata": {"mlflow.trace_schema.version": "3"}}
    return post("/api/3.0/mlflow/traces", {"trace": {"trace_info": about}})


def steps(identifiers: list[str]) -> tuple:
    spans = []
    for identifier in identifiers:
        root = secrets.token_hex(8)
        for span, parent, kind in ((root, None, "AGENT"), (secrets.token_hex(8), root, "LLM")):
            values = {"mlflow.spanType": kind, "mlflow.spanInputs": '{"question": "why"}', "mlflow.spanOutputs": "because"}
            spans.append({
                "traceId": identifier, "spanId": span, **({"parentSpanId": parent} if parent else {}), "name": kind,
                "startTimeUnixNano": str(time.time_ns()), "endTimeUnixNano": str(time.time_ns() + 1_000),
                "status": {"code": 1},
                "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in values.items()],
            })  # fmt: skip
    path, body, headers = post("/v1/traces", {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
    headers |= {"x-mlflow-experiment-id": experiment, "Content-Encoding": "gzip"}
    return path, gzip.compress(body), headers


def link(identifier: str) -> tuple:
    body = {"trace_id": "tr-" + identifier, "prompt_versions": [LINK]}
    return post("/api/2.0/mlflow/traces/link-prompts", body)


experiment = json.loads(send(post("/api/2.0/mlflow/experiments/create", {"name": "exported"})))["experiment_id"]
batches = []
for _ in range(COUNT // BATCH):
    identifiers = [secrets.token_hex(16) for _ in range(BATCH)]
    batches.append(([info(each) for each in identifiers], steps(identifiers), [link(each) for each in identifiers]))
start = time.perf_counter()
with ThreadPoolExecutor(AT_ONCE) as pool:
    for infos, spans, links in batches:
        list(pool.map(send, infos))
        send(spans)
        list(pool.map(send, links))
print(time.perf_counter() - start)
