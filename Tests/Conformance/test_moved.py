"""A prompt that gets another name in its job: its versions, aliases and journal are carried over in order."""

import shutil
import subprocess

import pytest
from jobs import JobFolder
from mlflow_registry import mlflow, settle
from snapshots import JOURNAL


class Scene:
    """A prompt of several versions, of which aliases have moved, and the job with another name for it."""

    def __init__(self, registry, folder, count: int = 3):
        self.registry = registry
        self.job = JobFolder(folder / "job", aliases=["production"], schema=registry.schema)
        for number in range(1, count + 1):
            self.job.add("old", f"Text {number} {{{{x}}}}\n", tags={"team": "a"}, description="Of old.")
            registry.run(self.job.write(), "--message", f"Number {number}")
        mlflow.genai.set_prompt_alias(self.job.full_name("old"), "canary", 1)
        settle()
        self.before = registry.everything()[self.job.full_name("old")]
        self.job.spec["prompts"] = {}
        self.job.add("new", f"Text {count} {{{{x}}}}\n", tags={"team": "a"}, description="Of old.")
        self.job.spec["moved"] = {"old": "new"}
        self.job.write()

    def now(self, name: str):
        return self.registry.everything()[self.job.full_name(name)]


@pytest.fixture
def scene(any_registry, tmp_path):
    return Scene(any_registry, tmp_path)


def texts(prompt) -> list[str]:
    return [version.text for _, version in sorted(prompt.versions.items())]


def check(scene) -> None:
    """All of it is under the new name, and the old one is marked and otherwise as it was."""
    old, new = scene.now("old"), scene.now("new")
    assert texts(new) == texts(scene.before)
    for number, version in scene.before.versions.items():
        mine = {key: value for key, value in version.tags.items() if not key.startswith("promptreg_")}
        assert mine.items() <= new.versions[number].tags.items()
        assert new.versions[number].tags["promptreg_moved_from"] == f"{scene.job.full_name('old')}/{number}"
    assert new.aliases == scene.before.aliases
    moves = [(row["alias"], row["from"], row["to"]) for row in new.journal]
    assert [row for row in moves if row[1]] == [(row["alias"], row["from"], row["to"]) for row in scene.before.journal]
    assert old.tags["promptreg_moved_to"] == scene.job.full_name("new")
    assert (texts(old), old.aliases) == (texts(scene.before), scene.before.aliases)


def test_a_prompt_is_moved_once(scene):
    plan = scene.registry.plan(scene.job.path)["prompts"]
    assert [(row["full_name"], row["action"]) for row in plan] == [
        (scene.job.full_name("new"), "create"),
        (scene.job.full_name("old"), "retag"),
    ]
    where = ["--registry", scene.registry.uri, "--schema", scene.registry.schema]
    out = scene.registry.program("plan", scene.job.path, *where, env=scene.registry.environment).out
    assert f"moved from {scene.job.full_name('old')}: 3 versions" in out
    scene.registry.run(scene.job.path)
    check(scene)
    again = scene.registry.plan(scene.job.path, "--detailed-exitcode")
    assert again["summary"]["unchanged"] == 1 and again["orphans"] == []
    # A later run is one like others, whether the job still says so or not.
    scene.job.add("new", "Text 4 {{x}}\n", tags={"team": "a"}, description="Of old.")
    scene.registry.run(scene.job.write())
    del scene.job.spec["moved"]
    assert scene.registry.plan(scene.job.write(), "--detailed-exitcode")["orphans"] == []
    assert texts(scene.now("new"))[3:] == ["Text 4 {{x}}"]


def test_a_text_that_changed_meanwhile_comes_after_all_others(scene):
    scene.job.add("new", "Changed {{x}}\n", tags={"team": "a"}, description="Of old.")
    scene.registry.run(scene.job.write())
    new = scene.now("new")
    assert texts(new) == [*texts(scene.before), "Changed {{x}}"]
    assert new.aliases == {"production": 4, "canary": 1}
    scene.registry.plan(scene.job.path, "--detailed-exitcode")


@pytest.mark.parametrize("journal", [True, False])
@pytest.mark.parametrize("kept", [1, 2, 3])
def test_a_move_that_was_interrupted_goes_on(kept, journal, folder, tmp_path):
    """What a killed run leaves is a number of the first versions, perhaps the journal, no aliases, and no mark."""
    scene = Scene(folder, tmp_path)
    scene.registry.run(scene.job.path)
    model = folder.folder / "models" / scene.job.full_name("new")
    for number in range(kept + 1, 4):
        shutil.rmtree(model / f"version-{number}")
    for alias in (model / "aliases").iterdir():
        alias.unlink()
    meta = model / "meta.yaml"
    meta.write_text(meta.read_text().split("aliases:")[0] + "aliases: {}\n" + meta.read_text()[meta.read_text().index("creation_timestamp"):])
    (folder.folder / "models" / scene.job.full_name("old") / "tags" / "promptreg_moved_to").unlink()
    if not journal:
        (model / "tags" / JOURNAL).unlink()
    assert "by something else" not in folder.program("plan", scene.job.path, "--registry", folder.uri, "--schema", folder.schema).out
    scene.registry.run(scene.job.path)
    check(scene)
    scene.registry.plan(scene.job.path, "--detailed-exitcode")


def test_a_killed_move_says_nothing_false(promptreg, folder, tmp_path):
    """A run that is killed has removed no alias, and the next one completes it."""
    scene = Scene(folder, tmp_path, count=30)
    where = ["--registry", folder.uri, "--schema", folder.schema]
    model = folder.folder / "models" / scene.job.full_name("new")
    run = subprocess.Popen([promptreg, "run", scene.job.path, *where], stdout=subprocess.DEVNULL)
    while not (model / "version-3").exists():
        assert run.poll() is None
    run.kill()
    run.wait()
    assert not (model / "version-30").exists()
    shown = folder.program("list", scene.job.path, *where).out
    assert "something else" not in shown
    folder.run(scene.job.path)
    check(scene)


