"""Addresses of registries in folders, each compared with what MLflow's own functions make of it."""

import json
import os
import random

import pytest
from mlflow.exceptions import MlflowException
from mlflow.utils.file_utils import local_file_uri_to_path
from mlflow.utils.uri import get_uri_scheme, is_local_uri

SPEC = "version: 1\njob: x\ncatalog: a\nschema: b\nprompts_dir: ../prompts\nprompts: {a: {file: a.md}}\n"
# Both read these as the same folder. {here} is the current folder, with a space and a percent sign in its name.
FOLDERS = [
    "file:mlruns", "file:./mlruns", "file:../mlruns", "file:a/b/c", "file:a//b", "file:a/./b", "file:a/", "file:.",
    "file:..", "file:a/../b", "file:/nowhere/mlruns", "file:///nowhere/mlruns", "file:////nowhere/mlruns",
    "file:/nowhere//mlruns/", "file:///nowhere/./mlruns", "file:///nowhere/../mlruns", "file://localhost/nowhere/x",
    "file://LOCALHOST/nowhere/x", "file://localhost:5000/nowhere/x", "file://localhost://nowhere", "file://./nowhere/x",
    "file://127.0.0.1/nowhere/x", "file://127.0.0.1:80/nowhere/x", "file://:80/nowhere/x", "file:///nowhere/My%20Project",
    "file:My%20Project/mlruns", "file:My Project/mlruns", "file: mlruns", "file:mlruns ", "file:a%2Fb", "file:%2Fnowhere",
    "file:a%2fb%2Fc", "file:%61", "file:%2e%2e/x", "file:100%", "file:100%25", "file:100%2525", "file:%zz", "file:a%2",
    "file:a%", "file:%%41", "file:%C3%BC", "file:%c3%bc/x", "file:ü", "file:u%CC%88", "file:%E2%82%AC%20", "file:a+b",
    "file:a%2Bb", "file:a?b", "file:a?", "file:a#b", "file:a#", "file:a?b#c", "file:a#b?c", "file:a%3Fb", "file:a%23b",
    "file:a%3fb%23c?d#e", "file:a;b", "file:a;b=c/d", "file:a&b=c", "file:a:b", "file:/nowhere/a:b", "file:a@b",
    "file:/nowhere/u:p@h", "file:a%40b", "file:a\\b", "file:C:/x", "file:///C:/x", "file:a'b", 'file:a"b', "file:a,b",
    "file:[a]", "file:{a}", "file:a|b", "file:a^b", "file:a`b", "file:$HOME/x", "file:${HOME}", "file:*", "file:a~b",
    "file:./~/x", "file:./%7E", "file:-a", "file:file:a", "file:/file:/a", "file:http://x", "file:a?//b", "file:/nowhere?//b",
    "file:///nowhere#//x", "file://localhost/nowhere%20x?y=%20#z", "file:models", "file:👩‍👩‍👧",
    "file:a\u0301", "file:é", "./mlruns", "../mlruns", "./a%20b", "./a b", "./a?b", "./a#b", "./a:b", "./100%25", "./%C3%BC",
    "/nowhere/mlruns", "/nowhere/a%20b", "/nowhere/a?b#c", "/nowhere//x/", "//nowhere/x", "/nowhere/localhost:5000", ".", "..",
    "file:{here}/mlruns", "file://{here}/mlruns", "file://localhost{here}/x", "{here}/x", "{uri}", "{uri}/mlruns", "{uri}?x#y",
]  # fmt: skip
# Neither takes these for a folder of this machine.
NO_FOLDERS = [
    "file://host/x", "file://mlruns", "file://mlruns/x", "file://host.example.com/x", "file://user@host/x", "file://10.0.0.1/x",
    "file://[::1]/x", "file://[::1", "file://a b/x", "file://%6Cocalhost/x", "file://host:80/x", "file://host?x", "file://ü/x",
    "file://..", "file://-/x", "file://~/x", "sqlite:///x", "s3://bucket/x", "mlflow+file:x", "dbfs:/x", "ab:c", "srv:5000",
    "localhost:5917", "localhost:5917/x",
]  # fmt: skip
# MLflow takes these for a folder that nobody means; here they are an error that says what to write.
NOBODY_MEANS = [
    "file:", "file://", "file://localhost", "file:?x", "file:#x", "file://localhost#/x", "file://localhost?/x/../y", "FILE:x", "File:///nowhere/x", " file:x",
    "file:~", "file:~/x", "file:%7E/x", "~", "~/x", "file:%00", "file:a%00b", "file:a%0Ab", "file:a%1B[2J", "file:%FF", "file:%C3",
    "file:a%80b", "file:a\nb", "file:\tx", "mlruns", "a/b", "mlruns/x", "127.0.0.1:5000", "10.0.0.1:80/x", "[::1]:5000", "localhost",
    "host/path", "%66ile:x", "?x", "file", "http", "x:5000", "C:\\x", "ü", "-", "file://user@localhost/x",
]  # fmt: skip


@pytest.fixture
def box(sandbox):
    """A job in a folder of its own, below a folder whose name does not look the same in an address."""
    folder = sandbox.folder / "My 50%25 Project"
    folder.mkdir()
    sandbox.folder = folder
    sandbox.write("jobs/x.yaml", SPEC)
    sandbox.write("prompts/a.md", "Hello {{x}}\n")
    return sandbox


