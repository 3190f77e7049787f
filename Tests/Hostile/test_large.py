"""What is large in a registry or a report: limits on time and memory are the sandbox's, and the output has one here."""

import json

import pytest

SPEC = "version: 1\njob: x\ncatalog: a\nschema: b\naliases: [live]\nprompts_dir: prompts\n"
NAME = "a.b.prompt_a"
MOST_OUTPUT = 8 << 20
COMMANDS = [
    ["plan", "job.yaml"], ["plan", "job.yaml", "--format", "json"], ["list"], ["show", NAME], ["show", f"{NAME}/1"],
    ["history", NAME], ["diff", "job.yaml"], ["diff", "job.yaml", "--format", "json"], ["load", f"prompts:/{NAME}/1"],
    ["rollback", NAME, "--alias", "live", "--dry-run"], ["load", f"prompts:/{NAME}/1", "--format", "json"],
]  # fmt: skip


@pytest.fixture
def box(sandbox):
    """A job of one prompt that was run."""
    sandbox.write("job.yaml", SPEC)
    sandbox.write("prompts/a.md", "Hello {{x}}\n")
    sandbox.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
    return sandbox


def nested(opening: str, middle: str, closing: str, depth: int, count: int = 1) -> str:
    item = opening * depth + middle + closing * depth
    return item if count == 1 else "[" + ",".join([item] * count) + "]"


# About 400 kB each.
VALUES = {
    "deep_lists": nested("[", "", "]", 200_000),
    "deep_objects": nested('{"a":', "1", "}", 65_000),
    "open_lists": "[" * 400_000,
    "many_nested_lists": nested("[", "", "]", 500, 400),
    "many_nested_objects": nested('{"a":', "1", "}", 500, 130),
    "empty_lists": nested("[", "", "]", 1, 130_000),
    "empty_objects": nested("{", "", "}", 1, 130_000),
    "keys": json.dumps({f"k{n}": n for n in range(25_000)}),
    "messages": json.dumps([{"role": "user", "content": "{{x}}"}] * 10_000),
    "other_messages": json.dumps([{"role": f"r{n}", "content": f"{n}"} for n in range(10_000)]),
    "journal": json.dumps([{"alias": f"a{n}", "from": 1, "to": 1, "at": "x"} for n in range(8_000)]),
    "variables": "".join(f"{{{{v{n}}}}}" for n in range(40_000)),
    "lines": "a\n" * 200_000,
    "numbered_lines": "".join(f"{n}\n" for n in range(60_000)),
    "empty_lines": "\n" * 400_000,
}
TAGS = [
    "mlflow.prompt.text", "_mlflow_prompt_type", "_mlflow_prompt_model_config", "_mlflow_prompt_response_format", "promptreg_tags",
    "promptreg_key", "team",
]  # fmt: skip


def look(box, command) -> None:
    ended = box.run(*command, "--registry", "file:mlruns", codes={0, 1, 64, 65, 69})
    assert len(ended.out) + len(ended.err) < MOST_OUTPUT, (command, len(ended.out), len(ended.err))


@pytest.mark.parametrize("name", VALUES)
def test_a_large_tag(name, box):
    """A small registry is not what makes a command slow."""
    model = box.folder / "mlruns" / "models" / NAME
    version = model / "version-1" / "tags"
    for tag in [version / tag for tag in TAGS] + [model / "tags" / tag for tag in ("promptreg_alias_log", "team")]:
        original = tag.read_bytes() if tag.exists() else None
        tag.write_text(VALUES[name])
        for command in COMMANDS:
            look(box, command)
        if original is None:
            tag.unlink()
        else:
            tag.write_bytes(original)


@pytest.mark.parametrize("name", VALUES)
def test_a_large_chat(name, box):
    tags = box.folder / "mlruns" / "models" / NAME / "version-1" / "tags"
    (tags / "_mlflow_prompt_type").write_text("chat")
    (tags / "mlflow.prompt.text").write_text(VALUES[name])
    for command in COMMANDS:
        look(box, command)
    # Against a chat as well.
    (box.folder / "prompts" / "a.md").unlink()
    messages = [{"role": "user", "content": f"other {n}"} for n in range(500)]
    box.write("prompts/a.chat.yaml", json.dumps(messages))
    for command in (["plan", "job.yaml"], ["diff", "job.yaml"]):
        look(box, command)


@pytest.mark.parametrize("text", ["\n" * 15_000_000, "a\n" * 7_000_000, "x" * 15_000_000, "".join(f"{n}\n" for n in range(1_900_000))])
def test_a_text_with_very_many_lines(text, box):
    """The diff is cut, and says how much was left out."""
    (box.folder / "mlruns" / "models" / NAME / "version-1" / "tags" / "mlflow.prompt.text").write_text(text)
    box.write("prompts/a.md", "".join(f"line {n}\n" for n in range(9_000)))
    for command in (["plan", "job.yaml"], ["diff", "job.yaml"], ["plan", "job.yaml", "--format", "json"]):
        look(box, command)
    ended = box.plan("job.yaml", "--registry", "file:mlruns")
    lines = text.count("\n") + ("\n" not in text)
    left_out = [int(word) for line in ended.out.splitlines() if "left out" in line for word in line.split() if word.isdigit()]
    assert left_out and max(left_out) > lines - 6_000, ended.out[-2_000:]


REPORT_CODES = {0, 1, 64, 65, 69, 75}


