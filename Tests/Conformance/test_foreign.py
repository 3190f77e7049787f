"""Versions that MLflow's own client makes, in every order with runs, promotions and rollbacks of a job."""

import itertools

import pytest
from jobs import JobFolder
from mlflow_registry import mlflow, settle


class Scene:
    """A job of one prompt that has been run once, and MLflow's own client beside it."""

    def __init__(self, registry, folder):
        self.registry = registry
        self.job = JobFolder(folder / "job", aliases=["staging"], schema=registry.schema)
        self.name = self.job.full_name("greeting")
        self.count = 0
        self.edit()
        registry.run(self.job.path)

    def edit(self) -> None:
        """Changes the file."""
        self.count += 1
        self.job.add("greeting", f"Ours, {self.count}: {{{{name}}}}\n")
        self.job.write()

    def register(self, text: str | None = None, *aliases: str, **settings) -> int:
        """Registers a version with MLflow's own client, and points aliases to it."""
        self.count += 1
        text = text or f"Theirs, {self.count}: {{{{name}}}}"
        number = mlflow.genai.register_prompt(self.name, text, **settings).version
        for alias in aliases:
            mlflow.genai.set_prompt_alias(self.name, alias, number)
        settle()
        return int(number)

    def plan(self, *flags: str, code: int = 0) -> dict:
        return self.registry.plan(self.job.path, *flags, code=code)["prompts"][0]

    def run(self, *flags: str, code: int = 0, **more) -> dict:
        return self.registry.run(self.job.path, *flags, code=code, **more)["prompts"][0]

    def aliases(self) -> dict[str, int]:
        return self.registry.aliases(self.name, "staging", "production")


@pytest.fixture
def scene(any_registry, tmp_path):
    return Scene(any_registry, tmp_path)


def answers(prompt: dict) -> list[tuple]:
    """What a report says of versions of others."""
    return [(row["version"], row["action"], row["own_version"], row["aliases"]) for row in prompt["foreign"]]


def test_a_version_that_no_alias_has_is_replaced_with_a_warning(scene):
    # Unity Catalog takes no such tag.
    author = None if scene.registry.kind == "unity" else "alice"
    scene.register(tags={"mlflow.user": author} if author else {}, commit_message="By hand")
    scene.edit()
    prompt = scene.plan()
    assert answers(prompt) == [(2, "warn", 1, [])]
    row = prompt["foreign"][0]
    assert (row["created_by"], row["message"], row["edited"]) == (author, "By hand", False)
    assert row["created_at"].startswith("20") and row["created_at"].endswith("Z")
    ended = scene.registry.ended(scene.job.path, code=0)
    assert "warning: made elsewhere, and replaced by this run: greeting v2" in ended.err
    assert scene.aliases() == {"staging": 3}
    scene.edit()
    assert scene.plan()["foreign"] == []


def test_no_alias_moves_away_from_one_unless_it_is_overwritten(scene):
    scene.register(None, "staging")
    scene.edit()
    for act in (scene.plan, scene.run):
        prompt = act(code=1)
        assert answers(prompt) == [(2, "refuse", 1, ["staging"])]
        assert prompt["error"]["code"] == "foreign-version"
        assert "--overwrite-foreign" in prompt["error"]["hint"]
    assert scene.registry.versions(scene.name) == [1, 2]
    assert answers(scene.run("--overwrite-foreign")) == [(2, "overwrite", 1, ["staging"])]
    assert scene.aliases() == {"staging": 3}


@pytest.mark.parametrize("wish", ["refuse", "warn", "overwrite"])
def test_the_job_or_its_target_decides(wish, scene):
    scene.job.spec |= {"on_foreign": "warn", "targets": {"here": {"default": True, "on_foreign": wish}}}
    scene.register()
    scene.edit()
    assert answers(scene.plan(code=wish == "refuse")) == [(2, wish, 1, [])]
    mlflow.genai.set_prompt_alias(scene.name, "staging", 2)
    settle()
    assert answers(scene.plan(code=wish == "refuse")) == [(2, wish, 1, ["staging"])]


def test_what_the_files_have_by_now_is_nobodys_loss(scene):
    scene.register("Theirs {{name}}", "staging")
    scene.job.add("greeting", "Theirs {{name}}\n")
    scene.job.write()
    assert (scene.plan("--detailed-exitcode")["action"], scene.run()["foreign"]) == ("unchanged", [])
    # It was taken into the files, so that what comes next may replace it.
    scene.edit()
    assert (scene.plan()["foreign"], scene.run()["version"]) == ([], 3)


