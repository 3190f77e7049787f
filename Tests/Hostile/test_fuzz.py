"""Thousands of damaged jobs, templates and saved plans. A failure names its case: HOSTILE_CASE=N repeats it alone."""

import json
import os
import random
import shutil

import mutation
import pytest

VALIDATED = 2_600
PLANNED = 150
SAVED_PLANS = 250


def cases(count: int) -> range:
    """The numbers of the cases to run."""
    only = os.environ.get("HOSTILE_CASE")
    return range(int(only), int(only) + 1) if only else range(count)


def fuzz(sandbox, seed: int, count: int, jobs: list[str], run) -> None:
    """Damages one file of a job, or two, runs the program on it, and puts them right again."""
    files = {job: related(sandbox, job) for job in jobs}
    for case in cases(count):
        source = random.Random(f"{seed}-{case}")
        job = source.choice(jobs)
        originals = {}
        # The spec is damaged half of the time, since every other file is only one of many.
        for _ in range(source.choice([1, 1, 2])):
            path = sandbox.folder / (job if source.random() < 0.5 else source.choice(files[job]))
            originals.setdefault(path, path.read_bytes())
            path.write_bytes(mutation.mutate(path.read_bytes(), source))
        try:
            run(job, source)
        except AssertionError as failure:
            kept = shutil.copytree(sandbox.folder, sandbox.folder.with_name("failed"))
            pytest.fail(f"case {case} of seed {seed}, {job}, kept in {kept}: {failure}", pytrace=False)
        finally:
            for path, content in originals.items():
                path.write_bytes(content)


def related(sandbox, job: str) -> list[str]:
    """The files that a shipped job reads."""
    folder = "prompts/support" if "support" in job else "prompts"
    return [str(p.relative_to(sandbox.folder)) for p in sorted((sandbox.folder / folder).iterdir()) if p.is_file()]


JOBS = ["jobs/health_monitor.yaml", "jobs/support_agent.yaml", "jobs/discovered.yaml"]


@pytest.fixture
def jobs(shipped):
    """The shipped jobs, and one that takes whatever files there are."""
    shipped.write("jobs/discovered.yaml", "version: 1\njob: discovered\nprompts_dir: ../prompts\n")
    return shipped


def test_damaged_jobs_are_validated(jobs, seed):
    codes = dict.fromkeys([0, 65], 0)

    def run(job, source):
        flags = ["--target", source.choice(["dev", "prod", "nothing"])] if source.random() < 0.2 else []
        codes[jobs.validate(job, *flags).code] += 1

    fuzz(jobs, seed, VALIDATED, JOBS, run)
    assert "HOSTILE_CASE" in os.environ or min(codes.values()) > VALIDATED / 20, codes


def test_damaged_jobs_are_planned(jobs, seed):
    def run(job, source):
        out = source.choice(["text", "json"])
        jobs.plan(job, "--registry", "file:mlruns", "--format", out)

    fuzz(jobs, seed + 1, PLANNED, JOBS, run)


def test_damaged_saved_plans_are_refused(jobs, seed):
    """What is carried out is the plan as it was saved, or nothing."""
    jobs.run("run", JOBS[0], "--registry", "file:mlruns", codes={0}, writes=True)
    (jobs.folder / "prompts" / "cost_worker.md").write_text("Other {{query}} {{data}}\n")
    plan = jobs.folder / "plan.json"
    jobs.run("plan", JOBS[0], "--registry", "file:mlruns", "--out", plan, codes={0}, writes=True)
    whole = plan.read_bytes()
    registry, kept = jobs.folder / "mlruns", jobs.folder.with_name("kept")
    shutil.copytree(registry, kept)
    refused = 0
    for case in cases(SAVED_PLANS):
        source = random.Random(f"{seed}-plan-{case}")
        plan.write_bytes(mutate_plan(whole, source))
        is_dry = source.random() < 0.3
        before = listing(jobs.folder)
        try:
            flags = ["--dry-run"] if is_dry else []
            ended = jobs.run("run", "--plan", plan, *flags, codes={0, 64, 65, 69, 75, 77}, writes=not is_dry)
            if ended.code != 0:
                refused += 1
                assert listing(jobs.folder) == before, "it wrote, and says that it did not"
            elif not is_dry:
                new = listing(registry) - listing(kept)
                versions = {str(path).split("/")[1] for path, _ in new if "version-" in str(path)}
                assert versions == {"main.health_monitor_agent.prompt_cost_worker"}
                shutil.rmtree(registry)
                shutil.copytree(kept, registry)
        except AssertionError as failure:
            pytest.fail(f"case {case} of seed {seed}, the plan is in {plan}: {failure}", pytrace=False)
    assert "HOSTILE_CASE" in os.environ or refused > SAVED_PLANS / 2


def mutate_plan(content: bytes, source: random.Random) -> bytes:
    """Damages a saved plan, half of the time in a way that leaves it JSON."""
    if source.random() < 0.5:
        return mutation.mutate(content, source)
    document = json.loads(content)
    for _ in range(source.randint(1, 2)):
        document = mutation.with_other(document, source)
    return json.dumps(document).encode()


def listing(folder) -> set[tuple]:
    """What is below a folder, with the lock that even a refused run takes left out."""
    return {
        (path.relative_to(folder), path.read_bytes() if path.is_file() else None)
        for path in folder.rglob("*")
        if path.name != ".promptreg.lock"
    }
