"""A pull that is killed at any call that changes the disk leaves each file as it was, or as it is to be."""

import re
import shutil
import signal
import subprocess

import pytest

CALLS = ["openat", "write", "fchmod", "fsync", "renameat", "unlinkat", "mkdirat"]


@pytest.fixture
def scene(program, tmp_path):
    """A job of two prompts whose versions were changed in the registry, and what a pull makes of its files."""
    folder = tmp_path / "job"
    folder.mkdir()
    spec = "version: 1\njob: pulled  # kept\ncatalog: main\nschema: s\nprompts_dir: prompts\nprompts:\n"
    (folder / "prompts").mkdir()
    for name in ("a", "b"):
        spec += f"  {name}: {{file: {name}.md, tags: {{team: x}}}}\n"
        (folder / "prompts" / f"{name}.md").write_text(f"Old {name}\n")
    (folder / "job.yaml").write_text(spec)
    registry = f"file:{tmp_path}/mlruns"
    program("run", folder / "job.yaml", "--registry", registry)
    for name in ("a", "b"):
        model = tmp_path / "mlruns" / "models" / f"main.s.prompt_{name}"
        shutil.copytree(model / "version-1", model / "version-2")
        meta = model / "version-2" / "meta.yaml"
        meta.write_text(meta.read_text().replace("version: 1", "version: 2"))
        for tag in (model / "version-2" / "tags").glob("promptreg_*"):
            tag.unlink()
        (model / "version-2" / "tags" / "mlflow.prompt.text").write_text(f"New {name}")
        (model / "version-2" / "tags" / "team").write_text("y")
        (model / "tags" / "team").write_text("y")
    return folder, registry


def files(folder) -> dict[str, str]:
    """The files of the job, without what a killed pull left beside them."""
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(".promptreg-pull")
    }


def test_a_kill_at_every_call(scene, program, tmp_path):
    folder, registry = scene
    before = files(folder)
    whole = tmp_path / "whole"
    shutil.copytree(folder, whole)
    log = tmp_path / "strace.log"
    arguments = ["job.yaml", "--registry", registry, "--quiet", "--force"]
    command = [program.path, "pull", *arguments]
    subprocess.run(
        ["strace", "-f", "-qqq", "-o", log, "-e", f"trace={','.join(CALLS)}", *command],
        cwd=whole, check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    after = files(whole)
    note = "job.pulled.json"
    assert set(after) == {*before, note} and all(after[path] != before[path] for path in before)
    program("plan", "job.yaml", "--registry", registry, "--detailed-exitcode", cwd=whole)
    counts = {call: len(re.findall(rf"^\d+ +{call}\(", log.read_text(), re.MULTILINE)) for call in CALLS}
    kills = mixed = 0
    for call in ("write", "fchmod", "fsync", "renameat", "unlinkat", "mkdirat"):
        for number in range(1, counts[call] + 1):
            place = tmp_path / f"{call}-{number}"
            shutil.copytree(folder, place)
            inject = f"inject={call}:signal=KILL:when={number}"
            ended = subprocess.run(
                ["strace", "-f", "-qqq", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject, *command],
                cwd=place, capture_output=True, timeout=60,
            )  # fmt: skip
            if ended.returncode not in (-signal.SIGKILL, 128 + signal.SIGKILL):
                continue
            kills += 1
            now = files(place)
            # What is noted of the registry's versions is in the files by then.
            assert now == after if note in now else set(now) == set(before)
            assert all(now[path] in (before.get(path), after[path]) for path in now), (call, number)
            mixed += now not in (before, after)
            # The next one completes it, and clears up.
            program("pull", *arguments, cwd=place)
            assert files(place) == after
            if now != after:
                assert not list(place.rglob("*.promptreg-pull")), (call, number)
            shutil.rmtree(place)
    assert kills >= 10 and mixed >= 1, (kills, mixed, counts)
