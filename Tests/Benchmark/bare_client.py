"""The least that registering new prompts on an MLflow server can take: four writes each, and nothing beside.

Arguments: the server's address, a schema, and the files of the templates. Eight writes are under way at a time, each
over a connection of its own, which an MLflow server answers sooner than one that is kept. Prints the seconds it took.
"""

import http.client
import json
import sys
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

IS_PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}
IS_TEXT = {"key": "_mlflow_prompt_type", "value": "text"}

address, schema, *files = sys.argv[1:]
server = urllib.parse.urlsplit(address)


def write(path: str, **body) -> dict:
    """Makes one write."""
    connection = http.client.HTTPConnection(server.hostname, server.port)
    headers = {"Content-Type": "application/json"}
    connection.request("POST", f"/api/2.0/mlflow/{path}", json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != 200:
        sys.exit(f"{path} was answered {response.status}: {answer[:300]}")
    return json.loads(answer)


def register(prompt: tuple[str, str]) -> None:
    """Makes a prompt, its version, and two aliases."""
    name, text = prompt
    write("registered-models/create", name=name, tags=[IS_PROMPT])
    tags = [IS_PROMPT, IS_TEXT, {"key": "mlflow.prompt.text", "value": text}]
    made = write("model-versions/create", name=name, source="dummy-source", tags=tags)
    for alias in ("production", "staging"):
        write("registered-models/alias", name=name, alias=alias, version=made["model_version"]["version"])


prompts = [(f"main.{schema}.prompt_{Path(file).stem}", Path(file).read_text()) for file in files]
start = time.perf_counter()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(register, prompts))
print(time.perf_counter() - start)
