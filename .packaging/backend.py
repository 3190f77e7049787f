"""Builds the wheel around the program, with Python's standard library alone (PEP 517).

.packaging/build calls it as a program: backend.py PROGRAM OUT. pip and build find the program by PROMPTREG_PROGRAM, or
where .packaging/build left it.
"""

import base64
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NAME = "promptreg_cli"
SUMMARY = "Register the prompts of an agent from files in git: a batch job runner for MLflow prompt registries"
# In both, glibc's newest symbols that the program needs decide.
GLIBC = (2, 34)
LICENSES = {
    "promptreg": ROOT / "LICENSE",
    "libyaml": HERE / "licenses/libyaml-LICENSE.txt",
    "runtime": HERE / "licenses/runtime-NOTICE.txt",
}


def version() -> str:
    """The version of the program, which only its source says."""
    source = (ROOT / "Sources/promptreg/Version.swift").read_text()
    return re.search(r'^let toolVersion = "([^"]+)"$', source, re.MULTILINE)[1]


def tag() -> str:
    major, minor = GLIBC
    return f"py3-none-manylinux_{major}_{minor}_{platform.machine()}"


def wheel_name() -> str:
    return f"{NAME}-{version()}-{tag()}.whl"


def program_path() -> Path:
    path = Path(os.environ.get("PROMPTREG_PROGRAM") or ROOT / ".build/packaging/promptreg")
    if not path.is_file():
        raise SystemExit(f"{path} does not exist: .packaging/build OUT makes it")
    return path


def printed(program: Path, *arguments: str) -> bytes:
    """What the program prints, whatever the environment is."""
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    return subprocess.run([program, *arguments], env=environment, check=True, capture_output=True).stdout


def shared_files(program: Path) -> dict[str, bytes]:
    """The man page and the completions, by their places below share/."""
    return {
        "man/man1/promptreg.1": printed(program, "man"),
        "bash-completion/completions/promptreg": printed(program, "completions", "bash"),
        "zsh/site-functions/_promptreg": printed(program, "completions", "zsh"),
        "fish/vendor_completions.d/promptreg.fish": printed(program, "completions", "fish"),
    }


def metadata() -> str:
    licenses = "".join(f"License-File: {name}-{path.name}\n" for name, path in LICENSES.items())
    return f"""Metadata-Version: 2.4
Name: promptreg-cli
Version: {version()}
Summary: {SUMMARY}
License-Expression: Apache-2.0 AND MIT AND GPL-3.0-or-later WITH GCC-exception-3.1
{licenses}Keywords: mlflow,prompts,databricks,ci
Classifier: Environment :: Console
Classifier: Operating System :: POSIX :: Linux
Classifier: Programming Language :: Other
Classifier: Topic :: Software Development :: Build Tools
Requires-Python: >=3.10
Description-Content-Type: text/markdown

{(HERE / "README.md").read_text()}"""


def sbom(program: bytes) -> bytes:
    """What the program is made of, as CycloneDX (PEP 770)."""

    def component(name: str, number: str, license_id: str, **more) -> dict:
        return {"type": "library", "name": name, "version": number, "licenses": [{"expression": license_id}], **more}

    def first_line(*command: str) -> str:
        try:
            return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0]
        except (OSError, subprocess.CalledProcessError, IndexError):
            return "unknown"

    swift = re.search(r"Swift version (\S+)", first_line("swift", "--version"))
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "name": "promptreg", "version": version(),
                "licenses": [{"expression": "Apache-2.0"}],
                "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(program).hexdigest()}],
            }
        },
        "components": [
            component("libyaml", first_line("pkg-config", "--modversion", "yaml-0.1"), "MIT"),
            component("swift-runtime", swift[1] if swift else "unknown", "Apache-2.0 WITH Swift-exception"),
            component("libstdc++", first_line("gcc", "-dumpfullversion"), "GPL-3.0-or-later WITH GCC-exception-3.1"),
        ],
    }  # fmt: skip
    return (json.dumps(document, indent=2) + "\n").encode()


def wheel_files(program: Path) -> list[tuple[str, bytes, int]]:
    """The wheel's files but for its record: their names, contents and modes."""
    binary = program.read_bytes()
    info, data = f"{NAME}-{version()}.dist-info", f"{NAME}-{version()}.data"
    files = [(f"{NAME}/{path.name}", path.read_bytes(), 0o644) for path in sorted((HERE / NAME).glob("*.py"))]
    files.append((f"{data}/scripts/promptreg", binary, 0o755))
    files += [(f"{data}/data/share/{name}", text, 0o644) for name, text in shared_files(program).items()]
    files.append((f"{info}/METADATA", metadata().encode(), 0o644))
    wheel = f"Wheel-Version: 1.0\nGenerator: promptreg\nRoot-Is-Purelib: false\nTag: {tag()}\n"
    files.append((f"{info}/WHEEL", wheel.encode(), 0o644))
    # A Databricks job looks its entry point up by its name, in any group. The command is the program itself.
    files.append((f"{info}/entry_points.txt", f"[{NAME}.tasks]\ntask = {NAME}:task\n".encode(), 0o644))
    for name, path in LICENSES.items():
        files.append((f"{info}/licenses/{name}-{path.name}", path.read_bytes(), 0o644))
    files.append((f"{info}/sboms/promptreg.cdx.json", sbom(binary), 0o644))
    return files


def write_wheel(program: Path, folder: Path) -> str:
    """Writes the wheel: the same bytes for the same program and SOURCE_DATE_EPOCH."""
    files = wheel_files(program)
    record = f"{NAME}-{version()}.dist-info/RECORD"
    lines = []
    for name, content, _ in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}\n")
    files.append((record, ("".join(lines) + f"{record},,\n").encode(), 0o644))
    # A zip file knows no time before 1980.
    moment = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", "1767225600")), 315532800))[:6]
    with zipfile.ZipFile(folder / wheel_name(), "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content, mode in files:
            entry = zipfile.ZipInfo(name, moment)
            entry.external_attr = (0o100000 | mode) << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return wheel_name()


# The hooks of PEP 517.


def get_requires_for_build_wheel(config_settings=None) -> list[str]:
    return []


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None) -> str:
    return write_wheel(program_path(), Path(wheel_directory))


def build_sdist(sdist_directory, config_settings=None) -> str:
    raise SystemExit("there is no source distribution: the program is built from the repository, by .packaging/build")


if __name__ == "__main__":
    program, folder = sys.argv[1:]
    print(Path(folder, write_wheel(Path(program), Path(folder))))
