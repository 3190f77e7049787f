"""What `traces` says is what the same traces say when Python counts them, however they were stored and are read."""

import itertools

import made_traces
import pytest
from jobs import JobFolder
from made_traces import BEGIN, Agent, close, draw, link_by_mlflow, price, spans_of, store_by_mlflow, truth
from mlflow_registry import mlflow

numbers = itertools.count(1)


@pytest.fixture(params=["server", "postgres", "folder"])
def place(request):
    """Each kind of registry that keeps traces as well."""
    return request.getfixturevalue(request.param)


def registered(place, tmp_path, *names: str) -> list[str]:
    """Registers two versions of each prompt; their full names."""
    for version in (1, 2):
        job = JobFolder(tmp_path / f"job{version}", aliases=["staging"], schema=place.schema)
        for name in names:
            job.add(name, f"Text {version} of {name}")
        path = job.write()
        place.run(path)
        if version == 1:
            full = [f"main.{place.schema}.prompt_{name}" for name in names]
            place.program("promote", *full, *flags(place), "--from", "staging", "--to", "production", env=place.environment)
    return full


def flags(place) -> list[str]:
    return ["--registry", place.uri]


def experiment(place) -> str:
    return mlflow.MlflowClient().create_experiment(f"traced {next(numbers)} of {place.schema}")


def figures(place, names, *arguments, **more) -> dict[str, dict[int, dict]]:
    """The figures by prompt and version."""
    ended = place.program(
        "traces", *names, *flags(place), *arguments, "--format", "json", env=place.environment, **more
    )
    report = ended.report
    assert report["schema_version"] == 1
    return {prompt["name"]: {each["version"]: each for each in prompt["versions"]} for prompt in report["prompts"]}


def check(found, made, names, **window) -> None:
    for name in names:
        for version in (1, 2):
            expected = truth(made, name, version, **window)
            assert expected["traces"] > 0 and close(found[name][version], expected), (
                f"{name}/{version}\nfound    {found[name][version]}\nexpected {expected}"
            )
        assert list(found[name]) == [2, 1]


def metric_calls(place) -> int:
    return sum(each.path.endswith("/traces/metrics") for each in place.proxy.requests) if place.proxy else 0


def searches(place) -> list[dict]:
    return [each.body for each in place.proxy.requests if each.path.endswith("/traces/search")]


def test_traces_of_agents_in_swift(place, tmp_path):
    names = registered(place, tmp_path, "a", "b_with_a_long_name_too")
    made = price(draw(1, 150, names), 2)
    where = experiment(place)
    if place.kind == "file":
        store_by_mlflow(made, where, own_tags=True)
    else:
        agent = Agent(place.server.url, where)
        agent.store(made)
        assert (agent.refused > 0) == ("postgres" in place.server.log.parent.name)
    found = figures(place, names, "--experiment", where)
    check(found, made, names)
    assert found[names[0]][1]["aliases"] == ["production"] and found[names[0]][2]["aliases"] == ["staging"]
    if place.proxy:
        assert metric_calls(place) > 0
        # Nothing is read one by one.
        assert all(each["max_results"] == 1 or "IS NULL" in each["filter"] or "!=" in each["filter"] for each in searches(place))
    window = {"since": BEGIN + 40_000, "until": BEGIN + 110_000}
    times = ["--since", "2025-10-09T08:54:00Z", "--until", "2025-10-09T08:55:10Z"]
    assert BEGIN == 1_760_000_000_000
    check(figures(place, names, "--experiment", where, *times), made, names, **window)


