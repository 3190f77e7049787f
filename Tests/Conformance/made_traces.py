"""Traces drawn from a seed, stored as a Swift agent and as MLflow's own client store them, and the truth about them."""

import json
import random
import secrets
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import numpy
from mlflow_registry import mlflow
from servers import DIRECT

BEGIN = 1_760_000_000_000


@dataclass
class Made:
    """A trace to be stored."""

    time: int
    latency: int
    is_error: bool
    usage: tuple[int, int] | None
    cost: float | None
    feedback: list[tuple[str, object]]
    versions: list[tuple[str, int]]
    id: str = ""


def draw(seed: int, count: int, names: list[str], versions: int = 2) -> list[Made]:
    """Traces of some versions of some prompts, every one of them different."""
    chance = random.Random(seed)
    made = []
    for index in range(count):
        version = chance.randrange(1, versions + 1)
        feedback = [("quality", round(chance.random(), 3))] if chance.random() < 0.5 else []
        if chance.random() < 0.3:
            feedback.append(("correct", chance.choice([True, False, "yes", "no"])))
        if chance.random() < 0.1:
            feedback.append(("comment", f"so {chance.randrange(5)}"))
        made.append(
            Made(
                time=BEGIN + index * 1_000 + chance.randrange(1_000),
                latency=int(chance.lognormvariate(7, 0.6)) * version,
                is_error=chance.random() < 0.05 * version,
                usage=(chance.randrange(1, 900), chance.randrange(1, 300)) if chance.random() < 0.9 else None,
                cost=None,
                feedback=feedback,
                versions=[(name, version) for name in names if chance.random() < 0.8] or [(names[0], version)],
                id=secrets.token_hex(16),
            )
        )
    return made


def price(made: list[Made], seed: int, share: float = 1) -> list[Made]:
    """Says what traces, or a part of them, cost."""
    chance = random.Random(seed)
    for each in made:
        if chance.random() < share:
            each.cost = round(chance.random() / 100, 6)
    return made


# What they say together.


def truth(made: list[Made], name: str, version: int, since: int = 0, until: int = 1 << 60) -> dict:
    """The figures of a version, in the shape of `traces --format json`."""
    of = [each for each in made if (name, version) in each.versions and since <= each.time < until]
    feedback = defaultdict(list)
    for each in of:
        for key, value in each.feedback:
            feedback[key].append(value)
    times = [each.latency for each in of]
    errors = sum(each.is_error for each in of)
    return {
        "version": version,
        "traces": len(of),
        "errors": errors,
        "error_rate": errors / len(of) if of else None,
        "latency_ms": {
            "mean": float(numpy.mean(times)) if of else None,
            # NumPy's default is the definition of MLflow: linear interpolation.
            "p50": float(numpy.percentile(times, 50)) if of else None,
            "p95": float(numpy.percentile(times, 95)) if of else None,
        },
        "tokens": {
            "input": figure([each.usage[0] for each in of if each.usage]),
            "output": figure([each.usage[1] for each in of if each.usage]),
            "total": figure([sum(each.usage) for each in of if each.usage]),
        },
        "cost": figure([each.cost for each in of if each.cost is not None]),
        "feedback": {
            key: {"mean": mean([NUMBERS.get(value, value) for value in values]), "count": len(values)}
            for key, values in feedback.items()
        },
    }


NUMBERS = {True: 1, False: 0, "yes": 1, "no": 0}


def mean(values: list) -> float | None:
    numbers = [float(value) for value in values if not isinstance(value, str)]
    return sum(numbers) / len(numbers) if numbers else None


def figure(values: list) -> dict:
    return {"mean": sum(values) / len(values) if values else None, "sum": sum(values) if values else None}


def close(found, expected) -> bool:
    """Whether figures are the same, but for what the order of a sum does to its last digits."""
    if isinstance(expected, dict):
        return expected.keys() <= found.keys() and all(close(found[key], expected[key]) for key in expected)
    if isinstance(expected, float) and found is not None:
        return abs(found - expected) <= 1e-9 * max(1, abs(expected))
    return found == expected


# What a page says of them.


