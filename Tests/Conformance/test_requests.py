"""What promptreg asks of a server, and that it asks for nothing more."""

import http.client
import json
import math
import urllib.parse

import pytest
from fault_proxy import Fault, FaultProxy, Request
from jobs import JobFolder
from program import actions
from registries import Registry, UnityCatalogRegistry

# How many writes it takes to note, before aliases of a prompt are moved, where they were.
NOTED = 1
# Up to how many prompts are asked for one by one.
FEW = 16


def job_of(folder, registry: Registry, count: int, name: str = "p") -> JobFolder:
    """A job of prompts with two aliases."""
    job = JobFolder(folder / "job", aliases=["production", "staging"], schema=registry.schema)
    for index in range(count):
        job.add(f"{name}{index}", f"Text {index} {{{{x}}}}", tags={"team": "platform"})
    job.write()
    return job


def kind(registry: Registry, request: Request) -> str:
    """What a request is for."""
    if registry.is_creation(request):
        return "creation"
    if registry.is_version(request):
        return "version"
    if registry.is_alias(request):
        return f"alias {(request.body or {})['alias']}"
    if request.path.endswith("/search"):
        return "search for versions" if request.name else "search"
    if (request.body or {}).get("key") == "promptreg_alias_log":
        return "note"
    if request.path == "/version":
        return "version of the server"
    return "get" if request.method == "GET" else "other"


def kinds(registry: Registry, name: str | None = None) -> list[str]:
    """What was asked for, of one prompt or of all, in the order in which it came."""
    return [
        kind(registry, request) for request in registry.proxy.requests if name is None or request.name == name
    ]


def reads(registry: Registry, count: int, exists: bool) -> list[str]:
    """What it takes to know prompts, of which a server is asked for more than two with one search."""
    if registry.kind == "unity" or count <= 2:
        return reads_of_each(registry, exists) * count
    # Of those that it does not find, one is asked for by itself, and they are searched for among the models.
    return ["search"] if exists else ["search", "get", "search"]


def reads_of_each(registry: Registry, exists: bool) -> list[str]:
    """What it takes to know a prompt that is asked for by itself."""
    return ["get", "search for versions"] if registry.kind == "unity" and exists else ["get"]


# Writes


def test_a_new_prompt_takes_four_writes_and_a_look_before_and_after_its_aliases_are_set(remote, tmp_path):
    job = job_of(tmp_path, remote, 8)
    report = remote.run(job.path)
    for name in job.expected:
        # A server is asked for a group of prompts at once.
        look = ["get"] if remote.kind == "unity" else []
        wanted = ["creation", "version", *look, "alias production", "alias staging", *look]
        asked = kinds(remote, job.full_name(name))
        assert asked[asked.index("creation") :] == wanted
    # Where Unity Catalog has none of them, it may be the schema that is missing.
    assert kinds(remote).count("search") == {"server": 4, "unity": 1}[remote.kind]
    assert report["requests"] == len(remote.proxy.requests)


def test_a_new_version_takes_one_write_and_one_for_each_alias_that_moves_and_two_looks(remote, tmp_path):
    job = job_of(tmp_path, remote, 3)
    remote.run(job.path)
    for aliases in ([], ["production"], ["production", "staging"]):
        job.add("p0", f"{len(aliases)} {{{{x}}}}", tags={"team": "platform"}, aliases=aliases)
        remote.proxy.clear()
        report = remote.run(job.write())
        assert actions(report) == {"p0": "update", "p1": "unchanged", "p2": "unchanged"}
        moves = [f"alias {alias}" for alias in aliases]
        # The prompt is read again right before and right after its aliases move, or to see that the version is there.
        moves = ["get", *["note"] * NOTED, *moves, "get"] if moves else ["get"]
        asked = kinds(remote, job.full_name("p0"))
        assert asked[asked.index("version") :] == ["version", *moves]
        assert report["requests"] == len(remote.proxy.requests)


def test_an_alias_that_moves_takes_one_write(remote, tmp_path):
    job = job_of(tmp_path, remote, 3)
    remote.run(job.path)
    job.add("p0", "Changed {{x}}", tags={"team": "platform"})
    remote.run(job.write(), "--alias", "staging")
    remote.proxy.clear()
    remote.run(job.path)
    # The run before may still be at work, as far as this one can know: it notes that it found staging in place.
    noted = [*["note"] * NOTED, "alias production", "note"]
    assert [kind(remote, request) for request in remote.proxy.writes] == noted


