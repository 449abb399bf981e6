"""Callers of a function: as many at once as are asked for, and what is not the handler's answer is counted apart."""

import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from benchmarks.callers import call


@contextmanager
def engine(answers):
    """An engine that gives these answers in turn, 20 ms after it was asked; its address, and how many it had at once at most."""
    now, most, lock = [0], [0], threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                now[0] += 1
                most[0] = max(most[0], now[0])
                status, body = next(answers)
            time.sleep(0.02)
            with lock:
                now[0] -= 1
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", most
        finally:
            server.shutdown()
            thread.join()


def test_four_callers_are_four_at_once_and_their_rates_add_up():
    with engine(iter(lambda: (200, b'"done"'), None)) as (url, most):
        called = call(url, "waits", 4, seconds=0.2, warm=1)
    assert most == [4]
    assert called.refused == []
    assert min(called.took) >= 0.02
    assert 20 < called.rate <= 4 / 0.02


def test_what_is_not_the_handlers_answer_does_not_count():
    with engine(iter([(200, b'"done"'), (500, b'{"errorMessage": "no"}'), *[(200, b'"done"')] * 100])) as (url, _):
        called = call(url, "waits", 1, seconds=0.1, warm=1)
    assert called.refused == ['500 {"errorMessage": "no"}']
    assert called.took