@dataclass
class Table:
    """A table of a page."""

    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)


class Tables(HTMLParser):
    """Finds the tables of a page."""

    def __init__(self):
        super().__init__()
        self.found: list[Table] = []
        self.inside = ""

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.found.append(Table())
        elif tag == "tr":
            self.found[-1].rows.append([])
        elif tag in ("th", "td"):
            self.found[-1].rows[-1].append("")
        self.inside = tag if tag in ("caption", "th", "td") else self.inside

    def handle_endtag(self, tag):
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data):
        if self.inside == "caption":
            self.found[-1].caption += data
        elif self.inside:
            self.found[-1].rows[-1][-1] += data


def tables(page: str) -> list[Table]:
    parser = Tables()
    parser.feed(page)
    return parser.found


def number(cell: str) -> float | None:
    """A figure of a chart's table."""
    return None if cell == "not known" else float(cell.replace(",", ""))


# As a Swift agent stores them.


@dataclass
class Agent:
    """Stores traces on a server by the calls of the library."""

    url: str
    experiment: str
    # The prompts that get no tag of promptreg's, and whether traces are linked.
    tags: bool = True
    links: bool = True
    refused: int = field(default=0, init=False)

    def store(self, made: list[Made]) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._info, made))
        for start in range(0, len(made), 200):
            spans = [span for each in made[start : start + 200] for span in spans_of(each)]
            body = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "test"}, "spans": spans}]}]}
            self._post("/v1/traces", body, {"x-mlflow-experiment-id": self.experiment})
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(self._rest, made))

    def _info(self, each: Made) -> None:
        tags = {"mlflow.traceName": "agent", "mlflow.linkedPrompts": linked(each)}
        if self.tags:
            tags |= {f"promptreg.prompt.{name}": str(version) for name, version in each.versions}
        info = {
            "trace_id": f"tr-{each.id}",
            "trace_location": {
                "type": "MLFLOW_EXPERIMENT",
                "mlflow_experiment": {"experiment_id": self.experiment},
            },
            "request_time": timestamp(each.time),
            "execution_duration": f"{each.latency / 1000:.3f}s",
            "state": "ERROR" if each.is_error else "OK",
            "trace_metadata": {"mlflow.trace_schema.version": "3", **metadata(each)},
            "tags": tags,
            "assessments": [given(each, number) for number in range(len(each.feedback))],
        }
        self._post("/api/3.0/mlflow/traces", {"trace": {"trace_info": info}})

    def _rest(self, each: Made) -> None:
        for name, version in each.versions if self.links else []:
            body = {"trace_id": f"tr-{each.id}", "prompt_versions": [{"name": name, "version": str(version)}]}
            try:
                self._post("/api/2.0/mlflow/traces/link-prompts", body)
            except urllib.error.HTTPError as error:
                assert error.code == 400, error.read()
                self.refused += 1

    def _post(self, path: str, body: dict, headers: dict = {}) -> None:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json", **headers}
        )
        with DIRECT.open(request) as answer:
            answer.read()


def given(each: Made, number: int) -> dict:
    """Feedback as the server keeps it."""
    name, value = each.feedback[number]
    return {
        "assessment_id": f"a-{each.id}{number}",
        "trace_id": f"tr-{each.id}",
        "assessment_name": name,
        "source": {"source_type": "CODE", "source_id": "test"},
        "create_time": timestamp(each.time),
        "last_update_time": timestamp(each.time),
        "feedback": {"value": value},
        "valid": True,
    }


def linked(each: Made) -> str:
    """MLflow's list of prompts, as its own client writes it."""
    return json.dumps([{"name": name, "version": str(version)} for name, version in each.versions])


def metadata(each: Made) -> dict[str, str]:
    found = {}
    if each.usage:
        usage = {"input_tokens": each.usage[0], "output_tokens": each.usage[1], "total_tokens": sum(each.usage)}
        found["mlflow.trace.tokenUsage"] = json.dumps(usage)
    if each.cost is not None:
        price = {"input_cost": 0.0, "output_cost": each.cost, "total_cost": each.cost}
        found["mlflow.trace.cost"] = json.dumps(price)
    return found


