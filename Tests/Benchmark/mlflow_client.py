"""The work of a job with MLflow's own client: register every prompt, then set its aliases, as in MLflow's guide.

Arguments: the registry's address, then the files of the templates. Prints the seconds it took, import not counted.
"""

import os
import sys
import time
from pathlib import Path

os.environ.update(MLFLOW_ALLOW_FILE_STORE="true", MLFLOW_DISABLE_TELEMETRY="true")

import mlflow  # noqa: E402

registry, *files = sys.argv[1:]
mlflow.set_tracking_uri(registry)
mlflow.set_registry_uri(registry)
start = time.perf_counter()
for file in files:
    name = f"main.health_monitor_agent.prompt_{Path(file).stem}"
    version = mlflow.genai.register_prompt(name=name, template=Path(file).read_text(), tags={"role": "worker"})
    for alias in ("production", "staging"):
        mlflow.genai.set_prompt_alias(name, alias=alias, version=version.version)
print(time.perf_counter() - start)
