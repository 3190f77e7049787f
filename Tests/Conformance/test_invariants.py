"""The invariants notice what they are there for, and complain of nothing else."""

import copy
import json
import time

import pytest
from invariants import Events, Run
from jobs import JobFolder
from other_client import Deeds
from past_answers import Asked, Past
from snapshots import JOB, JOURNAL, KEY, MARK, Prompt, Version

NAME = "main.tests.prompt_one"


class Others:
    """Somebody else who did something of each kind."""

    entry = {"alias": "canary", "from": None, "to": 2}
    deeds = {NAME: Deeds({2: "Theirs"}, {"note": "n"}, {(2, "score"): "1"}, {"canary": [2]}, [entry])}


@pytest.fixture
def events(tmp_path):
    """An edited prompt, somebody else's version in between, and a run that made the third."""
    job = JobFolder(tmp_path / "job", aliases=["production"])
    job.add("one", "New")
    first = Version("Old", {JOB: "generated", MARK: "a-1", KEY: "1"})
    before = {NAME: Prompt({}, {"production": 1}, {1: first})}
    row = {"alias": "production", "status": "ok", "action": "move", "version": 3, "previous_version": 1}
    told = {"full_name": NAME, "status": "ok", "action": "update", "version": 3, "aliases": [row]}
    report = {"status": "ok", "summary": {"duplicates_removed": 1}, "prompts": [told | {"duplicates_removed": [4]}]}
    return Events(None, [job], before, [Run(0, report)], Others())


@pytest.fixture
def now(events):
    """What there is after that, as it has to be."""
    now = copy.deepcopy(events.before)
    now[NAME].tags |= {"note": "n", JOURNAL: json.dumps([Others.entry])}
    now[NAME].aliases = {"production": 3, "canary": 2}
    now[NAME].versions[2] = Version("Theirs", {"score": "1"})
    now[NAME].versions[3] = Version("New", {JOB: "generated", MARK: "b-1", KEY: "2"})
    return now


def complaints(events: Events, now) -> list[str]:
    """All that is wrong with what there is now."""
    events.problems = []
    events.nothing_is_doubled(now)
    events.report_is_true(events.runs[0], now)
    events.aliases_are_where_a_report_says(now)
    events.nothing_of_others_is_missing(now)
    return events.problems


def add(number: int, text: str, **tags: str):
    """What adds a version."""
    return lambda prompt: prompt.versions.update({number: Version(text, {JOB: "generated", **tags})})


WRONG = {
    "one mark": add(5, "New", **{MARK: "b-1"}),
    "one key": add(5, "New", **{MARK: "b-2", KEY: "2"}),
    "one content": add(5, "New", **{MARK: "b-2"}),
    "a version that was to be removed": add(4, "Other", **{MARK: "b-2", KEY: "3"}),
    "an older version": lambda prompt: prompt.versions.pop(1),
    "another older version": lambda prompt: setattr(prompt.versions[1], "text", "Other"),
    "somebody else's version": lambda prompt: prompt.versions.pop(2),
    "what was told to be made": lambda prompt: prompt.versions.pop(3),
    "another text than the job's": lambda prompt: setattr(prompt.versions[3], "text", "Other"),
    "the alias": lambda prompt: prompt.aliases.pop("production"),
    "the alias where it was": lambda prompt: prompt.aliases.update(production=1),
    "the alias where nobody put it": lambda prompt: prompt.aliases.update(production=2),
    "an alias of nobody": lambda prompt: prompt.aliases.update(stray=1),
    "somebody else's alias": lambda prompt: prompt.aliases.update(canary=3),
    "somebody else's tag": lambda prompt: prompt.tags.pop("note"),
    "somebody else's tag of a version": lambda prompt: prompt.versions[2].tags.pop("score"),
    "somebody else's journal entry": lambda prompt: prompt.tags.update({JOURNAL: "[]"}),
}


def test_what_is_as_it_has_to_be(events, now):
    assert complaints(events, now) == []


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_what_is_wrong(change, events, now):
    change(now[NAME])
    assert complaints(events, now)


@pytest.mark.parametrize("code, status", [(1, "ok"), (0, "failed")])
def test_an_exit_code_that_is_wrong(code, status, events, now):
    events.runs[0].code = code
    events.runs[0].report["status"] = status
    assert complaints(events, now)


def test_a_killed_run_may_have_moved_what_it_wanted_to(events, now):
    events.runs = [Run(-9, None)]
    for place in (1, 3):
        now[NAME].aliases["production"] = place
        events.aliases_are_where_a_report_says(now)
    assert events.problems == []
    now[NAME].aliases["production"] = 2
    events.aliases_are_where_a_report_says(now)
    assert events.problems


# What a clean run may change


def told(action: str, version: int, moved: tuple | None = None, removed: tuple = ()) -> dict:
    """What a report says of the prompt."""
    rows = [{"alias": "production", "previous_version": moved[0], "version": moved[1]}] if moved else []
    return {"action": action, "version": version, "aliases": rows, "duplicates_removed": [*removed]}


CHANGES = {
    "nothing": (lambda prompt: None, told("unchanged", 3)),
    "a version": (add(5, "New"), told("update", 5)),
    "an alias": (lambda prompt: prompt.aliases.update(production=2), told("unchanged", 3, moved=(3, 2))),
    "a duplicate": (lambda prompt: prompt.versions.pop(3), told("unchanged", 2, removed=(3,))),
    "a tag": (lambda prompt: prompt.tags.update(team="b"), told("retag", 3)),
    "a tag of a version": (lambda prompt: prompt.versions[3].tags.update(team="b"), told("retag", 3)),
}


@pytest.mark.parametrize("done", CHANGES)
@pytest.mark.parametrize("said", CHANGES)
def test_a_clean_run_that_does_what_it_says(done, said, events, now):
    after = copy.deepcopy(now)
    CHANGES[done][0](after[NAME])
    events.changes_are_told(NAME, CHANGES[said][1], now[NAME], after[NAME])
    # A prompt that is retagged is so in either place, and one need not be.
    is_fine = done == said or (said in ("a tag", "a tag of a version") and done in ("nothing", "a tag", "a tag of a version"))
    # An alias that a report moves where it is already is no change either.
    is_fine = is_fine or (done, said) == ("nothing", "an alias")
    assert (events.problems == []) == is_fine


# Stale answers


def test_the_past_is_what_was_answered_then():
    past = Past()
    asked = Asked("GET", "/x", {}, b"")
    answers = [(200, {}, json.dumps({"alias": number}).encode()) for number in range(3)]
    assert past.answer(asked, answers[0], 0) == answers[0]
    time.sleep(0.2)
    assert past.answer(asked, answers[1], 0) == answers[1]
    assert past.answer(asked, answers[2], 0.1) == answers[0]
    assert past.answer(asked, answers[2], 0) == answers[2]


def test_the_past_has_no_version_that_was_made_since():
    made = [{"creation_timestamp": str(int((time.time() - age) * 1000))} for age in (9, 1)]
    fresh = (200, {}, json.dumps({"model_versions": made}).encode())
    status, _, body = Past().answer(Asked("GET", "/x", {}, b""), fresh, 5)
    assert (status, json.loads(body)) == (200, {"model_versions": made[:1]})
