"""What the servers do that mean the program harm."""

import base64
import copy
import html
import json
import random
import urllib.parse
import zlib

from hostile_server import HANG, RESET, Attack, Request, reply
from registry_backends import NAMES, TAGS, listed

STEERING = "\x1b[2J\x1b]0;title\x07\r\x08\x9b31m\u202eevil\u2066\x00\n::error::x"
JSON_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MEGABYTE = 1 << 20
BLANKS = b" " * MEGABYTE


def is_api(request: Request) -> bool:
    return request.path.startswith("/api/2.0/mlflow/")


def is_read(request: Request) -> bool:
    return is_api(request) and not request.is_write


def is_page(request: Request) -> bool:
    return request.path.endswith("/search")


def on(matches, act) -> Attack:
    """Does something to some requests; the others get the usual."""
    return lambda request: act(request) if matches(request) else request.usual()


def body(content: bytes | str) -> Attack:
    """Answers each read with the same."""
    return on(is_read, lambda request: reply(200, content))


# Answers that are well formed, and not true.


def change(value, key: str, new) -> None:
    """Gives all fields of a name new values, however deep they are."""
    if isinstance(value, dict):
        for name in value:
            if name == key:
                value[name] = new(value[name])
            else:
                change(value[name], key, new)
    elif isinstance(value, list):
        for each in value:
            change(each, key, new)


def lie(mutate, matches=is_read) -> Attack:
    """Answers some requests with what `mutate` makes of the usual."""

    def act(request: Request) -> bytes:
        status, answer = request.answer()
        if status != 200 or not isinstance(answer, dict):
            return reply(status, answer)
        changed = copy.deepcopy(answer)
        new = mutate(changed)
        return reply(200, changed if new is None else new)

    return on(matches, act)


def field(key: str, new, matches=is_read) -> Attack:
    """Gives a field the value that `new` makes of the old one; a constant is the value."""
    return lie(lambda answer: change(answer, key, new if callable(new) else lambda _: new), matches)


def raw_field(key: str, text: str) -> Attack:
    """Writes a field as JSON that Python would not."""
    return lie(lambda answer: change(answer, key, lambda _: "@@") or json.dumps(answer).replace('"@@"', text))


def counting_down():
    """Versions that go down with each answer."""
    left = iter(range(1000, 0, -1))
    return lambda _: str(next(left, 1))


def twice(answer: dict) -> str:
    """Every key is there twice, first with another value."""
    text = json.dumps(answer)
    for key in ("name", "version", "value", "alias"):
        text = text.replace(f'"{key}":', f'"{key}": "9", "{key}":')
    return text


NUMBERS = {
    "zero": "0",
    "negative": "-1",
    "plus": "+2",
    "beyond_32_bits": str(1 << 31),
    "beyond_64_bits": str(1 << 64),
    "long": "9" * 5000,
    "fraction": "1.5",
    "exponent": "1e1",
    "text": "newest",
    "empty": "",
    "arabic": "٢",
    "steering": STEERING,
    "hexadecimal": "0x2",
    "padded": " 2",
}
RAW_NUMBERS = {
    "raw_zero": "0",
    "raw_negative": "-1",
    "raw_fraction": "1.5",
    "raw_huge": "1e400",
    "raw_nan": "NaN",
    "raw_infinity": "-Infinity",
    "raw_digits": "1" * 400,
    "raw_leading_zero": "02",
    "raw_null": "null",
    "raw_list": "[1]",
    "raw_object": "{}",
    "raw_true": "true",
}
MANY_ALIASES = [{"alias": f"alias_{n}", "version": "1"} for n in range(100_000)]
NESTED = "[" * 200_000 + "]" * 200_000


def deep_in(key: str) -> Attack:
    return raw_field(key, NESTED)


