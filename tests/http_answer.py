"""One request to a server that a test has started, and its answer."""

import http.client


def ask(server: str, path: str, method: str = "GET", body: object = None, **headers: str) -> http.client.HTTPResponse:
    """Send a request to a host and port, and return the answer with its whole `body`."""
    connection = http.client.HTTPConnection(server, timeout=60)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer
