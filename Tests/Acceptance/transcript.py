"""Console sessions written down in Markdown: read, run, compared, and written back.

A ```console block holds commands and what they printed:

    $ promptreg run jobs/agent.yaml --target nowhere
    ! error: …                              a line of the standard error
    [exit 65]                               the exit code, when it is not 0

A command goes on over the lines that begin with `> `. All commands of a document run in one shell, one after the
other, in the same folder.
"""

import difflib
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

TIME_LIMIT = 120


@dataclass
class Command:
    """A command and what it is expected to print."""

    text: str
    line: int
    expected: list[str] = field(default_factory=list)


@dataclass
class Block:
    """A fenced block: its info string, its first and last line within the document, its text."""

    info: str
    start: int
    end: int
    lines: list[str]
    marks: list[str]

    def commands(self) -> list[Command]:
        """The commands of a console block."""
        found: list[Command] = []
        continues = False
        for number, line in enumerate(self.lines, self.start + 1):
            if line.startswith("$ "):
                found.append(Command(line[2:], number))
                continues = True
            elif continues and (line.startswith("> ") or line == ">"):
                found[-1].text += "\n" + line[2:]
            elif found:
                continues = False
                found[-1].expected.append(line)
            else:
                raise ValueError(f"line {number}: a console block begins with a command")
        return found


@dataclass
class Result:
    """What a command did."""

    output: str
    errors: str
    code: int

    def lines(self, replace) -> list[str]:
        """The lines of a transcript."""
        shown = _lines(replace(self.output))
        shown += [f"! {line}" for line in _lines(replace(self.errors))]
        if self.code:
            shown.append(f"[exit {self.code}]")
        # Editors drop blanks at the ends of lines.
        return [line.rstrip(" ") for line in shown]


def blocks(document: str) -> list[Block]:
    """The fenced blocks of a Markdown document, each with the HTML comments right before it."""
    found: list[Block] = []
    marks: list[str] = []
    open_block: Block | None = None
    fence = ""
    for number, line in enumerate(document.split("\n"), 1):
        if open_block is not None:
            if line == fence:
                open_block.end = number
                found.append(open_block)
                open_block, marks = None, []
            else:
                open_block.lines.append(line)
        elif opening := re.match(r"`{3,}", line):
            fence = opening[0]
            open_block = Block(line.removeprefix(fence).strip(), number, number, [], marks)
        elif mark := re.fullmatch(r"<!-- *(.*?) *-->", line.strip()):
            marks = marks + [mark[1]]
        elif line.strip():
            marks = []
    if open_block is not None:
        raise ValueError(f"line {open_block.start}: the block is never closed")
    return found


def rewritten(document: str, shown: list[tuple[Block, list[tuple[Command, list[str]]]]]) -> str:
    """The document with other outputs in its blocks."""
    lines = document.split("\n")
    for block, commands in reversed(shown):
        body: list[str] = []
        for command, output in commands:
            first, *rest = command.text.split("\n")
            body += [f"$ {first}"] + [f"> {line}".rstrip() for line in rest] + output
        lines[block.start : block.end - 1] = body
    return "\n".join(lines)


def run(
    commands: list[Command], folder: Path, environment: dict[str, str], logs: Path, merged: bool = False
) -> list[Result]:
    """Runs commands one after the other in one shell.

    Every command has its own files for what it prints, so that the two streams stay apart; merged, they are one,
    as a terminal shows them.
    """
    logs.mkdir()
    script = ["set -u"]
    for number, command in enumerate(commands):
        log = logs / str(number)
        errors = "2>&1" if merged else f"2>'{log}.err'"
        script += ["{", command.text, f"}} >'{log}.out' {errors} </dev/null", f"echo $? >'{log}.code'"]
    (logs / "script").write_text("\n".join(script) + "\n")
    shell = subprocess.run(
        ["bash", str(logs / "script")], cwd=folder, env=environment, timeout=TIME_LIMIT, text=True,
        stdin=subprocess.DEVNULL, capture_output=True,
    )  # fmt: skip
    results = []
    for number, command in enumerate(commands):
        log = logs / str(number)
        code = log.with_name(f"{number}.code")
        assert code.exists(), f"the shell ended at line {command.line}: {command.text}\n{shell.stderr}"
        errors = "" if merged else _text(logs / f"{number}.err")
        results.append(Result(_text(logs / f"{number}.out"), errors, int(code.read_text())))
    return results


def difference(expected: list[str], actual: list[str], command: Command) -> str:
    """What differs, for people; empty when nothing does. A line `...` stands for any lines."""
    if matches(expected, actual):
        return ""
    title = f"line {command.line}: $ {command.text}"
    return title + "\n" + "\n".join(difflib.unified_diff(expected, actual, "expected", "printed", "", "", 3, ""))


def matches(expected: list[str], actual: list[str]) -> bool:
    """Whether lines are as expected, where `...` stands for any lines."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[skip:]) for skip in range(len(actual) + 1))
    return bool(actual) and expected[0] == actual[0] and matches(expected[1:], actual[1:])


class Replacements:
    """Takes out of an output what differs from run to run."""

    def __init__(self, folder: Path, version: str):
        self.pairs = [
            (re.compile(re.escape(str(folder))), "$DIR"),
            (re.compile(rf"(?<![\w.]){re.escape(version)}(?![\w.])"), "[version]"),
            (re.compile(r"\b[0-9a-f]{40}\b"), "[commit]"),
            (re.compile(r"(<!-- promptreg )\w+(?= -->)"), r"\1[seal]"),
            (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?"), "[time]"),
            (re.compile(r'("elapsed_ms" ?: ?)\d+'), r"\1[ms]"),
            (re.compile(r'(\btime=")[\d.]+'), r"\1[s]"),
            (re.compile(r"(?<![\w.])\d+(\.\d+)?(e-\d+)? (ms|s|seconds)\b"), "[ms]"),
            # An age of seconds may be one of minutes on a slow machine; in a table it keeps its width.
            (re.compile(r"(?m)(?<=\s)(<1m|[1-3]m(?= ago)|[1-3]m(?: (?=\s)|$))"), "[age]"),
        ]

    def __call__(self, text: str) -> str:
        for pattern, stands_for in self.pairs:
            text = pattern.sub(stands_for, text)
        return text


def environment(home: Path, path: list[Path]) -> dict[str, str]:
    """An environment that is the same everywhere."""
    return {
        "HOME": str(home),
        "PATH": ":".join([*map(str, path), os.environ["PATH"]]),
        "USER": "me",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "xterm",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": str(home.parent),
        "GIT_AUTHOR_NAME": "A. Author",
        "GIT_AUTHOR_EMAIL": "author@example.com",
        "GIT_COMMITTER_NAME": "A. Author",
        "GIT_COMMITTER_EMAIL": "author@example.com",
    }


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "backslashreplace").replace("\x1b", "^[").replace("\r", "^M")


def _lines(text: str) -> list[str]:
    if not text:
        return []
    if text.endswith("\n"):
        return text[:-1].split("\n")
    return text.split("\n")[:-1] + [text.split("\n")[-1] + "[no newline]"]