def lies() -> dict[str, Attack]:
    """False answers to reads."""
    found: dict[str, Attack] = {}
    found |= {f"version_{name}": field("version", value) for name, value in NUMBERS.items()}
    found |= {f"version_{name}": raw_field("version", value) for name, value in RAW_NUMBERS.items()}
    found |= {
        "version_down": lie(lambda answer, new=counting_down(): change(answer, "version", new)),
        "name_of_another": field("name", NAMES["b"]),
        "name_of_none": field("name", "main.agents.prompt_z"),
        "name_of_another_schema": field("name", lambda name: str(name).replace("main.", "other.")),
        "name_in_upper_case": field("name", lambda name: str(name).upper()),
        "name_steering": field("name", STEERING),
        "name_long": field("name", "n" * MEGABYTE),
        "name_empty": field("name", ""),
        "name_null": field("name", None),
        "name_a_path": field("name", "../../../etc/passwd"),
        "name_an_address": field("name", "prompts:/x/../y@z"),
        "alias_of_another": field("alias", "staging"),
        "alias_steering": field("alias", STEERING),
        "alias_reserved": field("alias", "latest"),
        "aliases_many": field("aliases", MANY_ALIASES),
        "aliases_elsewhere": field("aliases", lambda _: [{"alias": "production", "version": "77"}]),
        "aliases_twice": field("aliases", lambda _: [{"alias": "production", "version": str(n)} for n in (2, 1, 2, 1)]),
        "aliases_a_text": field("aliases", "production"),
        "tags_repeated": field("tags", lambda tags: [*tags, *listed(TAGS | {"mlflow.prompt.text": "x"})] * 2000),
        "tags_without_key": field("tags", lambda tags: [*tags, {"value": "x"}]),
        "tags_of_numbers": field("tags", lambda tags: [*tags, {"key": "n", "value": 1}]),
        "tags_steering": field("tags", lambda tags: [*tags, {"key": STEERING, "value": STEERING}]),
        "tags_null": field("tags", None),
        "journal_of_nonsense": field("tags", lambda tags: [*tags, {"key": "promptreg_alias_log", "value": NESTED}]),
        "journal_of_steering": field(
            "tags",
            lambda tags: [
                *tags,
                {
                    "key": "promptreg_alias_log",
                    "value": json.dumps(
                        [
                            {
                                "alias": STEERING,
                                "from": -1,
                                "to": 1 << 40,
                                "at": STEERING,
                                "by": STEERING,
                                "commit": STEERING,
                                "job": STEERING,
                            }
                        ]
                        * 50
                    ),
                },
            ],
        ),
        "description_steering": field("description", STEERING * 100),
        "description_a_list": field("description", ["x"]),
        "time_far": field("creation_timestamp", "9" * 300),
        "time_negative": field("creation_timestamp", "-1"),
        "texts_steering": field("value", lambda value: STEERING + str(value)),
        "templates_steering": field("template", STEERING),
        "nothing_in_it": lie(lambda answer: {}),
        "duplicate_keys": lie(twice),
        "nulls": lie(lambda answer: {key: None for key in answer}),
        "lists": lie(lambda answer: {key: [value] for key, value in answer.items()}),
        "an_answer_to_another_call": lie(lambda answer: {"experiments": [{"experiment_id": "0"}]}),
        "deep_version": deep_in("version"),
        "deep_tags": deep_in("tags"),
        "deep_name": deep_in("name"),
    }
    found |= {
        "body_deep_lists": body("[" * MEGABYTE),
        "body_deep_objects": body('{"a":' * MEGABYTE),
        "body_deep_keys": body('{"registered_model":' * 100_000 + "{}" + "}" * 100_000),
        "body_invalid_utf8": body(b'{"registered_model": {"name": "\xff\xfe\xc0\x80"}}'),
        "body_surrogates": body(b'{"registered_model": {"name": "\\ud800"}}'),
        "body_nuls": body(b"\0" * MEGABYTE),
        "body_utf16": body('{"registered_model": {}}'.encode("utf-16")),
        "body_a_number": body("1" * MEGABYTE),
        "body_a_text": body('"' + "x" * MEGABYTE),
        "body_null": body("null"),
        "body_empty": body(""),
        "body_blanks": body(" " * MEGABYTE),
        "body_html": body("<!doctype html><title>" + STEERING + "</title><script>alert(1)</script>" * 1000),
        "body_steering": body(STEERING * 1000),
        "body_trailing": on(is_read, lambda request: reply(200, json.dumps(request.answer()[1]) + "}}]")),
    }
    return found


# Lists.


def page(answer: dict, entries: list, token: str) -> dict:
    """A page with other entries, whichever list it is of."""
    key = next((key for key in answer if key != "next_page_token"), "registered_models")
    return {key: entries, "next_page_token": token}


def pages(entries, token) -> Attack:
    """Answers each search with a page; `entries` are made of the usual ones, `token` of how many came before."""

    def act(request: Request) -> bytes:
        _, answer = request.answer()
        usual = next((value for value in answer.values() if isinstance(value, list)), [])
        return reply(200, page(answer, entries(usual), token(request.index)))

    return on(is_page, act)