def test_what_is_unchanged_takes_none(remote, tmp_path):
    job = job_of(tmp_path, remote, 8)
    remote.run(job.path)
    remote.proxy.clear()
    report = remote.run(job.path)
    assert sorted(kinds(remote)) == sorted(reads(remote, 8, exists=True))
    assert report["requests"] == len(remote.proxy.requests)


def test_a_dry_run_takes_none(remote, tmp_path):
    job = job_of(tmp_path, remote, 3)
    commands = [("run", "--dry-run"), ("run", "--dry-run", "--force"), ("plan",), ("plan", "--force")]

    def preview() -> None:
        for command, *flags in commands:
            remote.proxy.clear()
            remote.run(job.path, *flags, command=command)
            assert remote.proxy.requests and not remote.proxy.writes

    preview()
    remote.run(job.path, "--select", "p0,p1")
    job.add("p0", "Changed {{x}}", tags={"team": "data"})
    job.add("p1", "Text 1 {{x}}", tags={"team": "data"}, description="Retagged.")
    job.write()
    before = remote.state()
    preview()
    assert remote.state() == before


# Reads, with a selection, so that nothing is looked for that the job does not name

ALL = ["--select", "*"]


@pytest.mark.parametrize("exists", [False, True], ids=["new", "there"])
def test_a_few_prompts_are_asked_for_one_by_one(exists, remote, tmp_path):
    # A search takes an MLflow server as long as two or three that are asked for.
    few = 2 if remote.kind == "server" else FEW
    job = job_of(tmp_path, remote, few)
    if exists:
        remote.run(job.path)
        remote.proxy.clear()
    remote.plan(job.path, *ALL)
    # Where Unity Catalog has none of them, it may be the schema that is missing.
    more = {"unity": ["search"], "server": ["version of the server"]}[remote.kind] if not exists else []
    assert sorted(kinds(remote)) == sorted(reads(remote, few, exists) + more)


def names_searched_for(request: Request) -> list[str]:
    """The names in a search for models."""
    names = request.query["filter"].split("(")[1].split(")")[0]
    return [name.strip("'") for name in names.split(",")]


def test_many_prompts_of_a_server_are_searched_for_by_name(server, tmp_path):
    job = job_of(tmp_path, server, 50, name="x" * 120)
    job.spec["aliases"] = []
    job.write()
    wanted = sorted(prompt.full_name for prompt in job.expected.values())

    # Where some are missing, one is asked for by itself, and none of them may be a model's.
    server.plan(job.path, *ALL)
    assert set(kinds(server)) == {"search", "get", "version of the server"} and kinds(server).count("get") == 1
    searches = [request for request in server.proxy.requests if kind(server, request) == "search"]
    assert sorted(name for search in searches for name in names_searched_for(search)) == sorted(wanted * 2)

    server.run(job.path)
    server.proxy.clear()
    server.run(job.path)
    assert set(kinds(server)) == {"search"}
    searches = server.proxy.requests
    assert sorted(name for search in searches for name in names_searched_for(search)) == wanted
    # As many at a time as there is room for in a request.
    length = sum(len(urllib.parse.quote(f"'{name}',", safe="")) for name in wanted)
    assert len(searches) == math.ceil(length / 5500) == 2


def test_a_server_that_refuses_a_list_of_names_is_not_asked_for_another_one(server, tmp_path):
    job = job_of(tmp_path, server, 200, name="x" * 60)
    job.spec["aliases"] = []
    job.write()
    # As MLflow before 3.17 refuses it.
    message = "Only the 'run_id' attribute supports comparison with a list of quoted string values."
    refusal = Fault("status", status=400, code="INVALID_PARAMETER_VALUE", message=message)
    server.proxy.fail(refusal, lambda request: " IN (" in request.query.get("filter", ""))
    server.plan(job.path, *ALL)
    assert sorted(kinds(server)) == ["get"] * 200 + ["search", "version of the server"]
    assert len(names_searched_for(next(request for request in server.proxy.requests if request.status == 400))) > 20
    server.run(job.path, *ALL)
    server.proxy.clear()
    server.proxy.fail(refusal, lambda request: " IN (" in request.query.get("filter", ""))
    # What has the job's tag is on few pages, which such a server has, too.
    assert actions(server.plan(job.path)) == dict.fromkeys(job.expected, "unchanged")
    assert kinds(server) == ["search"] * 2


