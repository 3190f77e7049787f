"""Keeps one comment for each job and target on the pull request: the report of the latest commit.

Whatever fails here is a notice or a warning. The result is the program's, and its report is in the step's summary too.
"""

import hashlib
import http.client
import itertools
import json
import os
import time
import urllib.error
import urllib.request
from pathlib import Path

API = os.environ.get("GITHUB_API_URL", "https://api.github.com")
GRAPHQL = os.environ.get("GITHUB_GRAPHQL_URL", "https://api.github.com/graphql")
REPOSITORY = os.environ["GITHUB_REPOSITORY"]
LIMIT = 65_536
ATTEMPTS = 4


def main() -> None:
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    pull_request = event.get("pull_request")
    if not pull_request:
        print("This event has no pull request to comment on.")
        return
    body = comment(marker(), pull_request["head"]["sha"])
    for attempt in range(ATTEMPTS):
        try:
            return write(pull_request["number"], body)
        except urllib.error.HTTPError as error:
            if not is_transient(error):
                return give_up(error)
            after = error.headers.get("Retry-After", "")
            wait, last = int(after) if after.isdecimal() else 2**attempt, error
        except (OSError, http.client.HTTPException, ValueError) as error:
            wait, last = 2**attempt, error
        if attempt < ATTEMPTS - 1:
            time.sleep(min(wait, 60))
    print(f"::warning title=promptreg::the comment could not be written: {shown(last)}")


def marker() -> str:
    """Tells the comment of this job and target from others; a hash, as a name could end the HTML comment."""
    parts = [os.environ[f"INPUT_{name}"] for name in ("DIRECTORY", "JOB", "TARGET")]
    return f"<!-- promptreg-comment {hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]} -->"


def comment(first_line: str, commit: str) -> str:
    command, code = os.environ["INPUT_COMMAND"], os.environ["EXIT_CODE"]
    server, run = os.environ["GITHUB_SERVER_URL"], os.environ["GITHUB_RUN_ID"]
    footer = f"[`promptreg {command}`]({server}/{REPOSITORY}/actions/runs/{run}) of {commit} ended with {code}."
    report = "## promptreg ✗ failed\n\nThere is no report; the log says why.\n"
    if os.environ["REPORT"]:
        report = Path(os.environ["REPORT"]).read_text(encoding="utf-8")
    body = f"{first_line}\n{report}\n{footer}\n"
    # The program keeps below the limit; a comment that GitHub refuses would leave an older one in place.
    return body if len(body) < LIMIT else f"{first_line}\nThe report is too long for a comment.\n\n{footer}\n"


def write(number: int, body: str) -> None:
    """Looks for the comment first, so that a request whose answer was lost leaves no second one when it is repeated."""
    comments = f"{API}/repos/{REPOSITORY}/issues/{number}/comments"
    found = find(comments, body.partition("\n")[0])
    if found is None:
        call("POST", comments, {"body": body})
    else:
        call("PATCH", f"{API}/repos/{REPOSITORY}/issues/comments/{found}", {"body": body})


def find(comments: str, first_line: str) -> int | None:
    """The comment that begins with the marker, written by this token's own account: anybody can write the marker."""
    login = own_login()
    for page in itertools.count(1):
        answer = call("GET", f"{comments}?per_page=100&page={page}")
        for each in answer:
            if (each["user"] or {}).get("login") == login and (each["body"] or "").startswith(first_line):
                return each["id"]
        if len(answer) < 100:
            return None


def own_login() -> str:
    """GraphQL tells it for every kind of token; REST's /user refuses those of apps, such as the workflow's own."""
    try:
        return call("POST", GRAPHQL, {"query": "{ viewer { login } }"})["data"]["viewer"]["login"]
    except (KeyError, TypeError):
        return "github-actions[bot]"
    except urllib.error.HTTPError as error:
        if is_transient(error):
            raise
        return "github-actions[bot]"


def call(method: str, url: str, content: dict | None = None):
    data = None if content is None else json.dumps(content).encode()
    headers = {"Accept": "application/vnd.github+json", "Content-Type": "application/json", "User-Agent": "promptreg"}
    request = urllib.request.Request(url, data, headers, method=method)
    # Not sent to where a redirection leads.
    request.add_unredirected_header("Authorization", f"Bearer {os.environ['TOKEN']}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def is_transient(error: urllib.error.HTTPError) -> bool:
    # GitHub's limits on rates come as 403 or 429, with the time to wait.
    return error.code >= 500 or error.code == 429 or "Retry-After" in error.headers


def give_up(error: urllib.error.HTTPError) -> None:
    if error.code in (401, 403, 404):
        print(
            f"::notice title=promptreg::the token may not comment here ({error.code}), as in a pull request from a "
            "fork or without 'pull-requests: write'; the report is in the step's summary"
        )
    else:
        print(f"::warning title=promptreg::the comment could not be written: {shown(error)}")


def shown(error: Exception) -> str:
    """On one line, which GitHub takes for no other command."""
    return " ".join(str(error).split())[:200]


main()
