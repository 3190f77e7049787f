"""The wheel and the Debian package hold what they should, and are the same each time that they are made."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser

import pytest
from packing import PACKAGING, REPO, packed, write_stand_in

VERSION = re.search(r'toolVersion = "(.*)"', (REPO / "Sources/promptreg/Version.swift").read_text())[1]
INFO = f"promptreg_cli-{VERSION}.dist-info"
DATA = f"promptreg_cli-{VERSION}.data"
SHARED = {
    "man/man1/promptreg.1", "bash-completion/completions/promptreg", "zsh/site-functions/_promptreg",
    "fish/vendor_completions.d/promptreg.fish",
}  # fmt: skip


def test_packages_around_one_program_are_the_same_byte_for_byte(packages, tmp_path):
    other = write_stand_in(tmp_path / "renamed")
    os.utime(other, (1, 1))
    again = packed(other, tmp_path / "out")
    assert {name: path.name for name, path in again.items()} == {name: path.name for name, path in packages.items()}
    for name, path in packages.items():
        assert path.read_bytes() == again[name].read_bytes(), f"the {name} differs"


def test_the_wheel_is_named_after_the_program_s_version(packages, promptreg):
    said = subprocess.run([promptreg, "--version"], capture_output=True, text=True, check=True).stdout
    assert said == f"promptreg {VERSION}\n"
    assert re.fullmatch(rf"promptreg_cli-{re.escape(VERSION)}-py3-none-manylinux_2_34_\w+\.whl", packages["whl"].name)


def test_the_record_of_the_wheel_is_true(packages):
    with zipfile.ZipFile(packages["whl"]) as wheel:
        names = [entry.filename for entry in wheel.infolist()]
        assert names[-1] == f"{INFO}/RECORD", "the record has to come last"
        lines = wheel.read(names[-1]).decode().splitlines()
        assert [line.split(",")[0] for line in lines] == names
        for line in lines[:-1]:
            name, digest, size = line.split(",")
            content = wheel.read(name)
            found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            assert (digest, int(size)) == (f"sha256={found}", len(content))
        assert wheel.getinfo(f"{DATA}/scripts/promptreg").external_attr >> 16 & 0o777 == 0o755


def test_the_wheel_holds_program_man_page_completions_licences_and_sbom(packages, stand_in):
    with zipfile.ZipFile(packages["whl"]) as wheel:
        names = set(wheel.namelist())
        assert wheel.read(f"{DATA}/scripts/promptreg") == stand_in.read_bytes()
        assert {f"{DATA}/data/share/{name}" for name in SHARED} <= names
        about = Parser().parsestr(wheel.read(f"{INFO}/METADATA").decode())
        assert (about["Name"], about["Version"]) == ("promptreg-cli", VERSION)
        assert "Requires-Dist" not in about
        assert {f"{INFO}/licenses/{name}" for name in about.get_all("License-File")} <= names
        # A console script of that name would take the program's place, and take ten times as long to start.
        assert "console_scripts" not in wheel.read(f"{INFO}/entry_points.txt").decode()
        bill = json.loads(wheel.read(f"{INFO}/sboms/promptreg.cdx.json"))
    assert bill["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(stand_in.read_bytes()).hexdigest()
    assert {each["name"] for each in bill["components"]} == {"libyaml", "swift-runtime", "libstdc++"}


@pytest.mark.parametrize("flag", ["--target", "--prefix"])
def test_what_pip_installs_is_found_and_runs(packages, tmp_path, flag):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--ignore-installed"]
    subprocess.run([*pip, flag, tmp_path / "there", packages["whl"]], check=True, timeout=120)
    program = tmp_path / "there/bin/promptreg"
    said = subprocess.run([program, "x", "y z"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("called with x y z\n")
    folder = next((tmp_path / "there").rglob("promptreg_cli")).parent
    command = [sys.executable, "-m", "promptreg_cli", "x", "y z"]
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(folder)}
    again = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path)
    assert (again.returncode, again.stdout) == (0, said), again.stderr
    assert {str(path.relative_to(tmp_path / "there/share")) for path in (tmp_path / "there/share").rglob("*")
            if path.is_file()} == SHARED  # fmt: skip


def test_the_backend_is_one_of_the_standard_library(stand_in, tmp_path):
    """As pip calls it: nothing is downloaded, and the wheel is the one that the script makes."""
    environment = {**os.environ, "PROMPTREG_PROGRAM": str(stand_in), "SOURCE_DATE_EPOCH": "1790000000"}
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-index", "--no-deps", "--wheel-dir", tmp_path]
    subprocess.run([*pip, PACKAGING], env=environment, check=True, timeout=120)
    [wheel] = tmp_path.iterdir()
    again = packed(stand_in, tmp_path / "script")
    assert wheel.read_bytes() == again["whl"].read_bytes()


def test_the_debian_package_holds_the_same(packages, stand_in, tmp_path):
    def field(name: str) -> str:
        command = ["dpkg-deb", "--field", packages["deb"], name]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert (field("Package"), field("Version")) == ("promptreg", VERSION)
    assert field("Depends") == "libc6 (>= 2.34), libgcc-s1"
    subprocess.run(["dpkg-deb", "--extract", packages["deb"], tmp_path], check=True)
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert {
        "usr/bin/promptreg", "usr/share/man/man1/promptreg.1.gz", "usr/share/doc/promptreg/copyright",
        "usr/share/bash-completion/completions/promptreg", "usr/share/zsh/vendor-completions/_promptreg",
        "usr/share/fish/vendor_completions.d/promptreg.fish",
    } <= found  # fmt: skip
    assert (tmp_path / "usr/bin/promptreg").read_bytes() == stand_in.read_bytes()
    listed = subprocess.run(["dpkg-deb", "--contents", packages["deb"]], capture_output=True, text=True, check=True)
    assert all(line.split()[1] == "root/root" for line in listed.stdout.splitlines())


def test_a_program_that_is_missing_is_told(tmp_path):
    done = subprocess.run([PACKAGING / "build"], capture_output=True, text=True)
    assert done.returncode == 1 and "name the folder" in done.stderr
    done = subprocess.run(
        [PACKAGING / "build", tmp_path / "out", "--around", tmp_path / "gone"], capture_output=True, text=True
    )
    assert done.returncode != 0 and "gone" in done.stderr
    assert not list((tmp_path / "out").iterdir())
    shutil.rmtree(tmp_path / "out")
