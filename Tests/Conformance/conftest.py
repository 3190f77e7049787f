import os
from pathlib import Path

import agent_package
import pytest
from fault_proxy import FaultProxy
from postgres import Postgres
from program import Program
from registries import FileRegistry, ServerRegistry, UnityCatalogRegistry
from servers import MLflowServer, UnityCatalogStandIn

# Folders as teams have them, Python files included.
collect_ignore = ["corpus"]


@pytest.fixture(scope="session")
def program(promptreg):
    return Program(promptreg)


@pytest.fixture(scope="session", params=["debug", "release"])
def agent(request, tmp_path_factory) -> Path:
    """The folder of Swift agents that use the library, built in both ways."""
    return agent_package.build(tmp_path_factory.mktemp("agents"), request.param)


@pytest.fixture(scope="session")
def storm_seeds() -> list[int]:
    """What the storms are drawn from; STORM_SEED=N STORM_ROUNDS=1 repeats one, and more rounds draw others."""
    first, rounds = int(os.environ.get("STORM_SEED", "1")), int(os.environ.get("STORM_ROUNDS", "2"))
    return list(range(first, first + rounds))


@pytest.fixture
def registry(tmp_path):
    """The folder of a registry that does not exist yet."""
    return tmp_path / "mlruns"


@pytest.fixture(scope="session")
def mlflow_server(tmp_path_factory):
    """A real MLflow server, started once."""
    server = MLflowServer(tmp_path_factory.mktemp("server"))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory):
    """A real MLflow server on PostgreSQL, started once."""
    database = Postgres()
    server = MLflowServer(tmp_path_factory.mktemp("postgres"), store=database.store, workers=3)
    yield server
    server.stop()
    database.stop()


@pytest.fixture(scope="session")
def unity_stand_in():
    """A stand-in for Unity Catalog, started once."""
    stand_in = UnityCatalogStandIn()
    yield stand_in
    stand_in.stop()


@pytest.fixture(scope="session")
def server_proxy(mlflow_server):
    return FaultProxy(mlflow_server.url)


@pytest.fixture
def server(program, mlflow_server, server_proxy, tmp_path):
    """An MLflow server's registry behind the proxy."""
    server_proxy.clear()
    yield ServerRegistry(program, mlflow_server, server_proxy, tmp_path)
    server_proxy.clear()


@pytest.fixture(scope="session")
def unity_proxy(unity_stand_in):
    return FaultProxy(unity_stand_in.url)


@pytest.fixture(scope="session")
def unity_home(tmp_path_factory):
    """A home folder without credentials, with the experiments of MLflow's client, which it takes seconds to set up."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def unity(program, unity_stand_in, unity_proxy, unity_home):
    """Unity Catalog's stand-in behind the proxy."""
    unity_proxy.clear()
    registry = UnityCatalogRegistry(program, unity_stand_in, unity_proxy, unity_home)
    yield registry
    registry.close()
    unity_proxy.clear()


@pytest.fixture
def folder(program, tmp_path):
    """A registry in a folder."""
    return FileRegistry(program, tmp_path / "mlruns")


@pytest.fixture(params=["folder", "server", "unity"])
def any_registry(request):
    """Each kind of registry there is."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def postgres_proxy(postgres_server):
    return FaultProxy(postgres_server.url)


@pytest.fixture
def postgres(program, postgres_server, postgres_proxy, tmp_path):
    """The registry of an MLflow server on PostgreSQL behind the proxy."""
    postgres_proxy.clear()
    yield ServerRegistry(program, postgres_server, postgres_proxy, tmp_path)
    postgres_proxy.clear()


@pytest.fixture(params=["folder", "server", "postgres", "unity"])
def shared(request):
    """Each kind of registry that several runs use at once."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["server", "unity"])
def remote(request):
    """Each kind of registry over a network."""
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["server", "unity"])
def many(request, program, tmp_path):
    """Makes registries over a network, all of one kind, each behind a proxy of its own."""
    yield from makers(request, program, tmp_path)


@pytest.fixture(params=["folder", "server", "postgres", "unity"])
def many_shared(request, program, tmp_path):
    """Makes registries that several runs use at once, all of one kind."""
    yield from makers(request, program, tmp_path)


def makers(request, program, tmp_path):
    """What makes registries of a kind, until the test is over."""
    made = []
    kind, server = {
        "folder": (FileRegistry, None),
        "server": (ServerRegistry, "mlflow_server"),
        "postgres": (ServerRegistry, "postgres_server"),
        "unity": (UnityCatalogRegistry, "unity_stand_in"),
    }[request.param]
    server = server and request.getfixturevalue(server)

    def make():
        if server:
            made.append(kind(program, server, FaultProxy(server.url), tmp_path))
        else:
            made.append(kind(program, tmp_path / f"registry-{len(made)}" / "mlruns"))
        return made[-1]

    make.kind = request.param
    yield make
    for registry in made:
        registry.close()
        if registry.proxy:
            registry.proxy.stop()
