"""Jobs before and after a change, what a registry looks like, and what has to hold of one at any moment."""

import json
import os
import re
import shutil
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

from jobs import JobFolder, without_provenance
from mlflow_registry import MLflowRegistry
from program import Program

ALIASES = ["production", "staging"]
# Every time of a change, and where the registry is.
PASSING = re.compile(
    rb"^(creation_timestamp|last_updated_timestamp|creation_time|last_update_time|artifact_location): .+$", re.MULTILINE
)
# MLflow makes this as soon as it opens a registry.
MLFLOW_TRASH = "mlruns/.trash"


def first_job(folder: Path, count: int) -> JobFolder:
    """Prompts that no registry knows."""
    job = JobFolder(folder, aliases=ALIASES, provenance=False)
    for index in range(count):
        job.add(f"p{index}", f"# {index}\n" + f"Line {{{{x}}}} of {index}.\n" * 40, **settings(index, "first"))
    job.write()
    return job


def settings(index: int, owner: str) -> dict:
    """What a job says of a prompt besides its text."""
    chosen = {"tags": {"team": "platform", "owner": owner}, "description": f"Prompt {index} of {owner}"}
    return chosen | ({"model_config": {"temperature": 0.5, "max_tokens": index}} if index % 4 == 1 else {})


def change(job: JobFolder) -> None:
    """Changes the job: of three prompts one gets another text, one other tags, one stays; one more is new."""
    count = len(job.expected)
    for index in range(count):
        if index % 3 == 0:
            job.add(f"p{index}", f"# {index}, changed {{{{y}}}}\n" * 30, **settings(index, "first"))
        elif index % 3 == 1:
            job.add(f"p{index}", (job.prompts_dir / f"p{index}.md").read_bytes(), **settings(index, "second"))
    job.add(f"p{count}", "New {{x}}\n", **settings(count, "second"))
    job.write()


def state(folder: Path) -> dict[str, bytes | None]:
    """All that is in a folder, but what each run and each place has otherwise."""
    found: dict[str, bytes | None] = {}
    for path in Path(folder).rglob("*"):
        content = path.read_bytes() if path.is_file() else None
        if content is not None and path.name == "meta.yaml":
            content = PASSING.sub(rb"\1: 0", content)
        if content is not None and path.name == "promptreg_alias_log":
            # A run that completes another one moves the rest later: of each alias the order is the same. It finds new
            # prompts already there, and so it records their first aliases, as no other run does here.
            moves = [entry for entry in json.loads(content) if entry["from"] is not None]
            if not moves:
                continue
            entries = sorted(moves, key=lambda entry: entry["alias"])
            content = json.dumps([entry | {"at": None} for entry in entries]).encode()
        found[str(path.relative_to(folder))] = content
    found.pop(MLFLOW_TRASH, None)
    return found


@dataclass
class Scenario:
    """A registry, a job that changes it, and the one state that has to come of it."""

    program: Program
    job: JobFolder
    # A folder with a registry in it as it is before, or without one.
    before: Path
    # What is in there.
    untouched: dict[str, bytes | None]
    # The same after one clean run.
    after: dict[str, bytes | None]
    # What MLflow may find of each prompt at any moment: by version, its whole description.
    known: dict[str, dict[int, dict]]
    seconds: float

    @classmethod
    def make(cls, folder: Path, program: Program, count: int, is_changed: bool) -> "Scenario":
        """Makes a scenario and does the clean run, on an empty registry or on one with an older state."""
        before = folder / "before"
        before.mkdir(parents=True)
        job = first_job(folder / "job", count)
        versions = {}
        if is_changed:
            program.run(job.path, before / "mlruns")
            versions = {prompt.full_name: {1: prompt} for prompt in job.expected.values()}
            change(job)
        seconds = []
        for attempt in range(3):
            clean = folder / f"clean-{attempt}"
            shutil.copytree(before, clean)
            start = time.monotonic()
            program.run(job.path, clean / "mlruns")
            seconds.append(time.monotonic() - start)
        after = state(clean)
        assert after == state(folder / "clean-0")
        snapshot = MLflowRegistry(clean / "mlruns").snapshot()
        for name, prompt in job.expected.items():
            old = versions.setdefault(prompt.full_name, {})
            number = 2 if old and old[1].template != prompt.template else 1
            old.setdefault(number, prompt)
            found = snapshot[prompt.full_name]
            assert sorted(found["versions"]) == sorted(old), name
            assert found["aliases"] == dict.fromkeys(ALIASES, number)
            prompt.check(found["versions"][number], number, None)
        return cls(program, job, before, state(before), after, versions, statistics.median(seconds))

    def copy(self, to: Path) -> Path:
        """A fresh copy of the state before: the folder that the registry is in, whether it exists yet or not.

        The files are links to one another, which is quick and shows that none is ever written to in place.
        """
        assert state(self.before) == self.untouched, "a run wrote into a file in place"
        if to.exists():
            shutil.rmtree(to)
        shutil.copytree(self.before, to, copy_function=os.link)
        return to

    def arguments(self, folder: Path) -> list[str]:
        """The run that is to be disturbed."""
        return ["run", str(self.job.path), "--registry", f"file:{folder / 'mlruns'}", "--no-progress"]

    def check_whole(self, folder: Path) -> None:
        """Opens the registry as MLflow does: whatever is there has to be there whole."""
        registry = folder / "mlruns"
        if not (registry / "models").exists():
            return
        store = MLflowRegistry(registry)
        store.client.search_experiments()
        loaded = store.loaded()
        newest = {prompt.full_name: max(self.known[prompt.full_name]) for prompt in self.job.expected.values()}
        for name, by_alias in loaded.items():
            for version in by_alias.values():
                known = self.known[name][version["version"]]
                assert version["template"] == known.template
                assert version["model_config"] == known.model_config
                assert set(without_provenance(version["tags"])) == set(known.tags)
                assert version["is_text"]
        # An alias moves only when all that the job registers is there.
        has_moved = any(
            version["version"] == newest[name] and (newest[name] > 1 or not self._had(name))
            for name, by_alias in loaded.items()
            for alias, version in by_alias.items()
            if alias != "latest"
        )
        if has_moved:
            assert {name: found["latest"]["version"] for name, found in loaded.items()} == newest

    def _had(self, name: str) -> bool:
        """Whether the registry knew a prompt before the run."""
        return (self.before / "mlruns" / "models" / name).exists()

    def check_completes(self, folder: Path) -> None:
        """Runs the job again: it ends where one clean run ends, with nothing left beside or inside."""
        self.program(*self.arguments(folder))
        now = state(folder)
        assert set(now) == set(self.after), set(now) ^ set(self.after)
        different = {path for path in now if now[path] != self.after[path]}
        assert different == set(), {path: (now[path], self.after[path]) for path in sorted(different)[:3]}
