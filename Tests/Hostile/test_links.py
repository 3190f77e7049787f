"""Links in a registry's folder, as a repository may bring them: what they lead to is neither read nor written."""

import os
import random
import shutil
from pathlib import Path

import pytest

SPEC = "version: 1\njob: x\ncatalog: a\nschema: b\naliases: [live, next]\nprompts_dir: prompts\n"
SECRET = "what-nobody-may-see"
COMMANDS = [
    ["plan", "job.yaml"], ["run", "job.yaml"], ["run", "job.yaml", "--force"], ["list"], ["show", "a.b.prompt_a"],
    ["show", "a.b.prompt_a/1"], ["history", "a.b.prompt_a"], ["load", "prompts:/a.b.prompt_a@live"], ["diff", "job.yaml"],
    ["promote", "job.yaml", "--from", "live", "--to", "new"], ["rollback", "job.yaml", "--alias", "live"], ["doctor"],
]  # fmt: skip


@pytest.fixture
def box(sandbox):
    """A job of two prompts that was run twice, and something beside the registry that links lead to."""
    for text in ("One {{x}}", "Two {{x}}"):
        sandbox.write("job.yaml", SPEC)
        sandbox.write("prompts/a.md", text)
        sandbox.write("prompts/b.md", text)
        sandbox.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
    sandbox.write("prompts/a.md", "Three {{x}}")
    sandbox.outside = sandbox.folder.with_name("outside")
    return sandbox


def make_outside(box) -> None:
    """A folder and a file in it that a link could be mistaken for."""
    shutil.rmtree(box.outside, ignore_errors=True)
    for name in ("version-1", "tags", "aliases", "a.b.prompt_a/tags", ".promptreg-1"):
        (box.outside / name).mkdir(parents=True)
        (box.outside / name / "kept").write_text(SECRET)
    (box.outside / "file").write_text(SECRET)


def listing(folder) -> dict:
    return {str(p): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


def attack(box, link: str, target, command: list[str]):
    """Puts a link in place of something in the registry, and runs a command."""
    kept = box.folder.with_name("kept")
    registry = box.folder / "mlruns"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(registry, kept, symlinks=True)
    make_outside(box)
    path = registry / link
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(target)
    before = listing(box.outside)
    try:
        ended = box.run(*command, "--registry", "file:mlruns", codes={0, 1, 2, 64, 65, 69, 75, 77}, writes=True)
        assert listing(box.outside) == before, f"{command} wrote through {link}"
        assert SECRET not in ended.out + ended.err, f"{command} read through {link}"
        return ended
    finally:
        shutil.rmtree(registry)
        shutil.move(kept, registry)


LINKS = [
    "models", ".promptreg.lock", ".promptreg.trash", "models/a.b.prompt_a", "models/a.b.prompt_a/meta.yaml",
    "models/a.b.prompt_a/tags", "models/a.b.prompt_a/aliases", "models/a.b.prompt_a/aliases/live",
    "models/a.b.prompt_a/tags/mlflow.prompt.is_prompt", "models/a.b.prompt_a/tags/promptreg_alias_log",
    "models/a.b.prompt_a/version-2", "models/a.b.prompt_a/version-2/meta.yaml", "models/a.b.prompt_a/version-2/tags",
    "models/a.b.prompt_a/version-2/tags/mlflow.prompt.text",
]  # fmt: skip


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_an_error_that_names_it(link, box):
    """Whether it leads to a folder, to everything, to a file or nowhere; a dangling prompt is refused when it is made."""
    for target in (box.outside, Path("/"), box.outside / "file", box.outside / "nothing"):
        ended = attack(box, link, target, ["run", "job.yaml"])
        assert ended.code in (1, 69), (target, ended.out, ended.err)
        if target.name == "nothing" and link.endswith("prompt_a"):
            expected = "a symbolic link in the registry has that name"
        else:
            expected = f"mlruns/{link}' is a symbolic link"
        assert expected in ended.out + ended.err, (target, ended.out, ended.err)


def test_a_lock_that_is_a_dangling_link_makes_nothing_elsewhere(box):
    attack(box, ".promptreg.lock", box.outside / "made", ["run", "job.yaml"])
    assert not (box.outside / "made").exists()


def test_models_that_are_everything(box):
    for command in COMMANDS:
        ended = attack(box, "models", "/", command)
        assert ended.code != 0 and "symbolic link" in ended.out + ended.err, (command, ended)


def test_links_anywhere(box, seed):
    """Random places, targets and commands."""
    registry = box.folder / "mlruns"
    for case in range(200):
        source = random.Random(f"{seed}-link-{case}")
        places = sorted(str(path.relative_to(registry)) for path in registry.rglob("*"))
        place = source.choice([*places, ".promptreg.trash", "models/a.b.prompt_c", "models/a.b.prompt_a/version-9"])
        target = source.choice([
            box.outside, box.outside / "version-1", box.outside / "file", "nowhere", "/", "..", ".", "/dev/zero", "/etc/passwd",
            os.path.basename(place), box.outside / "a.b.prompt_a", "../a.b.prompt_b", "version-1", "/proc/self/fd/0",
        ])  # fmt: skip
        command = source.choice(COMMANDS)
        try:
            attack(box, place, target, command)
        except AssertionError as failure:
            pytest.fail(f"case {case} of seed {seed}: {place} -> {target}, {command}: {failure}", pytrace=False)


def test_the_registrys_own_folder_may_be_a_link(box):
    (box.folder / "link").symlink_to("mlruns")
    box.run("run", "job.yaml", "--registry", "file:link", codes={0}, writes=True)
    assert (box.folder / "mlruns" / "models" / "a.b.prompt_a" / "version-3").is_dir()
