"""What holds after any runs on any registry, whatever went wrong between them and it and whoever else was there.

Each check adds to a list of sentences about what does not hold, so that a failure tells all of it at once.
"""

import json
from collections import Counter
from dataclasses import dataclass, field

from jobs import JobFolder
from other_client import Deeds, OtherClient
from registries import Registry
from snapshots import JOB, JOURNAL, KEY, MARK, MOVING_BACK, Prompt, Snapshot, Version


@dataclass
class Run:
    """A run that has ended: its exit code and its report; a killed one has none."""

    code: int
    report: dict | None


@dataclass
class Events:
    """What happened on a registry: where it began, the runs, and somebody else."""

    registry: Registry
    # What the runs wanted.
    jobs: list[JobFolder]
    before: Snapshot
    runs: list[Run]
    others: OtherClient | None = None
    # Whether all that the runs sent had taken effect when the last one ended.
    is_settled: bool = True
    problems: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Checks all of it, then runs each job once more, and checks that nothing is left to do."""
        now = self.registry.everything()
        # What a run left behind that could not end, or came when all had ended, the next one settles.
        if self.is_settled and all(run.code == 0 for run in self.runs):
            self.nothing_is_doubled(now)
        for run in self.runs:
            if run.report:
                self.report_is_true(run, now)
        self.aliases_are_where_a_report_says(now)
        self.nothing_of_others_is_missing(now)
        for job in self.jobs:
            self.a_clean_run_does_what_it_says(job)
        now = self.registry.everything()
        self.nothing_is_doubled(now)
        self.nothing_of_others_is_missing(now, are_aliases_checked=False)
        if self.problems:
            raise AssertionError("\n".join(dict.fromkeys(self.problems)))

    def complain(self, what: str) -> None:
        """Notes what does not hold."""
        self.problems.append(what)

    # The registry

    def nothing_is_doubled(self, now: Snapshot) -> None:
        """No two versions of a prompt have one mark or one key, or are the same thing made of the same base."""
        for name, prompt in now.items():
            for tag in (MARK, KEY):
                counted = Counter(version.tags[tag] for version in prompt.versions.values() if tag in version.tags)
                for value, count in counted.items():
                    if count > 1:
                        self.complain(f"{name} has {count} versions with {tag} {value}")
            for first, second in same_neighbours(prompt):
                self.complain(f"{name} has the same in version {second} as in {first}, by one job")

    def aliases_are_where_a_report_says(self, now: Snapshot) -> None:
        """Every alias is where it was, where a report says, where somebody else put it, or a killed run wanted it."""
        for name in {*now, *self.before}:
            prompt, old = now.get(name, Prompt()), self.before.get(name, Prompt())
            for alias in {*prompt.aliases, *old.aliases, *self.told_aliases(name)}:
                allowed = {*self.told_aliases(name).get(alias, []), *self.deeds(name).aliases.get(alias, [])}
                if not self.told_aliases(name).get(alias) or any(run.report is None for run in self.runs):
                    allowed |= {old.aliases.get(alias)}
                if any(run.report is None for run in self.runs):
                    allowed |= {number for number, version in prompt.versions.items() if self.is_wanted(name, version)}
                place = prompt.aliases.get(alias)
                if place not in allowed:
                    self.complain(f"{name}@{alias} is at {place}, and nobody says more than {allowed}")

    def told_aliases(self, name: str) -> dict[str, set[int | None]]:
        """Where the reports say that aliases of a prompt are; where one could not be settled, where it may be."""
        told: dict[str, set[int | None]] = {}
        for run in self.runs:
            for prompt in run.report["prompts"] if run.report else []:
                for row in prompt["aliases"] if prompt["full_name"] == name else []:
                    places = told.setdefault(row["alias"], set())
                    places.add(row["version"])
                    if row["status"] == "failed":
                        places |= {row["previous_version"], prompt["version"]}
        return told

    def is_wanted(self, name: str, version: Version) -> bool:
        """Whether a version says what a job wants."""
        return any(
            prompt.full_name == name and prompt.template == version.text
            for job in self.jobs
            for prompt in job.expected.values()
        )

    def deeds(self, name: str) -> Deeds:
        """What somebody else did to a prompt."""
        return self.others.deeds.get(name, Deeds()) if self.others else Deeds()

    def nothing_of_others_is_missing(self, now: Snapshot, are_aliases_checked: bool = True) -> None:
        """Versions, tags, aliases and journal entries of somebody else are there, and what was there before is."""
        for name, old in self.before.items():
            for number, version in old.versions.items():
                found = now.get(name, Prompt()).versions.get(number)
                if not found or found.content != version.content:
                    self.complain(f"version {number} of {name}, which was there before, is gone or another")
        wanted_aliases = {(p.full_name, alias) for job in self.jobs for p in job.expected.values() for alias in p.aliases}
        for name, deeds in (self.others.deeds if self.others else {}).items():
            prompt = now.get(name, Prompt())
            for number, text in deeds.versions.items():
                if number not in prompt.versions or prompt.versions[number].text != text:
                    self.complain(f"version {number} of {name}, which somebody else registered, is gone or another")
            for key, value in deeds.tags.items():
                if prompt.tags.get(key) != value:
                    self.complain(f"the tag {key} of {name}, which somebody else set, is {prompt.tags.get(key)}")
            for (number, key), value in deeds.version_tags.items():
                version = prompt.versions.get(number)
                if not version or version.tags.get(key) != value:
                    self.complain(f"the tag {key} of version {number} of {name}, which somebody else set, is missing")
            for entry in deeds.journal:
                if entry not in prompt.journal:
                    self.complain(f"the journal of {name} has lost {entry}")
            for alias, places in deeds.aliases.items() if are_aliases_checked else []:
                if (name, alias) not in wanted_aliases and prompt.aliases.get(alias) != places[-1]:
                    self.complain(f"{name}@{alias}, of no job, is at {prompt.aliases.get(alias)}, not {places[-1]}")

    # The reports

    def report_is_true(self, run: Run, now: Snapshot) -> None:
        """What a report says was made is there; with exit code 0, everything is as it says."""
        report = run.report
        statuses = {prompt["status"] for prompt in report["prompts"]}
        rows = {row["status"] for prompt in report["prompts"] for row in prompt["aliases"]}
        if (run.code == 0) != (report["status"] == "ok") or (run.code == 0 and (statuses | rows) - {"ok"}):
            self.complain(f"exit code {run.code} of a run with {report['status']}: {statuses}, aliases {rows}")
        removed = [prompt.get("duplicates_removed") or [] for prompt in report["prompts"]]
        if report["summary"].get("duplicates_removed", 0) != sum(map(len, removed)):
            self.complain(f"the summary counts other duplicates than {removed}")
        for prompt in report["prompts"]:
            name, number = prompt["full_name"], prompt["version"]
            found = now.get(name, Prompt())
            for duplicate in prompt.get("duplicates_removed") or []:
                if duplicate in found.versions:
                    self.complain(f"version {duplicate} of {name} is said to be removed")
            if prompt["status"] == "ok" and not (
                number in found.versions and self.is_wanted(name, found.versions[number])
            ):
                self.complain(f"version {number} of {name}, {prompt['action']}, is not what the job says")
            for row in prompt["aliases"] if run.code == 0 else []:
                if row["alias"] not in self.deeds(name).aliases and row["version"] != found.aliases.get(row["alias"]):
                    place = found.aliases.get(row["alias"])
                    self.complain(f"{name}@{row['alias']} is at {place}, said with exit code 0 to be {row['version']}")

    # The next run

    def a_clean_run_does_what_it_says(self, job: JobFolder) -> None:
        """One undisturbed run succeeds, changes what its report says and nothing else, and leaves nothing to do."""
        if self.registry.proxy:
            self.registry.proxy.clear()
        before = self.registry.everything()
        ended = self.registry.ended(job.path)
        if ended.code != 0:
            self.complain(f"a clean run ended with {ended.code}: {ended.out} {ended.err}")
            return
        now = self.registry.everything()
        self.report_is_true(Run(0, ended.report), now)
        told = {prompt["full_name"]: prompt for prompt in ended.report["prompts"]}
        for name in {*before, *now}:
            old, new = before.get(name, Prompt()), now.get(name, Prompt())
            if name not in told:
                if old != new:
                    self.complain(f"a clean run changed {name}, which is not in its report")
                continue
            self.changes_are_told(name, told[name], old, new)
        ended = self.registry.ended(job.path, "--detailed-exitcode", command="plan")
        # What another client moved of its own aliases is drift, which no run changes.
        prompts = ended.report["prompts"]
        drifted = {row["alias"] for prompt in prompts for row in prompt["drift"]}
        named = {row["alias"] for prompt in prompts for row in prompt["aliases"]}
        changes = {key: count for key, count in ended.report["plan"].items() if key != "unchanged" and count}
        if ended.code != (2 if drifted else 0) or changes or drifted & named:
            self.complain(f"after a clean run, plan ends with {ended.code}: {ended.out}")

    def changes_are_told(self, name: str, report: dict, old: Prompt, new: Prompt) -> None:
        """A clean run changed of a prompt what its report says."""
        made = {report["version"]} if report["action"] in ("create", "update") else set()
        if {*new.versions} - {*old.versions} != made:
            self.complain(f"a clean run made {[*new.versions]} of {[*old.versions]} of {name}, and says {made}")
        removed = {*(report.get("duplicates_removed") or [])}
        if {*old.versions} - {*new.versions} != removed:
            self.complain(f"a clean run left {[*new.versions]} of {[*old.versions]} of {name}, and says {removed}")
        for number in {*old.versions} & {*new.versions}:
            is_retagged = report["action"] == "retag" and number == report["version"]
            kept = old.versions[number].content == new.versions[number].content
            if not kept or (old.versions[number] != new.versions[number] and not is_retagged):
                self.complain(f"a clean run changed version {number} of {name}")
        moved = {row["alias"]: (row["previous_version"], row["version"]) for row in report["aliases"]}
        for alias in {*old.aliases, *new.aliases}:
            was, now = old.aliases.get(alias), new.aliases.get(alias)
            if was != now and moved.get(alias) != (was, now):
                self.complain(f"a clean run moved {name}@{alias} from {was} to {now}, and says {moved.get(alias)}")
        noted = {JOB, JOURNAL, MOVING_BACK} if report["action"] == "unchanged" else {*new.tags, *old.tags}
        for key in {*old.tags, *new.tags} - noted:
            if old.tags.get(key) != new.tags.get(key):
                self.complain(f"a clean run changed the tag {key} of {name}")


def same_neighbours(prompt: Prompt) -> list[tuple[int, int]]:
    """Versions that one job made after one another though they say the same, where no key tells what they were made of."""
    found = []
    numbers = sorted(prompt.versions)
    for first, second in zip(numbers, numbers[1:], strict=False):
        one, two = prompt.versions[first], prompt.versions[second]
        if KEY in one.tags and KEY in two.tags:
            continue
        if one.tags.get(JOB, "") == two.tags.get(JOB) and one.content == two.content:
            found.append((first, second))
    return found


def shown(snapshot: Snapshot) -> str:
    """A snapshot in few lines, for failures."""
    lines = []
    for name, prompt in snapshot.items():
        lines.append(f"{name}: aliases {prompt.aliases}, journal {json.dumps(prompt.journal)}")
        for number, version in sorted(prompt.versions.items()):
            lines.append(f"  {number}: {version.text[:40]!r} mark {version.tags.get(MARK)} key {version.tags.get(KEY)}")
    return "\n".join(lines)