# What left the job


def test_a_large_job_is_planned_from_the_pages_that_have_its_orphans(server, tmp_path):
    job = job_of(tmp_path, server, 40)
    server.run(job.path)
    for number in range(30, 40):
        del job.spec["prompts"][f"p{number}"]
    server.proxy.clear()
    report = server.plan(job.write())
    assert kinds(server) == ["search"] and set(actions(report).values()) == {"unchanged"}
    assert sorted(orphan["full_name"] for orphan in report["orphans"]) == [
        job.full_name(f"p{number}") for number in range(30, 40)
    ]


def test_the_orphans_of_a_few_prompts_take_one_search(remote, tmp_path):
    job = job_of(tmp_path, remote, 8)
    remote.run(job.path)
    remote.proxy.clear()
    assert remote.plan(job.path)["orphans"] == []
    assert sorted(kinds(remote)) == sorted([*reads(remote, 8, exists=True), "search"])


@pytest.fixture
def big_schema(program, unity_stand_in, tmp_path):
    """A schema of Unity Catalog's with 300 prompts of other people's, in pages of ten."""
    workspace = unity_stand_in.another(schemas=[], page_size=10)
    registry = UnityCatalogRegistry(program, workspace, FaultProxy(workspace.url), tmp_path)
    upstream = http.client.HTTPConnection(registry.proxy.upstream.hostname, registry.proxy.upstream.port)
    for index in range(300):
        name = f"main.{registry.schema}.other_{index}"
        body = json.dumps({"name": name, "prompt": {"name": name}})
        headers = {"Authorization": "Bearer token", "Content-Type": "application/json"}
        upstream.request("POST", "/api/2.0/mlflow/unity-catalog/prompts", body, headers)
        answer = upstream.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
    upstream.close()
    yield registry
    registry.close()
    registry.proxy.stop()


def test_a_big_schema_is_never_listed_for_a_few_prompts(big_schema, tmp_path):
    job = job_of(tmp_path, big_schema, 8)
    big_schema.plan(job.path, *ALL)
    assert sorted(kinds(big_schema)) == ["get"] * 8 + ["search"]
    big_schema.run(job.path)
    big_schema.proxy.clear()
    big_schema.plan(job.path, *ALL)
    assert sorted(kinds(big_schema)) == ["get"] * 8 + ["search for versions"] * 8


def test_a_schema_is_listed_in_pages_where_that_takes_less_than_asking(big_schema, tmp_path):
    few, many = job_of(tmp_path / "few", big_schema, 40), job_of(tmp_path / "many", big_schema, 160)
    # Thirty pages are too many for forty prompts.
    big_schema.plan(few.path, *ALL)
    assert kinds(big_schema).count("search") == 10 and kinds(big_schema).count("get") == 40
    # For a hundred and sixty they are not: of what is on no page, one is asked for.
    big_schema.proxy.clear()
    big_schema.plan(many.path, *ALL)
    assert kinds(big_schema).count("search") == 30 and kinds(big_schema).count("get") == 1
    searches = [request for request in big_schema.proxy.requests if kind(big_schema, request) == "search"]
    tokens = [search.body.get("page_token") for search in searches]
    assert tokens == [None, *(f"page-{number}" for number in range(10, 300, 10))]


def test_prompts_of_others_cost_nothing(big_schema, tmp_path):
    job = job_of(tmp_path, big_schema, 20)
    big_schema.run(job.path)
    del job.spec["prompts"]["p7"]
    big_schema.proxy.clear()
    report = big_schema.plan(job.write())
    assert [orphan["full_name"] for orphan in report["orphans"]] == [job.full_name("p7")]
    # Two pages of what has the job's tag, four of names, and what is known of the orphan once it is found.
    asked = kinds(big_schema)
    assert asked.count("get") == 19 + 2 and asked.count("search for versions") == 19 + 1
    tagged = [request for request in big_schema.proxy.requests if "filter" in (request.body or {})]
    assert len(tagged) == 2
