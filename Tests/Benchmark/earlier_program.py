"""(i) promptreg against the program of an earlier commit, in turns: how the time and memory of each changed."""

import statistics
from collections.abc import Callable
from pathlib import Path

from measuring import (
    JOB,
    PROMPTREG,
    Figure,
    Ran,
    folder_in_memory,
    register,
    run,
    settle,
    shown,
    written_job,
)
from server_figures import fresh_server

# What may be noise: figures of one program against itself differ by as much on a machine that others use.
NOISE = 1.05
# Since then a version has one file more, for its key, and every folder of a registry is opened without following links.
SAFER = 1.25


def against(earlier: str) -> Callable[[Path, bool], list[Figure]]:
    """A measurement of promptreg against an earlier program.

    Whoever comes first in a turn comes second in the next; the figure is the median of the turns' ratios.
    """

    def compare(what: str, turns: int, work: Callable[[str, int], Ran], most: float = NOISE) -> Figure:
        ours, theirs = [], []
        for turn in range(turns + 1):
            contenders = [(PROMPTREG, ours), (earlier, theirs)]
            for program, runs in contenders if turn % 2 else reversed(contenders):
                ran = work(program, turn)
                # The first turn fills caches.
                if turn > 0:
                    runs.append(ran.seconds)
        ratio = statistics.median(ours) / statistics.median(theirs)
        figures = [f"{shown(statistics.median(times))} (from {shown(min(times))})" for times in (ours, theirs)]
        return Figure(
            "i", what, figures[0], f"earlier {figures[1]}", f"{ratio:.2f}x", f"<= {most}x", ratio <= most
        )

    def on_a_folder(folder: Path, quick: bool) -> list[Figure]:
        fresh = folder / "fresh"
        fresh.mkdir()

        def new(job: str, name: str) -> Callable[[str, int], Ran]:
            def work(program: str, turn: int) -> Ran:
                settle()
                registry = fresh / f"{name}-{turn}-{'ours' if program == PROMPTREG else 'theirs'}"
                return run(register(job, registry, program=program))

            return work

        many = written_job(folder / "many", 1_000)
        unchanged = folder / "unchanged"
        run(register(JOB, unchanged))
        turns = 20 if quick else 60
        return [
            compare("--version", turns * 3, lambda program, _: run([program, "--version"])),
            compare("validate, the shipped job", turns * 3, lambda program, _: run([program, "validate", JOB])),
            compare("the shipped job, new in a folder", turns, new(JOB, "shipped")),
            compare(
                "the shipped job, unchanged in a folder", turns,
                lambda program, _: run(register(JOB, unchanged, program=program)),
            ),
            compare("1000 new prompts in a folder", 3 if quick else 7, new(many, "many"), most=SAFER),
        ]  # fmt: skip

    def on_a_server(folder: Path, quick: bool) -> list[Figure]:
        some = written_job(folder / "some", 64, described=False)
        turns = 4 if quick else 10
        with folder_in_memory() as data, fresh_server(data) as url:

            def new(job: str, name: str) -> Callable[[str, int], Ran]:
                def work(program: str, turn: int) -> Ran:
                    schema = f"{name}_{turn}_{'ours' if program == PROMPTREG else 'theirs'}"
                    return run(register(job, url, "--schema", schema, program=program))

                return work

            run(register(JOB, url))
            return [
                compare("the shipped job, new on a server", turns, new(JOB, "shipped")),
                compare(
                    "the shipped job, unchanged on a server", turns * 2,
                    lambda program, _: run(register(JOB, url, program=program)),
                ),
                compare("64 new prompts on a server", turns, new(some, "some")),
            ]  # fmt: skip

    return lambda folder, quick: on_a_folder(folder, quick) + on_a_server(folder, quick)
