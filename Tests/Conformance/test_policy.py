"""What a job's policy demands: from where it may be written to, and which aliases no run sets."""

import json
from functools import partial

import pytest
from test_provenance import git

SPEC = """\
version: 1
job: agent
catalog: main
schema: agent
aliases: [staging]
protected: [production]
prompts_dir: prompts
prompts:
  a: {file: a.md}
targets:
  dev: {default: true}
  prod:
    require: {clean: true, branch: [main, "release/*"], ci: true}
"""
MARKS = ("CI", "GITHUB_ACTIONS", "GITLAB_CI", "TF_BUILD", "JENKINS_URL", "BITBUCKET_BUILD_NUMBER", "CIRCLECI", "BUILDKITE", "TRAVIS")
# No CI system at all, whatever runs these tests.
LAPTOP = dict.fromkeys(MARKS, "")
CI = {**LAPTOP, "CI": "true"}


@pytest.fixture
def repository(tmp_path):
    """A job in a git repository, on its branch main, committed."""
    folder = tmp_path / "repo"
    (folder / "jobs").mkdir(parents=True)
    (folder / "jobs/prompts").mkdir()
    (folder / "jobs/prompts/a.md").write_text("A {{x}}\n")
    (folder / "jobs/agent.yaml").write_text(SPEC)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", "repo")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "One")
    return folder


def attempt(program, folder, environment, *arguments, command=("run", "jobs/agent.yaml"), code=None, target="prod"):
    """A command on the target that demands something; what it said."""
    flags = ["--registry", "file:registry", "--target", target, *arguments]
    return program(*command, *flags, cwd=folder, env=environment, code=code)


def is_written(folder) -> bool:
    """Whether there is a registry."""
    return (folder / "registry").exists()


def test_all_demands_are_met(program, repository):
    attempt(program, repository, CI, code=0)
    assert is_written(repository)


def test_each_demand_that_is_not_met_is_named_before_a_registry_is_made(program, repository):
    git(repository, "checkout", "--quiet", "-b", "topic")
    (repository / "jobs/prompts/a.md").write_text("A, changed {{x}}\n")
    done = attempt(program, repository, LAPTOP, "--report", "report.json", code=77)
    assert "refused-by-policy" in (repository / "report.json").read_text()
    for said in ("differ from the commit: commit", "has to be main or release/*", "the branch is 'topic'", "a CI system has to"):
        assert said in done.err
    assert not is_written(repository)
    # Another target demands nothing.
    attempt(program, repository, LAPTOP, target="dev", code=0)


@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_preview_warns(command, program, repository):
    flags = ["--dry-run"] if command == "run" else []
    done = attempt(program, repository, LAPTOP, *flags, command=(command, "jobs/agent.yaml"), code=0)
    assert "the job's policy would refuse to write: a CI system has to run it" in done.err and not is_written(repository)
    if command == "run":
        done = attempt(program, repository, LAPTOP, "--dry-run", "--override-policy", "Incident 7", code=0)
        assert "the job's policy would be overridden: a CI system has to run it" in done.err


def test_an_override_is_recorded(program, repository):
    where = ("--registry", "file:registry")
    attempt(program, repository, CI, code=0)
    (repository / "jobs/prompts/a.md").write_text("A, changed {{x}}\n")
    reason = ("--override-policy", "Incident 7")
    assert "it gives no reason" in attempt(program, repository, LAPTOP, "--override-policy", " ", code=64).err
    done = attempt(program, repository, LAPTOP, *reason, "--report", "report.json", "--report", "report.md", code=0)
    assert "the job's policy is overridden: the job's files have to be committed" in done.err
    assert "The job's policy was overridden: Incident 7" in done.out
    assert json.loads((repository / "report.json").read_text())["policy_override"] == "Incident 7"
    assert "policy overridden: `Incident 7`" in (repository / "report.md").read_text()
    name = "main.agent.prompt_a"
    moves = json.loads(program("history", name, *where, "--format", "json", cwd=repository).out)
    assert [move["policy_override"] for move in moves if move["to"] == 2] == ["Incident 7"]
    assert "(policy overridden: Incident 7)" in program("history", name, *where, cwd=repository).out
    # Where nothing is demanded in vain, nothing is overridden.
    attempt(program, repository, LAPTOP, *reason, "--report", "report.json", target="dev", code=0)
    assert json.loads((repository / "report.json").read_text())["policy_override"] is None


def test_an_override_is_recorded_where_no_alias_moves(program, repository):
    shown = partial(program, "show", "main.agent.prompt_a/1", "--registry", "file:registry", cwd=repository)
    attempt(program, repository, LAPTOP, "--override-policy", "Incident 8", code=0)
    assert "promptreg_policy_override = Incident 8" in shown().out
    # A run that only changes tags.
    spec = repository / "jobs/agent.yaml"
    spec.write_text(SPEC.replace("{file: a.md}", "{file: a.md, tags: {team: b}}"))
    attempt(program, repository, LAPTOP, "--override-policy", "Incident 9", code=0)
    assert "promptreg_policy_override = Incident 9" in shown().out and "team = b" in shown().out
    attempt(program, repository, CI, "--override-policy", "Incident 9", code=0)



