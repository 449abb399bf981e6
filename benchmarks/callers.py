"""Many callers of a function at once, over plain HTTP: a client that costs little, so that what is measured is the engine."""

import http.client
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

HEADERS = {
    # Whose credentials these are is looked at by nobody here; engines read the service in it.
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/lambda/aws4_request, SignedHeaders=host, Signature=0",
    "X-Amz-Date": "20260101T000000Z",
    "Content-Type": "application/json",
}


@dataclass
class Called:
    """Invokes a second of all callers together, how long each took, and what was answered otherwise than it should."""

    rate: float = 0.0
    took: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def call(url, function, callers, *, seconds, warm):
    """Let so many callers invoke the function at once, each again when it has its answer: `warm` times first, which does not count.

    Each caller goes on for `seconds`, and ends with an answer: its rate is that of whole invokes.
    """
    called, ready = Called(), threading.Barrier(callers)

    def caller():
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        for _ in range(warm):
            _invoke(connection, function, called)
        ready.wait()
        took, begun = [], time.perf_counter()
        while (began := time.perf_counter()) - begun < seconds:
            if _invoke(connection, function, called):
                took.append(time.perf_counter() - began)
        rates.append(len(took) / (time.perf_counter() - begun))
        called.took.extend(took)
        connection.close()

    rates = []
    threads = [threading.Thread(target=caller) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    called.rate = sum(rates)
    return called


def _invoke(connection, function, called):
    connection.request("POST", f"/2015-03-31/functions/{function}/invocations", body=b"{}", headers=HEADERS)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status == 200 and body == b'"done"':
        return True
    called.refused.append(f"{answer.status} {body[:200].decode('utf-8', 'replace')}")
    time.sleep(0.01)
    return False