def spans_of(each: Made) -> list[dict]:
    """The steps: an agent that asks a model, which knows the cost."""
    root, start, end = secrets.token_hex(8), each.time * 10**6, (each.time + each.latency) * 10**6
    status = {"code": 2, "message": "refused"} if each.is_error else {"code": 1}
    agent = {
        "traceId": each.id, "spanId": root, "name": "agent", "startTimeUnixNano": str(start),
        "endTimeUnixNano": str(end), "status": status, "attributes": [attribute("mlflow.spanType", "AGENT")],
    }  # fmt: skip
    model = agent | {"spanId": secrets.token_hex(8), "parentSpanId": root, "name": "model", "status": {"code": 1}}
    model["attributes"] = [attribute("mlflow.spanType", "CHAT_MODEL")]
    if each.usage:
        usage = json.loads(metadata(each)["mlflow.trace.tokenUsage"])
        model["attributes"].append(attribute("mlflow.chat.tokenUsage", usage))
    if each.cost is not None:
        model["attributes"].append(attribute("mlflow.llm.cost", json.loads(metadata(each)["mlflow.trace.cost"])))
    return [agent, model]


def attribute(key: str, value) -> dict:
    return {"key": key, "value": {"stringValue": json.dumps(value)}}


def timestamp(milliseconds: int) -> str:
    moment = numpy.datetime64(milliseconds, "ms")
    return f"{moment}Z"


# As MLflow's own client stores them.


def store_by_mlflow(made: list[Made], experiment: str, own_tags: bool = False) -> None:
    """Stores traces as an agent in Python does, on the server or in the folder that MLflow's client works on."""
    client = mlflow.MlflowClient()
    for each in made:
        tags = {"mlflow.linkedPrompts": linked(each)}
        if own_tags:
            tags |= {f"promptreg.prompt.{name}": str(version) for name, version in each.versions}
        root = client.start_trace(
            "agent", experiment_id=experiment, tags=tags, start_time_ns=each.time * 10**6, span_type="AGENT"
        )
        with_model = client.start_span(
            "model", trace_id=root.trace_id, parent_id=root.span_id, start_time_ns=each.time * 10**6,
            span_type="CHAT_MODEL",
        )  # fmt: skip
        if each.usage:
            usage = {"input_tokens": each.usage[0], "output_tokens": each.usage[1], "total_tokens": sum(each.usage)}
            with_model.set_attribute("mlflow.chat.tokenUsage", usage)
        if each.cost is not None:
            price = {"input_cost": 0.0, "output_cost": each.cost, "total_cost": each.cost}
            with_model.set_attribute("mlflow.llm.cost", price)
        end = (each.time + each.latency) * 10**6
        client.end_span(root.trace_id, with_model.span_id, end_time_ns=end)
        client.end_trace(root.trace_id, status="ERROR" if each.is_error else "OK", end_time_ns=end)
        each.id = root.trace_id.removeprefix("tr-")
    mlflow.flush_trace_async_logging()
    for each in made:
        if mlflow.get_tracking_uri().startswith("file:") and each.cost is not None:
            # The client leaves it to servers.
            folder = Path(mlflow.get_tracking_uri().removeprefix("file:")) / experiment / "traces" / f"tr-{each.id}"
            (folder / "request_metadata" / "mlflow.trace.cost").write_text(metadata(each)["mlflow.trace.cost"])
        for name, value in each.feedback:
            mlflow.log_feedback(trace_id=f"tr-{each.id}", name=name, value=value)


def link_by_mlflow(made: list[Made]) -> None:
    """Links traces to their versions as MLflow's client does; what the server refuses it says nothing of."""
    client = mlflow.MlflowClient()
    for each in made:
        found = [client.get_prompt_version(name, version) for name, version in dict(each.versions).items()]
        try:
            client.link_prompt_versions_to_trace(found, f"tr-{each.id}")
        except mlflow.MlflowException as error:
            assert "too long" in str(error) or "BAD_REQUEST" in str(error) or "INVALID" in str(error), error
