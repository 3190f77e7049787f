"""Repositories whose own settings name programs: promptreg starts git in them, and none of these is started.

Each way is first shown to work on a plain git, so that no test here passes because the attack is wrong.
"""

import contextlib
import http.server
import json
import os
import pty
import random
import re
import shlex
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mutation
import pytest

SPEC = "version: 1\njob: hostile\nprompts_dir: ../prompts\naliases: [staging]\nprompts: {a: {file: a.md}}\n"
SECONDS = 30
CODES = {0}


@dataclass
class Repository:
    """A cloned repository with a job in it, and a program that leaves a mark where it is started."""

    folder: Path
    canary: Path
    mark: Path
    environment: dict[str, str]

    def git(self, *arguments: str, check=True, folder: Path | None = None) -> str:
        """Runs a plain git."""
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        done = subprocess.run(
            ["git", *identity, *arguments], cwd=folder or self.folder, env=self.environment, timeout=SECONDS,
            capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stderr
        return done.stdout.strip()

    def config(self, *pairs: str, folder: Path | None = None) -> None:
        """Sets what the repository's own configuration says."""
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            self.git("config", "--local", name, value, folder=folder)

    def write(self, name: str, text: str) -> None:
        """Writes a file of the working tree."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def commit(self) -> None:
        """Commits all there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-gpg-sign", "--message", "Start")

    def touch(self) -> None:
        """Makes git look into a file again, which has the same size as before."""
        self.write("prompts/a.md", "Hullo {{x}}\n")

    def lose(self, name: str) -> None:
        """Takes an object of the commit away, as in a partial clone that never had it."""
        object_name = self.git("rev-parse", f"HEAD:{name}")
        (self.folder / ".git" / "objects" / object_name[:2] / object_name[2:]).unlink()
        self.config(
            "core.repositoryFormatVersion", "1", "extensions.partialClone", "origin", "remote.origin.promisor", "true",
        )  # fmt: skip

    def provoke(self, command: str) -> None:
        """Shows that the program is started by a plain git on a terminal."""
        reader, writer = pty.openpty()
        words = ["git", *shlex.split(command)]
        process = subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=writer, stderr=writer
        )
        os.close(writer)
        with contextlib.suppress(OSError):
            while os.read(reader, 65536):
                pass
        os.close(reader)
        process.wait(timeout=SECONDS)
        assert self.mark.exists(), f"`git {command}` does not start it, so this tests nothing"
        self.mark.unlink()


@pytest.fixture
def repository(sandbox, tmp_path) -> Repository:
    """A repository with one commit."""
    canary, mark = tmp_path / "canary", tmp_path / "started"
    canary.write_text(f"#!/bin/sh\nenv >>{mark}\nexit 1\n")
    canary.chmod(0o755)
    environment = sandbox.environment | {"GIT_CONFIG_NOSYSTEM": "1", "TERM": "xterm"}
    made = Repository(sandbox.folder, canary, mark, environment)
    made.git("init", "--quiet", "--initial-branch", "main")
    made.write("jobs/job.yaml", SPEC)
    made.write("prompts/a.md", "Hello {{x}}\n")
    made.commit()
    return made


def fsmonitor(repo: Repository) -> None:
    repo.config("core.fsmonitor", str(repo.canary))


def included_fsmonitor(repo: Repository) -> None:
    repo.write("settings", f'[core]\nfsmonitor = "{repo.canary}"\n')
    repo.config("include.path", "../settings")


def conditional_fsmonitor(repo: Repository) -> None:
    repo.write("settings", f'[core]\nfsmonitor = "{repo.canary}"\n')
    repo.config("includeIf.onbranch:main.path", "../settings")


def filtering(key: str) -> Callable[[Repository], None]:
    def prepare(repo: Repository) -> None:
        repo.write(".gitattributes", "* filter=x\n")
        repo.config(f"filter.x.{key}", str(repo.canary))
        repo.touch()

    return prepare


def required_filter(repo: Repository) -> None:
    """Named where no checkout shows it."""
    (repo.folder / ".git" / "info").mkdir(exist_ok=True)
    (repo.folder / ".git" / "info" / "attributes").write_text("* filter=x\n")
    repo.config("filter.x.clean", str(repo.canary), "filter.x.required", "true")
    repo.touch()


