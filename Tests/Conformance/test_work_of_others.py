"""What somebody else does to a registry while a run is under way stays as they left it."""

from collections.abc import Callable

import pytest
from fault_proxy import Fault, Request
from invariants import Events, Run
from jobs import JobFolder
from other_client import OtherClient
from registries import Registry

ALIASES = ["production", "staging"]
TIMEOUT = ("--timeout", "20s")
REFUSED = Fault("status", status=400, code="INVALID_PARAMETER_VALUE")


class Scene:
    """A job with two edited prompts and a new one, somebody else with a version of each, and one run."""

    def __init__(self, remote: Registry, folder):
        self.remote = remote
        # What is looked for here is what happens to what somebody else does, also where a run may replace it.
        may = {"on_foreign": "overwrite", "adopt": True}
        self.job = JobFolder(folder / "job", aliases=ALIASES, schema=remote.schema, **may)
        for name in ("first", "second"):
            self.job.add(name, f"Text of {name} {{{{x}}}}")
        remote.run(self.job.write())
        self.others = OtherClient(remote)
        for name in ("first", "second"):
            assert self.others.register(self.job.full_name(name), f"Somebody else's {name} {{{{x}}}}") == 2
            self.job.add(name, f"Text of {name}, edited {{{{x}}}}")
        self.job.add("third", "Text of third {{x}}")
        self.job.write()
        remote.proxy.clear()
        self.events = Events(remote, [self.job], remote.everything(), [], self.others)

    def name(self, prompt: str) -> str:
        """A prompt's name in the registry."""
        return self.job.full_name(prompt)

    def run(self, fault: Fault, matches: Callable[[Request], bool], *flags: str) -> dict[str, dict]:
        """The prompts of the report of a run whose first request that matches meets a fault."""
        self.remote.proxy.fail(fault, matches, times=1)
        ended = self.remote.ended(self.job.path, *TIMEOUT, "--concurrency", "1", *flags)
        self.code = ended.code
        self.events.runs.append(Run(ended.code, ended.report))
        assert str(fault) in {request.fault for request in self.remote.proxy.requests}, "nothing went wrong"
        return {prompt["name"]: prompt for prompt in ended.report["prompts"]}

    def aliases(self, prompt: str) -> dict[str, int]:
        """Where the aliases of a prompt are."""
        return self.remote.everything()[self.name(prompt)].aliases


@pytest.fixture
def scene(remote, tmp_path):
    return Scene(remote, tmp_path)


def rows(prompt: dict) -> dict[str, dict]:
    """What a report says of a prompt's aliases."""
    return {row["alias"]: row for row in prompt["aliases"]}


def error_code(prompt: dict) -> str | None:
    """The code of the error that a report has for a prompt, if any."""
    return prompt["error"] and prompt["error"]["code"]


def is_deletion(request: Request) -> bool:
    """Whether a request deletes a prompt or a version."""
    return request.method == "DELETE" and "alias" not in request.path and "tag" not in request.path


# A first version that is refused


def test_a_prompt_whose_first_version_is_refused_stays(scene, remote):
    told = scene.run(REFUSED, lambda request: remote.is_version(request, scene.name("third")))
    assert (scene.code, told["third"]["status"]) == (1, "failed")
    assert not [request for request in remote.proxy.requests if is_deletion(request)]
    assert remote.everything()[scene.name("third")].versions == {}
    scene.events.check()


def test_a_version_after_one_that_was_refused_is_not_deleted(scene, remote):
    """Somebody registers in between what the run looks at after the refusal, and what it does then."""
    third, is_refused = scene.name("third"), []

    def register():
        if scene.name("third") not in scene.others.deeds:
            scene.others.register(third, "Somebody else's third")

    def choose(request: Request) -> Fault | None:
        if remote.is_version(request, third):
            is_refused.append(request)
            return REFUSED
        is_look = not request.is_write and request.name == third
        return Fault("usual", after=register) if is_refused and is_look else None

    remote.proxy.choose = choose
    ended = remote.ended(scene.job.path, *TIMEOUT)
    scene.events.runs.append(Run(ended.code, ended.report))
    assert ended.code == 1
    # A run that does not look at it any more leaves it alone all the more.
    register()
    assert remote.everything()[third].versions[1].text == "Somebody else's third"
    scene.events.check()