def test_promotions_and_rollbacks_are_held_to_it_but_need_no_clean_files(program, repository):
    attempt(program, repository, CI, code=0)
    promote = ("promote", "jobs/agent.yaml", "--from", "staging", "--to", "production")
    rollback = ("rollback", "jobs/agent.yaml", "--alias", "production")
    (repository / "jobs/prompts/a.md").write_text("A, changed {{x}}\n")
    for command in (promote, rollback):
        done = attempt(program, repository, LAPTOP, command=command, code=77)
        assert "a CI system has to run it" in done.err and "differ from the commit" not in done.err
        attempt(program, repository, CI, command=command, code=0)


def test_copies_are_held_to_it_where_they_go(program, repository):
    spec = repository / "jobs/agent.yaml"
    spec.write_text(SPEC.replace("  prod:\n", '  prod:\n    registry: "file:../registry"\n'))
    program("run", "jobs/agent.yaml", cwd=repository, env=LAPTOP)
    source = next(repository.rglob("mlruns"))
    copy = ("copy", "--from", f"file:{source}", "--catalog", "main", "--schema", "agent", "--to")
    done = program(*copy, "file:registry", cwd=repository, env=LAPTOP, code=77)
    assert "for the registry of target prod, " in done.err and "a CI system has to run it" in done.err
    assert not is_written(repository)
    program(*copy, "file:elsewhere", cwd=repository, env=LAPTOP, code=0)
    program(*copy, "file:registry", "--override-policy", "Incident 7", cwd=repository, env=LAPTOP, code=0)


def test_a_promotion_by_name_records_its_job_and_what_was_committed(program, repository):
    attempt(program, repository, CI, code=0)
    promote = ("promote", "a", "--from", "staging", "--to", "production")
    attempt(program, repository, CI, "--report", "report.json", command=promote, code=0)
    assert json.loads((repository / "report.json").read_text())["git"]["dirty"] is False
    where = ("--registry", "file:registry", "--format", "json")
    (move,) = json.loads(program("history", "main.agent.prompt_a", *where, cwd=repository).out)
    assert (move["alias"], move["job"], move["dirty"]) == ("production", "agent", False)


@pytest.mark.parametrize("flags", [(), ("--alias", "production")])
def test_a_protected_alias_is_set_by_no_run(flags, program, repository):
    if not flags:
        spec = SPEC.replace("aliases: [staging]", "aliases: [staging, production]")
        (repository / "jobs/agent.yaml").write_text(spec)
        done = program("validate", "jobs/agent.yaml", cwd=repository, env=LAPTOP, code=65)
        assert "jobs/agent.yaml:5:20: error: 'production' is protected" in done.err
        assert "[protected-alias]" in done.err and "promote and rollback" in done.err
    else:
        done = attempt(program, repository, CI, *flags, code=65)
        assert "--alias 'production': it is protected" in done.err
    assert not is_written(repository)