def hooks(folder: str) -> Callable[[Repository], None]:
    def prepare(repo: Repository) -> None:
        for name in ("post-index-change", "reference-transaction", "pre-auto-gc", "post-checkout"):
            repo.write(f"{folder}/{name}", repo.canary.read_text())
            (repo.folder / folder / name).chmod(0o755)
        if folder != ".git/hooks":
            repo.config("core.hooksPath", folder)
        # Written again at the same size, so that git notes its new time in the index.
        repo.write("prompts/a.md", "Hello {{x}}\n")
        os.utime(repo.folder / "prompts" / "a.md", (1, 1))

    return prepare


def bare_folder(repo: Repository) -> None:
    """The jobs' folder is made to look like a bare repository, by files that a clone brings."""
    settings = f'[core]\nrepositoryformatversion = 0\nbare = false\nworktree = ..\nfsmonitor = "{repo.canary}"\n'
    repo.write("jobs/HEAD", "ref: refs/heads/main\n")
    repo.write("jobs/config", settings)
    repo.write("jobs/refs/heads/.keep", "")
    repo.write("jobs/objects/.keep", "")
    repo.commit()


def git_file(repo: Repository) -> None:
    """Where the repository is, is said by a file."""
    (repo.folder / ".git").rename(repo.folder / "elsewhere")
    repo.write(".git", "gitdir: elsewhere\n")
    fsmonitor(repo)


def diffs(repo: Repository) -> None:
    repo.write(".gitattributes", "* diff=x\n")
    repo.config("diff.x.textconv", str(repo.canary), "diff.x.command", str(repo.canary))
    repo.config("diff.external", str(repo.canary), "interactive.diffFilter", str(repo.canary))
    repo.touch()


def pager(repo: Repository) -> None:
    for name in ("core.pager", "pager.log", "pager.rev-parse", "pager.ls-tree", "pager.cat-file", "pager.status"):
        repo.config(name, str(repo.canary))


def signature(repo: Repository) -> None:
    """Every log of the commit asks whether it is signed by whom."""
    body = repo.git("cat-file", "commit", "HEAD").split("\n\n", 1)
    signed = f"{body[0]}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n{body[1]}\n"
    repo.write("commit", signed)
    repo.git("update-ref", "HEAD", repo.git("hash-object", "-t", "commit", "-w", "commit"))
    repo.config("log.showSignature", "true", "gpg.program", str(repo.canary))


def aliases(repo: Repository) -> None:
    for name in ("x", "rev-parse", "ls-tree", "cat-file", "hash-object", "check-attr", "status"):
        repo.config(f"alias.{name}", f"!{repo.canary}")


def fetching(url: str, *settings: str) -> Callable[[Repository], None]:
    """A folder of templates that the partial clone has not got is fetched by whoever looks for it."""

    def prepare(repo: Repository) -> None:
        repo.lose("prompts")
        repo.config("remote.origin.url", url.format(repo=repo), "protocol.allow", "always")
        repo.config(*[setting.format(repo=repo) for setting in settings])

    return prepare


def fetched_line_ends(repo: Repository) -> None:
    """The same of a template that a checkout on Windows would differ from by its line ends only."""
    repo.lose("prompts/a.md")
    repo.write("prompts/a.md", "Hello {{x}}\r\n")
    repo.config("remote.origin.url", f"ext::{repo.canary}", "protocol.allow", "always")


def submodule(repo: Repository) -> None:
    """The templates are a repository in the repository, with settings of its own."""
    inner = repo.folder / "prompts"
    repo.git("rm", "--quiet", "-r", "--cached", "prompts")
    repo.git("init", "--quiet", "--initial-branch", "main", folder=inner)
    repo.git("add", ".", folder=inner)
    repo.git("commit", "--quiet", "--no-gpg-sign", "--message", "Start", folder=inner)
    repo.commit()
    (inner / ".gitattributes").write_text("* filter=x\n")
    repo.config("core.fsmonitor", str(repo.canary), "filter.x.clean", str(repo.canary), folder=inner)
    repo.touch()


