"""A link that is put in the place of a folder while files are written leads no one out of the job."""

import ctypes
import os
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

ROUNDS = 25
LIBC, AT_FDCWD, RENAME_EXCHANGE = ctypes.CDLL(None), -100, 2


@contextmanager
def swapping(folder: Path, outside: Path):
    """Puts a link in the place of a folder and takes it away again, all the time."""
    aside, done = folder.with_name(f"{folder.name}-aside"), threading.Event()
    aside.symlink_to(outside)
    swaps = 0

    def exchange():
        assert LIBC.renameat2(AT_FDCWD, os.fsencode(folder), AT_FDCWD, os.fsencode(aside), RENAME_EXCHANGE) == 0

    def swap():
        nonlocal swaps
        while not done.is_set():
            for _ in range(2):
                exchange()
                done.wait(0.0005)
            swaps += 1

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
        aside.unlink()
    assert swaps > 0


def tree(folder: Path) -> dict:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in sorted(folder.rglob("*"))}


@pytest.fixture
def run_program(promptreg):
    def run(*arguments):
        return subprocess.run([promptreg, *map(str, arguments)], capture_output=True, timeout=60)

    return run


@pytest.fixture
def job(tmp_path, run_program):
    """A job of prompts in a folder of a folder, changed in the registry; and the same folder outside of it."""
    root = tmp_path / "repo"
    (root / "prompts" / "sub").mkdir(parents=True)
    spec = root / "job.yaml"
    entries = "".join(f"  p{index}: {{file: sub/p{index}.md}}\n" for index in range(12))
    spec.write_text(f"version: 1\njob: swapped\ncatalog: main\nschema: s\nprompts_dir: prompts\nprompts:\n{entries}")

    def write(text):
        for index in range(12):
            (root / "prompts" / "sub" / f"p{index}.md").write_text(f"{text} {index}\n")

    write("New")
    registry = f"file:{tmp_path}/mlruns"
    assert run_program("run", spec, "--registry", registry).returncode == 0
    write("Old")
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in (root / "prompts" / "sub").iterdir():
        (outside / path.name).write_bytes(path.read_bytes())
    return spec, registry, outside, write


def test_pull_writes_nothing_outside(job, run_program):
    spec, registry, outside, write = job
    before = tree(outside)
    codes = set()
    for _ in range(ROUNDS):
        write("Old")
        with swapping(spec.parent / "prompts" / "sub", outside):
            codes.add(run_program("pull", spec, "--registry", registry, "--force").returncode)
        assert tree(outside) == before
    assert codes <= {0, 1, 65}, codes
    # Without anybody in the way it does what it should.
    write("Old")
    assert run_program("pull", spec, "--registry", registry, "--force").returncode == 0
    assert (spec.parent / "prompts" / "sub" / "p0.md").read_text() == "New 0\n"


@pytest.mark.parametrize("name", ["prompts", "jobs"])
def test_import_writes_nothing_outside(job, run_program, tmp_path, name):
    _, registry, outside, _ = job
    before, into = tree(outside), tmp_path / "into"
    (into / "prompts").mkdir(parents=True)
    (into / "jobs").mkdir()
    codes = set()
    flags = ["--registry", registry, "--catalog", "main", "--schema", "s", "--into", into, "--force"]
    for _ in range(ROUNDS):
        with swapping(into / name, outside):
            codes.add(run_program("import", *flags).returncode)
        assert tree(outside) == before
    assert codes <= {0, 1}, codes
    assert run_program("import", *flags).returncode == 0
    assert len(list((into / "prompts").glob("*.md"))) == 12
    assert not list(into.glob(".promptreg-import-*"))


def test_a_link_that_stays_in_the_folder_is_followed(job, run_program, tmp_path):
    registry = job[1]
    into = tmp_path / "into"
    (into / "texts").mkdir(parents=True)
    (into / "prompts").symlink_to("texts")
    flags = ["--registry", registry, "--catalog", "main", "--schema", "s"]
    assert run_program("import", *flags, "--into", into).returncode == 0
    assert len(list((into / "texts").glob("*.md"))) == 12
