"""The arrows between the modules are the ones of the design, and the rules of the source hold."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ARROWS = {
    "CYAML": set(),
    "CLinux": set(),
    "CCurl": set(),
    "Support": {"CLinux"},
    "Diagnostics": {"Support"},
    "YAML": {"CYAML", "Diagnostics", "Support"},
    "Templates": {"Diagnostics", "Support"},
    "Prompts": {"Diagnostics", "Support", "Templates"},
    "Jobs": {"CLinux", "Diagnostics", "Prompts", "Support", "Templates", "YAML"},
    "Planning": {"Jobs", "Prompts", "Support"},
    "Execution": {"Jobs", "Planning", "Prompts", "Support"},
    "Views": {"Diagnostics", "Jobs", "Planning", "Prompts", "Support"},
    "FileRegistry": {"CLinux", "Prompts", "Support", "YAML"},
    "HTTP": {"CCurl", "Support"},
    "MLflowServer": {"HTTP", "Prompts", "Support"},
    "UnityCatalog": {"HTTP", "Prompts", "Support"},
    "ChatModels": {"HTTP", "Support"},
    "Tracing": {"FileRegistry", "HTTP", "MLflowServer", "Prompts", "Support"},
    "PromptClient": {
        "Diagnostics", "FileRegistry", "HTTP", "MLflowServer", "Prompts", "Support", "Templates", "Tracing",
        "UnityCatalog",
    },
    "Health": {"FileRegistry", "HTTP", "MLflowServer", "Prompts", "Support", "UnityCatalog"},
    "Evidence": {"Jobs", "Planning", "Prompts", "Support", "Tracing"},
    "Reporting": {
        "Diagnostics", "Evidence", "Execution", "Health", "Jobs", "Planning", "Prompts", "Support", "Tracing", "Views",
    },
    "ArgumentParsing": set(),
    "HealthMonitor": {"PromptClient"},
}
C_LIBRARIES = {"CYAML", "CLinux", "CCurl"}
ARROWS["promptreg"] = set(ARROWS) - C_LIBRARIES - {"HealthMonitor"} | {"CLinux"}

# FoundationNetworking is not among them: the transport is libcurl, loaded at the first request.
TOOLCHAIN = {"FoundationEssentials", "Glibc", "Synchronization", "Dispatch"}
# The example has what everybody has who copies it.
EXAMPLES = {"HealthMonitor": {"Foundation", "FoundationNetworking"}}
TOP_LEVEL = {"Package.swift", "Sources", "Tests", "prompts", "jobs", "README.md", "LICENSE"}
LINE_LIMIT = 320
LONG_FILES: dict[str, str] = {}

REPO = Path(__file__).resolve().parents[2]
MODULES = {path.name for path in (REPO / "Sources").iterdir()}
SWIFT_FILES = sorted((REPO / "Sources").rglob("*.swift"))
each_file = pytest.mark.parametrize("path", SWIFT_FILES, ids=lambda path: str(path.relative_to(REPO / "Sources")))


@pytest.fixture(scope="session")
def package() -> dict:
    """The manifest as SwiftPM reads it."""
    dump = subprocess.run(
        ["swift", "package", "dump-package"], cwd=REPO, check=True, capture_output=True, text=True
    )
    return json.loads(dump.stdout)


def imports(path: Path) -> set[str]:
    """The modules that a file imports."""
    attribute = r"@\w+(?:\(\w+\))?\s+"
    access = r"(?:package|internal|public|private|fileprivate)\s+"
    kind = r"(?:struct|class|enum|protocol|func|var|typealias)\s+"
    return set(re.findall(rf"^(?:{attribute}|{access})*import\s+(?:{kind})?(\w+)", path.read_text(), re.MULTILINE))


def code(path: Path) -> str:
    """A file's text without comments and without what stands inside of string literals.

    An interpolation keeps its code; the braces around it become blanks.
    """
    text, kept, position = path.read_text(), [], 0
    # Each entry is the delimiter of a literal that is open, or the depth of the interpolation within it.
    stack: list = []
    token = re.compile(r'//[^\n]*|/\*.*?\*/|#*"""|#*"|[()]|\\#*\(|\\.|.', re.DOTALL)
    while position < len(text):
        part = token.match(text, position)[0]
        position += len(part)
        literal = stack[-1] if stack and isinstance(stack[-1], str) else None
        if literal is None:
            if part.startswith(("//", "/*")):
                continue
            if part.endswith('"'):
                stack.append(part)
                continue
            if stack and part in "()":
                stack[-1] += 1 if part == "(" else -1
                if stack[-1] == 0:
                    stack.pop()
            kept.append(part)
            continue
        hashes = literal.count("#")
        quote = literal.lstrip("#")
        if text.startswith(quote + "#" * hashes, position - len(part)) and not part.startswith("\\"):
            position += len(quote) + hashes - len(part)
            stack.pop()
        elif part == "\\" + "#" * hashes + "(":
            stack.append(1)
            kept.append(" ")
        elif part.startswith("\\") and (part.endswith("(") or hashes):
            position -= len(part) - 1
        elif len(part) > 1 and not part.startswith("\\"):
            position -= len(part) - 1
        if "\n" in part:
            kept.append("\n" * part.count("\n"))
    return "".join(kept)


