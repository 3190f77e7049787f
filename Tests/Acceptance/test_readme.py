"""README.md says what is so."""

import itertools
import json
import re
import shutil
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import transcript
from readme import SHOWN_FOLDER, Readme
from workspace import make_workspace


class Model(BaseHTTPRequestHandler):
    """A model that pages whatever it is asked."""

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        usage = {"prompt_tokens": 30, "completion_tokens": 9, "total_tokens": 39}
        choice = {"message": {"role": "assistant", "content": "page, as somebody has to make room."}}
        content = json.dumps({"choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def model():
    """The address of a model."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    server.shutdown()


@pytest.fixture
def check(tmp_path, repo, promptreg, version, model):
    """Checks a README's text."""
    numbers = itertools.count()

    def workspace():
        base = tmp_path / str(next(numbers))
        base.mkdir()
        made = make_workspace(base, promptreg, version)
        made.environment["OPENAI_BASE_URL"] = model
        for name in ("jobs", "prompts"):
            shutil.copytree(repo / name, made.folder / name)
        for command in ("init --quiet --initial-branch main", "add .", "commit --quiet --message Start"):
            subprocess.run(["git", *command.split()], cwd=made.folder, env=made.environment, check=True)
        return made

    def replacements(made):
        replace = transcript.Replacements(made.folder, version)
        return lambda text: replace(text.replace(SHOWN_FOLDER, str(made.folder)))

    return lambda document: Readme(document).check(workspace, replacements)


def test_the_readme(repo, check):
    text = (repo / "README.md").read_text()
    assert Readme(text).tested_count > 0, "README.md shows no command that is tested"
    problems = check(text)
    if problems:
        pytest.fail("\n\n".join(problems), pytrace=False)


def test_the_two_commands_of_the_readme(repo):
    """The first installs what is missing and runs the job; the second runs the tests, this one among them."""
    install, *_, first, second = Readme((repo / "README.md").read_text()).of_kind("sh")
    # Tests/Packages installs both packages.
    assert install.lines[0].startswith("pip install dist/promptreg_cli-")
    assert second.lines == ["Tests/run"]
    done = subprocess.run(
        ["bash", "-c", "\n".join(first.lines)], cwd=repo, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # Run again in the same clone, nothing is left to register.
    assert re.search(r"Successfully registered: [08]\nErrors: 0\n\Z", done.stdout), done.stdout


def block(info: str, *lines: str, mark: str = "") -> str:
    return "\n".join([mark, f"```{info}", *lines, "```", ""])


SPEC = ["version: 1", "job: small", "prompts_dir: ../prompts"]
WORKFLOW = [
    "on: push",
    "jobs:",
    "  prompts:",
    "    runs-on: ubuntu-latest",
    "    steps:",
    "      - uses: actions/checkout@v4",
    "      - run: |",
    "          promptreg run jobs/health_monitor.yaml --registry file:x \\",
    "            --report '${{ runner.temp }}/run.json'",
]

GOOD = [
    block("console", "$ promptreg validate jobs/health_monitor.yaml", "jobs/health_monitor.yaml: ok, 8 prompts"),
    block(
        "console", "$ promptreg run jobs/health_monitor.yaml --select cost_worker",
        f"health_monitor → file:{SHOWN_FOLDER}/mlruns  (target local)", "...", "Errors: 0",
        f"made a new registry: file:{SHOWN_FOLDER}/mlruns",
    ),
    block("console", "$ promptreg run jobs/health_monitor.yaml --select cost_worker"),
    block(
        "console", "$ promptreg run jobs/health_monitor.yaml --select csot_worker",
        "error: --select 'csot_worker' matches no prompt of the job",
        "    help: did you mean 'cost_worker'?", "[exit 64]",
    ),
    block("sh", "promptreg plan jobs/health_monitor.yaml", mark="<!-- test: run -->"),
    block("sh", "swift build -c release", "promptreg run jobs/health_monitor.yaml -t local"),
    block("sh", "Tests/run", "cp .build/release/promptreg /usr/local/bin/"),
    block("python", "import os", "assert os.path.exists('mlruns/models')"),
    block("yaml", *SPEC),
    block("yaml", *WORKFLOW),
    block("json", '{"schema_version": 1}'),
]  # fmt: skip

BAD = [
    block("console", "$ promptreg validate jobs/health_monitor.yaml", "jobs/health_monitor.yaml: ok, 9 prompts"),
    block("console", "$ promptreg validate jobs/gone.yaml"),
    block("console", "$ promptreg --version", "...", "more"),
    block("sh", "dpkg -s x || apt-get install x; swift run -c release promptreg plan --tarmac"),
    block("sh", "Tests/gone/run"),
    block("python", "import sys", "sys.exit(3)"),
    block("sh", "promptreg plan jobs/gone.yaml", mark="<!-- test: run -->"),
    block("sh", "X=1 promptreg run jobs/health_monitor.yaml --tarmac prod"),
    block("sh", "if true; then"),
    block("yaml", *SPEC, "promts: {}"),
    block("yaml", "a: [b"),
    block("yaml", *[line.replace("--registry", "--registrar") for line in WORKFLOW]),
    block("json", "{…}"),
]  # fmt: skip


def test_a_readme_that_is_right(check):
    assert Readme("\n".join(GOOD)).tested_count == 4
    assert check("\n".join(GOOD)) == []


@pytest.mark.parametrize("document", BAD)
def test_a_readme_that_is_wrong(check, document):
    assert len(check(document)) == 1


def test_a_readme_without_commands_is_not_tested():
    assert Readme("# promptreg\n\n```\n$ promptreg --version\n```\n").tested_count == 0


def test_the_picture_shows_what_the_program_prints(repo, tmp_path):
    drawn = tmp_path / "plan.svg"
    subprocess.run([sys.executable, repo / ".packaging" / "picture", drawn], check=True)
    kept = repo / ".github" / "plan.svg"
    assert drawn.read_text() == kept.read_text(), "draw it again: .build/venv/bin/python .packaging/picture"
    assert "](.github/plan.svg)" in (repo / "README.md").read_text()