def test_a_prompt_that_somebody_makes_first_stays_theirs(scene, remote):
    third = scene.name("third")

    def make():
        scene.others.create(third)
        scene.others.register(third, "Somebody else's third")

    scene.run(Fault("usual", before=make), lambda request: remote.is_creation(request, third))
    scene.events.check()


def test_a_prompt_that_another_job_makes_first_stays_that_jobs(remote, tmp_path):
    """The other job's run comes in between the plan and the creation, and ends before that."""
    ours, theirs = (
        JobFolder(tmp_path / name, aliases=[alias], schema=remote.schema, job=name)
        for name, alias in (("ours", "production"), ("theirs", "staging"))
    )
    for job in (ours, theirs):
        job.add("first", f"Text of {job.spec['job']} {{{{x}}}}")
        job.write()
    name = ours.full_name("first")
    fault = Fault("usual", before=lambda: remote.run(theirs.path))
    remote.proxy.fail(fault, lambda request: remote.is_creation(request, name), times=1)
    error = remote.run(ours.path, *TIMEOUT, code=1)["prompts"][0]["error"]
    assert error["code"] == "other-job" and "'theirs' registered this prompt" in error["message"]
    found = remote.everything()[name]
    assert [version.text for version in found.versions.values()] == ["Text of theirs {{x}}"]
    assert found.aliases == {"staging": 1}
    assert remote.run(theirs.path)["prompts"][0]["action"] == "unchanged"
    assert remote.run(ours.path, "--adopt")["prompts"][0]["previous_job"] == "theirs"


# The journal


def other_job(scene: Scene, folder) -> Callable[[], object]:
    """A run of a job of somebody else, which has one alias of the first prompt, and no wish but that for it."""
    job = JobFolder(folder / "other", aliases=["staging"], schema=scene.remote.schema, job="other", adopt=True)
    job.add("first", "Text of first, edited {{x}}")
    job.write()
    scene.events.jobs.append(job)

    def run_other():
        ended = scene.remote.ended(job.path, *TIMEOUT)
        scene.events.runs.append(Run(ended.code, ended.report))
        assert ended.code == 0, ended.out + ended.err

    return run_other


def test_two_jobs_keep_each_others_journal_entries(scene, remote, tmp_path):
    """The other job's run comes in between the plan and the moves, and takes the version that it finds."""
    scene.job.add("first", "Text of first, edited {{x}}", aliases=["production"])
    scene.job.write()
    first = scene.name("first")
    fault = Fault("usual", after=other_job(scene, tmp_path))
    scene.run(fault, lambda request: remote.is_version(request, first))
    journal = remote.everything()[first].journal
    assert scene.code == 0
    assert {(entry["alias"], entry["job"], entry["from"], entry["to"]) for entry in journal} == {
        ("production", "generated", 1, 3),
        ("staging", "other", 1, 3),
    }
    scene.events.check()


def test_a_journal_that_is_corrected_keeps_the_entries_of_another_job(scene, remote, tmp_path):
    """The other job's run comes in between what the journal says and a move that is refused."""
    scene.job.add("first", "Text of first, edited {{x}}", aliases=["production"])
    scene.job.write()
    first = scene.name("first")
    fault = Fault("status", status=403, code="PERMISSION_DENIED", before=other_job(scene, tmp_path))
    scene.run(fault, lambda request: remote.is_alias(request, first, "production"))
    journal = remote.everything()[first].journal
    assert scene.code == 1
    assert {(entry["alias"], entry["job"], entry["to"]) for entry in journal} == {("staging", "other", 3)}
    scene.events.check()


# Aliases


ELSEWHERE = {"moved": 2, "deleted": None}


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE)
def test_an_alias_that_is_elsewhere_when_it_moves_is_a_conflict(place, scene, remote):
    second = scene.name("second")
    fault = Fault("usual", after=lambda: put(scene, second, "production", place))
    told = scene.run(fault, lambda request: remote.is_version(request, second))
    assert (scene.code, told["second"]["status"], error_code(told["second"])) == (1, "failed", "conflict")
    assert "production" in told["second"]["error"]["message"]
    row = rows(told["second"])["production"]
    assert (row["status"], row["version"]) == ("failed", place)
    # The moves that were made before are taken back, and none is made after.
    assert scene.aliases("second") == {"staging": 1} | ({"production": place} if place else {})
    assert (scene.aliases("first"), scene.aliases("third")) == (dict.fromkeys(ALIASES, 1), {})
    scene.events.check()


