"""Servers that mean the program harm: whatever they answer, a run ends in time, and says nothing false or secret."""

import base64
import itertools
import json
import os
import random
import signal

import pytest
import server_attacks as attacks
from registry_backends import NAMES
from server_runs import A, COMMANDS, JOB, TEXTS, TOKEN, WITHOUT_ALIASES, Case, Runs

# How long after its time limit, or a signal, a run may go on: two seconds, and some more on a machine with other work.
GRACE = 3.5


def in_time(ran, seconds: float) -> bool:
    """Whether a run took no longer, as far as the machine had time for it."""
    return ran.seconds < seconds * max(1, os.getloadavg()[0] / os.cpu_count() / 4)


@pytest.fixture(scope="module")
def runs(promptreg, tmp_path_factory):
    """What runs the program, many at a time."""
    runs = Runs(promptreg, tmp_path_factory.mktemp("servers"), 24)
    yield runs
    runs.stop()


@pytest.fixture(scope="module")
def begun(runs, request, seed):
    """The runs of all tests that were chosen: they begin at once, since most of them wait."""
    found = {}
    for item in request.session.items:
        if "cases" in getattr(item, "fixturenames", ()):
            given = item.callspec.params
            found[item.nodeid] = [
                runs.start(case) for case in item.function.makes(given, random.Random(f"{seed} {item.name}"))
            ]
    return found


@pytest.fixture
def cases(begun, request, seed):
    """The runs of this test, each once it has ended."""
    print(f"HOSTILE_SEED={seed}")
    return [future.result for future in begun[request.node.nodeid]]


def makes(maker):
    """Says which cases a test is about: `maker` gets its parameters and what draws at random."""

    def decorate(test):
        test.makes = maker
        return test

    return decorate


def ended(cases):
    """The runs, and with a failure of one the others' are still looked at."""
    failures, found = [], []
    for case in cases:
        try:
            found.append(case())
        except AssertionError as failure:
            failures.append(str(failure))
    assert not failures, f"{len(failures)} runs failed\n\n" + "\n\n".join(failures[:4])
    return found


def commands(chance, count: int, always=("run",)) -> list[str]:
    """Some commands, drawn at random, and those that are always tried."""
    return [*always, *chance.sample([each for each in COMMANDS if each not in always], count)]


KINDS = ["mlflow", "unity"]


@pytest.mark.parametrize("kind", KINDS)
@makes(lambda given, chance: [Case(lambda request: request.usual(), given["kind"], each, timeout="20s") for each in COMMANDS])
def test_all_is_well_without_an_attack(kind, cases):
    for ran in ended(cases):
        assert ran.code == 0, str(ran)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", attacks.HARMLESS)
@makes(
    lambda given, chance: [
        Case(attacks.HARMLESS[given["name"]], given["kind"], each, timeout="20s") for each in commands(chance, 3)
    ]
)
def test_what_is_only_unusual_works(name, kind, cases):
    for ran in ended(cases):
        assert ran.code == 0, str(ran)
        assert not any("cookie" in request.headers for request in ran.requests), str(ran)


LIES = attacks.lies()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", LIES)
@makes(
    lambda given, chance: [
        Case(LIES[given["name"]], given["kind"], each, timeout="1s")
        for each in commands(chance, 2 if given["kind"] == "mlflow" else 1)
    ]
)
def test_a_false_answer(name, kind, cases):
    for ran in ended(cases):
        assert in_time(ran, 1 + GRACE), str(ran)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", attacks.PAGES)
@makes(
    lambda given, chance: [
        Case(attacks.PAGES[given["name"]], given["kind"], each, timeout="1s")
        for each in commands(chance, 1, ("run", "list", "show"))
    ]
)
def test_pages(name, kind, cases):
    for ran in ended(cases):
        assert in_time(ran, 1 + GRACE), str(ran)


WIRES = attacks.wires()


@pytest.mark.parametrize("name", WIRES)
@makes(
    lambda given, chance: [
        Case(WIRES[given["name"]], *each, timeout="1s")
        for each in [
            ("mlflow", "run"),
            ("mlflow", chance.choice(list(COMMANDS))),
            ("unity", chance.choice(list(COMMANDS))),
        ]
    ]
)
def test_an_answer_that_is_hardly_http(name, cases):
    for ran in ended(cases):
        assert in_time(ran, 1 + GRACE), str(ran)