def mlflow_reads(address: str, base) -> str | None:
    """The folder that MLflow's file store would use, without links; None where MLflow takes it for no folder."""
    try:
        if get_uri_scheme(address) not in ("", "file"):
            return None
        # It is an error where another machine is named.
        is_local_uri(address)
    except (MlflowException, ValueError):
        return None
    return os.path.realpath(os.path.join(base, local_file_uri_to_path(address)).replace("\0", "\\0"))


def program_reads(box, address: str, way: str) -> tuple[str | None, str]:
    """The folder that the program says it would use, as MLflow reads that again, and its errors."""
    flags, environment = [], {}
    box.write("jobs/x.yaml", SPEC)
    if way == "flag":
        flags = ["--registry", address]
    elif way == "spec":
        box.write("jobs/x.yaml", SPEC + f"registry: {json.dumps(address.replace('${', '$${'), ensure_ascii=False)}\n")
    else:
        environment = {way: address}
    ended = box.plan("jobs/x.yaml", "--format", "json", *flags, env=environment)
    if ended.code:
        assert "error:" in ended.err
        return None, ended.err
    return mlflow_reads(json.loads(ended.out)["registry"], "/"), ended.err


def filled(address: str, box) -> str:
    return address.replace("{here}", str(box.folder).replace("%", "%25")).replace("{uri}", box.folder.as_uri())


WAYS = ["flag", "MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI", "spec"]


def base(box, way: str):
    return box.folder / "jobs" if way == "spec" else box.folder


def test_the_tables_are_long():
    assert len(set(FOLDERS)) == len(FOLDERS) >= 80
    assert len(set(NO_FOLDERS + NOBODY_MEANS)) >= 50


@pytest.mark.parametrize("way", WAYS)
def test_folders_are_those_that_mlflow_uses(way, box):
    for raw in FOLDERS:
        # A spec names its registry with a scheme.
        if way == "spec" and not raw.startswith(("file:", "{uri}")):
            continue
        address = filled(raw, box)
        expected = mlflow_reads(address, base(box, way))
        assert expected is not None, address
        found, errors = program_reads(box, address, way)
        if os.path.isdir(expected) and set(os.listdir(expected)) - {"models"}:
            # It is the right folder, and no registry.
            assert found is None and f"'{expected}' contains files" in errors, (address, errors)
        else:
            assert found == expected, (address, errors)


@pytest.mark.parametrize("way", WAYS)
def test_what_names_no_folder_is_an_error(way, box):
    for address in NO_FOLDERS + NOBODY_MEANS:
        reads = mlflow_reads(address, base(box, way))
        assert (reads is None) == (address in NO_FOLDERS), (address, reads)
        found, errors = program_reads(box, address, way)
        assert found is None, (address, found)
        assert "help:" in errors, (address, errors)


PARTS = [
    "file:", "file:", "file:", "file:///", "file://localhost/", "file://host/", "file://", "FILE:", "./", "../", "/", "//", "a", "b c",
    "%20", "%25", "%2F", "%2e", "%", "%4", "%C3%BC", "%FF", "%00", "?", "#", ";", ":", "@", "~", "\\", "ü", "a\u0301", "👩‍👩‍👧", ".", "..",
    "[", "]", "localhost", ":80", "mlruns", "nowhere", "+", "&", "=", "*", "$HOME", " ", "\u202e", "x" * 300,
]  # fmt: skip


def test_random_addresses_are_read_as_mlflow_does_or_refused(box, seed):
    """There is no third: no address makes a folder beside the one that MLflow would use."""
    read = 0
    for case in range(600):
        source = random.Random(f"{seed}-address-{case}")
        address = source.choice(["file:", "file:", "", "file:///nowhere/", "./"])
        address += "".join(source.choice(PARTS) for _ in range(source.randint(1, 6)))
        way = source.choice(WAYS)
        found, errors = program_reads(box, address, way)
        if found is not None:
            read += 1
            assert found == mlflow_reads(address, base(box, way)), f"case {case} of seed {seed}: {address!r}"
    assert read > 150


def test_a_run_registers_where_mlflow_looks(box):
    """As Python writes the address of a folder."""
    box.run("run", "jobs/x.yaml", "--registry", (box.folder / "My Project").as_uri(), codes={0}, writes=True)
    assert sorted(path.name for path in box.folder.iterdir()) == ["My Project", "jobs", "prompts"]
    assert (box.folder / "My Project" / "models" / "a.b.prompt_a" / "version-1").is_dir()
    # A word is a folder where a registry is in it.
    found, _ = program_reads(box, "My Project", "flag")
    assert found == str(box.folder / "My Project")
    report = box.folder / "report.json"
    for number in range(2):
        box.write("prompts/a.md", f"Hello {{{{x}}}} {number}\n")
        box.run(
            "run", "jobs/x.yaml", "--registry", (box.folder / "My Project").as_uri(), "--alias", "live", "--report", report,
            codes={0}, writes=True,
        )  # fmt: skip
    # A report names the folder so that it is read back.
    box.run("rollback", "--from-report", report, codes={0}, writes=True)
    assert (box.folder / "My Project" / "models" / "a.b.prompt_a" / "aliases" / "live").read_text() == "2"
