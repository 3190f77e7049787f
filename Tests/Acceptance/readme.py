"""Holds README.md to what the program does.

Every block of these kinds is tested, in a copy of the repository's jobs/ and prompts/ that is under git:

- console: the commands after `$ ` are run, all in one shell from the first block to the last, and the output that
  is shown is compared; `...` stands for any lines, and no output at all for any output of a command that ends
  with 0. The copy's path is shown as /home/me/agent; durations, dates, commits and the version may be any.
- sh: what cannot be run in a test, such as an installation: it has to be a script, its promptreg commands have to be
  right, and the repository's programs that it names have to exist. With the comment `<!-- test: run -->` before it,
  it is run in a copy of its own and has to end with 0.
- python: is run where the console blocks left the copy, and has to end with 0.
- yaml: it has to parse. A job spec has to satisfy `promptreg schema`, and the promptreg commands of a workflow
  have to be right.
- json: it has to parse.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import jsonschema
import transcript
import yaml

REPO = Path(__file__).resolve().parents[2]
SHOWN_FOLDER = "/home/me/agent"
USAGE, INVALID_INPUT = 64, 65


class Readme:
    """A README's blocks, and what is wrong with them."""

    def __init__(self, document: str):
        self.blocks = transcript.blocks(document)
        self.problems: list[str] = []

    def of_kind(self, *kinds: str) -> list[transcript.Block]:
        """The blocks of some languages."""
        return [block for block in self.blocks if block.info in kinds]

    @property
    def tested_count(self) -> int:
        """How many commands are run and compared."""
        return sum(len(block.commands()) for block in self.of_kind("console"))

    def check(self, make_workspace, replacements) -> list[str]:
        """Tests every block.

        `make_workspace` makes a fresh copy of the repository's jobs and prompts; `replacements` take what differs
        from run to run out of a text that belongs to a workspace.
        """
        workspace = make_workspace()
        self._check_console(workspace, replacements)
        for block in self.of_kind("python"):
            self._check_run(block, [sys.executable, "-c", "\n".join(block.lines)], workspace)
        for block in self.of_kind("sh", "bash"):
            self._check_shell(block, make_workspace)
        for block in self.of_kind("yaml", "yml"):
            self._check_yaml(block, make_workspace)
        for block in self.of_kind("json"):
            try:
                json.loads("\n".join(block.lines))
            except ValueError as error:
                self._problem(block, f"no JSON: {error}")
        return self.problems

    def _problem(self, block: transcript.Block, text: str) -> None:
        self.problems.append(f"README.md, line {block.start}: {text}")

    def _check_console(self, workspace, replacements) -> None:
        commands = [command for block in self.of_kind("console") for command in block.commands()]
        if not commands:
            return
        replace = replacements(workspace)
        results = transcript.run(commands, workspace.folder, workspace.environment, workspace.logs, merged=True)
        for command, result in zip(commands, results, strict=True):
            expected = [replace(line).rstrip(" ") for line in command.expected]
            while expected and not expected[-1]:
                expected.pop()
            actual = result.lines(replace)
            if not expected and not result.code:
                continue
            if not any(line.startswith("[exit ") for line in expected) and result.code in (1, 2):
                # A reader sees no exit code on a terminal, and a README need not show one.
                actual = [line for line in actual if not line.startswith("[exit ")]
            if text := transcript.difference(expected, actual, command):
                self.problems.append(f"README.md, {text}")

    def _check_shell(self, block: transcript.Block, make_workspace) -> None:
        script = "\n".join(block.lines)
        if "test: run" in block.marks:
            self._check_run(block, ["bash", "-euo", "pipefail", "-c", script], make_workspace())
        else:
            self._check_commands(block, script, make_workspace())

    def _check_run(self, block: transcript.Block, command: list[str], workspace) -> None:
        done = subprocess.run(
            command, cwd=workspace.folder, env=workspace.environment, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=transcript.TIME_LIMIT,
        )  # fmt: skip
        if done.returncode:
            self._problem(block, f"ends with {done.returncode}\n{done.stdout}{done.stderr}")

    def _check_yaml(self, block: transcript.Block, make_workspace) -> None:
        try:
            document = yaml.safe_load("\n".join(block.lines))
        except yaml.YAMLError as error:
            self._problem(block, f"no YAML: {error}")
            return
        if not isinstance(document, dict):
            return
        if "job" in document:
            schema = make_workspace().run("schema").stdout
            try:
                jsonschema.validate(document, json.loads(schema))
            except jsonschema.ValidationError as error:
                self._problem(block, f"no job spec: {error.message} at {error.json_path}")
        # YAML 1.1 reads the key `on` as true.
        if "jobs" in document and (True in document or "on" in document):
            for job in document["jobs"].values():
                for step in job.get("steps", []):
                    self._check_commands(block, step.get("run", ""), make_workspace())

    def _check_commands(self, block: transcript.Block, script: str, workspace) -> None:
        """Checks that a script is one, and that its promptreg commands and the jobs they name are right."""
        script = re.sub(r"\$\{\{.*?\}\}", "value", script)
        syntax = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True)
        if syntax.returncode:
            self._problem(block, syntax.stderr)
        for line in re.sub(r"\\\n", " ", script).splitlines():
            for part in re.split(r"&&|\|\||[;|]", line):
                words = shlex.split(part, comments=True)
                while words and re.fullmatch(r"\w+=.*", words[0]):
                    words.pop(0)
                if words and re.fullmatch(r"\w+(/\w+)+", words[0]) and not (REPO / words[0]).exists():
                    self._problem(block, f"there is no {words[0]}")
                if words[:2] == ["swift", "run"] and "promptreg" in words:
                    words = words[words.index("promptreg") :]
                if not words or Path(words[0]).name != "promptreg":
                    continue
                done = workspace.run(*words[1:])
                if done.returncode in (USAGE, INVALID_INPUT):
                    self._problem(block, f"{part.strip()}: {done.stderr}")