@pytest.mark.parametrize("is_rolled_back", [False, True])
def test_what_comes_under_the_old_name_later_stays_there(scene, is_rolled_back):
    """A move that is done is done: the plan is the same whether the job still has the entry or not."""
    scene.registry.run(scene.job.path)
    if is_rolled_back:
        where = ["--registry", scene.registry.uri, "--schema", scene.registry.schema]
        scene.registry.program(
            "rollback", scene.job.path, "--alias", "production", *where, env=scene.registry.environment
        )
    theirs(scene)
    with_entry = scene.registry.plan(scene.job.path)
    moved = scene.job.spec.pop("moved")
    assert with_entry["prompts"] == scene.registry.plan(scene.job.write())["prompts"]
    scene.job.spec["moved"] = moved
    scene.registry.run(scene.job.write())
    new = scene.now("new")
    assert (texts(new), new.aliases) == (texts(scene.before)[:3], {"production": 3, "canary": 1})


def test_mistakes_are_said(folder, tmp_path):
    scene = Scene(folder, tmp_path)
    for moved, said in (({"old": "nwe"}, "no prompt 'nwe'"), ({"new": "new"}, "a prompt of the job still")):
        scene.job.spec["moved"] = moved
        assert said in folder.program("validate", scene.job.write(), code=65).err


def test_a_target_says_it_for_itself(folder, tmp_path):
    scene = Scene(folder, tmp_path)
    scene.job.spec |= {"moved": {}, "targets": {"dev": {"moved": {"old": "new"}}, "prod": {"default": True}}}
    scene.job.write()
    assert folder.plan(scene.job.path)["prompts"][0]["target_version"] == 1
    assert folder.plan(scene.job.path, "--target", "dev")["prompts"][0]["target_version"] == 3


def test_what_came_over_is_rolled_back_as_before(scene):
    scene.registry.run(scene.job.path)
    where = ["--registry", scene.registry.uri, "--schema", scene.registry.schema]
    scene.registry.program("rollback", scene.job.path, "--alias", "production", *where, env=scene.registry.environment)
    assert scene.now("new").aliases == {"production": 2, "canary": 1}


def test_a_name_that_has_versions_already_takes_none_over(scene):
    moved = scene.job.spec.pop("moved")
    scene.registry.run(scene.job.write())
    scene.job.spec["moved"] = moved
    ended = scene.registry.ended(scene.job.write(), command="plan", code=1)
    assert "has versions of its own" in ended.out and "before the first run under the new name" in ended.out
    assert "promptreg_moved_to" not in scene.now("old").tags


def test_a_second_prompt_is_not_moved_into_one_that_was_moved(scene):
    scene.job.add("second", "Another {{x}}\n", tags={"team": "a"}, description="Of old.")
    scene.registry.run(scene.job.write())
    del scene.job.spec["prompts"]["second"]
    scene.job.spec["moved"] = {"second": "new"}
    ended = scene.registry.ended(scene.job.write(), command="plan", code=1)
    assert "has versions of its own" in ended.out
    check(scene)


def theirs(scene) -> None:
    """Somebody registers a fourth version by hand, which production serves."""
    mlflow.genai.register_prompt(scene.job.full_name("old"), "Theirs {{x}}")
    mlflow.genai.set_prompt_alias(scene.job.full_name("old"), "production", 4)
    settle()
    scene.before = scene.registry.everything()[scene.job.full_name("old")]


def test_a_version_made_elsewhere_is_not_buried_by_a_move(scene):
    theirs(scene)
    (prompt,) = scene.registry.plan(scene.job.path, code=1)["prompts"]
    assert prompt["error"]["code"] == "foreign-version"
    assert [(row["version"], row["aliases"]) for row in prompt["foreign"]] == [(4, ["production"])]
    scene.registry.run(scene.job.path, code=1)
    assert scene.job.full_name("new") not in scene.registry.everything()
    scene.registry.run(scene.job.path, "--overwrite-foreign")
    new = scene.now("new")
    assert texts(new) == [*texts(scene.before), "Text 3 {{x}}"] and new.aliases == {"production": 5, "canary": 1}


def test_what_was_pulled_under_the_old_name_may_be_moved_and_edited(scene):
    theirs(scene)
    spec = scene.job.spec
    del spec["moved"]
    spec["prompts"] = {}
    scene.job.add("old", "Text 3 {{x}}\n", tags={"team": "a"}, description="Of old.")
    where = ["--registry", scene.registry.uri, "--schema", scene.registry.schema]
    scene.registry.program("pull", scene.job.write(), "--force", *where, env=scene.registry.environment)
    spec["prompts"], spec["moved"] = {}, {"old": "new"}
    scene.job.add("new", "Theirs, edited {{x}}\n", description="Of old.")
    scene.registry.run(scene.job.write())
    assert texts(scene.now("new")) == [*texts(scene.before), "Theirs, edited {{x}}"]
    scene.registry.plan(scene.job.path, "--detailed-exitcode")


def test_another_jobs_prompt_is_moved_only_by_who_adopts_it(scene):
    scene.job.spec["job"] = "heir"
    (prompt,) = scene.registry.plan(scene.job.write(), code=1)["prompts"]
    assert (prompt["error"]["code"], prompt["previous_job"]) == ("other-job", "generated")
    scene.registry.run(scene.job.path, "--adopt")
    check(scene)
    assert scene.now("new").tags["promptreg_job"] == "heir"
    scene.registry.plan(scene.job.path, "--detailed-exitcode")
