"""What is measured against a real MLflow server on this machine.

The server's database lies in memory: a disk that something else writes to would decide most of these figures.
"""

import contextlib
import sqlite3
import statistics
import sys
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

from measuring import (
    HERE,
    JOB,
    PROMPTREG,
    PYTHON,
    SHIPPED,
    Figure,
    Ran,
    folder_in_memory,
    median,
    register,
    run,
    spread,
    spread_of,
    written_job,
)

sys.path.append(str(HERE.parent / "Conformance"))

from fault_proxy import FaultProxy  # noqa: E402
from servers import MLflowServer  # noqa: E402

CLIENT = [PYTHON, str(HERE / "mlflow_client.py")]
BARE_READER = [PYTHON, str(HERE / "bare_reader.py")]
BARE_CLIENT = [PYTHON, str(HERE / "bare_client.py")]
TABLES = [
    *("registered_models", "registered_model_tags", "registered_model_aliases"),
    *("model_versions", "model_version_tags"),
]


@contextlib.contextmanager
def fresh_server(folder: Path) -> Iterator[str]:
    """The address of a server that holds nothing yet; its database comes into a folder."""
    server = MLflowServer(folder, python=PYTHON)
    try:
        yield server.url
    finally:
        server.stop()


def shipped_on_a_server(folder: Path, quick: bool) -> list[Figure]:
    """(f) The shipped job on a fresh server, then again unchanged. Each contender has a server to itself."""
    theirs, ours, theirs_again, ours_again = [], [], [], []
    for _ in range(1 if quick else 3):
        with folder_in_memory() as data, fresh_server(data) as url:
            theirs.append(run([*CLIENT, url, *SHIPPED]))
            theirs_again.append(run([*CLIENT, url, *SHIPPED]))
        with folder_in_memory() as data, fresh_server(data) as url:
            ours.append(run(register(JOB, url)))
            ours_again += [run(register(JOB, url)) for _ in range(5)]
    what = f"the shipped job ({len(SHIPPED)} prompts, 2 aliases) on a fresh server, whole process"
    return [faster(what, ours, theirs, 10), faster("the same again, unchanged", ours_again, theirs_again, 50)]


def faster(what: str, ours: list[Ran], theirs: list[Ran], least: int) -> Figure:
    """How many times faster than MLflow's client, and whether that is enough."""
    ratio = median(theirs) / median(ours)
    them = f"MLflow {spread(theirs)}"
    return Figure("f", what, spread(ours), them, f"{ratio:.0f}x", f">= {least}x", ratio >= least)


def new_on_a_server(folder: Path, quick: bool) -> list[Figure]:
    """(g) New prompts on a server that has been used, against the writes alone."""
    count = 64
    job = written_job(folder / "job", count, described=False)
    files = [str(folder / "job" / "prompts" / f"p{number}.md") for number in range(count)]
    ours, theirs = [], []
    with folder_in_memory() as data, fresh_server(data) as url:
        # The first turn warms the server up. Whoever comes first in a turn comes second in the next.
        for turn in range(6 if quick else 16):
            contenders = [
                lambda: ours.append(count / run(register(job, url, "--schema", f"ours_{turn}")).seconds),
                lambda: theirs.append(count / float(run([*BARE_CLIENT, url, f"theirs_{turn}", *files]).out)),
            ]
            for contender in contenders if turn % 2 else reversed(contenders):
                contender()
    ours, theirs = ours[1:], theirs[1:]
    ratio = statistics.median(ours) / statistics.median(theirs)
    what = f"{count} new prompts, 2 aliases each, on a warmed server, whole process"
    them = f"the four writes alone, 8 fresh connections at a time {rates(theirs)}"
    return [Figure("g", what, rates(ours), them, f"{ratio:.2f}x", ">= 0.9x", ratio >= 0.9)]


def rates(values: list[float]) -> str:
    """The median rate with the range around it."""
    return f"{statistics.median(values):.1f} prompts/s ({min(values):.1f} to {max(values):.1f})"


def many_on_a_server(folder: Path, quick: bool) -> list[Figure]:
    """(h) Planning a job whose every prompt a server has, against fetching the same pages; and the memory it takes."""
    count = 2_000 if quick else 10_000
    job = written_job(folder / "job", count)
    ours, theirs = [], []
    with folder_in_memory() as data, fresh_server(data) as url:
        run(register(job, url, "--select", "p0"))
        multiply(data / "mlflow.db", folder / "job" / "prompts", count)
        pages = pages_of_plan(job, url)
        for turn in range(3 if quick else 5):
            contenders = [
                # It ends with another code, and so does this, when not all of them are found as they are in the job.
                lambda: ours.append(run(plan(job, url))),
                lambda: theirs.append(float(run([*BARE_READER, url], given="\n".join(pages)).out)),
            ]
            for contender in contenders if turn % 2 else reversed(contenders):
                contender()
    # Turn by turn: the machine may have been busier in some.
    ratio = statistics.median(our.seconds / their for our, their in zip(ours, theirs))
    memory = max(plan.megabytes for plan in ours)
    what = f"planning {count} prompts that a server has, whole process"
    them = f"the same {len(pages)} pages, fetched one after the other {spread_of(theirs)}"
    return [
        Figure("h", what, spread(ours), them, f"{ratio:.2f}x", "<= 1.3x", ratio <= 1.3),
        Figure("h", "the most memory of these plans", f"{memory:.0f} MB", "", "", "< 100 MB", memory < 100),
    ]


def plan(job: str, url: str) -> list[str]:
    """The command of a plan that ends with 2 where anything would change."""
    return [PROMPTREG, "plan", job, "--registry", url, "--detailed-exitcode"]


def pages_of_plan(job: str, url: str) -> list[str]:
    """What a plan asks of a server, in turn."""
    proxy = FaultProxy(url)
    try:
        run(plan(job, proxy.url))
        return [f"{request.path}?{urllib.parse.urlencode(request.query)}" for request in proxy.requests]
    finally:
        proxy.stop()


def multiply(database: Path, prompts: Path, count: int) -> None:
    """Adds prompts to a server's database like the first one, which would take the server itself many minutes."""
    connection = sqlite3.connect(database, timeout=60)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = OFF")
    for table in TABLES:
        first = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
        slots = ", ".join(f":{column}" for column in first[0])
        rows = (row | changed(row, number, prompts) for number in range(1, count) for row in first)
        connection.executemany(f"INSERT INTO {table} VALUES ({slots})", rows)
    connection.commit()
    connection.close()


def changed(row: dict, number: int, prompts: Path) -> dict:
    """What is another in the row of a prompt than in that of the first."""
    values = {"name": row["name"].removesuffix("p0") + f"p{number}"}
    if row.get("description"):
        values["description"] = f"What prompt {number} is for."
    if row.get("key") == "mlflow.prompt.text":
        values["value"] = (prompts / f"p{number}.md").read_text().removesuffix("\n")
    return values
