"""What goes wrong on a bad day: for each request, by a seed, all that may happen between promptreg and a server.

What happens to a request depends on the seed, on what it asks for, and on how often that was asked for before; not on
when it comes. So a seed always gives the same, however the requests of prompts that are worked on at once interleave.
"""

import random
import re
import threading
import time
import urllib.error
from collections import Counter
from collections.abc import Callable

from fault_proxy import Fault, Request
from faults import BUSY
from other_client import OtherClient
from registries import Registry

# How many times a request that is the same again meets something, so that all of it passes in the end.
PATIENCE = 2
HOW_OFTEN = 0.35
WRITES = ("busy", "before", "page", "reset", "late", "late 504", "after", "reset after", "page after", "half", "slow")
# What makes something has to be made once, so it is lost more often, and late.
MAKING = (*WRITES, "late", "late 504", "reset after", "late", "late 504")
READS = ("busy", "before", "page", "reset", "half", "cut", "slow", "stale", "stale")


class Storm:
    """Chooses what happens to the requests of one run.

    Prompts that `company` has to do with meet nothing that no program could put right: an alias or a journal that is
    written late or read from a cache while somebody else changes it. Only a run that `may_fail` reads anything but lists
    of versions from a cache: one that cannot see what it did itself has to take it for somebody else's.
    """

    def __init__(self, seed: str, remote: Registry, company: "Company | None" = None, may_fail: bool = True):
        self.seed = seed
        self.remote = remote
        self.company = company
        self.may_fail = may_fail
        self.seen: Counter[str] = Counter()
        self.start = time.monotonic()

    def choose(self, request: Request) -> Fault | None:
        """What happens to a request."""
        asked = self.told(request)
        self.seen[asked] += 1
        source = random.Random(f"{self.seed}: {asked}: {self.seen[asked]}")
        has_company = bool(self.company and request.name in self.company.names)
        fault = None
        if self.seen[asked] <= PATIENCE and source.random() < HOW_OFTEN:
            fault = self.fault(request, source, has_company)
        if has_company and (deed := self.company.deed(request, source)):
            fault = fault or Fault("usual")
            if fault.is_forwarded and source.random() < 0.5:
                fault.after = deed
            else:
                fault.before = deed
        return fault

    def told(self, request: Request) -> str:
        """What a request asks for, without what is another each time: the number of the schema, and marks."""
        body = request.body or {}
        what = [body.get(key, "") for key in ("alias", "key", "version")] + [request.query.get("alias", "")]
        named = re.search(r"name = '([^']+)'", request.query.get("filter", ""))
        told = f"{request.method} {request.path} {request.name or (named and named[1])} {' '.join(what)}"
        return told.replace(f"{self.remote.schema}.", "").replace(self.remote.schema, "")

    def fault(self, request: Request, source: random.Random, has_company: bool) -> Fault | None:
        """What goes wrong with a request."""
        is_made = self.remote.is_version(request) or self.remote.is_creation(request)
        kind = source.choice(MAKING if is_made else WRITES if request.is_write else READS)
        if has_company and (kind == "stale" or (kind.startswith("late") and not is_made)):
            return None
        if kind == "stale" and not (self.may_fail or request.path.endswith("versions/search")):
            return None
        match kind:
            case "busy":
                return Fault("status", status=source.choice([429, 503]), code=BUSY, headers={"Retry-After": "0"})
            case "before" | "after":
                return Fault("status", status=source.choice([500, 503]), takes_effect=kind == "after")
            case "page" | "page after":
                return Fault("page", status=source.choice([502, 504]), takes_effect=kind == "page after")
            case "reset" | "reset after":
                return Fault("reset", takes_effect=kind == "reset after")
            case "late":
                return Fault("reset", late=source.uniform(2, 6))
            case "late 504":
                return Fault("status", status=504, late=source.uniform(2, 6))
            case "half" | "cut":
                return Fault(kind)
            case "slow":
                return Fault("usual", seconds=source.uniform(0.1, 1))
            case "stale":
                # Older than the run it is not: what was there when the run began, every program may rely on.
                return Fault("stale", age=min(source.uniform(0.3, 3), time.monotonic() - self.start))


class Company:
    """Somebody else, who does something to some prompts in between the requests of a run."""

    def __init__(self, others: OtherClient, names: list[str]):
        self.others = others
        self.names = set(names)
        self.lock = threading.Lock()

    def deed(self, request: Request, source: random.Random) -> Callable[[], None] | None:
        """What they do at a request, if anything."""
        remote = self.others.remote
        kinds = ["register", "delete", "tag", "tag version", "own alias"]
        # Between the moment when an alias or a journal is read and the one when it is written, no server lets a program
        # see what others do; so these come before.
        if remote.is_version(request) or remote.is_creation(request):
            kinds += ["move", "remove", "journal"] * 2
        if source.random() >= 0.4:
            return None
        kind, seed = source.choice(kinds), source.random()

        def deed():
            with self.lock:
                try:
                    self.do(kind, request.name, random.Random(seed))
                except urllib.error.HTTPError as error:
                    # Such as for a prompt that there is not yet.
                    assert error.code < 500, error

        deed.__name__ = kind.replace(" ", "_")
        return deed

    def do(self, kind: str, name: str, source: random.Random) -> None:
        """Does something to a prompt, as far as it can be done."""
        prompt = self.others.remote.everything().get(name)
        if prompt is None:
            if kind == "register":
                self.others.create(name)
            return
        theirs = self.others.on(name).versions
        own = [number for number in theirs if number not in prompt.aliases.values()]
        # What no run has to do with, and so removes.
        old = [number for number in prompt.versions if number == 1 or number in theirs]
        match kind:
            case "register":
                self.others.register(name, f"Somebody else's {source.random()}")
            case "delete" if own:
                self.others.delete_version(name, source.choice(own))
            case "tag":
                self.others.tag(name, source.choice(["note", "score"]), f"{source.random()}")
            case "tag version" if own:
                self.others.tag_version(name, source.choice(own), "score", f"{source.random()}")
            case "own alias" if own:
                self.others.move(name, "canary", source.choice(own))
            case "journal" if own:
                self.others.journal(name, "canary", source.choice(own))
            case "move" if old:
                self.others.move(name, source.choice(["production", "staging"]), source.choice(old))
            case "remove" if prompt.aliases:
                self.others.remove(name, source.choice(sorted(prompt.aliases)))
