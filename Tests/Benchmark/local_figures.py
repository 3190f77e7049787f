"""What is measured without any server."""

import contextlib
import os
import statistics
import sys
from pathlib import Path

from measuring import (
    HERE,
    JOB,
    PROMPTREG,
    PYTHON,
    REPO,
    SHIPPED,
    Figure,
    Ran,
    folder_in_memory,
    median,
    register,
    run,
    settle,
    shown,
    spread,
    written_job,
)

# What a release of promptreg is linked with, so that the one-line program has the same.
SAME_LINKING = ["-static-stdlib", "-use-ld=lld", "-Xlinker", "--gc-sections"]
SAME_LIBRARIES = ["-Xlinker", "--no-as-needed", "-lyaml"]


def whole_process(folder: Path, quick: bool) -> list[Figure]:
    """(a) The shipped job on an empty registry."""
    ours, theirs = [], []
    for attempt in range(3 if quick else 7):
        settle()
        theirs.append(run([PYTHON, str(HERE / "mlflow_client.py"), f"file:{folder}/theirs-{attempt}", *SHIPPED]))
        for turn in range(3):
            settle()
            ours.append(run(register(JOB, folder / f"ours-{attempt}-{turn}")))
    ratio = median(theirs) / median(ours)
    what = f"the shipped job ({len(SHIPPED)} prompts, 2 aliases) on an empty registry, whole process"
    return [Figure("a", what, spread(ours), f"MLflow {spread(theirs)}", f"{ratio:.0f}x", ">= 40x", ratio >= 40)]


def many_new(folder: Path, quick: bool) -> list[Figure]:
    """(b) New prompts by the thousand, written out to the disk."""
    count, sample = (200, 20) if quick else (1_000, 60)
    job = written_job(folder / "job", count)
    files = [str(folder / "job" / "prompts" / f"p{number}.md") for number in range(sample)]
    ours, per_prompt = [], []
    for attempt in range(3 if quick else 5):
        settle()
        made = run([PYTHON, str(HERE / "mlflow_client.py"), f"file:{folder}/theirs-{attempt}", *files])
        per_prompt.append(float(made.out) / sample)
        settle()
        ours.append(run(register(job, folder / f"ours-{attempt}")))
    theirs = statistics.median(per_prompt) * count
    ratio = theirs / median(ours)
    what = f"{count} new prompts, 2 aliases each, durable ({count / median(ours):.0f} prompts/s)"
    them = f"MLflow {shown(theirs)}, scaled from {sample} prompts, import not counted"
    return [Figure("b", what, spread(ours), them, f"{ratio:.0f}x", ">= 50x", ratio >= 50)]


def many_unchanged(folder: Path, quick: bool) -> list[Figure]:
    """(c) A job whose every prompt is in the registry already."""
    count = 2_000 if quick else 10_000
    job = written_job(folder / "job", count)
    registry = folder / "mlruns"
    run(register(job, registry))
    reader = str(REPO / ".build" / "plain-reads")
    run(["swiftc", "-O", str(HERE / "PlainReads.swift"), "-o", reader])
    plain = [reader, str(folder / "job" / "prompts"), str(registry)]
    run(plain)
    run(register(job, registry))
    ours, theirs = [], []
    for _ in range(5):
        theirs.append(run(plain))
        ours.append(run(register(job, registry)))
    ratio = median(ours) / median(theirs)
    memory = max(run.megabytes for run in ours)
    what = f"{count} unchanged prompts, 2 aliases each"
    them = f"plain reads {spread(theirs)}, {theirs[0].out.strip()}"
    return [
        Figure("c", what, spread(ours), them, f"{ratio:.2f}x", "< 3x", ratio < 3),
        Figure("c", "the most memory of these runs", f"{memory:.0f} MB", "", "", "< 150 MB", memory < 150),
    ]


def cost_of_one(folder: Path, quick: bool) -> list[Figure]:
    """(j) What one new prompt costs a folder among fifty thousand, against among a thousand.

    It is processor time, the system's for the folder included, which a busy machine changes least. Plain writes of the
    same files show what the filesystem itself has to do with it: ext4 without a journal steps over the inodes of files
    that were deleted in the last minutes, and a thousand prompts then take a minute.
    """
    few, many = 1_000, 10_000 if quick else 50_000
    jobs = {count: unnamed(written_job(folder / f"job-{count}", count)) for count in (1, few, many)}
    writer = str(folder / "plain-writes")
    run(["swiftc", "-O", str(HERE / "PlainWrites.swift"), "-o", writer])
    figures = []
    for where, place in (("on the disk", contextlib.nullcontext(folder)), ("in memory", folder_in_memory())):
        with place as parent:
            run(register(jobs[1], parent / "one"))
            [sample] = (parent / "one" / "models").iterdir()
            start = statistics.median(
                run(register(jobs[1], parent / f"one-{turn}")).processor_seconds for turn in range(5)
            )
            costs: dict[tuple[bool, int], list[float]] = {}
            # The many come between the few, so that neither is measured on a busier machine than the other.
            for turn, count in enumerate([few] * 5 + [many] + [few] * 5):
                settle()
                ours = run(register(jobs[count], parent / f"ours-{turn}")).processor_seconds - start
                settle()
                plain = run([writer, str(sample), str(parent / f"plain-{turn}"), str(count)]).processor_seconds
                for is_ours, seconds in ((True, ours), (False, plain)):
                    costs.setdefault((is_ours, count), []).append(seconds / count)
            typical = {key: statistics.median(values) for key, values in costs.items()}
            ratio, plain = (typical[is_ours, many] / typical[is_ours, few] for is_ours in (True, False))
            each = {key: f"{value * 1e6:.0f} us" for key, value in typical.items()}
            what = f"one new prompt of {many} {where}, against one of {few}"
            them = f"plain writes {each[False, many]}, {each[False, few]}, that is {plain:.2f}x"
            ours = f"{each[True, many]}, {each[True, few]}"
            figures.append(Figure("j", what, ours, them, f"{ratio:.2f}x", "<= 1.2x", ratio <= 1.2))
    return figures


