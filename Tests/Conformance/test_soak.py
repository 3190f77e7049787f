"""Many prompts over a bad network, in the same way each time."""

import itertools
import random

from fault_proxy import Fault, Request
from faults import PASSING
from jobs import JobFolder
from registries import State

COUNT = 200
# Those that only take long are left out.
FAULTS = [fault for fault in PASSING.values() if not fault.seconds]


def test_a_bad_network_for_many_prompts(remote, tmp_path):
    """Three in ten requests fail, in every way in turn, and all is well in the end."""
    job = JobFolder(tmp_path / "job", aliases=["production", "staging"], schema=remote.schema)
    for index in range(COUNT):
        job.add(f"p{index:03}", f"Text {index} {{{{x}}}}")
    job.write()
    source, faults, spoilt = random.Random(7), itertools.cycle(FAULTS), []

    def choose(request: Request) -> Fault | None:
        if source.random() >= 0.3:
            return None
        spoilt.append(request.is_write)
        return next(faults)

    remote.proxy.choose = choose
    # Many at a time, as many wait for what may still take effect.
    flags = ["--registry", remote.uri, "--schema", remote.schema, "--timeout", "5m", "--concurrency", "64"]
    flags += ["--format", "json", "--verbose"]
    ended = remote.program("run", job.path, *flags, env=remote.environment)
    summary = ended.report["summary"]
    assert (summary["created"], summary["aliases_set"]) == (COUNT, 2 * COUNT) and spoilt.count(True) > COUNT
    # Below promptreg nothing repeats a write by itself.
    told = sum(line.startswith("POST ") for line in ended.err.splitlines())
    assert told == sum(request.method == "POST" for request in remote.proxy.requests)
    remote.proxy.clear()
    assert remote.state() == {
        prompt.full_name: State({1: prompt.template}, {"production": 1, "staging": 1})
        for prompt in job.expected.values()
    }
    remote.plan(job.path, "--detailed-exitcode")