# Each way, and what starts the program when git is used plainly.
WAYS: dict[str, tuple[Callable[[Repository], None], str]] = {
    "fsmonitor": (fsmonitor, "status"),
    "fsmonitor_of_an_included_file": (included_fsmonitor, "status"),
    "fsmonitor_of_a_branch": (conditional_fsmonitor, "status"),
    "clean_filter": (filtering("clean"), "status"),
    "process_filter": (filtering("process"), "status"),
    "required_filter": (required_filter, "status"),
    "hooks": (hooks(".git/hooks"), "status"),
    "hooks_path": (hooks("hooks"), "status"),
    "bare_folder": (bare_folder, "-C jobs status"),
    "git_file": (git_file, "status"),
    "diffs": (diffs, "diff"),
    "pager": (pager, "log"),
    "signature": (signature, "log"),
    "aliases": (aliases, "x"),
    "lazy_fetch_by_a_program": (fetching("ext::{repo.canary}"), "ls-tree -r HEAD"),
    "lazy_fetch_by_ssh": (fetching("ssh://host/x", "core.sshCommand", "{repo.canary}"), "ls-tree -r HEAD"),
    "lazy_fetch_by_a_proxy": (fetching("git://host/x", "core.gitProxy", "{repo.canary}"), "ls-tree -r HEAD"),
    "lazy_fetch_of_a_folder": (
        fetching("{repo.folder}", "remote.origin.uploadpack", "{repo.canary}"), "ls-tree -r HEAD",
    ),
    "lazy_fetch_of_line_ends": (fetched_line_ends, "cat-file blob HEAD:prompts/a.md"),
    "submodule": (submodule, "status"),
}  # fmt: skip


def run_everything(repository: Repository, sandbox) -> None:
    """Every command that starts git, in both folders."""
    tokens = {"DATABRICKS_TOKEN": "dapi-secret", "GITHUB_TOKEN": "ghs-secret"}
    registry = ["--registry", f"file:{sandbox.folder.parent}/registry"]
    top = sandbox.folder
    for folder, job in ((top, "jobs/job.yaml"), (top / "jobs", "job.yaml"), (top, str(top / "jobs" / "job.yaml"))):
        sandbox.folder = folder
        sandbox.plan(job, *registry, env=tokens)
        for command in (
            ["run", job], ["run", job, "--dry-run"], ["promote", job, "--from", "staging", "--to", "production"],
            ["promote", "prompt_a", "--from", "staging", "--to", "production"],
            ["rollback", "prompt_a", "--alias", "staging", "--to", "1"],
        ):  # fmt: skip
            sandbox.run(*command, *registry, codes=CODES, env=tokens)
    sandbox.folder = top


@pytest.mark.parametrize("name", WAYS)
def test_no_setting_of_a_repository_starts_a_program(name, repository, sandbox):
    prepare, command = WAYS[name]
    prepare(repository)
    repository.provoke(command)
    prepare_again = {"clean_filter", "process_filter", "required_filter", "hooks", "hooks_path", "submodule"}
    if name in prepare_again:
        # git remembered what it saw.
        os.utime(repository.folder / "prompts" / "a.md", (2, 2))
    run_everything(repository, sandbox)
    assert not repository.mark.exists(), repository.mark.read_text()


class Refusal(http.server.BaseHTTPRequestHandler):
    """Asks for a password."""

    def do_GET(self):
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def test_no_credential_helper_of_a_repository_is_started(repository, sandbox):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusal)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        url = f"http://127.0.0.1:{server.server_address[1]}/x"
        fetching(url, "credential.helper", "!{repo.canary}", "core.askPass", "{repo.canary}")(repository)
        repository.provoke("ls-tree -r HEAD")
        run_everything(repository, sandbox)
        assert not repository.mark.exists(), repository.mark.read_text()
    finally:
        server.shutdown()
        server.server_close()


def test_a_bare_folder_is_told(repository, sandbox):
    bare_folder(repository)
    ended = sandbox.plan("jobs/job.yaml", "--registry", "file:mlruns")
    assert "warning: no commit is recorded: git says: fatal: cannot use bare repository" in ended.err


