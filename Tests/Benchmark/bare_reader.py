"""The least that reading pages off a server can take: the requests alone, whose answers nobody looks at.

Arguments: the server's address. The paths with their queries are lines of the input, and are fetched one after the
other: each page's address is only known from the page before. Every request has a connection of its own, which an
MLflow server answers sooner than one that is kept. Prints the seconds it took.
"""

import http.client
import sys
import time
import urllib.parse

server = urllib.parse.urlsplit(sys.argv[1])
paths = sys.stdin.read().split()
start = time.perf_counter()
for path in paths:
    connection = http.client.HTTPConnection(server.hostname, server.port)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    if response.status != 200:
        sys.exit(f"{path} was answered {response.status}: {answer[:300]}")
print(time.perf_counter() - start)
