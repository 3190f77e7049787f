"""What a terminal gets that a file does not: a progress line and colours."""

import re

import generated_job
import pexpect
import pytest

COUNT = 1_500
CLEAR = "\r\x1b[2K"


def on_a_terminal(workspace, *arguments, **environment) -> tuple[str, int]:
    """What promptreg prints on a terminal, and its exit code."""
    child = pexpect.spawn(
        "promptreg", list(arguments), cwd=str(workspace.folder), env=workspace.environment | environment,
        dimensions=(24, 100), timeout=60, encoding="utf-8",
    )  # fmt: skip
    output = child.read()
    child.wait()
    return output, child.exitstatus


@pytest.fixture(scope="module")
def long_job(shared_workspace):
    """A workspace whose job takes so long that a progress line is due."""
    generated_job.make(shared_workspace.folder, COUNT)
    return shared_workspace


def test_a_long_run_shows_a_progress_line_and_takes_it_away(long_job):
    output, code = on_a_terminal(long_job, "run", "jobs/generated.yaml")
    assert code == 0
    counts = [int(number) for number in re.findall(rf"registered (\d+) of {COUNT} prompts", output)]
    assert counts
    assert counts == sorted(set(counts))
    *_, rest = output.split(CLEAR)
    assert output.count(CLEAR) == len(re.findall(r"\x1b\[2K\w", output)) + 1, "the last one leaves an empty line"
    assert rest.startswith("\x1b[1mgenerated\x1b[0m → file:")
    assert "prompts\r\n" not in output


@pytest.mark.parametrize(
    ("flags", "environment"),
    [(["--no-progress"], {}), (["--quiet"], {}), ([], {"TERM": "dumb"})],
    ids=["no-progress", "quiet", "dumb"],
)
def test_a_progress_line_that_is_not_wanted(long_job, flags, environment):
    output, code = on_a_terminal(long_job, "run", "jobs/generated.yaml", "--force", *flags, **environment)
    assert code == 0
    assert "\x1b[2K" not in output
    assert f"of {COUNT} prompts" not in output


def test_without_a_terminal_there_is_none(long_job):
    done = long_job.run("run", "jobs/generated.yaml", "--force")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_a_short_run_shows_none(workspace):
    generated_job.make(workspace.folder, 3)
    output, code = on_a_terminal(workspace, "run", "jobs/generated.yaml")
    assert code == 0
    assert CLEAR not in output


@pytest.mark.parametrize(
    ("flags", "environment", "colored"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_on_a_terminal(workspace, flags, environment, colored):
    generated_job.make(workspace.folder, 2)
    for command in ("plan", "run"):
        output, code = on_a_terminal(workspace, command, "jobs/generated.yaml", *flags, **environment)
        assert code == 0
        assert ("\x1b[" in output) == colored
    (workspace.folder / "prompts" / "p0.md").unlink()
    output, code = on_a_terminal(workspace, "validate", "jobs/generated.yaml", *flags, **environment)
    assert code == 65
    assert ("\x1b[" in output) == colored


def test_nothing_is_asked_on_a_terminal(workspace):
    generated_job.make(workspace.folder, 2)
    output, code = on_a_terminal(workspace, "run", "jobs/generated.yaml", "--color", "never")
    assert code == 0
    assert "?" not in output


def test_control_characters_of_a_registry_do_not_reach_the_terminal(workspace):
    generated_job.make(workspace.folder, 1, "Old \x1b]0;title\x07 {{{{query}}}} \x1b[31mred\x9b31m\n")
    assert on_a_terminal(workspace, "run", "jobs/generated.yaml")[1] == 0
    generated_job.make(workspace.folder, 1, "New {{{{query}}}}\n")
    output, code = on_a_terminal(workspace, "plan", "jobs/generated.yaml", "--color", "never")
    assert code == 0
    assert "red" in output
    assert not re.findall(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]", output)


def test_views_show_no_control_characters_and_load_gives_every_byte(workspace):
    template = "New \x1b]0;title\x07 {{{{query}}}} \x1b[31mred\x9b31m\n"
    generated_job.make(workspace.folder, 1, "Old {{{{query}}}}\n")
    assert on_a_terminal(workspace, "run", "jobs/generated.yaml")[1] == 0
    generated_job.make(workspace.folder, 1, template)
    message = ["--message", "why \x1b[5m\x07 not"]
    assert on_a_terminal(workspace, "run", "jobs/generated.yaml", *message)[1] == 0
    name = "main.many.prompt_p0"
    for arguments in (["list"], ["show", name], ["show", f"{name}/2"], ["diff", f"{name}/1", f"{name}/2"], ["history", name]):
        for flags in (["--color", "never"], ["--format", "json"]):
            output, code = on_a_terminal(workspace, *arguments, *flags)
            assert code == 0
            assert not re.findall(r"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f]", output)
        assert "\x1b[1m" in on_a_terminal(workspace, *arguments)[0]
    # A template is data, wherever it goes.
    assert on_a_terminal(workspace, "load", name, "--quiet") == (template.format().removesuffix("\n"), 0)
