"""The agent of TracedAgent.swift with MLflow's own client: prints the nanoseconds of a call."""

import os
import sys
import time

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow  # noqa: E402

REGISTRY, NAME, CALLS = sys.argv[1], sys.argv[2], 300
mlflow.set_tracking_uri(REGISTRY)


@mlflow.trace(span_type="LLM")
def model(name):
    return name


@mlflow.trace(span_type="AGENT")
def agent(question):
    return model(mlflow.genai.load_prompt(f"prompts:/{NAME}@production").name)


agent("why")
start = time.perf_counter()
for _ in range(CALLS):
    agent("why")
print((time.perf_counter() - start) / CALLS * 1e9)
mlflow.flush_trace_async_logging()
