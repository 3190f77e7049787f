"""(l) What `traces` costs on a server that holds very many, against the requests alone."""

import json
import statistics
from pathlib import Path

from measuring import HERE, PROMPTREG, PYTHON, Figure, Ran, folder_in_memory, register, run, spread, spread_of
from server_figures import fresh_server

from fault_proxy import FaultProxy  # isort: skip

FILLER = [PYTHON, str(HERE / "traced_server.py")]
BARE_ASKER = [PYTHON, str(HERE / "bare_asker.py")]
JOB = """version: 1
job: traced
catalog: main
schema: bench
prompts: {answer: {file: answer.md}}
"""
PROMPT = "main.bench.prompt_answer"


def many_traces(folder: Path, quick: bool) -> list[Figure]:
    count = 10_000 if quick else 100_000
    figures, memory = [], []
    for how, ending, most, turns in [("tagged", "/traces/metrics", 1.5, 5), ("linked", "/traces/search", 1.2, 1 if quick else 3)]:
        with folder_in_memory() as data, fresh_server(data) as url:
            for text in ("Answer.", "Answer briefly."):
                (folder / "job.yaml").write_text(JOB)
                (folder / "answer.md").write_text(text)
                run(register(str(folder / "job.yaml"), url))
            experiment = run([*FILLER, url, str(data / "mlflow.db"), PROMPT, str(count), how]).out.strip()
            asked = requests(url, experiment, ending)
            ours, theirs = [], []
            for turn in range(turns):
                contenders = [
                    lambda: ours.append(traces(url, experiment, count)),
                    lambda: theirs.append(float(run([*BARE_ASKER, url], given=json.dumps(asked)).out)),
                ]
                for contender in contenders if turn % 2 else reversed(contenders):
                    contender()
        memory += [each.megabytes for each in ours]
        ratio = statistics.median(our.seconds / their for our, their in zip(ours, theirs))
        figures.append(
            Figure(
                "l", f"traces, of {count} that are {how}, whole process", spread(ours),
                f"the same {sum(map(len, asked))} requests alone {spread_of(theirs)}",
                f"{ratio:.2f}x", f"<= {most}x", ratio <= most,
            )  # fmt: skip
        )
    most = max(memory)
    return [*figures, Figure("l", "the most memory of these", f"{most:.0f} MB", "", "", "< 100 MB", most < 100)]


def traces(url: str, experiment: str, count: int) -> Ran:
    """Runs it, and makes sure that it counts all of them."""
    ran = run([PROMPTREG, "traces", PROMPT, "--registry", url, "--experiment", experiment, "--format", "json"])
    versions = json.loads(ran.out)["prompts"][0]["versions"]
    assert [each["traces"] for each in versions] == [count // 4, count // 4 * 3], ran.out
    return ran


def requests(url: str, experiment: str, ending: str) -> list[list[tuple[str, dict]]]:
    """What `traces` asks of a server, but for what it asks in passing; each list's are asked one after the other."""
    proxy = FaultProxy(url)
    try:
        run([PROMPTREG, "traces", PROMPT, "--registry", proxy.url, "--experiment", experiment])
        found = [(each.path, each.body) for each in proxy.requests if each.path.endswith(ending)]
    finally:
        proxy.stop()
    if ending == "/traces/metrics":
        return [[each] for each in found]
    # The pages of a search follow from each other.
    pages = [each for each in found if each[1]["max_results"] > 1]
    versions = sorted({each[1]["filter"].partition(" AND ")[0] for each in pages})
    return [[each for each in pages if each[1]["filter"].startswith(version)] for version in versions]