def put(scene: Scene, name: str, alias: str, place: int | None) -> None:
    """Lets somebody else move or delete an alias."""
    if place is None:
        scene.others.remove(name, alias)
    else:
        scene.others.move(name, alias, place)


def test_an_alias_that_somebody_sets_first_is_a_conflict(scene, remote):
    third = scene.name("third")

    def take():
        scene.others.move(third, "staging", scene.others.register(third, "Somebody else's third"))

    told = scene.run(Fault("usual", after=take), lambda request: remote.is_version(request, third))
    assert (scene.code, error_code(told["third"])) == (1, "conflict")
    assert scene.aliases("third") == {"staging": 2}
    assert (scene.aliases("first"), scene.aliases("second")) == (dict.fromkeys(ALIASES, 1),) * 2
    scene.events.check()


def test_an_alias_that_is_where_it_goes_anyway_is_no_conflict(scene, remote):
    second = scene.name("second")
    fault = Fault("usual", after=lambda: scene.others.move(second, "production", 3))
    told = scene.run(fault, lambda request: remote.is_version(request, second))
    assert (scene.code, scene.aliases("second")) == (0, dict.fromkeys(ALIASES, 3))
    assert rows(told["second"])["production"]["version"] == 3
    scene.events.check()


def test_a_conflict_of_one_prompt_is_its_own_where_each_is_on_its_own(scene, remote):
    scene.job.spec["on_error"] = "continue"
    scene.job.write()
    second = scene.name("second")
    fault = Fault("usual", after=lambda: scene.others.move(second, "production", 2))
    told = scene.run(fault, lambda request: remote.is_version(request, second))
    assert (scene.code, error_code(told["second"])) == (1, "conflict")
    assert scene.aliases("second")["production"] == 2
    assert (scene.aliases("first"), scene.aliases("third")) == (dict.fromkeys(ALIASES, 3), dict.fromkeys(ALIASES, 1))
    scene.events.check()


COMMANDS = {
    "run": [],
    "promote": ["--select", "first,second", "--from", "canary", "--to", "production"],
    "rollback": ["--select", "first,second", "--alias", "production"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_an_alias_that_somebody_moves_while_others_move_is_a_conflict(command, scene, remote):
    """The first prompt's alias has moved when somebody moves the second's, whatever the command."""
    first, second = scene.name("first"), scene.name("second")
    for name in (first, second):
        scene.others.move(name, "canary", 2)
    place = scene.others.register(second, "Somebody else's latest {{x}}")
    if command == "rollback":
        remote.run(scene.job.path, *COMMANDS["promote"], command="promote")
    scene.events.before = remote.everything()
    fault = Fault("usual", after=lambda: scene.others.move(second, "production", place))
    remote.proxy.fail(fault, lambda request: remote.is_alias(request, first, "production"), times=1)
    ended = remote.ended(
        scene.job.path, *COMMANDS[command], *TIMEOUT, "--concurrency", "1", command=command, code=1
    )
    told = {prompt["name"]: prompt for prompt in ended.report["prompts"]}
    assert error_code(told["second"]) == "conflict"
    assert rows(told["first"])["production"]["status"] == "restored"
    assert scene.aliases("second")["production"] == place
    assert scene.aliases("first") == scene.events.before[first].aliases
    if command == "run":
        scene.events.runs.append(Run(ended.code, ended.report))
    scene.events.check()


@pytest.mark.parametrize("place", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_somebody_moved_meanwhile_is_not_moved_back(place, scene, remote):
    """The first prompt's aliases have moved, then the second's are refused."""
    first, second = scene.name("first"), scene.name("second")
    fault = Fault(
        "status", status=403, code="PERMISSION_DENIED", before=lambda: put(scene, first, "production", place)
    )
    told = scene.run(fault, lambda request: remote.is_alias(request, second, "production"))
    assert scene.code == 1
    assert scene.aliases("first") == {"staging": 1} | ({"production": place} if place else {})
    assert (scene.aliases("second"), scene.aliases("third")) == (dict.fromkeys(ALIASES, 1), {})
    told_rows = rows(told["first"])
    assert (told_rows["staging"]["status"], told_rows["staging"]["version"]) == ("restored", 1)
    assert (told_rows["production"]["status"], told_rows["production"]["version"]) == ("failed", place)
    assert "production" in told["first"]["error"]["message"]
    scene.events.check()