HANGING = [(kind, name) for kind in KINDS for name in (*attacks.HANGING, *attacks.CONNECTIONS)]


def hanging(given, chance):
    kind, name = given["kind"], given["name"]
    attack = attacks.HANGING.get(name, lambda request: request.usual())
    connection = attacks.CONNECTIONS.get(name)
    chosen = list(COMMANDS) if kind == "mlflow" else commands(chance, 2)
    signals = itertools.cycle([signal.SIGTERM, signal.SIGINT])
    for each in chosen:
        yield Case(attack, kind, each, on_connection=connection)
        yield Case(
            attack,
            kind,
            each,
            timeout="5m",
            signal=next(signals),
            signal_after=chance.uniform(0.3, 1.2),
            on_connection=connection,
        )


@pytest.mark.parametrize("kind,name", HANGING)
@makes(hanging)
def test_what_hangs_is_ended(kind, name, cases):
    for ran in ended(cases):
        limit = GRACE if ran.case.signal else 2 + GRACE
        assert in_time(ran, limit), f"{ran.case.signal or 'the time limit'} was not heeded\n{ran}"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", attacks.WRITE_LIES)
@makes(
    lambda given, chance: [
        Case(attacks.WRITE_LIES[given["name"]], given["kind"], each, timeout="5s", job=job)
        for each, job in (("run", JOB), ("promote", JOB), ("run", WITHOUT_ALIASES))
    ]
)
def test_a_false_answer_to_a_write(name, kind, cases):
    for ran in ended(cases):
        assert in_time(ran, 5 + GRACE), str(ran)
        # What a report says of a prompt that it calls registered is true as well.
        assert ran.code in (0, 1, 69), str(ran)


