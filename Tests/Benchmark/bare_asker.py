"""The least that asking a server can take: the requests alone, whose answers nobody looks at.

Arguments: the server's address. The input is a list in JSON of lists of requests, each a path and a body: those of a list
are sent one after the other, eight lists at a time. Prints the seconds they took.
"""

import http.client
import json
import sys
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

server = urllib.parse.urlsplit(sys.argv[1])


def ask(requests: list) -> None:
    for path, body in requests:
        connection = http.client.HTTPConnection(server.hostname, server.port)
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200:
            sys.exit(f"{path} was answered {response.status}: {answer[:300]}")


lists = json.load(sys.stdin)
start = time.perf_counter()
with ThreadPoolExecutor(8) as pool:
    list(pool.map(ask, lists))
print(time.perf_counter() - start)