PAGES = {
    "no_end": pages(lambda usual: usual, lambda n: f"t{n}"),
    "no_end_and_empty": pages(lambda usual: [], lambda n: f"t{n}"),
    "one_token": pages(lambda usual: usual, lambda n: "same"),
    "one_token_and_empty": pages(lambda usual: [], lambda n: "same"),
    "two_tokens": pages(lambda usual: usual, lambda n: f"t{n % 2}"),
    "long_tokens": pages(lambda usual: usual, lambda n: f"{n}" + "t" * 60_000),
    "steering_tokens": pages(lambda usual: usual, lambda n: STEERING + str(n)),
    "of_others": pages(
        lambda usual: [entry | {"name": f"main.other.prompt_{n}"} for n, entry in enumerate(usual)], lambda n: ""
    ),
    "all_of_one": pages(lambda usual: [entry | {"name": NAMES["b"]} for entry in usual], lambda n: ""),
    "repeated": pages(lambda usual: usual * 200, lambda n: ""),
    "of_nulls": pages(lambda usual: [None] * 1000, lambda n: ""),
    "of_empty_entries": pages(lambda usual: [{}] * 1000, lambda n: ""),
    "many_and_no_end": pages(
        lambda usual: [{"name": f"main.agents.{random.Random(n).random()}", "tags": listed(TAGS)} for n in range(1000)],
        lambda n: f"t{n}",
    ),
}


# What is not, or hardly, HTTP.


def script(*pieces, matches=lambda request: True) -> Attack:
    """Sends the same pieces to all; a function is asked for what it makes of the usual answer."""

    def act(request: Request):
        return (piece(request) if callable(piece) else piece for piece in pieces)

    return lambda request: act(request) if matches(request) else request.usual()


def with_headers(headers: str, status: int = 200) -> Attack:
    """The usual answers with more headers."""
    return lambda request: reply(request.answer()[0] if status == 200 else status, request.answer()[1], headers)


def endless(piece: bytes, head: bytes = JSON_HEAD + b"\r\n", wait: float = 0) -> Attack:
    """Goes on and on."""

    def act(request: Request):
        yield head
        while True:
            yield piece
            if wait:
                yield wait

    return act


def part(first: float, last: float, *then) -> Attack:
    """A part of the usual answer, by shares of it, and then something else."""
    return script(lambda request: (usual := request.usual())[int(len(usual) * first) : int(len(usual) * last)], *then)


def chunked(content: bytes, size: str = "{:x}") -> bytes:
    return f"{size.format(len(content))}\r\n".encode() + content + b"\r\n0\r\n\r\n"


def squeezed(content: bytes, times: int = 1) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    return b"".join(packer.compress(content) for _ in range(times)) + packer.flush()


CHUNKED = JSON_HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = JSON_HEAD + b"Content-Encoding: gzip\r\n\r\n"
BOMB = squeezed(bytes(MEGABYTE), 400)
LOCATIONS = {
    "itself": "/api/2.0/mlflow/registered-models/search",
    "another_host": "http://registry.example/login",
    "another_port": "http://127.0.0.1:1/",
    "a_file": "file:///etc/passwd",
    "nothing": "",
    "steering": "http://" + "x\x1b[2J\x07",
    "a_password": "http://user:word@127.0.0.1/",
    "long": "/" + "x" * 100_000,
}
WAITS = {
    "negative": "-5",
    "huge": "9" * 300,
    "exponent": "1e300",
    "hexadecimal": "0x7fffffff",
    "nan": "nan",
    "infinity": "inf",
    "junk": "soon",
    "empty": "",
    "fraction": "0.5",
    "steering": "\x1b[2J",
    "a_date": "Fri, 31 Dec 9999 23:59:59 GMT",
    "a_date_before": "Thu, 01 Jan 1970 00:00:00 GMT",
    "no_date": "Fri, 99 Zzz 20260 99:99:99 GMT",
    "an_hour": "3600",
    "long": "1" * 100_000,
}


def status(code: int, content="{}", headers: str = "", matches=is_api) -> Attack:
    return on(matches, lambda request: reply(code, content, headers))


