"""A bad network: a proxy before a run's endpoint that throttles, and holds requests and answers back."""

import http.client
import json
import random
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Faults:
    """What goes wrong: a share of requests is throttled; `hold` names an operation whose next request is held back.

    Held before it is forwarded, or with its answer. `held` is set when it is; whoever asked gets no answer, ever.
    """

    def __init__(self, endpoint, *, throttled=0.0, seed=0):
        self.endpoint = urlsplit(endpoint).netloc
        self.throttled = throttled
        self.count = {"throttled": 0, "forwarded": 0}
        self.url = ""
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._hold = None
        self.held = threading.Event()

    def hold(self, operation, *, after, when):
        """Hold back the `after`-th request of `operation` from now, `when` it is "asked" or "answered"."""
        self.held.clear()
        self._hold = [operation, after, when]

    def _is_held(self, operation):
        with self._lock:
            if self._hold is None or self._hold[0] != operation:
                return ""
            self._hold[1] -= 1
            if self._hold[1]:
                return ""
            when, self._hold = self._hold[2], None
            return when

    def answer(self, method, path, headers, body):
        """Status, headers and body; None for what is never answered."""
        operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
        held = self._is_held(operation)
        if held == "asked":
            self.held.set()
            return None
        with self._lock:
            throttled = not held and self._random.random() < self.throttled
            self.count["throttled" if throttled else "forwarded"] += 1
        if throttled:
            error = {"__type": "com.amazonaws.sqs#ThrottlingException", "message": "Rate exceeded"}
            return 400, {"Content-Type": "application/x-amz-json-1.0"}, json.dumps(error).encode()
        connection = http.client.HTTPConnection(self.endpoint, timeout=60)
        kept = {name: value for name, value in headers.items() if name.lower() not in ("host", "connection", "expect")}
        connection.request(method, path, body, kept)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if held == "answered":
            self.held.set()
            return None
        told = {name: value for name, value in response.headers.items() if name.lower() not in ("content-length", "connection")}
        return response.status, told, content


@contextmanager
def faults(endpoint, **options):
    """The proxy, running; `url` is where it is."""
    trouble = Faults(endpoint, **options)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # who asked was killed
                self.close_connection = True
                return
            told = trouble.answer(self.command, self.path, dict(self.headers), body)
            self.close_connection = told is None
            if told:
                with suppress(ConnectionError):  # who asked was killed
                    self.tell(*told)

        def tell(self, status, headers, content):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST  # noqa: N815 - http.server calls it so

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    trouble.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield trouble
    finally:
        server.shutdown()
        server.server_close()
