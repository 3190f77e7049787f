"""What templates, jobs and registries say cannot give commands to the runner of a CI system.

Each line that the program prints is read as the runners read it: GitHub's takes `::command::` at a line's start and
`##[command]` anywhere, Azure's agent `##vso[area.event]` anywhere. Only what shows findings and the report may be obeyed.
Commands whose output is data, such as load, are left out: they print it byte for byte.
"""

import json
import re

import pytest

COMMANDS = [
    "##vso[task.setvariable variable=PATH]/evil", "::add-mask::evil", "::set-output name=a::evil", "##[add-path]/evil",
    "###vso[task.complete result=Succeeded;]", "##[group]x",
]  # fmt: skip
# A line of its own each, and all in one.
TEXT = "\n".join(["Hello {{x}}", *COMMANDS, " ".join(COMMANDS), "\t ::warning::evil", "\u2003::error::evil"])
SYSTEMS = {"github": {"GITHUB_ACTIONS": "true"}, "azure": {"TF_BUILD": "True"}, "none": {}}
CODES = {0, 1, 2, 64, 65, 69, 75, 77}


def obeyed_by_github(line: str) -> str | None:
    """The command that GitHub's runner finds in a line: of the older form only where there is none of the newer."""
    if command := re.match(r"\s*::([\w-]+)(?: [^\n]*?)?::", line):
        return command[1]
    command = re.search(r"##\[([\w-]+)", line)
    return command and f"##[{command[1]}"


def obeyed_by_azure(line: str) -> str | None:
    """The command that Azure's agent finds in a line, wherever it begins: the first one."""
    command = re.search(r"##vso\[([\w.]+)", line)
    return command and command[1]


READERS = {"github": [obeyed_by_github], "azure": [obeyed_by_azure]}


def obeyed(text: str, system: str) -> set[str]:
    """The commands that the runner of a system finds, or those of all systems elsewhere."""
    readers = READERS.get(system, [obeyed_by_github, obeyed_by_azure])
    return {name for line in text.split("\n") for read in readers if (name := read(line))}


@pytest.fixture
def box(sandbox):
    """A job whose every text is a command."""
    spec = {
        "version": 1, "job": "evil", "description": TEXT, "catalog": "main", "schema": "s", "prompts_dir": "../prompts",
        "registry": "file:../mlruns", "aliases": ["production"],
        "prompts": {
            "a": {"file": "a.md", "description": TEXT, "tags": {"team": TEXT}, "model_config": {"note": TEXT}},
            "b": {"file": f"{COMMANDS[0].replace('/', '_')}.md"},
        },
    }  # fmt: skip
    sandbox.write("jobs/evil.yaml", json.dumps(spec))
    sandbox.write("prompts/a.md", TEXT)
    sandbox.write(f"prompts/{spec['prompts']['b']['file']}", "Hi {" + COMMANDS[0] + "}\n")
    return sandbox


@pytest.mark.parametrize("system", SYSTEMS)
def test_nothing_but_findings_and_the_summary_is_obeyed(box, system):
    env = dict(SYSTEMS[system])
    if system == "azure":
        env["AGENT_TEMPDIRECTORY"] = str(box.folder / "temp")
    allowed = {
        "github": {"error", "warning", "notice"}, "azure": {"task.logissue", "task.uploadsummary"}, "none": set(),
    }[system]  # fmt: skip
    seen = set()

    def check(*words: str) -> int:
        for more in ((), ("--verbose",), ("--format", "json")):
            done = box.run(*words, *more, codes=CODES, env=env, writes=True)
            found = obeyed(done.out, system) | obeyed(done.err, system)
            assert found <= allowed, f"{words} {more}: {found}"
            seen.update(found)
        return done.code

    job = "jobs/evil.yaml"
    check("plan", job)
    assert check("run", job) == 0
    box.write("prompts/a.md", TEXT + "\nmore")
    check("plan", job)
    check("run", job, "--message", COMMANDS[0])
    for words in (
        ["list", job], ["show", "prompts:/main.s.prompt_a@production"], ["history", job], ["doctor", job],
        ["diff", "prompts:/main.s.prompt_a/1", "prompts:/main.s.prompt_a/2"], ["verify", job],
        ["rollback", job, "--alias", "production"],
    ):  # fmt: skip
        check(*words)

    # Errors of all kinds: of the command line, of the job, of the templates, of the registry.
    for word in [*COMMANDS, TEXT]:
        check("plan", word)
        check("plan", job, "--select", word)
        check("plan", job, "--registry", word)
        check(word)
        check("show", f"prompts:/{word}@production")
    (model,) = box.folder.glob("mlruns/models/main.s.prompt_a")
    model.rename(box.folder / "away")
    model.symlink_to(COMMANDS[0].replace("/", "_"))
    check("run", job)
    box.write("prompts/a.md", "{{" + COMMANDS[0] + "}} {{#if}}{%" + TEXT)
    check("run", job)
    box.write(job, json.dumps({COMMANDS[0]: TEXT, "version": TEXT, "job": TEXT}))
    check("run", job)
    for form in ("text", "json", "gitlab", "github", "azure"):
        done = box.run("validate", job, "--format", form, codes=CODES, env=env)
        own = {"github": {"error", "warning", "notice"}, "azure": {"task.logissue"}}.get(form, set())
        assert obeyed(done.out, form) <= own and obeyed(done.err, system) <= allowed
    assert seen == allowed - {"notice"}, "nothing was shown that was to be"