def wires() -> dict[str, Attack]:
    """Answers that are not HTTP as it should be, each to its end."""
    usual = lambda request: json.dumps(request.answer()[1]).encode()  # noqa: E731
    found = {
        "http_0.9": script(usual),
        "no_http": script(b"220 mail.example ESMTP\r\n"),
        "steering_status": script(b"HTTP/1.1 500 " + STEERING.encode() + b"\r\n\r\n"),
        "status_of_letters": script(b"HTTP/1.1 abc OK\r\n\r\n"),
        "status_999": script(b"HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n"),
        "status_0": script(b"HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n"),
        "http_9": script(b"HTTP/9.9 200 OK\r\n\r\n{}"),
        "http_2": script(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        "long_status_line": script(b"HTTP/1.1 200 " + b"x" * MEGABYTE + b"\r\n\r\n{}"),
        "many_headers": script(JSON_HEAD, b"X-Flood: x\r\n" * 100_000, b"\r\n{}"),
        "one_long_header": script(JSON_HEAD, b"X-Flood: " + b"x" * MEGABYTE + b"\r\n\r\n{}"),
        "folded_headers": script(JSON_HEAD, b"X: x\r\n" + b" more\r\n" * 50_000, b"\r\n{}"),
        "header_without_colon": script(JSON_HEAD, b"nonsense\r\n\r\n", usual),
        "endless_headers": endless(b"X-Flood: x\r\n" * 1000, JSON_HEAD),
        "interim_flood": endless(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, b""),
        "early_hints_flood": endless(b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" * 1000, b""),
        "switching": script(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", usual),
        "endless_body": endless(b" " * MEGABYTE),
        "endless_chunks": endless(b"1\r\n \r\n" * 10_000, CHUNKED),
        "huge_length": script(JSON_HEAD, b"Content-Length: 99999999999999999999\r\n\r\n", usual),
        "negative_length": script(JSON_HEAD, b"Content-Length: -1\r\n\r\n", usual),
        "length_of_letters": script(JSON_HEAD, b"Content-Length: abc\r\n\r\n", usual),
        "two_lengths": script(JSON_HEAD, b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n", usual),
        "too_short": script(JSON_HEAD, b"Content-Length: 100000\r\n\r\n", usual),
        "too_long": script(JSON_HEAD, b"Content-Length: 5\r\n\r\n", usual),
        "no_length": script(JSON_HEAD, b"Content-Length: 0\r\n\r\n", usual),
        "chunks_of_letters": script(CHUNKED, b"zz\r\n", usual),
        "chunks_huge": script(CHUNKED, b"ffffffffffffffff\r\n", usual),
        "chunks_negative": script(CHUNKED, b"-5\r\n", usual),
        "chunks_cut": script(CHUNKED, b"ffff\r\n", usual),
        "gzip_garbage": script(GZIP, usual),
        "gzip_cut": script(GZIP, lambda request: squeezed(usual(request))[:-9]),
        "gzip_bomb": script(GZIP, BOMB),
        "gzip_twice": script(
            JSON_HEAD, b"Content-Encoding: gzip, gzip\r\n\r\n", lambda request: squeezed(squeezed(usual(request)))
        ),
        "many_encodings": script(JSON_HEAD, b"Content-Encoding: " + b"gzip, " * 100 + b"gzip\r\n\r\n", BOMB),
        "unknown_encoding": script(JSON_HEAD, b"Content-Encoding: zip\r\n\r\n", usual),
        "status_204": script(b"HTTP/1.1 204 No Content\r\n\r\n"),
        "status_205": status(205, ""),
        "status_206": status(206, '{"registered_mo'),
        "status_300": status(300),
        "status_304": script(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        "status_418": status(418, '{"message": "' + "x" * 100_000 + '"}'),
        "status_451": status(451, "<html>" + STEERING),
        "status_600": status(600),
        "status_401_asking": status(401, "{}", 'WWW-Authenticate: Negotiate, NTLM, Digest realm="x", nonce="y"\r\n'),
        "error_steering": status(400, json.dumps({"error_code": STEERING, "message": STEERING})),
        "error_of_lists": status(400, json.dumps({"error_code": ["x"], "message": {"x": 1}})),
        "error_deep": status(500, NESTED),
    }
    found |= {f"redirect_to_{name}": status(302, "", f"Location: {to}\r\n") for name, to in LOCATIONS.items()}
    found |= {f"redirect_{code}": status(code, "", "Location: /x\r\n") for code in (301, 303, 307, 308)}
    found |= {
        f"wait_{name}": status(503 if n % 2 else 429, "{}", f"Retry-After: {wait}\r\n")
        for n, (name, wait) in enumerate(WAITS.items())
    }
    found |= {
        "closed_at_0": script(),
        "closed_in_status": script(b"HTTP/1.1 2"),
        "closed_in_head": script(JSON_HEAD),
        "closed_after_head": script(JSON_HEAD, b"Content-Length: 50\r\n\r\n"),
        "closed_in_body": part(0, 0.9),
        "reset_at_0": script(RESET),
        "reset_in_head": script(JSON_HEAD, RESET),
        "reset_in_body": part(0, 0.9, RESET),
    }
    return found


# What is unusual, and right: all works.
HARMLESS = {
    "http_1.0": lambda request: reply(*request.answer(), version="HTTP/1.0"),
    "http_1.0_without_length": script(
        b"HTTP/1.0 200 OK\r\n\r\n",
        lambda request: json.dumps(request.answer()[1]).encode(),
        matches=lambda request: request.answer()[0] == 200,
    ),
    "chunks": script(
        CHUNKED,
        lambda request: chunked(json.dumps(request.answer()[1]).encode()),
        matches=lambda request: request.answer()[0] == 200,
    ),
    "gzip": script(
        GZIP,
        lambda request: squeezed(json.dumps(request.answer()[1]).encode()),
        matches=lambda request: request.answer()[0] == 200,
    ),
    "interim_answers": script(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n", lambda request: request.usual()
    ),
    "cookies": with_headers("Set-Cookie: s=1; Path=/; HttpOnly\r\nSet-Cookie: t=" + "x" * 3000 + "\r\n"),
    "folded_header": with_headers("X-Long: a\r\n b\r\n"),
    "slow": lambda request: iter([0.05, request.usual()]),
    "odd_type": with_headers("Content-Type: text/plain; charset=utf-16\r\n"),
    "many_fields": lie(lambda answer: answer.update({f"field_{n}": {"x": [n]} for n in range(2000)})),
}


# What never ends, so that only a limit of time does.


def trickle(content: bytes, head: bytes = b"") -> Attack:
    """A byte a second."""

    def act(request: Request):
        yield head
        for byte in content * 100:
            yield bytes([byte])
            yield 1.0

    return act


def after(count: int, act: Attack) -> Attack:
    """The usual first."""
    return lambda request: request.usual() if request.index < count else act(request)


def is_write(request: Request) -> bool:
    return request.is_write


HANGING = {
    "no_answer": script(HANG),
    "in_status": script(b"HTTP/1.1 ", HANG),
    "in_head": script(JSON_HEAD, HANG),
    "in_body": part(0, 0.8, HANG),
    "after_body": script(JSON_HEAD, b"\r\n{}", HANG),
    "slow_status": trickle(b"x", b"HTTP/1.1 200 "),
    "slow_head": trickle(b"X: x\r\n", JSON_HEAD),
    "slow_body": trickle(b" ", JSON_HEAD + b"\r\n"),
    "slow_chunks": trickle(b"1\r\n \r\n", CHUNKED),
    "slow_gzip": trickle(BOMB[:100], GZIP),
    "interim_for_ever": endless(b"HTTP/1.1 102 Processing\r\n\r\n", b"", 0.2),
    "second_request": after(1, script(HANG)),
    "writes": on(is_write, script(HANG)),
    "aliases": on(lambda request: request.is_write and "/alias" in request.path, script(HANG)),
    "writes_done": on(is_write, lambda request: iter([str(request.answer())[:0].encode(), HANG])),
    "writes_wait": status(503, "{}", "Retry-After: 20\r\n", is_write),
    "waits": status(503, "{}", "Retry-After: 1\r\n"),
    "waits_long": status(429, "{}", "Retry-After: 3600\r\n"),
    "errors": status(500),
    "redirects": on(is_api, lambda request: reply(302, "", f"Location: {request.path}?n={request.index}\r\n")),
    "empty_pages": pages(lambda usual: [], lambda n: f"t{n}"),
    "many_pages": pages(lambda usual: usual, lambda n: f"t{n}"),
}
CONNECTIONS = {
    "refused_after_accept": lambda: iter([]),
    "reset_after_accept": lambda: iter([RESET]),
    "never_read": lambda: iter([HANG]),
    "answer_before_request": lambda: iter([JSON_HEAD + b"\r\n{}"]),
}


# Lies about writes.


def pretend(matches, answer) -> Attack:
    """Says that a write was done, and does nothing."""
    return on(matches, lambda request: reply(200, answer(request)))


def creates_version(request: Request) -> bool:
    body = request.body or {}
    return request.method == "POST" and ("prompt_version" in body or request.path.endswith("model-versions/create"))


def sets_alias(request: Request) -> bool:
    return request.is_write and "alias" in request.path


def version_answer(request: Request, number: str) -> dict:
    version = {"name": request.body["name"], "version": number, "tags": request.body.get("tags", [])}
    return version if request.backend.kind == "unity" else {"model_version": version}


def done_with_number(number: str) -> Attack:
    """Creates the version, and names another number."""

    def act(request: Request) -> bytes:
        request.answer()
        return reply(200, version_answer(request, number))

    return on(creates_version, act)


def misplaced_alias(request: Request) -> bytes:
    """Moves the alias to another version than was asked for."""
    if request.body.get("version"):
        request.body["version"] = "1" if request.body["version"] != "1" else "2"
    status, answer = request.answer()
    return reply(200, answer if status == 200 else {})


WRITE_LIES = {
    "version_not_made": pretend(creates_version, lambda request: version_answer(request, "7")),
    "version_not_made_but_next": pretend(
        creates_version, lambda request: version_answer(request, "1" if request.body["name"] == NAMES["c"] else "3")
    ),
    "version_not_made_but_older": pretend(creates_version, lambda request: version_answer(request, "2")),
    "version_of_zero": done_with_number("0"),
    "version_of_older": done_with_number("1"),
    "version_of_much_newer": done_with_number("50"),
    "version_beyond": done_with_number(str(1 << 31)),
    "version_of_nothing": on(creates_version, lambda request: (request.answer(), reply(200, {}))[1]),
    "version_of_another": on(
        creates_version,
        lambda request: (request.answer(), reply(200, json.dumps(request.answer()[1]).replace("prompt_", "prompts_")))[
            1
        ],
    ),
    "alias_not_moved": pretend(sets_alias, lambda request: {}),
    "alias_elsewhere": on(sets_alias, misplaced_alias),
    "nothing_done": pretend(
        lambda request: request.is_write and is_api(request),
        lambda request: (
            version_answer(request, "9")
            if creates_version(request)
            else {
                "registered_model": {"name": (request.body or {}).get("name", "")},
                "name": (request.body or {}).get("name", ""),
            }
        ),
    ),
    "tags_not_set": pretend(lambda request: request.is_write and "tag" in request.path, lambda request: {}),
}


# What repeats secrets.


def spellings(secret: str) -> dict[str, str]:
    """How an answer may repeat a header or a password."""
    bare = secret.partition(" ")[2] or secret
    escaped = {char: f"\\u{ord(char):04X}" for char in "\"'&<>+`\\"}
    return {
        "raw": secret,
        "bare": bare,
        "upper": bare.upper(),
        "url": urllib.parse.quote(bare, safe=""),
        "url_path": urllib.parse.quote(bare),
        "url_plus": urllib.parse.quote_plus(bare),
        "url_twice": urllib.parse.quote(urllib.parse.quote(bare, safe=""), safe=""),
        "json": json.dumps(bare)[1:-1],
        "json_twice": json.dumps(json.dumps(bare)[1:-1])[1:-1],
        "json_of_dotnet": "".join(escaped.get(char, char) for char in bare),
        "json_ascii": "".join(f"\\u{ord(char):04x}" for char in bare),
        "json_slashes": json.dumps(bare)[1:-1].replace("/", "\\/"),
        "html": html.escape(bare),
        "base64": base64.b64encode(bare.encode()).decode(),
        "base64_url": base64.urlsafe_b64encode(bare.encode()).decode().rstrip("="),
        "base64_within": base64.b64encode(b"x" + bare.encode() + b"yy").decode(),
        "hex": bare.encode().hex(),
        "hex_upper": bare.encode().hex().upper(),
        "backwards": bare[::-1],
        "base64_whole": base64.b64encode(secret.encode()).decode(),
    }


ECHOES = {
    "message": lambda text: json.dumps({"error_code": "X", "message": f"you sent {text} to me"}),
    "code": lambda text: json.dumps({"error_code": text, "message": ""}),
    "text": lambda text: f"you sent {text}",
    "page": lambda text: f"<html><title>{text}</title>{text}</html>",
    "long": lambda text: "x" * 4080 + text + "x" * 5000,
    "name": lambda text: json.dumps({"registered_model": {"name": text}, "name": text}),
}
