"""Runs the program on input that means it harm, and checks what holds of every run whatever it was given."""

import base64
import json
import os
import shutil
import stat
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

SECONDS = 10
MEGABYTES = 300
# What no run may reach: more than the limit above, so that a run that needs too much is seen to.
ADDRESS_SPACE = 4 << 30
BIDI = {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}

VALIDATE_CODES = {0, 64, 65}
PLAN_CODES = {0, 64, 65, 69, 75, 77}


@dataclass
class Ended:
    """A run that has ended within the limits."""

    code: int
    out: str
    err: str


class Launcher:
    """The process that starts all others; see there."""

    def __init__(self):
        script = str(Path(__file__).with_name("launcher.py"))
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self, command: list[bytes], folder: Path, environment: dict[str, bytes], stdin="/dev/null", **more
    ) -> dict:
        """Runs a program; `more` is what else the launcher takes."""
        request = {
            "command": [base64.b64encode(word).decode() for word in command],
            "folder": str(folder),
            "environment": {name: base64.b64encode(value).decode() for name, value in environment.items()},
            "stdin": stdin,
            "seconds": SECONDS,
            "address_space": ADDRESS_SPACE,
        } | more
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        answer["output"] = [base64.b64decode(content) for content in answer["output"]]
        return answer

    def stop(self) -> None:
        """Ends it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Sandbox:
    """A folder, and the program to be run in it."""

    def __init__(self, program: Path, folder: Path, launcher: Launcher):
        self.program = str(program)
        self.launcher = launcher
        self.folder = folder
        folder.mkdir(parents=True)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "GIT_CEILING_DIRECTORIES": str(folder.parent),
        }

    def copy(self, source: Path, name: str) -> None:
        """Copies a folder into this one."""
        shutil.copytree(source, self.folder / name)

    def write(self, name: str, content: bytes | str) -> Path:
        """Writes a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content)
        return path

    def validate(self, *arguments, **more) -> Ended:
        """`promptreg validate`."""
        return self.run("validate", *arguments, codes=VALIDATE_CODES, **more)

    def plan(self, *arguments, **more) -> Ended:
        """`promptreg plan`."""
        return self.run("plan", *arguments, codes=PLAN_CODES, **more)

    def run(self, *arguments, codes: set[int], stdin="/dev/null", env=None, writes=False) -> Ended:
        """Runs the program and checks all that holds of any run that writes nothing."""
        before = None if writes else self._listing()
        command = [os.fsencode(word) for word in (self.program, *arguments)]
        environment = {name: os.fsencode(value) for name, value in (self.environment | (env or {})).items()}
        answer = self.launcher.run(command, self.folder, environment, stdin)
        assert answer["in_time"], f"it ran longer than {SECONDS} s"
        assert answer["kilobytes"] < MEGABYTES << 10, f"it took {answer['kilobytes'] >> 10} MB"
        out, err = (self.checked(content) for content in answer["output"])
        ended = Ended(answer["code"], out, err)
        assert ended.code in codes, f"exit {ended.code}\n{out[-1000:]}\n{err[-3000:]}"
        if ended.code == 65:
            assert "error:" in err, f"exit 65 without a diagnostic\n{err[-3000:]}"
        if not writes:
            assert self._listing() == before, "it wrote"
        return ended

    @staticmethod
    def checked(output: bytes) -> str:
        """Output as text: UTF-8 with nothing in it that a terminal acts on but tabs and line feeds."""
        text = output.decode()
        steering = {c for c in set(text) if (unicodedata.category(c) == "Cc" and c not in "\n\t") or c in BIDI}
        assert not steering, f"the output holds {sorted(map(ascii, steering))}: {ascii(text)[-2000:]}"
        return text

    def _listing(self) -> list[tuple]:
        """All that is in the folder, by name, kind, size and time."""
        found = []
        for folder, folders, files in os.walk(os.fsencode(self.folder)):
            for name in [b"", *files, *(name for name in folders if os.path.islink(os.path.join(folder, name)))]:
                path = os.path.join(folder, name)
                status = os.lstat(path)
                size = 0 if stat.S_ISDIR(status.st_mode) else status.st_size
                found.append((path, status.st_mode, size, status.st_mtime_ns))
        return sorted(found)
