"""Downloads, from a small HTTP server on loopback that can misbehave."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ecg_monitor.core.errors import RecordError
from ecg_monitor.records.physionet import check_reachable, fetch
from tests.support.waiting import allowed_s

FILES = {"100.hea": b"header", "100.dat": bytes(range(256)) * 1000, "101.hea": b"other"}
PATH = "/mitdb/1.0.0/"


class Server(ThreadingHTTPServer):
    """Serves `files`; notes what is asked; may cut, stall or ignore ranges."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        sums = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
        self.files = {
            **FILES,
            "SHA256SUMS.txt": "".join(f"{d} {n}\n" for n, d in sums.items()).encode(),
            "RECORDS": b"100\n101\n",
        }
        self.asked: list[tuple[str, str | None]] = []
        self.cuts = 0
        self.stall: str | None = None
        self.ranges = True
        self.over = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        assert isinstance(server, Server)
        name = self.path.removeprefix(PATH)
        wanted = self.headers.get("Range")
        server.asked.append((name, wanted))
        data = server.files.get(name)
        if data is None:
            self.send_error(404)
            return
        start = int(wanted[6:-1]) if wanted and server.ranges else 0
        if start >= len(data):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if name == server.stall:
            server.over.wait()
            return
        body = data[start:]
        if name.endswith(".dat") and server.cuts:
            server.cuts -= 1
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def _asked(server, name):
    return [wanted for file, wanted in server.asked if file == name]


def test_only_what_is_asked_for_is_fetched(server, tmp_path):
    seen = []
    fetched = fetch(
        "mitdb", tmp_path, ["100"], base_url=server.url, progress=lambda *step: seen.append(step)
    )
    assert (fetched.records, fetched.files) == (("100",), 2)
    assert fetched.size == len(FILES["100.hea"]) + len(FILES["100.dat"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["100.dat", "100.hea"]
    assert (tmp_path / "100.dat").read_bytes() == FILES["100.dat"]
    assert ("100.dat", 256_000, 256_000) in seen


def test_no_names_means_all(server, tmp_path):
    assert fetch("mitdb", tmp_path, base_url=server.url).records == ("100", "101")
    assert (tmp_path / "101.hea").is_file()


def test_what_is_there_is_kept_and_what_is_wrong_replaced(server, tmp_path):
    (tmp_path / "100.hea").write_bytes(FILES["100.hea"])
    (tmp_path / "100.dat").write_bytes(b"wrong")
    assert fetch("mitdb", tmp_path, ["100"], base_url=server.url).files == 1
    assert _asked(server, "100.hea") == []
    assert (tmp_path / "100.dat").read_bytes() == FILES["100.dat"]


def test_a_cut_is_continued_where_it_stopped(server, tmp_path):
    server.cuts = 2
    fetch("mitdb", tmp_path, ["100"], base_url=server.url)
    assert _asked(server, "100.dat") == [None, "bytes=128000-", "bytes=192000-"]
    assert (tmp_path / "100.dat").read_bytes() == FILES["100.dat"]


def test_giving_up_leaves_a_part_that_the_next_call_continues(server, tmp_path):
    server.cuts = 3
    with pytest.raises(RecordError, match=r"100\.dat: .* gave up after 3 tries"):
        fetch("mitdb", tmp_path, ["100"], base_url=server.url)
    assert not (tmp_path / "100.dat").exists()
    fetch("mitdb", tmp_path, ["100"], base_url=server.url)
    assert _asked(server, "100.dat")[3] == "bytes=224000-"
    assert (tmp_path / "100.dat").read_bytes() == FILES["100.dat"]


def test_a_whole_part_needs_nothing_more(server, tmp_path):
    (tmp_path / "100.dat.part").write_bytes(FILES["100.dat"])
    fetch("mitdb", tmp_path, ["100"], base_url=server.url)
    assert (tmp_path / "100.dat").read_bytes() == FILES["100.dat"]


def test_a_server_without_ranges(server, tmp_path):
    server.ranges = False
    (tmp_path / "100.dat.part").write_bytes(b"old beginning")
    fetch("mitdb", tmp_path, ["100"], base_url=server.url)
    assert (tmp_path / "100.dat").read_bytes() == FILES["100.dat"]


def test_wrong_checksum_removes_the_file(server, tmp_path):
    server.files["100.dat"] = b"tampered"
    with pytest.raises(RecordError, match=r"100\.dat: the checksum is wrong"):
        fetch("mitdb", tmp_path, ["100"], base_url=server.url)
    assert not list(tmp_path.glob("100.dat*"))


def test_missing_file(server, tmp_path):
    del server.files["100.dat"]
    with pytest.raises(RecordError, match=r"100\.dat: the server says HTTP Error 404"):
        fetch("mitdb", tmp_path, ["100"], base_url=server.url)


def test_stall(server, tmp_path):
    server.stall = "100.dat"
    with pytest.raises(RecordError, match=r"100\.dat: .*timed out"):
        fetch("mitdb", tmp_path, ["100"], base_url=server.url, silence_timeout_s=2.0)


def test_unknown_names(server, tmp_path):
    with pytest.raises(RecordError, match="nodb: unknown database; known are mitdb"):
        fetch("nodb", tmp_path)
    with pytest.raises(RecordError, match="mitdb has no record 999"):
        fetch("mitdb", tmp_path, ["999"], base_url=server.url)


def test_a_record_may_be_named_without_its_subfolder(server, tmp_path):
    digest = hashlib.sha256(b"deep").hexdigest()
    server.files["SHA256SUMS.txt"] += f"{digest} data/7.hea\n".encode()
    server.files["data/7.hea"] = b"deep"
    fetch("mitdb", tmp_path, ["7"], base_url=server.url)
    assert (tmp_path / "data" / "7.hea").read_bytes() == b"deep"


def test_names_cannot_lead_out_of_the_folder(server, tmp_path):
    server.files["SHA256SUMS.txt"] += f"{'0' * 64} ../evil.hea\n".encode()
    with pytest.raises(RecordError, match="has no record"):
        fetch("mitdb", tmp_path, ["../evil"], base_url=server.url)


def test_no_network_is_told_within_seconds():
    begin = time.monotonic()
    with pytest.raises(RecordError, match="cannot reach 127"):
        check_reachable("http://127.0.0.1:9/x", timeout_s=1.0)
    assert time.monotonic() - begin < allowed_s(10.0)