def test_literals_and_comments_are_no_code(tmp_path):
    path = tmp_path / "Sample.swift"
    path.write_text(
        'let a = "try! \\(b! + "x!" ) \\" c!" // d!\n/* e! */ let f = #"g! \\"h"# + """\n i! "j" k!\n"""; l!\n'
    )
    assert code(path).split() == "let a = b! + ) let f = + ; l!".split()


def test_the_modules_are_those_of_the_design():
    assert MODULES == set(ARROWS)


@each_file
def test_imports_follow_the_arrows(path):
    module = path.relative_to(REPO / "Sources").parts[0]
    assert imports(path) <= ARROWS[module] | TOOLCHAIN | EXAMPLES.get(module, set())


@pytest.mark.parametrize("module", sorted(MODULES - C_LIBRARIES - {"promptreg"}))
def test_no_arrow_is_unused(module):
    used = set().union(*(imports(path) for path in SWIFT_FILES if path.is_relative_to(REPO / "Sources" / module)))
    assert used & set(ARROWS) == ARROWS[module]


def test_the_manifest_has_these_arrows(package):
    targets = {
        target["name"]: target
        for target in package["targets"]
        if target["type"] != "test" and not (target.get("path") or "").startswith("Tests/")
    }
    assert set(targets) == MODULES
    for name, target in targets.items():
        dependencies = {next(iter(each.values()))[0] for each in target["dependencies"]}
        if name == "promptreg":
            assert dependencies <= ARROWS[name]
        else:
            assert dependencies == ARROWS[name], name


def test_there_are_no_package_dependencies(package):
    assert package["dependencies"] == []
    assert re.search(r"^ *dependencies: \[\],$", (REPO / "Package.swift").read_text(), re.MULTILINE)


def test_every_module_but_the_program_has_unit_tests(package):
    tested = {target["name"] for target in package["targets"] if target["type"] == "test"}
    assert {f"{name}Tests" for name in MODULES - C_LIBRARIES - {"promptreg"}} <= tested


def test_the_language_mode_and_its_strictness(package):
    assert package["swiftLanguageVersions"] == ["6"]
    for target in package["targets"]:
        if target["type"] not in ("system",):
            kinds = {next(iter(setting["kind"])) for setting in target["settings"]}
            assert {"treatAllWarnings", "enableUpcomingFeature"} <= kinds, target["name"]


def test_only_the_program_has_unsafe_flags(package):
    # SwiftPM refuses to build a library of another package when one of its targets has them.
    unsafe = {
        target["name"]
        for target in package["targets"]
        for setting in target["settings"]
        if "unsafeFlags" in setting["kind"]
    }
    assert unsafe == {"promptreg"}


def test_the_top_level_has_what_it_may_have():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=REPO, check=True,
        capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    top = {path.split("/")[0] for path in listed if (REPO / path).exists()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_main_is_short():
    assert len((REPO / "Sources/promptreg/main.swift").read_text().splitlines()) < 10


@each_file
def test_nothing_crashes_on_purpose(path):
    text = code(path)
    assert not re.findall(r"\btry!|\bas!|\bfatalError\b|\bpreconditionFailure\b|nonisolated\(unsafe\)", text)
    # A postfix `!`: after a name, a bracket or a `?`, and not before `=`, which would be a comparison.
    assert not re.findall(r"[^\n]*[\w\])?]!(?!=)[^\n]*", text)


@each_file
def test_files_are_short(path):
    lines = len(path.read_text().splitlines())
    if str(path.relative_to(REPO)) in LONG_FILES:
        assert lines > LINE_LIMIT, "it is short enough to be no exception any more"
    else:
        assert lines <= LINE_LIMIT


@each_file
def test_no_work_is_left_open(path):
    assert not re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b", path.read_text())


def test_programs_are_started_in_one_place():
    """Whatever else were started could get the tokens of the environment, or outlive a signal."""
    starts = r"\b(?:posix_spawnp?|v?fork|exec[lv]p?e?|popen|system|Process)\("
    starters = {path.name for path in SWIFT_FILES if re.search(starts, code(path))}
    assert starters == {"ChildProcess+Start.swift"}
    users = {path.name for path in SWIFT_FILES if re.search(r"\bChildProcess\(", code(path))}
    assert users == {"Git.swift", "LoginProgram.swift"}
