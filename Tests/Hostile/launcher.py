"""Starts processes for the tests, from a process that is small.

Linux counts the memory that a process had before `exec` as its own, so that one started by a test runner with all
of MLflow in it would seem to have needed as much. Requests and answers are JSON, one a line. A signal may be sent to
the program a while after it began; the limit of time counts from there.
"""

import base64
import json
import os
import resource
import select
import subprocess
import sys
import time


def start(request: dict) -> dict:
    """Runs a program to its end, or for as long as it may run."""
    files = [os.memfd_create(name) for name in ("out", "err")]
    stdin = os.open(request["stdin"], os.O_RDONLY)
    try:
        process = subprocess.Popen(
            [base64.b64decode(word) for word in request["command"]],
            cwd=request["folder"],
            env={name: base64.b64decode(value) for name, value in request["environment"].items()},
            stdin=stdin,
            stdout=files[0],
            stderr=files[1],
        )
        limit = request["address_space"]
        resource.prlimit(process.pid, resource.RLIMIT_AS, (limit, limit))
        watched = os.pidfd_open(process.pid)
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        began = time.monotonic()
        ended = False
        if request.get("signal"):
            ended = bool(poll.poll(request["signal_after"] * 1000))
            if not ended:
                process.send_signal(request["signal"])
                began = time.monotonic()
        in_time = ended or bool(poll.poll(request["seconds"] * 1000))
        seconds = time.monotonic() - began
        os.close(watched)
        if not in_time:
            process.kill()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        contents = [os.pread(file, os.fstat(file).st_size, 0) for file in files]
    finally:
        for file in [*files, stdin]:
            os.close(file)
    return {
        "code": process.returncode,
        "in_time": in_time,
        # How long it ran, or went on after the signal.
        "seconds": seconds,
        "kilobytes": usage.ru_maxrss,
        "output": [base64.b64encode(content).decode() for content in contents],
    }


for line in sys.stdin:
    print(json.dumps(start(json.loads(line))), flush=True)
