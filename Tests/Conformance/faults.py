"""What can go wrong between promptreg and a server, and what it has to make of each."""

from dataclasses import dataclass

from fault_proxy import PAGE, Fault, Request

BUSY = "REQUEST_LIMIT_EXCEEDED"
ELSEWHERE = {"Location": "http://registry.example/login"}

# What passes. Each ends in the same as if nothing had happened.
PASSING = {
    "408": Fault("status", status=408),
    "429": Fault("status", status=429, code=BUSY),
    "429 with Retry-After": Fault("status", status=429, code=BUSY, headers={"Retry-After": "0"}),
    "429 with a past date": Fault("status", status=429, code=BUSY, retry_at=-5),
    "429 with nonsense": Fault("status", status=429, code=BUSY, headers={"Retry-After": "soon"}),
    "500": Fault("status", status=500),
    "500 after": Fault("status", status=500, takes_effect=True),
    "502 page": Fault("page", status=502),
    "502 page after": Fault("page", status=502, takes_effect=True),
    "503 with Retry-After": Fault("status", status=503, headers={"Retry-After": "0"}),
    "503 after": Fault("status", status=503, takes_effect=True),
    "504": Fault("status", status=504),
    "504 page after": Fault("page", status=504, takes_effect=True),
    "504 before": Fault("status", status=504, late=0.4),
    "502 page before": Fault("page", status=502, late=0.4),
    "reset before": Fault("reset", late=0.4),
    "reset": Fault("reset"),
    "reset after": Fault("reset", takes_effect=True),
    "half, then reset": Fault("half"),
    "half, then closed": Fault("cut"),
    "invalid JSON": Fault("body"),
    "invalid JSON after": Fault("body", takes_effect=True),
    "nothing after": Fault("body", body=b"", takes_effect=True),
    "no JSON at all after": Fault("body", body=b"OK", headers={"Content-Type": "text/plain"}, takes_effect=True),
    "no HTTP": Fault("noise"),
    "no HTTP after": Fault("noise", takes_effect=True),
    "slow": Fault("usual", seconds=0.3),
}

# What is no failure, and needs no second request.
HARMLESS = {
    "JSON called text": Fault("usual", headers={"Content-Type": "text/plain"}),
    "JSON called HTML": Fault("usual", headers={"Content-Type": "text/html; charset=utf-8"}),
    "JSON of no type": Fault("usual", headers={"Content-Type": ""}),
}


@dataclass
class Lasting:
    """A fault that does not pass, the error that is told, and how the program ends.

    It ends otherwise where everything but writing works, for then it is not the registry that is out of reach.
    """

    fault: Fault
    error: str
    code: int
    code_of_writing: int


LASTING = {
    "400": Lasting(Fault("status", status=400, code="INVALID_PARAMETER_VALUE"), "invalid-value", 1, 1),
    "401": Lasting(Fault("status", status=401, code="UNAUTHENTICATED"), "unauthenticated", 77, 77),
    "403": Lasting(Fault("status", status=403, code="PERMISSION_DENIED"), "permission-denied", 77, 77),
    "404 page": Lasting(Fault("page", status=404), "not-a-registry", 69, 1),
    "429": Lasting(Fault("status", status=429, code=BUSY), "unreachable", 69, 69),
    "429 for an hour": Lasting(
        Fault("status", status=429, code=BUSY, headers={"Retry-After": "3600"}), "unreachable", 69, 69
    ),
    "429 until a date": Lasting(Fault("status", status=429, code=BUSY, retry_at=3600), "unreachable", 69, 69),
    "500": Lasting(Fault("status", status=500), "failed", 69, 1),
    "502": Lasting(Fault("page", status=502), "unreachable", 69, 69),
    "503": Lasting(Fault("status", status=503), "unreachable", 69, 69),
    "504": Lasting(Fault("page", status=504), "unreachable", 69, 69),
    "reset": Lasting(Fault("reset"), "unreachable", 69, 69),
    "no HTTP": Lasting(Fault("noise"), "unreachable", 69, 69),
    "silence": Lasting(Fault("silence"), "unreachable", 69, 69),
    "a byte at a time": Lasting(Fault("drip"), "unreachable", 69, 69),
    "page": Lasting(Fault("page", status=200), "not-a-registry", 69, 1),
    "page called JSON": Lasting(Fault("body", body=PAGE), "not-a-registry", 69, 1),
    "invalid JSON": Lasting(Fault("body"), "failed", 69, 1),
    "nothing": Lasting(Fault("body", body=b""), "failed", 69, 1),
    "huge": Lasting(Fault("huge"), "failed", 69, 1),
    "huge, compressed": Lasting(Fault("bomb"), "failed", 69, 1),
    "redirect": Lasting(Fault("page", status=302, headers=ELSEWHERE), "not-a-registry", 69, 1),
    "redirect of all": Lasting(Fault("page", status=307, headers=ELSEWHERE), "not-a-registry", 69, 1),
}

# What no answer tells of, although all of it was done.
LOST = {
    "500": Fault("status", status=500, takes_effect=True),
    "504 page": Fault("page", status=504, takes_effect=True),
    "reset": Fault("reset", takes_effect=True),
    "half": Fault("half"),
    "page": Fault("page", status=200, takes_effect=True),
    "invalid JSON": Fault("body", takes_effect=True),
    "huge": Fault("huge", takes_effect=True),
    "redirect": Fault("page", status=302, headers=ELSEWHERE, takes_effect=True),
}


def once_each(fault: Fault, matches=lambda request: True):
    """Spoils the first request of each kind that matches, for each prompt and alias."""
    seen = set()

    def choose(request: Request) -> Fault | None:
        key = (request.method, request.path, request.name, (request.body or {}).get("alias"))
        if not matches(request) or key in seen:
            return None
        seen.add(key)
        return fault

    return choose
