"""Without an index: what uv fetched once is enough; what it did not is one clear error."""

import base64
import hashlib
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cdk_event_flow.bundling import Platform, Source, bundle
from cdk_event_flow.errors import BundleError

ARM = Platform.aws(python="3.14", architecture="arm64")


class Index(SimpleHTTPRequestHandler):
    """Files of a folder, which clients have to ask for anew each time."""

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_):
        """Nothing."""


@pytest.fixture
def index(tmp_path, monkeypatch):
    """An index with the one package `parcels`, and a function that takes it away."""
    simple = tmp_path / "index" / "simple" / "parcels"
    simple.mkdir(parents=True)
    files = {
        "parcels.py": "WEIGHT = 3\n",
        "parcels-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: parcels\nVersion: 1.0\n",
        "parcels-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},{len(text)}"
        for name, text in files.items()
    ]
    with zipfile.ZipFile(simple / "parcels-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, "parcels-1.0.dist-info/RECORD": "\n".join([*record, "parcels-1.0.dist-info/RECORD,,\n"])}.items():
            wheel.writestr(name, text)
    (simple / "index.html").write_text('<a href="parcels-1.0-py3-none-any.whl">parcels-1.0-py3-none-any.whl</a>')
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Index, directory=str(tmp_path / "index")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for name in ("UV_FIND_LINKS", "PIP_FIND_LINKS", "UV_INDEX", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    def gone():
        server.shutdown()
        server.server_close()

    yield gone
    gone()


def test_what_was_fetched_once_needs_no_index(tmp_path, index):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "handler.py").write_text(f"import parcels\n\ndef handler(event, context):\n    return {name!r}\n")
        (tmp_path / name / "requirements.txt").write_text("parcels==1.0\n")
    bundle(Source(folder=tmp_path / "first"), ARM, at="Shop/First", cache=tmp_path / "cache")
    index()
    bundled = bundle(Source(folder=tmp_path / "second"), ARM, at="Shop/Second", cache=tmp_path / "another cache")
    with zipfile.ZipFile(bundled.zip) as archive:
        assert "parcels.py" in archive.namelist()
    (tmp_path / "second" / "requirements.txt").write_text("parcels==2.0\n")
    with pytest.raises(BundleError, match="EF-CODE-INDEX at Shop/Second: the package index did not answer for requirements"):
        bundle(Source(folder=tmp_path / "second"), ARM, at="Shop/Second", cache=tmp_path / "another cache")