@pytest.mark.parametrize("is_counted", [True, False])
def test_a_page_draws_the_figures_over_time(place, tmp_path, is_counted):
    """Periods are of ten seconds where the traces span a minute."""
    (name,) = registered(place, tmp_path, "a")
    made = price(draw(21, 60, [name]), 22)
    where = experiment(place)
    if is_counted and place.kind != "file":
        Agent(place.server.url, where).store(made)
    else:
        store_by_mlflow(made, where, own_tags=is_counted)
        if place.kind != "file":
            link_by_mlflow(made)
    page = tmp_path / "page.html"
    place.program("traces", name, *flags(place), "--experiment", where, "--report", page, env=place.environment)
    titles = {
        f"Latency of {name} over time (mean, ms)": lambda each: each.latency,
        f"Tokens of {name} over time (mean)": lambda each: each.usage and sum(each.usage),
        f"Cost of {name} over time (mean, in dollars)": lambda each: each.cost,
    }
    tables = {table.caption: table.rows for table in made_traces.tables(page.read_text())}
    for title, value in titles.items():
        periods = [
            [
                [value(each) for each in made if each.time // 10_000 == period and each.versions == [(name, version)]]
                for version in (1, 2)
            ]
            for period in range(BEGIN // 10_000, made[-1].time // 10_000 + 1)
        ]
        expected = [[made_traces.mean([each for each in given if each is not None]) for given in both] for both in periods]
        found = [[made_traces.number(cell) for cell in row[1:]] for row in tables[title][1:]]
        assert tables[title][0] == ["From (UTC)", "v1", "v2"] and tables[title][1][0] == "10-09 08:53:20"
        assert len(found) == len(expected) == 6
        for ours, theirs in zip(itertools.chain(*found), itertools.chain(*expected), strict=True):
            assert (ours is None) == (theirs is None) and (ours is None or abs(ours - theirs) <= 0.005 * theirs + 5e-5)


def test_traces_of_agents_in_python(place, tmp_path):
    names = registered(place, tmp_path, "a", "b_with_a_long_name_too")
    made = price(draw(3, 50, names), 4, share=0.5)
    where = experiment(place)
    store_by_mlflow(made, where)
    if place.kind != "file":
        link_by_mlflow(made)
    check(figures(place, names, "--experiment", where), made, names)


def test_a_mixture_loses_and_doubles_none(place, tmp_path):
    names = registered(place, tmp_path, "a", "b_with_a_long_name_too")
    where = experiment(place)
    swift, python = price(draw(5, 60, names), 6), draw(7, 30, names)
    if place.kind == "file":
        store_by_mlflow(swift, where, own_tags=True)
    else:
        Agent(place.server.url, where).store(swift)
    store_by_mlflow(python, where)
    if place.kind != "file":
        link_by_mlflow(python)
    check(figures(place, names, "--experiment", where), swift + python, names)


@pytest.mark.parametrize("also_swift", [False, True])
def test_traces_whose_links_were_never_made_count_too(server, tmp_path, also_swift):
    """As of agents that failed, and ended before MLflow's client had made the link."""
    names = registered(server, tmp_path, "a", "b_with_a_long_name_too")
    where = experiment(server)
    made = draw(31, 60, names)
    for each in made[20:]:
        each.is_error = True
    swift = draw(33, 40, names) if also_swift else []
    Agent(server.server.url, where).store(swift)
    store_by_mlflow(made, where)
    link_by_mlflow(made[:20])
    check(figures(server, names, "--experiment", where), made + swift, names)


def test_of_linked_traces_only_the_failed_ones_are_read_again(server, tmp_path):
    names = registered(server, tmp_path, "a")
    where = experiment(server)
    made = draw(35, 100, names)
    made[-1].is_error = True
    store_by_mlflow(made, where)
    link_by_mlflow(made[:-1])
    check(figures(server, names, "--experiment", where), made, names)
    unlinked = [each for each in searches(server) if "prompt =" not in each["filter"] and each["max_results"] > 1]
    assert len(unlinked) == 1 and "status = 'ERROR'" in unlinked[0]["filter"]


def test_thousands_of_traces_are_counted_by_the_server(server, tmp_path):
    names = registered(server, tmp_path, "a", "b")
    made = price(draw(13, 2_000, names), 14)
    where = experiment(server)
    Agent(server.server.url, where).store(made)
    check(figures(server, names, "--experiment", where), made, names)
    assert sum(each["max_results"] > 1 for each in searches(server)) <= 8


@pytest.mark.parametrize("share", [0, 0.5])
def test_costs_that_only_some_traces_have(server, tmp_path, share):
    names = registered(server, tmp_path, "a")
    made = price(draw(8, 60, names), 9, share=share)
    where = experiment(server)
    Agent(server.server.url, where).store(made)
    check(figures(server, names, "--experiment", where), made, names)


def test_costs_that_steps_within_steps_say_again(server, tmp_path, monkeypatch):
    names = registered(server, tmp_path, "a")
    made = price(draw(11, 30, names), 12)
    where = experiment(server)

    def doubled(each):
        agent, model = spans_of(each)
        return [agent | {"attributes": model["attributes"]}, model]

    monkeypatch.setattr(made_traces, "spans_of", doubled)
    Agent(server.server.url, where).store(made)
    check(figures(server, names, "--experiment", where), made, names)


def test_a_trace_that_used_two_versions_counts_for_both(server, tmp_path):
    names = registered(server, tmp_path, "a")
    made = draw(10, 40, names)
    for each in made[:10]:
        each.versions = [(names[0], 1), (names[0], 2)]
    where = experiment(server)
    Agent(server.server.url, where).store(made)
    check(figures(server, names, "--experiment", where), made, names)


def test_a_cap_says_how_many_traces_the_figures_have(server, tmp_path):
    names = registered(server, tmp_path, "a")
    where = experiment(server)
    Agent(server.server.url, where).store(draw(31, 30, names))
    python = draw(32, 30, names)
    store_by_mlflow(python, where)
    link_by_mlflow(python)
    ended = server.program(
        "traces", *names, *flags(server), "--experiment", where, "--max-traces", "3", "--format", "json",
        env=server.environment,
    )  # fmt: skip
    versions = ended.report["prompts"][0]["versions"]
    for version, note in zip(versions, ended.report["notes"], strict=True):
        assert note.startswith(f"only {version['traces']} traces of {names[0]}/{version['version']} were read")