# Any setting, and any damage

ROUNDS = 60


@pytest.fixture(scope="session")
def settings() -> list[str]:
    """Every setting that this git knows, with `x` for whatever is to be named."""
    listed = subprocess.run(["git", "help", "--config"], capture_output=True, text=True, check=True).stdout
    names = [re.sub(r"<[^>]*>|\*", "x", line) for line in listed.splitlines() if re.match(r"\w+\.\S+$", line)]
    assert len(names) > 500
    return names


def written(names: list[str], value: Callable[[], str]) -> str:
    """A configuration that sets names."""
    text = ""
    for name in names:
        section, _, rest = name.partition(".")
        middle, _, key = rest.rpartition(".")
        heading = f'[{section} "{middle}"]' if middle else f"[{section}]"
        text += f'{heading}\n\t{key} = "{value()}"\n'
    return text


def sandbox_commit(sandbox) -> str | None:
    """The commit that a plan names."""
    ended = sandbox.plan("jobs/job.yaml", "--registry", "file:mlruns", "--format", "json")
    assert ended.code == 0, ended.err
    git = json.loads(ended.out)["git"]
    return git and git["commit"]


def test_a_program_in_the_place_of_every_program(repository, sandbox, settings):
    """All settings at once that name one, known or not to whoever wrote the table above."""
    repository.write(".gitattributes", "* filter=x diff=x merge=x\n")
    ends = "cmd|command|program|pager|editor|helper|clean|smudge|process|textconv|external|proxy|askpass|uploadpack"
    ends += "|receivepack|vcs|driver|fsmonitor|diffFilter|tool|pager.x|alias.x|createpackhook|commandto"
    named = [name for name in settings if re.search(f"(?:{ends})$", name, re.IGNORECASE)]
    # These are true or false.
    named = [name for name in named if not re.match(r"(?:advice|color|column)\.|.*\.cachetextconv", name)]
    assert len(named) > 30
    config = repository.folder / ".git" / "config"
    config.write_text(config.read_text() + written([*named, "filter.x.process"], lambda: str(repository.canary)))
    repository.provoke("status")
    assert sandbox_commit(sandbox) == repository.git("rev-parse", "HEAD")
    run_everything(repository, sandbox)
    assert not repository.mark.exists(), repository.mark.read_text()


def test_random_settings(repository, sandbox, settings, seed):
    """git may refuse them; it starts nothing, and the plan is made."""
    config = repository.folder / ".git" / "config"
    whole = config.read_text()
    program = str(repository.canary)
    values = [program, f"!{program}", f"ext::{program}", str(repository.folder)]
    values += ["true", "false", "1", "-1", "x", "", "/", ".."]
    repository.write(".gitattributes", "* filter=x diff=x\n")
    for number in range(ROUNDS):
        source = random.Random(f"{seed}-{number}")
        names = [*source.sample(settings, 30), "core.fsmonitor", "filter.x.clean", "filter.x.process"]
        text = written(names, lambda source=source: source.choice(values))
        config.write_text(whole + text)
        ended = sandbox.plan("jobs/job.yaml", "--registry", "file:mlruns")
        assert ended.code == 0, f"round {number} of seed {seed}\n{text}"
        assert not repository.mark.exists(), f"round {number} of seed {seed}\n{text}"


def test_damaged_repositories(repository, sandbox, seed):
    """Whatever there is in place of a repository, the plan is made, and no commit that is none is recorded."""
    commit = repository.git("rev-parse", "HEAD")
    found = (repository.folder / ".git").rglob("*")
    files = sorted(path for path in found if path.is_file() and "hooks" not in path.parts)
    for number in range(ROUNDS * 2):
        source = random.Random(f"{seed}-{number}")
        path = source.choice(files)
        content, mode = path.read_bytes(), path.stat().st_mode
        path.chmod(0o644)
        path.write_bytes(mutation.mutate(content, source))
        told = sandbox_commit(sandbox)
        assert told is None or re.fullmatch("[0-9a-f]{40}", told), f"round {number} of seed {seed}: {path}: {told}"
        path.write_bytes(content)
        path.chmod(mode)
    assert sandbox_commit(sandbox) == commit
