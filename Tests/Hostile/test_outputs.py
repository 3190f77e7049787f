"""What is written, where: nothing of the user's is written over, and no pipe or device holds the program."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import termios
import time
from pathlib import Path

import pytest

HEAD = "version: 1\njob: hostile\nprompts_dir: prompts\naliases: [production]\nregistry: 'file:mlruns'\n"
SPEC = HEAD + "prompts: {a: {file: a.md}}\n"
JUNIT = '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="pytest"><testsuite name="x"/></testsuites>\n'
USAGE = 64
# More than the program may take, less than anything here would hold it.
SECONDS = 20


@pytest.fixture
def box(sandbox):
    """A job of one prompt that was run once, with a plan and a report of each format."""
    sandbox.write("job.yaml", SPEC)
    sandbox.write("prompts/a.md", "Hello {{x}}\n")
    reports = [word for ending in ("json", "md", "xml", "html") for word in ("--report", f"old.{ending}")]
    sandbox.run("run", "job.yaml", *reports, codes={0}, writes=True)
    sandbox.run("plan", "job.yaml", "--out", "old.plan", codes={0}, writes=True)
    return sandbox


# Files that are something else, by what they are called; each has to stay as it is.
FOREIGN = {
    "job.yaml": None,
    "prompts/a.md": None,
    "README.md": "# An agent\n\n## promptreg: how it is used\n",
    "package.json": '{"name": "agent", "version": "1.0.0"}\n',
    "schema.json": '{"schema_version": 1, "tool": {"name": "another"}}\n',
    "plan.json": '{"plan_version": 3}\n',
    "planner.json": '{"plan_version": 3, "tool_version": "1.0", "plan": {"title": "A release"}}\n',
    "of_promptreg.json": '{"schema_version": 1, "tool": {"name": "promptreg"}, "summary": {"total": 1}}\n',
    "broken.json": "{",
    "list.json": "[1, 2]\n",
    "nested.json": "[" * 100_000,
    "junit.xml": JUNIT,
    "project.xml": "<project/>\n",
    "index.html": "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>promptreg</title>\n",
    "notes.md": "x",
    "binary.json": b"\x00\xff\xfe" * 50,
    "data.bin": b"\x00" * 10_000,
}
WRITERS = {
    "plan --out": ["plan", "job.yaml", "--out"],
    "plan --report": ["plan", "job.yaml", "--report"],
    "run --report": ["run", "job.yaml", "--report"],
    "run --dry-run --report": ["run", "job.yaml", "--dry-run", "--report"],
    "run --plan --report": ["run", "--plan", "old.plan", "--report"],
    "promote --report": ["promote", "job.yaml", "--from", "production", "--to", "staging", "--report"],
    "rollback --report": [
        "rollback", "prompt_a", "--alias", "production", "--to", "1", "--registry", "file:mlruns", "--report",
    ],
    "copy --report": [
        "copy", "--from", "file:mlruns", "--to", "file:other", "--catalog", "c", "--schema", "s", "--report",
    ],
    "load --output": ["load", "prompt_a/1", "--registry", "file:mlruns", "--output"],
    "render --output": ["render", "prompts/a.md", "--set", "x=y", "--output"],
}  # fmt: skip
FORCED = ["plan --out", "plan --report", "run --report", "rollback --report", "load --output", "render --output"]
ENDINGS = (".json", ".md", ".xml", ".html")


@pytest.mark.parametrize("writer", WRITERS)
def test_what_is_something_else_is_not_written_over(writer, box):
    for name, content in FOREIGN.items():
        if content is not None:
            box.write(name, content)
        if WRITERS[writer][-1] == "--report" and not name.endswith(ENDINGS):
            continue
        ended = box.run(*WRITERS[writer], name, codes={USAGE})
        assert f"{WRITERS[writer][-1]} '{name}' cannot be written: it exists already" in ended.err, name
        assert "help: name another file" in ended.err
        # Nor through a link.
        link = box.folder / f"link{Path(name).suffix}"
        link.symlink_to(name)
        box.run(*WRITERS[writer], link.name, codes={USAGE})
        link.unlink()


def test_each_kind_is_written_over_by_itself_only(box):
    for name in ("old.json", "old.md", "old.xml", "old.html", "old.plan"):
        (box.folder / name).rename(box.folder / f"kept-{name}")
    for kind in ("json", "md", "xml", "html"):
        for source in ("old.json", "old.md", "old.xml", "old.html", "old.plan"):
            whole = (box.folder / f"kept-{source}").read_bytes()
            target = box.folder / f"target.{kind}"
            box.write(target.name, whole)
            before = target.stat().st_mtime_ns
            codes = {0} if source == f"old.{kind}" else {USAGE}
            box.run("run", "job.yaml", "--report", target.name, codes=codes, writes=True)
            # A report of the same run may be the same to the byte.
            assert (target.stat().st_mtime_ns == before) == (codes == {USAGE})
            assert target.read_bytes() == whole or codes == {0}
    for source in ("old.json", "old.md", "old.xml", "old.html", "old.plan"):
        box.write("target", (box.folder / f"kept-{source}").read_bytes())
        box.run("plan", "job.yaml", "--out", "target", codes={0} if source == "old.plan" else {USAGE}, writes=True)


@pytest.mark.parametrize("name", ["old.md", "old.xml", "old.html"])
@pytest.mark.parametrize("change", ["a note", "a word"])
def test_a_report_that_somebody_changed_is_not_written_over(name, change, box):
    text = (box.folder / name).read_text()
    seal = text.rindex("<!--")
    changed = text[:seal] + "<!-- a note -->\n" if change == "a note" else "e".join(text[:seal].rsplit("a", 1))
    box.write(name, changed + text[seal:])
    assert (box.folder / name).read_text() != text
    ended = box.run("run", "job.yaml", "--report", name, codes={USAGE})
    assert "it exists already and is not a" in ended.err


def test_a_plan_and_a_report_of_an_earlier_version_are_written_over(box):
    for name, key in (("old.plan", "plan_version"), ("old.json", "schema_version")):
        old = json.loads((box.folder / name).read_text())
        old[key] -= 1
        box.write(name, json.dumps(old))
    box.run("plan", "job.yaml", "--out", "old.plan", "--report", "old.json", codes={0}, writes=True)


def test_two_outputs_are_two_files(box):
    box.write("folder/x", "")
    (box.folder / "link.json").symlink_to("new.json")
    box.write("new.json", "")
    for outputs in (
        ["--out", "new.json", "--report", "new.json"],
        ["--report", "new.json", "--report", "./folder/../new.json"],
        ["--report", "link.json", "--out", "new.json"],
        ["--report", "absent.md", "--report", "absent.md"],
    ):
        ended = box.run("plan", "job.yaml", *outputs, codes={USAGE})
        assert "is to be written twice" in ended.err and "help: name another file" in ended.err, outputs
    box.run("plan", "job.yaml", "--out", "new.plan", "--report", "new.json", "--report", "new.md", codes={0}, writes=True)
    ended = box.run("traces", "job.yaml", "--report", "absent.md", "--report", "./absent.md", codes={USAGE})
    assert "is to be written twice" in ended.err


def test_an_empty_file_is_written_over(box):
    """`mktemp` makes one."""
    for name in ("new.plan", "new.json", "new.md", "new.xml", "new.html", "text"):
        box.write(name, "")
    box.run("plan", "job.yaml", "--out", "new.plan", codes={0}, writes=True)
    for name in ("new.json", "new.md", "new.xml", "new.html"):
        box.run("run", "job.yaml", "--report", name, codes={0}, writes=True)
    box.run(*WRITERS["load --output"], "text", codes={0}, writes=True)
    assert (box.folder / "text").read_text() == "Hello {{x}}"


@pytest.mark.parametrize("writer", FORCED)
def test_force_writes_over_anything(writer, box):
    box.write("other.json", "{}")
    box.run(*WRITERS[writer], "other.json", "--force", codes={0}, writes=True)
    assert (box.folder / "other.json").read_text() != "{}"


def test_the_force_of_a_saved_plan_is_not_that_of_the_command_line(box):
    box.run("plan", "job.yaml", "--force", "--out", "old.plan", codes={0}, writes=True)
    box.write("other.json", "{}")
    box.run("run", "--plan", "old.plan", "--report", "other.json", codes={USAGE})


@pytest.mark.parametrize("writer", ["plan --out", "run --report", "load --output"])
def test_a_link_to_nothing_is_not_followed(writer, box, tmp_path):
    """A repository could make the program create ~/.profile."""
    (box.folder / "new.json").symlink_to(tmp_path / "profile")
    for force in ([], ["--force"]):
        ended = box.run(*WRITERS[writer], "new.json", *force, codes={USAGE})
        assert "it is a link to a file that does not exist" in ended.err
    assert not (tmp_path / "profile").exists()


def test_init_follows_no_link(box, tmp_path):
    (box.folder / "jobs").mkdir()
    (box.folder / "jobs" / "my_agent.yaml").symlink_to(tmp_path / "profile")
    box.run("init", codes={0, 1}, writes=True)
    assert not (tmp_path / "profile").exists()


# Pipes and devices

PIPES = {
    "--report": ["run", "job.yaml", "--report", "pipe.json"],
    "--report of a plan": ["plan", "job.yaml", "--report", "pipe.json"],
    "--out": ["plan", "job.yaml", "--out", "pipe.json"],
    "--output of load": ["load", "prompt_a", "--registry", "file:mlruns", "--output", "pipe.json"],
    "--output of render": ["render", "prompts/a.md", "--set", "x=y", "--output", "pipe.json"],
    "GITHUB_STEP_SUMMARY": ["run", "job.yaml"],
}  # fmt: skip


def start(box, words: list[str]) -> subprocess.Popen:
    """Starts the program with the pipe wherever the words say."""
    environment = box.environment | {"GITHUB_STEP_SUMMARY": "pipe.json" if words[-1] == "job.yaml" else ""}
    return subprocess.Popen(
        [box.program, *words], cwd=box.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.mark.parametrize("flag", PIPES)
def test_a_pipe_without_a_reader(flag, box):
    os.mkfifo(box.folder / "pipe.json")
    process = start(box, PIPES[flag])
    _, errors = process.communicate(timeout=SECONDS)
    assert "cannot be" in errors and "it is a pipe that nothing reads from" in errors
    assert process.returncode == (0 if flag == "GITHUB_STEP_SUMMARY" else 1)


@pytest.mark.parametrize("flag", PIPES)
def test_a_pipe_that_is_read(flag, box):
    os.mkfifo(box.folder / "pipe.json")
    process = start(box, PIPES[flag])
    content = (box.folder / "pipe.json").read_text()
    _, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, errors
    assert content


@pytest.mark.parametrize("flag", ["--report", "--out", "GITHUB_STEP_SUMMARY"])
def test_a_pipe_whose_reader_does_not_read(flag, box):
    """All that a pipe holds is less than this output."""
    box.write("job.yaml", HEAD + "name_prefix: q_\n")
    for number in range(60):
        box.write(f"prompts/p{number}.md", f"Hello {number}, {{{{x}}}}\n")
    os.mkfifo(box.folder / "pipe.json")
    reader = os.open(box.folder / "pipe.json", os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reader, fcntl.F_SETPIPE_SZ, 4096)
    process = start(box, PIPES[flag])
    _, errors = process.communicate(timeout=SECONDS)
    os.close(reader)
    assert "what reads from it has stopped reading" in errors
    assert process.returncode == (0 if flag == "GITHUB_STEP_SUMMARY" else 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("flag", ["--report", "--out"])
def test_a_signal_ends_the_wait_for_a_reader(flag, number, box):
    os.mkfifo(box.folder / "pipe.json")
    process = start(box, PIPES[flag])
    time.sleep(0.3)
    begin = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=SECONDS)
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null", "/dev/zero"])
@pytest.mark.parametrize("flag", ["--report", "--out", "GITHUB_STEP_SUMMARY"])
def test_a_device(flag, device, box):
    (box.folder / "pipe.json").symlink_to(device)
    process = start(box, PIPES[flag])
    _, errors = process.communicate(timeout=SECONDS)
    if device == "/dev/full":
        assert "No space left on device" in errors
        assert process.returncode == (0 if flag == "GITHUB_STEP_SUMMARY" else 1)
    else:
        assert process.returncode == 0, errors
    assert (box.folder / "pipe.json").is_symlink()


READERS = {
    "job": ["plan", "{}"],
    "job to validate": ["validate", "{}"],
    "values": ["render", "prompts/a.md", "--values", "{}"],
    "template": ["render", "{}"],
    "plan": ["run", "--plan", "{}"],
    "report": ["rollback", "--from-report", "{}"],
}  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["pipe.md", "/dev/zero", "/dev/tty", "/dev/random", "/proc/kmsg", "."])
def test_what_is_read_and_is_no_file(reader, name, box):
    """Nothing waits for a writer, and nothing reads for ever."""
    os.mkfifo(box.folder / "pipe.md")
    path = name if name.startswith("/dev") or name == "." else f"./{name}" if "/" not in name else name
    words = [word.format(path) for word in READERS[reader]]
    ended = box.run(*words, codes={64, 65})
    assert "error:" in ended.err and "CocoaError" not in ended.err


# What is misleading


@pytest.mark.parametrize(
    "words", ["plan job.yaml", "list", "load a.b.c", "init", "plan /nowhere/job.yaml --report r.json", "run --plan x"]
)
def test_a_current_folder_that_is_gone(words, box, tmp_path):
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", box.program, *words.split()], cwd=tmp_path, env=box.environment,
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=SECONDS,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (USAGE, "")
    assert done.stderr == "error: the current folder has been deleted\n    help: change to one that exists\n"


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16"])
def test_the_encoding_of_a_file_is_named(encoding, box):
    told = f"is {encoding.upper()[:6]}, not UTF-8"
    box.write("prompts/a.md", "Hello {{x}}\n".encode(encoding))
    assert told in box.validate("job.yaml").err
    assert told in box.run("render", "prompts/a.md", codes={65}).err
    box.write("prompts/a.md", "Hello {{x}}\n")
    box.write("values.yaml", "x: y\n".encode(encoding))
    assert told in box.run("render", "prompts/a.md", "--values", "values.yaml", codes={65}).err
    box.write("job.yaml", SPEC.encode(encoding))
    assert told in box.validate("job.yaml").err
    # Windows PowerShell writes such a file.
    box.write("old.plan", (box.folder / "old.plan").read_text().encode(encoding))
    assert told in box.run("run", "--plan", "old.plan", codes={65}).err


def bloated(box, name: str) -> bytes:
    """The report or the plan with so many prompts that reading it takes long."""
    content = json.loads((box.folder / name).read_text())
    prompts = content.get("plan", content)["prompts"] if name == "old.plan" else content["prompts"]
    each = json.dumps(prompts[0])
    whole = json.dumps(content)
    assert whole.count(each) == 1
    return whole.replace(each, ",".join([each] * ((100 << 20) // len(each)))).encode()


@pytest.mark.parametrize(
    "name, words",
    [
        ("old.json", ["rollback", "--from-report", "old.json"]),
        ("old.json", ["run", "job.yaml", "--report", "old.json"]),
        ("old.plan", ["run", "--plan", "old.plan"]),
    ],
)
def test_reading_a_file_takes_no_longer_than_the_time_limit(name, words, box):
    (box.folder / name).write_bytes(bloated(box, name))
    begin = time.monotonic()
    ended = subprocess.run(
        [box.program, *words, "--timeout", "1s"], cwd=box.folder, env=box.environment,
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert time.monotonic() - begin < 3
    assert ended.returncode == 69, ended.stderr
    assert "the time limit is 1 s; raise it with --timeout" in ended.stderr


def test_a_signal_ends_what_nobody_reads(box):
    """A pipe that is full, as of a pager that was stopped."""
    box.write("prompts/a.md", "Hello {{x}}\n" + "".join(f"line {n} of many\n" for n in range(4_500)))
    process = subprocess.Popen(
        [box.program, "plan", "job.yaml", "--verbose"], cwd=box.folder, env=box.environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    end, waiting = time.monotonic() + SECONDS, bytearray(4)
    while int.from_bytes(waiting, "little") < 1 << 16 and time.monotonic() < end:
        time.sleep(0.05)
        fcntl.ioctl(process.stdout, termios.FIONREAD, waiting)
    process.terminate()
    begin = time.monotonic()
    assert process.wait(timeout=SECONDS) == 128 + signal.SIGTERM
    assert 1 < time.monotonic() - begin < 4


def test_another_run_is_waited_for_no_longer_than_the_time_limit(box):
    box.write("prompts/a.md", "Hello again {{x}}\n")
    with open(next((box.folder / "mlruns").rglob(".promptreg.lock")), "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        begin = time.monotonic()
        ended = box.run("run", "job.yaml", "--timeout", "1s", codes={69})
        assert 1 <= time.monotonic() - begin < 3
    assert "stopped while waiting for the run that holds" in ended.err and "the time limit is 1 s" in ended.err
    box.run("run", "job.yaml", "--timeout", "60s", codes={0}, writes=True)


def test_git_and_a_server_that_hang_have_one_time_limit(box):
    box.write("bin/git", "#!/bin/sh\nsleep 60\n").chmod(0o755)
    environment = {"PATH": f"{box.folder}/bin:{os.environ['PATH']}"}
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        begin = time.monotonic()
        box.run("plan", "job.yaml", "--registry", address, "--timeout", "4s", env=environment, codes={69})
        assert 4 <= time.monotonic() - begin < 6