def front_matter(folder: Path, quick: bool) -> list[Figure]:
    """(m) Prompts that say their settings themselves and share a part, against the same texts alone."""
    count = 2_000 if quick else 10_000
    plain, told = (unnamed(written_job(folder / name, count)) for name in ("plain", "told"))
    (folder / "told" / "prompts" / "_style.md").write_text("Answer briefly.\nSay what you do not know.\n")
    for number in range(count):
        path = folder / "told" / "prompts" / f"p{number}.md"
        header = f"description: What prompt {number} is for.\nvariables: [query, data]\ntags: {{role: worker, domain: cost}}"
        path.write_text(f"---\n{header}\n---\n{path.read_text()}\n{{{{> style}}}}\n")
    ours, theirs = [], []
    for turn in range(9):
        for runs, job in ((theirs, plain), (ours, told)):
            ran = run([PROMPTREG, "validate", job])
            if turn > 1:
                runs.append(ran)
    ratio = median(ours) / median(theirs)
    what = f"validate, {count} prompts with front matter and one shared include"
    return [Figure("m", what, spread(ours), f"without them {spread(theirs)}", f"{ratio:.2f}x", "<= 1.5x", ratio <= 1.5)]


def unnamed(job: str) -> str:
    """The same job without the list of its prompts, which is longer than a spec may be: it takes all templates."""
    path = Path(job)
    path.write_text(path.read_text().split("prompts:\n")[0])
    return job


def start_up(folder: Path, quick: bool) -> list[Figure]:
    """(d) What a process costs before it does anything."""
    contenders = {
        "version": [PROMPTREG, "--version"],
        "validate": [PROMPTREG, "validate", JOB],
        "one line": [str(folder / "one-line")],
        "one line, Swift's libraries shared": [str(folder / "one-line-shared")],
    }
    source = str(HERE / "OneLine.swift")
    run(["swiftc", "-O", *SAME_LINKING, *SAME_LIBRARIES, source, "-o", contenders["one line"][0]])
    run(["swiftc", "-O", source, "-o", contenders["one line, Swift's libraries shared"][0]])
    ours, theirs = libraries(PROMPTREG), libraries(contenders["one line"][0])
    if ours != theirs:
        sys.exit(f"the one-line program does not have promptreg's libraries: {ours ^ theirs}")
    runs: dict[str, list[Ran]] = {name: [] for name in contenders}
    for turn in range(103 if quick else 303):
        for name, command in contenders.items():
            ran = run(command)
            if turn > 2:
                runs[name].append(ran)
    plain = median(runs["one line, Swift's libraries shared"])
    static = median(runs["one line"])
    figures = []
    for name, most in (("version", 1.3), ("validate", 1.5)):
        ours = median(runs[name])
        what = "promptreg --version" if name == "version" else "promptreg validate, the shipped job"
        them = (
            f"one-line program as swiftc builds it {shown(plain)}; "
            f"linked statically as promptreg is {shown(static)}, that is {ours / static:.2f}x"
        )
        ratio = ours / plain
        figures.append(Figure("d", what, spread(runs[name]), them, f"{ratio:.2f}x", f"<= {most}x", ratio <= most))
    return figures


def libraries(program: str) -> set[str]:
    """The names of the shared libraries that a program is linked with."""
    return {line.split()[0] for line in run(["ldd", program]).out.splitlines() if "=>" in line}


def clean_build(folder: Path, quick: bool) -> list[Figure]:
    """(e) A release build of the last commit from nothing, on two processors."""
    if quick:
        return []
    clone = folder / "clone"
    run(["git", "clone", "--quiet", str(REPO), str(clone)])
    processors = ",".join(str(number) for number in sorted(os.sched_getaffinity(0))[:2])
    built = run(["taskset", "--cpu-list", processors, "swift", "build", "-c", "release"], cwd=clone)
    what = "a clean release build on two processors"
    return [Figure("e", what, shown(built.seconds), "", "", "< 180 s", built.seconds < 180)]