REFUSED = {
    "usual": {"error_code": "INVALID_PARAMETER_VALUE", "message": "no"},
    "other_code": {"error_code": "BAD_REQUEST", "message": "no"},
    "no_code": {"message": "no"},
    "nothing": {},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", REFUSED)
@makes(
    lambda given, chance: [
        Case(attacks.status(400, json.dumps(REFUSED[given["name"]])), given["kind"], each, timeout="20s")
        for each in COMMANDS
    ]
)
def test_a_refusal_is_the_same_for_all_commands(name, kind, cases):
    codes = {ran.case.command: ran.code for ran in ended(cases)}
    assert set(codes.values()) == {1}, codes


MANY = JOB.partition("prompts: ")[0] + "prompts:\n" + "".join(f"  p{n}: {{file: a.md}}\n" for n in range(64))


def with_padding(request):
    """The usual answer, and 20 MB of blanks."""
    status, answer = request.answer()
    content = json.dumps(answer).encode()
    yield f"HTTP/1.1 {status} OK\r\nContent-Length: {len(content) + 20 * attacks.MEGABYTE}\r\n\r\n".encode() + content
    for _ in range(20):
        yield attacks.BLANKS


@pytest.mark.parametrize("kind", KINDS)
@makes(
    lambda given, chance: [
        Case(
            with_padding, given["kind"], "run", timeout="4s", job=MANY, arguments=["--concurrency", "64"], megabytes=500
        )
    ]
)
def test_large_answers_at_a_time(kind, cases):
    for ran in ended(cases):
        assert in_time(ran, 4 + GRACE) and len(ran.requests) > 2, str(ran)


# Secrets


PASSWORD = 'pa"ss/wo\\rd+of=job'
PROXY = "proxyuser:" + "proxy%22pass%2Fword%2Bof%3Djob"
PROXY_PASSWORD = 'proxy"pass/word+of=job'
LOGIN = {
    "token": {"MLFLOW_TRACKING_TOKEN": TOKEN},
    "password": {
        "MLFLOW_TRACKING_TOKEN": "",
        "MLFLOW_TRACKING_USERNAME": "someone",
        "MLFLOW_TRACKING_PASSWORD": PASSWORD,
    },
}
STATUSES = (200, 400, 401, 403, 407, 500)


def echo(how: str, status: int, header: str, decoded: str):
    """Repeats what a header says, in every spelling at once and by turns."""

    def act(request):
        sent = request.headers.get(header, "")
        texts = list(attacks.spellings(sent).values()) + list(attacks.spellings(decoded).values())
        texts.append(" ".join(texts))
        text = texts[(request.index + len(how) + status) % len(texts)]
        return attacks.reply(status, attacks.ECHOES[how](text), f"X-Echo: {text}\r\nLocation: /{text}\r\n")

    return act


def echoes(given, chance):
    how, status = given["how"], given["status"]
    for login, secret in (("token", TOKEN), ("password", PASSWORD)):
        environment = LOGIN[login]
        for each in commands(chance, 1, always=()):
            yield Case(
                echo(how, status, "authorization", secret),
                "mlflow",
                each,
                timeout="1s",
                environment=environment,
                arguments=["--verbose"],
            )
    yield Case(echo(how, status, "authorization", TOKEN), "unity", chance.choice(list(COMMANDS)), timeout="1s")
    for scheme in ("http", "https"):
        yield Case(
            echo(how, status, "proxy-authorization", PROXY_PASSWORD),
            "mlflow",
            chance.choice(list(COMMANDS)),
            timeout="1s",
            url=f"{scheme}://registry.example",
            environment={f"{scheme}_proxy": f"http://{PROXY}@127.0.0.1:{{port}}"},
            arguments=["--insecure-http", "--verbose"],
        )


def check_secrets(ran, secrets) -> None:
    """Nothing that was written has a secret in any spelling, nor a good part of one."""
    written = "\n".join([ran.out, ran.err, *ran.reports.values()]).lower()
    for secret in secrets:
        spelled = attacks.spellings(secret)
        found = [name for name, text in spelled.items() if text.lower() in written]
        parts = [secret[at : at + 8].lower() for at in range(len(secret) - 7)]
        assert not found and not any(part in written for part in parts), f"{found} of a secret is shown\n{ran}"


@pytest.mark.parametrize("how", attacks.ECHOES)
@pytest.mark.parametrize("status", STATUSES)
@makes(echoes)
def test_no_answer_brings_a_secret_out(status, how, cases):
    pairs = [f"someone:{PASSWORD}", f"proxyuser:{PROXY_PASSWORD}"]
    basic = [base64.b64encode(pair.encode()).decode() for pair in pairs]
    for ran in ended(cases):
        assert ran.requests, f"nothing was sent\n{ran}"
        check_secrets(ran, [TOKEN, PASSWORD, PROXY_PASSWORD, PROXY.partition(":")[2], *basic])


def any_token(chance) -> str:
    return chance.choice(["dapi", "dkea", "dose"]) + "".join(chance.choice("0123456789abcdef") for _ in range(32))


JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzb21lb25lQGV4YW1wbGUuY29tIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
PLACES = {
    "host": lambda token: (["list", "--registry", f"https://{token}"], {}),
    "host_with_path": lambda token: (["show", A, "--registry", f"http://127.0.0.1:1/{token}"], {}),
    "host_below": lambda token: (["plan", "job.yaml", "--registry", f"https://{token}.example.com"], {}),
    "user": lambda token: (["list", "--registry", f"https://{token}@127.0.0.1:1"], {}),
    "port": lambda token: (["list", "--registry", f"https://127.0.0.1:{token}"], {}),
    "scheme": lambda token: (["list", "--registry", f"{token}://host"], {}),
    "profile": lambda token: (
        ["list", "--registry", f"databricks-uc://{token}", "--catalog", "a", "--schema", "b"],
        {},
    ),
    "profile_run": lambda token: (["run", "job.yaml", "--registry", f"databricks-uc://{token}"], {}),
    "folder": lambda token: (["run", "job.yaml", "--registry", f"./{token}"], {}),
    "file": lambda token: (["list", "--registry", f"file:{token}"], {}),
    "databricks_host": lambda token: (
        ["doctor", "--registry", "databricks-uc"],
        {"DATABRICKS_HOST": f"https://{token}", "DATABRICKS_TOKEN": token},
    ),
    "databricks_host_bare": lambda token: (
        ["plan", "job.yaml", "--registry", "databricks-uc"],
        {"DATABRICKS_HOST": token, "DATABRICKS_TOKEN": token},
    ),
    "config_profile": lambda token: (
        ["plan", "job.yaml", "--registry", "databricks-uc"],
        {"DATABRICKS_CONFIG_PROFILE": token},
    ),
    "config_file": lambda token: (
        ["plan", "job.yaml", "--registry", "databricks-uc"],
        {"DATABRICKS_CONFIG_FILE": f"/x/{token}"},
    ),
    "auth_type": lambda token: (
        ["plan", "job.yaml", "--registry", "databricks-uc"],
        {"DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_TOKEN": token, "DATABRICKS_AUTH_TYPE": token},
    ),
    "tracking_uri": lambda token: (["plan", "job.yaml"], {"MLFLOW_TRACKING_URI": f"https://{token}"}),
    "tracking_uri_bare": lambda token: (["run", "job.yaml"], {"MLFLOW_TRACKING_URI": token}),
    "registry_uri": lambda token: (["list"], {"MLFLOW_REGISTRY_URI": f"databricks-uc://{token}"}),
    "certificate": lambda token: (
        ["list", "--registry", "https://127.0.0.1:1"],
        {"MLFLOW_TRACKING_SERVER_CERT_PATH": token},
    ),
    "client_certificate": lambda token: (
        ["list", "--registry", "https://127.0.0.1:1"],
        {"MLFLOW_TRACKING_CLIENT_CERT_PATH": f"/x/{token}"},
    ),
    "authority": lambda token: (["list", "--registry", "https://127.0.0.1:1"], {"SSL_CERT_FILE": f"/x/{token}.pem"}),
    "insecure_tls": lambda token: (
        ["list", "--registry", "https://127.0.0.1:1"],
        {"MLFLOW_TRACKING_INSECURE_TLS": token},
    ),
    "plugin": lambda token: (["list", "--registry", "http://127.0.0.1:1"], {"MLFLOW_TRACKING_AUTH": token}),
    "proxy": lambda token: (["list", "--registry", "http://registry.example"], {"http_proxy": f"http://{token}:1"}),
    "name": lambda token: (["load", f"prompts:/{token}/1", "--registry", "./mlruns"], {}),
    "name_alias": lambda token: (["load", f"prompts:/main.agents.x@{token}", "--registry", "./mlruns"], {}),
    "name_bare": lambda token: (["show", token, "--registry", "./mlruns"], {}),
    "name_bad": lambda token: (["load", f"prompts:/a b/{token}", "--registry", "./mlruns"], {}),
    "history_name": lambda token: (["history", token, "--registry", "./mlruns"], {}),
    "diff": lambda token: (["diff", f"prompts:/{token}@a", f"prompts:/{token}@b", "--registry", "./mlruns"], {}),
    "copy": lambda token: (["copy", "--from", f"https://{token}", "--to", "./x"], {}),
    "promote_name": lambda token: (["promote", token, "--from", "a", "--to", "b", "--registry", "./mlruns"], {}),
    "catalog": lambda token: (["list", "--catalog", token, "--schema", token, "--registry", "./mlruns"], {}),
    "job_path": lambda token: (["plan", f"jobs/{token}.yaml"], {}),
    "unknown_flag": lambda token: (["plan", "job.yaml", f"--{token}"], {}),
    "unknown_command": lambda token: ([token], {}),
    "target": lambda token: (["plan", "job.yaml", "--target", token], {}),
    "timeout": lambda token: (["plan", "job.yaml", "--timeout", token], {}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_token_in_a_wrong_place_is_not_shown(place, runs, seed):
    chance = random.Random(f"{seed} {place}")
    folder = runs.folder / f"token-{place}"
    (folder / "prompts").mkdir(parents=True)
    (folder / "job.yaml").write_text(JOB)
    for letter, text in TEXTS.items():
        (folder / "prompts" / f"{letter}.md").write_text(text)
    for token in (any_token(chance), JWT):
        words, environment = PLACES[place](token)
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder)} | environment
        launcher = runs.launchers.get()
        answer = launcher.run(
            [
                str(runs.program).encode(),
                *(word.encode() for word in words),
                *([b"--timeout", b"1s"] * ("timeout" != place)),
            ],
            folder,
            {name: value.encode() for name, value in environment.items()},
        )
        runs.launchers.put(launcher)
        written = b"".join(answer["output"]).decode()
        assert answer["in_time"] and answer["code"] in {0, 1, 64, 65, 69, 77}, f"{answer['code']}\n{written}"
        for at in range(0, len(token) - 11):
            assert token[at : at + 12] not in written, f"HOSTILE_SEED={seed}\n{written}"