def pull(scene, *flags, **more):
    where = ["--registry", scene.registry.uri, "--schema", scene.registry.schema]
    return scene.registry.program("pull", scene.job.path, "--force", *where, *flags, env=scene.registry.environment, **more)


def append(scene, text: str) -> None:
    """Changes what a file has by now."""
    path = scene.job.prompts_dir / "greeting.md"
    path.write_text(path.read_text() + text)


def test_what_was_pulled_and_edited_before_any_run_is_replaced(scene):
    """The files are based on the version: it takes neither a run nor a commit in between."""
    scene.register("Theirs {{name}}", "staging")
    written = scene.registry.written()
    assert "wrote" in pull(scene).err and scene.registry.written() == written
    append(scene, "Edited.\n")
    assert scene.plan()["foreign"] == []
    prompt = scene.run()
    assert (prompt["foreign"], prompt["version"], scene.aliases()) == ([], 3, {"staging": 3})
    # What comes later is not what was pulled, even with the same text.
    scene.register("Theirs {{name}}", "staging")
    append(scene, "Edited again.\n")
    assert answers(scene.plan(code=1)) == [(4, "refuse", 3, ["staging"])]
    pull(scene)
    append(scene, "Edited again.\n")
    assert (scene.run()["version"], scene.aliases()) == (5, {"staging": 5})


def test_settings_that_were_pulled_and_edited_are_replaced(scene):
    mlflow.genai.set_prompt_model_config(scene.name, 1, {"temperature": 0.9})
    settle()
    pull(scene)
    append(scene, "Edited.\n")
    assert scene.plan()["foreign"] == []
    mlflow.genai.set_prompt_model_config(scene.name, 1, {"temperature": 0.1})
    settle()
    assert answers(scene.plan()) == [(1, "warn", None, ["staging"])]


def test_a_pull_of_an_alias_says_nothing_of_a_newer_version(scene):
    scene.register("Theirs {{name}}", "staging")
    scene.register("Newer {{name}}")
    pull(scene, "--alias", "staging")
    append(scene, "Edited.\n")
    assert answers(scene.plan()) == [(3, "warn", 2, [])]


def test_a_pull_from_one_target_says_nothing_of_another(scene):
    scene.job.spec["targets"] = {"here": {"default": True}, "there": {}}
    scene.job.write()
    scene.register("Theirs {{name}}", "staging")
    pull(scene)
    append(scene, "Edited.\n")
    assert scene.plan()["foreign"] == []
    assert answers(scene.plan("--target", "there", code=1)) == [(2, "refuse", 1, ["staging"])]
    pull(scene, "--target", "there")
    append(scene, "Edited.\n")
    assert [scene.plan("--target", target)["foreign"] for target in ("here", "there")] == [[], []]


def test_settings_that_mlflows_editor_changed_are_told(scene):
    mlflow.genai.set_prompt_model_config(scene.name, 1, {"temperature": 0.9})
    settle()
    prompt = scene.plan()
    assert (prompt["action"], answers(prompt)) == ("update", [(1, "warn", None, ["staging"])])
    assert prompt["foreign"][0]["edited"] is True
    scene.run()
    assert scene.plan()["foreign"] == []


def test_settings_that_are_edited_once_more_are_told_as_an_edit_of_what_the_files_have(scene):
    """Somebody's version was taken into the files, and then its settings are changed in place."""
    number = scene.register("Theirs {{name}}", "staging", model_config={"temperature": 0.1, "top_p": 0.5})
    pull(scene)
    assert scene.run()["version"] == number
    mlflow.genai.set_prompt_model_config(scene.name, number, {"temperature": 0.9})
    settle()
    row = scene.plan(code=1)["foreign"][0]
    assert (row["version"], row["edited"], row["action"]) == (number, True, "refuse")
    assert row["edits"] == [
        {"key": "temperature", "from": "0.1", "to": "0.9"}, {"key": "top_p", "from": "0.5", "to": None},
    ]  # fmt: skip
    ended = scene.registry.ended(scene.job.path, "--overwrite-foreign", "--quiet", code=0)
    assert f"changed elsewhere, and replaced by this run: greeting v{number}" in ended.err