# Where git knows no branch, the CI system does: a commit is checked out, which is on many branches.
SYSTEMS = {
    "github": ({"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/main"}, True),
    "github-release": ({"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/release/2"}, True),
    "github-topic": ({"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/topic"}, False),
    "github-tag": ({"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/tags/main"}, False),
    # A fork may call its branch main.
    "github-pull": (
        {"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/pull/7/merge", "GITHUB_HEAD_REF": "main", "GITHUB_REF_NAME": "main"},
        False,
    ),
    # What the pull request's author wrote may be checked out, though the branch is the base's.
    "github-target": ({"GITHUB_ACTIONS": "true", "GITHUB_REF": "refs/heads/main", "GITHUB_HEAD_REF": "feat"}, False),
    "gitlab": ({"GITLAB_CI": "true", "CI_COMMIT_BRANCH": "main"}, True),
    "gitlab-merge": ({"GITLAB_CI": "true", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "main"}, False),
    "azure": ({"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/heads/main"}, True),
    "azure-pull": ({"TF_BUILD": "True", "BUILD_SOURCEBRANCH": "refs/pull/7/merge"}, False),
    "jenkins": ({"JENKINS_URL": "https://ci.example", "GIT_BRANCH": "origin/main"}, True),
    "jenkins-upstream": ({"JENKINS_URL": "https://ci.example", "GIT_BRANCH": "upstream/main"}, True),
    "jenkins-elsewhere": ({"JENKINS_URL": "https://ci.example", "GIT_BRANCH": "somebody/main"}, False),
    "jenkins-multibranch": ({"JENKINS_URL": "https://ci.example", "BRANCH_NAME": "main"}, True),
    "jenkins-pull": ({"JENKINS_URL": "https://ci.example", "BRANCH_NAME": "PR-7", "CHANGE_ID": "7"}, False),
    "jenkins-tag": ({"JENKINS_URL": "https://ci.example", "BRANCH_NAME": "release/1", "TAG_NAME": "release/1"}, False),
    "bitbucket": ({"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_BRANCH": "main"}, True),
    "bitbucket-pull": ({"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_BRANCH": "main", "BITBUCKET_PR_ID": "7"}, False),
    "circleci": ({"CIRCLECI": "true", "CIRCLE_BRANCH": "main"}, True),
    "circleci-pull": ({"CIRCLECI": "true", "CIRCLE_BRANCH": "main", "CIRCLE_PR_NUMBER": "7"}, False),
    "buildkite": ({"BUILDKITE": "true", "BUILDKITE_BRANCH": "main", "BUILDKITE_PULL_REQUEST": "false"}, True),
    "buildkite-pull": ({"BUILDKITE": "true", "BUILDKITE_BRANCH": "main", "BUILDKITE_PULL_REQUEST": "7"}, False),
    "buildkite-tag": ({"BUILDKITE": "true", "BUILDKITE_BRANCH": "release/1", "BUILDKITE_TAG": "release/1"}, False),
    "travis": ({"TRAVIS": "true", "TRAVIS_BRANCH": "main", "TRAVIS_PULL_REQUEST": "false"}, True),
    "travis-pull": ({"TRAVIS": "true", "TRAVIS_BRANCH": "main", "TRAVIS_PULL_REQUEST": "7"}, False),
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_each_ci_system_names_the_branch(system, program, repository):
    environment, is_allowed = SYSTEMS[system]
    git(repository, "remote", "add", "upstream", "https://git.example/agent.git")
    git(repository, "checkout", "--quiet", "--detach")
    attempt(program, repository, {**LAPTOP, **environment}, code=0 if is_allowed else 77)
    # What is checked out by then does not count.
    git(repository, "checkout", "--quiet", "main")
    attempt(program, repository, {**LAPTOP, **environment}, code=0 if is_allowed else 77)


def test_a_detached_head_is_no_branch(program, repository):
    git(repository, "checkout", "--quiet", "--detach")
    assert "and this is no branch" in attempt(program, repository, CI, code=77).err


def test_a_ci_system_that_says_nothing_of_the_branch_is_told_of(program, repository):
    git(repository, "checkout", "--quiet", "--detach")
    jenkins = {**LAPTOP, "JENKINS_URL": "https://ci.example", "PROMPTREG_BRANCH": "main"}
    said = attempt(program, repository, jenkins, code=77).err
    assert "and neither BRANCH_NAME nor GIT_BRANCH is set" in said and "env.GIT_BRANCH = checkout(scm).GIT_BRANCH" in said
    assert "and this is no branch" in attempt(program, repository, {**jenkins, "CHANGE_ID": "7"}, code=77).err


def test_a_worktree_has_a_branch_of_its_own(program, repository, tmp_path):
    git(repository, "worktree", "add", "--quiet", "-b", "release/1", tmp_path / "tree")
    git(repository, "worktree", "add", "--quiet", "-b", "topic", tmp_path / "other")
    attempt(program, tmp_path / "tree", CI, code=0)
    assert "the branch is 'topic'" in attempt(program, tmp_path / "other", CI, code=77).err


def test_a_shallow_clone_is_clean(program, repository, tmp_path):
    (repository / "jobs/more.txt").write_text("more")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "Two")
    git(tmp_path, "clone", "--quiet", "--depth", "1", repository.as_uri(), "shallow")
    attempt(program, tmp_path / "shallow", CI, code=0)


def test_without_git_nothing_is_clean_or_on_a_branch(program, repository, tmp_path):
    repository.rename(tmp_path / "plain")
    (tmp_path / "plain/.git").rename(tmp_path / "away")
    done = attempt(program, tmp_path / "plain", CI, code=77)
    assert "git knows no commit of them" in done.err and "this is no branch" in done.err
    without = {**CI, "PATH": str(tmp_path / "nothing")}
    assert "git knows no commit of them" in attempt(program, tmp_path / "plain", without, code=77).err


@pytest.mark.parametrize("prompts", ["", 'prompts: {"*": {tags: {kind: found}}}\n'], ids=["all", "by-pattern"])
def test_a_prompt_that_was_only_deleted_makes_the_files_no_commits(prompts, program, repository):
    (repository / "jobs/prompts/b.md").write_text("B\n")
    (repository / "jobs/agent.yaml").write_text(SPEC.replace("prompts:\n  a: {file: a.md}\n", prompts))
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "-m", "Two")
    (repository / "jobs/prompts/b.md").unlink()
    assert "differ from the commit" in attempt(program, repository, CI, "--prune", code=77).err
    git(repository, "rm", "--quiet", "jobs/prompts/b.md")
    attempt(program, repository, CI, code=77)
    git(repository, "commit", "--quiet", "-m", "Three")
    attempt(program, repository, CI, "--prune", code=0)
