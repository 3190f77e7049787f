"""One test for each folder of cases/: the sessions of its case.md print what is written there.

Whatever JSON report a case leaves has to satisfy the schema of reports, and its numbers have to add up.
"""

import json
import re
import shutil
from pathlib import Path

import jsonschema
import pytest
import transcript

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in (HERE / "cases").glob("*/case.md"))


@pytest.fixture(scope="module")
def report_schema(shared_workspace) -> dict:
    """The schema of JSON reports."""
    return json.loads(shared_workspace.run("schema", "report").stdout)


@pytest.fixture(scope="module")
def lock_schema(shared_workspace) -> dict:
    """The schema of lock files."""
    return json.loads(shared_workspace.run("schema", "lock").stdout)


def check_reports(folder: Path, schema: dict, lock_schema: dict) -> None:
    """Checks the JSON reports and the lock files in a folder."""
    for path in filter(Path.is_file, folder.rglob("*.json")):
        try:
            report = json.loads(path.read_text())
        except ValueError:
            continue
        # What traces say and tries have a version, too, but no command.
        if not isinstance(report, dict) or not {"schema_version", "command"} <= report.keys():
            continue
        if path.name.endswith(".lock.json"):
            jsonschema.Draft202012Validator(lock_schema).validate(report)
            continue
        if "tool" not in report:
            continue
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(report)
        summary = dict(report["summary"])
        total = summary.pop("total")
        assert total == sum(count for name, count in summary.items() if not name.startswith("aliases_"))
        for name in ("failed", "not_run"):
            counted = sum(prompt["status"] == name for prompt in report["prompts"])
            assert summary[name] == counted or not report["prompts"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, workspace, report_schema, lock_schema, updates_expected_output):
    document = (case / "case.md").read_text()
    found = transcript.blocks(document)
    sessions = [(block, block.commands()) for block in found if block.info == "console"]
    commands = [command for _, block_commands in sessions for command in block_commands]
    assert commands, "the case runs nothing"

    named = re.search(r"<!-- base: (\w+) -->", document)
    base = named[1] if named else "agent"
    if base != "none":
        shutil.copytree(HERE / "base" / base, workspace.folder, dirs_exist_ok=True)
    shutil.copytree(
        case, workspace.folder, dirs_exist_ok=True, symlinks=True, ignore=shutil.ignore_patterns("case.md")
    )

    results = iter(workspace.session(commands))
    shown = [(block, [(each, next(results).lines(workspace.replace)) for each in each_block])
             for block, each_block in sessions]  # fmt: skip
    differences = [transcript.difference(command.expected, output, command)
                   for _, block_commands in shown for command, output in block_commands]  # fmt: skip
    differences = [text for text in differences if text]
    if differences and updates_expected_output:
        (case / "case.md").write_text(transcript.rewritten(document, shown))
        pytest.fail("case.md was rewritten; read what changed before you keep it", pytrace=False)
    if differences:
        pytest.fail("\n\n".join(differences), pytrace=False)
    check_reports(workspace.folder, report_schema, lock_schema)


def test_every_case_has_a_document():
    folders = {path for path in (HERE / "cases").iterdir() if path.is_dir()}
    assert folders == set(CASES)