def test_a_first_run_upon_what_a_notebook_left_works(any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["production"], schema=any_registry.schema)
    job.add("greeting", "New {{name}}\n")
    job.write()
    name = job.full_name("greeting")
    for number in (1, 2):
        mlflow.genai.register_prompt(name, f"Notebook {number} {{{{name}}}}")
        mlflow.genai.set_prompt_alias(name, "production", number)
    settle()
    planned = any_registry.plan(job.path)["prompts"][0]
    place = ("--registry", any_registry.uri, "--schema", any_registry.schema)
    told = any_registry.program("plan", job.path, *place, env=any_registry.environment)
    taken = f"registered by no job until now, and by '{job.spec['job']}' from now on: greeting"
    moves = "warning: set by no job until now, and moved by this run: greeting production (v2 → v3)"
    assert planned["taken_from_nobody"] and f"\n{taken}\n" in told.out and moves in told.err
    ended = any_registry.ended(job.path, code=0)
    assert taken in ended.err and moves in ended.err
    prompt = ended.report["prompts"][0]
    assert answers(prompt) == [(2, "warn", None, ["production"])]
    assert any_registry.aliases(name, "production") == {"production": 3}
    assert any_registry.plan(job.path, "--detailed-exitcode")["prompts"][0]["foreign"] == []


ACTS = ("theirs", "theirs-served", "run", "promote", "rollback")


@pytest.mark.parametrize("order", list(itertools.permutations(ACTS, 3))[::2], ids="-".join)
def test_every_order_buries_nothing_silently(order, folder, tmp_path):
    """Whatever came before, a version of somebody else is told by the first run that replaces it, and by no later one."""
    scene = Scene(folder, tmp_path)
    replaced, served = set(), set()
    for act in order:
        if act.startswith("theirs"):
            number = scene.register(None, *(["staging"] if act == "theirs-served" else []))
            replaced.add(number)
        elif act == "run":
            served = {scene.aliases()["staging"]} & replaced
            scene.edit()
            prompt = scene.run(code=1 if served else 0)
            newest = max(replaced, default=0)
            expected = {newest} | served if newest == scene.registry.versions(scene.name)[-1] or served else None
            told = {row["version"] for row in prompt["foreign"]}
            assert (told == expected) if served else told <= replaced
            if served:
                scene.run("--overwrite-foreign")
            replaced.clear()
        elif act == "promote":
            scene.run("--from", "staging", "--to", "production", command="promote")
        else:
            scene.registry.ended(scene.job.path, "--alias", "staging", command="rollback")
    scene.edit()
    ends_refused = scene.aliases()["staging"] in replaced
    prompt = scene.plan(code=1 if ends_refused else 0)
    newest_is_theirs = scene.registry.versions(scene.name)[-1] in replaced
    assert bool(prompt["foreign"]) == (ends_refused or newest_is_theirs)


# Tags that say which run made a version, copied by somebody who registers it again


def copy_tags(scene, number: int, *aliases: str, text: str | None = None, message: str | None = None, **tags) -> int:
    old = mlflow.genai.load_prompt(f"prompts:/{scene.name}/{number}", cache_ttl_seconds=0)
    return scene.register(text or old.template, *aliases, tags={**old.tags, **tags}, commit_message=message)


COPIES = {
    "message": {"message": "approved by legal"},
    "tag": {"approved_by": "legal"},
    "both": {"message": "approved by legal", "approved_by": "legal"},
}


