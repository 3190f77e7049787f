"""A test that is skipped fails: the shared conftest.py sees to that."""

import os
import subprocess

import pytest


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("def test_it(): pass", 0),
        ("import pytest\ndef test_it(): pytest.skip('no time')", 1),
        ("import pytest\n@pytest.mark.skipif(True, reason='no time')\ndef test_it(): pass", 1),
        ("import pytest\npytest.skip('no time', allow_module_level=True)", 2),
        ("import pytest\n@pytest.mark.xfail\ndef test_it(): assert False", 1),
        ("import pytest\npytest.importorskip('no_such_module')", 2),
        ("", 5),
    ],
)
def test_what_is_skipped_fails(tmp_path, repo, venv_python, text, code):
    (tmp_path / "test_sample.py").write_text(text)
    done = subprocess.run(
        [venv_python, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider", "test_sample.py"],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(repo / "Tests")}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == code, done.stdout