@pytest.fixture
def reported(box):
    """The report of a run that moved an alias, in a registry of three prompts."""
    for name in ("b", "c"):
        box.write(f"prompts/{name}.md", "Hello {{x}}\n")
    box.write("prompts/a.md", "Other {{x}}\n")
    box.run("run", "job.yaml", "--registry", "file:mlruns", "--report", "report.json", codes={0}, writes=True)
    return json.loads((box.folder / "report.json").read_text())


def roll_back(box, report: dict, codes=REPORT_CODES, is_counted=True):
    """Rolls back by a report, whose summary tells of its alias moves where they are counted."""
    if is_counted:
        done = [alias for prompt in report["prompts"] for alias in prompt["aliases"] if alias["status"] == "ok"]
        removed = sum(alias["action"] == "remove" for alias in done)
        moved = sum(alias["action"] in ("set", "move") for alias in done)
        report = report | {"summary": report["summary"] | {"aliases_set": moved, "aliases_removed": removed}}
    box.write("report.json", json.dumps(report))
    return box.run("rollback", "--from-report", "report.json", "--dry-run", codes=codes)


def test_a_report_of_very_many_entries(box, reported):
    """For three prompts, which it names again and again, or with as many aliases or names."""
    prompts = reported["prompts"]
    assert len(prompts) == 3
    ended = roll_back(box, reported | {"prompts": prompts * 20_000}, codes={65})
    assert "twice" in ended.err
    aliases = [prompts[0]["aliases"][0] | {"alias": f"a{n}", "previous_version": n % 50_000} for n in range(20_000)]
    roll_back(box, reported | {"prompts": [prompt | {"aliases": aliases} for prompt in prompts]})
    same = [alias | {"action": "remove", "previous_version": 1, "version": None} for alias in aliases]
    roll_back(box, reported | {"prompts": [prompt | {"aliases": same} for prompt in prompts]})
    names = [prompts[0] | {"name": f"p{n}", "full_name": f"a.b.prompt_{n}"} for n in range(20_000)]
    roll_back(box, reported | {"prompts": names})


def test_a_report_that_names_something_twice_is_refused(box, reported):
    """It was tampered with: which of the two is meant cannot be known."""
    [prompt] = [prompt for prompt in reported["prompts"] if prompt["name"] == "a"]
    for second in ({"previous_version": 7}, {"status": "held"}, {"action": "unchanged"}, {"version": None}, {}):
        twice = prompt | {"aliases": [*prompt["aliases"], prompt["aliases"][0] | second]}
        ended = roll_back(box, reported | {"prompts": [twice]}, codes={65})
        assert f"it names the alias 'live' of '{NAME}' twice" in ended.err
    ended = roll_back(box, reported | {"prompts": [prompt, prompt | {"aliases": []}]}, codes={65})
    assert f"it names the prompt '{NAME}' twice" in ended.err
    assert roll_back(box, reported, codes={0}).code == 0


def test_a_report_that_contradicts_itself_is_refused(box, reported):
    [prompt] = [prompt for prompt in reported["prompts"] if prompt["name"] == "a"]
    [move] = prompt["aliases"]
    assert move["action"] == "move"
    for change in ({"previous_version": None}, {"version": None}, {"action": "set"}, {"action": "remove"}):
        altered = reported | {"prompts": [prompt | {"aliases": [move | change]}]}
        assert "it does not tell from where to where" in roll_back(box, altered, codes={65}).err
    for altered in (
        {"prompts": [prompt | {"aliases": []}]},
        {"prompts": []},
        {"refused": True},
        {"summary": reported["summary"] | {"aliases_set": 0}},
    ):
        ended = roll_back(box, reported | altered, codes={65}, is_counted=False)
        assert "its summary tells of other alias moves" in ended.err


# Very many names, each of which may be a slip of another: a hint for each would take minutes.
LIKE_ANOTHER = range(9_000)


def test_very_many_values_without_a_variable(box):
    box.write("t.md", "".join(f"{{{{var{n}}}}}" for n in LIKE_ANOTHER))
    box.write("values.yaml", "".join(f"vr{n}: x\n" for n in LIKE_ANOTHER))
    ended = box.run("render", "t.md", "--values", "values.yaml", codes={65})
    assert "is it meant for this one?" in ended.err and len(ended.err) < MOST_OUTPUT


def test_very_many_cases_of_unknown_prompts(box):
    box.write("job.yaml", SPEC + "prompts:\n" + "".join(f"  prompt_{n}: {{file: a.md}}\n" for n in range(3_000)))
    box.write("cases.yaml", "".join(f"- {{prompt: promt_{n}, checks: {{contains: x}}}}\n" for n in range(6_000)))
    ended = box.run("try", "job.yaml", "--cases", "cases.yaml", "--registry", "file:mlruns", codes={65})
    assert "did you mean" in ended.err and len(ended.err) < MOST_OUTPUT


def test_very_many_messages_without_a_role(box):
    (box.folder / "prompts" / "a.md").unlink()
    for number in range(10):
        box.write(f"prompts/p{number}.chat.yaml", "- {rol: user, contnt: x}\n" * 15_000)
    assert len(box.validate("job.yaml").err) < MOST_OUTPUT


def test_very_many_prompts_that_differ(box):
    """What is written back takes no longer for each when there are more."""

    def write(description: str) -> None:
        entries = "".join(f"  p{n}: {{file: a.md, description: {description} {n}}}\n" for n in range(2_000))
        box.write("job.yaml", SPEC + "prompts:\n" + entries)

    write("old")
    box.run("run", "job.yaml", "--registry", "file:mlruns", codes={0}, writes=True)
    write("new")
    box.run("pull", "job.yaml", "--registry", "file:mlruns", "--force", codes={0}, writes=True)
    assert "description: old 1999}" in (box.folder / "job.yaml").read_text()
