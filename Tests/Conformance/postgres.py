"""A PostgreSQL server of a test's own, for MLflow servers as teams have them."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

# What a crash of the machine would lose is of no interest here.
SETTINGS = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=200"]


def programs() -> Path:
    """The folder of PostgreSQL's programs, which Debian has outside of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "there is no PostgreSQL: apt-get install postgresql"
    return found[-1]


class Postgres:
    """A server in a temporary folder, which only programs on this machine reach, through a socket in that folder.

    PostgreSQL refuses to work for root, so that root starts it as the user that Debian's package makes.
    """

    def __init__(self):
        # Outside of pytest's own folders, which other users may not look into, and with a short name, as sockets need.
        self.folder = Path(tempfile.mkdtemp(prefix="promptreg-pg-"))
        self.as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        if self.as_user:
            shutil.chown(self.folder, "postgres", "postgres")
        data = self.folder / "data"
        made = self._run("initdb", "-D", data, "-A", "trust", "-U", "promptreg", "-E", "UTF8", "--no-sync")
        assert made.returncode == 0, made.stdout
        flags = [flag for setting in SETTINGS for flag in ("-c", setting)]
        with (self.folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", data, "-k", self.folder, *flags],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.as_user,
            )
        self._wait()

    def _run(self, program: str, *arguments) -> subprocess.CompletedProcess:
        return subprocess.run(
            [programs() / program, *arguments],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **self.as_user,
        )

    def _wait(self) -> None:
        for _ in range(300):
            if self._run("pg_isready", "-h", self.folder, "-q").returncode == 0:
                return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)
        self.stop()
        raise AssertionError("PostgreSQL did not start")

    @property
    def store(self) -> str:
        """The address for MLflow."""
        return f"postgresql+psycopg2://promptreg@/postgres?host={self.folder}"

    def stop(self) -> None:
        """Ends it, and forgets all that it held."""
        # Whoever is connected is cut off.
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder)