@pytest.mark.parametrize("more", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("alias", [None, "staging", "canary"])
def test_a_version_with_copied_tags_is_no_duplicate(alias, more, scene):
    scene.job.spec["on_foreign"] = "refuse"
    scene.job.write()
    copy_tags(scene, 1, *([alias] if alias else []), **more)
    # What it says is what the file says.
    assert (scene.plan()["duplicates_removed"], scene.run()["duplicates_removed"]) == ([], [])
    assert (scene.registry.versions(scene.name), scene.aliases()) == ([1, 2], {"staging": 2})
    scene.edit()
    assert scene.run()["foreign"] == []


@pytest.mark.parametrize("alias", [None, "staging"])
def test_another_text_with_copied_tags_is_made_elsewhere(alias, scene):
    scene.job.spec["on_foreign"] = "refuse"
    scene.job.write()
    copy_tags(scene, 1, *([alias] if alias else []), text="Theirs {{name}}", message="better")
    scene.edit()
    assert answers(scene.run(code=1)) == [(2, "refuse", 1, [alias] if alias else [])]
    assert scene.registry.versions(scene.name) == [1, 2]


@pytest.mark.parametrize("more", [{}, *COPIES.values()], ids=["nothing", *COPIES])
def test_an_older_text_that_is_restored_with_its_tags_is_made_elsewhere(more, scene):
    scene.edit()
    scene.run()
    copy_tags(scene, 1, "staging", **more)
    for act in (scene.plan, scene.run):
        assert answers(act(code=1)) == [(3, "refuse", 2, ["staging"])]
    assert (scene.registry.versions(scene.name), scene.aliases()) == ([1, 2, 3], {"staging": 3})
    pull(scene)
    append(scene, "Edited.\n")
    assert (scene.run()["foreign"], scene.aliases()) == ([], {"staging": 4})


# Whose a prompt is


def other_job(registry, folder, **settings) -> JobFolder:
    """Another job that names the same prompt."""
    job = JobFolder(folder / "other", aliases=["staging"], schema=registry.schema, job="other", **settings)
    job.add("greeting", "The other's {{name}}\n")
    job.write()
    return job


def test_the_later_of_two_jobs_does_not_take_over_silently(scene, any_registry, tmp_path):
    job = other_job(any_registry, tmp_path)
    for command in ("plan", "run"):
        prompt = any_registry.run(job.path, command=command, code=1)["prompts"][0]
        assert (prompt["error"]["code"], prompt["previous_job"]) == ("other-job", "generated")
        assert "'generated' registered this prompt" in prompt["error"]["message"]
    assert any_registry.versions(scene.name) == [1]
    assert any_registry.run(job.path, "--adopt")["prompts"][0]["previous_job"] == "generated"
    assert any_registry.plan(job.path, "--detailed-exitcode")["prompts"][0]["previous_job"] is None
    # Now it is the other's, and nothing of it is foreign to that.
    job.add("greeting", "The other's, edited {{name}}\n")
    assert any_registry.run(job.write())["prompts"][0]["foreign"] == []
    assert scene.run(code=1)["error"]["code"] == "other-job"
    scene.job.spec["adopt"] = True
    scene.job.write()
    assert scene.run()["version"] == 4


def test_a_prompt_may_be_adopted_alone(scene, any_registry, tmp_path):
    job = other_job(any_registry, tmp_path)
    job.add("greeting", "The other's {{name}}\n", adopt=True)
    any_registry.run(job.write())
    assert any_registry.aliases(scene.name, "staging") == {"staging": 2}


def test_what_no_job_registered_becomes_the_jobs_as_it_is_where_that_adopts_it(any_registry, tmp_path):
    job = JobFolder(tmp_path / "job", aliases=["staging"], schema=any_registry.schema)
    job.add("greeting", "Greet {{name}}\n")
    job.write()
    name = job.full_name("greeting")
    mlflow.genai.register_prompt(name, "Greet {{name}}")
    mlflow.genai.set_prompt_alias(name, "staging", 1)
    settle()
    assert any_registry.run(job.path)["prompts"][0]["action"] == "unchanged"
    prompt = any_registry.run(job.path, "--adopt")["prompts"][0]
    assert (prompt["action"], prompt["differences"], prompt["version"]) == ("retag", ["job"], 1)
    assert any_registry.versions(name) == [1]
    assert not any_registry.plan(job.path, "--detailed-exitcode")["prompts"][0]["taken_from_nobody"]
    # Another job has to adopt it from now on.
    other = other_job(any_registry, tmp_path)
    assert any_registry.run(other.path, code=1)["prompts"][0]["error"]["code"] == "other-job"
    # What a job has in its files was not changed elsewhere, whichever job it is.
    assert any_registry.run(other.path, "--adopt")["prompts"][0]["foreign"] == []


def test_a_copy_and_an_import_stay_painless(scene, any_registry, tmp_path):
    if any_registry.kind == "unity":
        any_registry.add_schema("other")
    program, environment, uri = any_registry.program, any_registry.environment, any_registry.uri
    place = ["--catalog", "main", "--schema", any_registry.schema]
    program("copy", "--from", uri, "--to", uri, *place, "--to-catalog", "other", env=environment)
    scene.edit()
    prompt = scene.run("--catalog", "other")
    assert (prompt["previous_job"], prompt["foreign"], prompt["version"]) == (None, [], 2)

    # What two jobs registered is written as one that says that it adopts them.
    job = other_job(any_registry, tmp_path)
    job.spec["prompts"] = {}
    job.add("farewell", "Bye {{name}}\n")
    any_registry.run(job.write())
    program("import", "--registry", uri, *place, "--into", tmp_path / "new", env=environment)
    spec = tmp_path / "new" / "jobs" / f"{any_registry.schema}.yaml"
    assert "adopt: true" in spec.read_text()
    (tmp_path / "new" / "prompts" / "farewell.md").write_text("Bye, imported {{name}}\n")
    prompts = any_registry.run(spec)["prompts"]
    assert {prompt["action"] for prompt in prompts} == {"update", "retag"}
    assert not any(prompt["foreign"] for prompt in prompts)
