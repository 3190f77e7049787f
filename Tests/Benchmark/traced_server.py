"""Fills a server with traces: some by the calls of the library, and the others as copies of these in its database, which
would take the server itself an hour.

Arguments: the server's address, its database, a prompt, how many traces, and whether promptreg's own tag names its
versions ("tagged", or "linked" as those of an agent in Python). Three of four are of version 1, the others of version 2.
Prints the id of the experiment.
"""

import random
import sqlite3
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "Conformance"))

from made_traces import Agent, draw, price  # noqa: E402
from mlflow_registry import mlflow  # noqa: E402

FIRST = 40
# The column that names a trace, by table.
TRACE = {
    "trace_info": "request_id", "trace_tags": "request_id", "trace_request_metadata": "request_id",
    "spans": "trace_id", "assessments": "trace_id",
    "entity_associations": "source_id",
}  # fmt: skip
# What a column counts in a second.
CLOCKS = {
    "timestamp_ms": 1_000, "created_timestamp": 1_000, "last_updated_timestamp": 1_000, "trace_timestamp_ms": 1_000,
    "created_time": 1_000, "start_time_unix_nano": 10**9, "end_time_unix_nano": 10**9,
}  # fmt: skip


def main(url: str, database: str, prompt: str, count: str, how: str) -> None:
    mlflow.set_tracking_uri(url)
    experiment = mlflow.MlflowClient().create_experiment(f"{how} traces")
    made = price(draw(1, FIRST, [prompt]), 2)
    for index, each in enumerate(made):
        each.versions = [(prompt, 2 if index % 4 == 3 else 1)]
    Agent(url, experiment, tags=how == "tagged").store(made)
    connection = sqlite3.connect(database, timeout=60)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = OFF")
    ids = [each.id for each in made]
    chance = random.Random(3)
    copies = [[f"{chance.getrandbits(128):032x}" for _ in ids] for _ in range(int(count) // FIRST - 1)]
    for table, column in TRACE.items():
        # Without the columns that the database computes.
        names = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})")]
        rows = [dict(row) for row in connection.execute(f"SELECT {', '.join(names)} FROM {table}")]
        rows = [(row, ids.index(row[column][3:])) for row in rows if row[column][3:] in ids]
        assert rows, f"{table} holds none of the traces"
        slots = ", ".join(f":{name}" for name in names)
        connection.executemany(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES ({slots})",
            (
                copied(row, ids[index], copy[index], (number + 1) * FIRST)
                for number, copy in enumerate(copies)
                for row, index in rows
            ),
        )
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()
    print(experiment)


def copied(row: dict, old: str, new: str, seconds: int) -> dict:
    """A row of another trace, which began so much later."""
    values = {
        key: value.replace(old, new) if isinstance(value, str) else value + seconds * CLOCKS[key] if key in CLOCKS and value else value
        for key, value in row.items()
    }
    if "association_id" in row:
        values["association_id"] = f"a-{new}"
    return values


main(*sys.argv[1:])
