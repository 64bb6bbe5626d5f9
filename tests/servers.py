"""Web servers on this machine that answer as a test wants: slowly, wrongly, without end, or not at all."""

from __future__ import annotations

import shutil
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import repeat
from pathlib import Path
from typing import NamedTuple, Self

import pytest

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no time, so closing sends RST
_END_SECONDS = 90.0
"""Within which answers are over: none waits for longer than a minute."""


def certificate(folder: Path) -> Path:
    """A new key and a certificate of its own for localhost, 127.0.0.1 and secure.example, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl to make a certificate with")
    key, made = folder / "key", folder / "certificate"
    names = "subjectAltName=DNS:localhost,DNS:secure.example,IP:127.0.0.1"
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(made)]
    subprocess.run(
        [openssl, "req", *kind, "-subj", "/CN=localhost", "-addext", names, *files],
        check=True,
        capture_output=True,
    )
    pem = folder / "pem"
    pem.write_text(key.read_text() + made.read_text())
    return pem


class Request(NamedTuple):
    """What a client asked for."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""


class Client:
    """One connection, as what answers it sees it."""

    def __init__(self, connection: socket.socket, over: threading.Event) -> None:
        self._connection = connection
        self._over = over
        self.request = Request("", "", {})

    def read(self) -> Request:
        """The next request."""
        head = b""
        while b"\r\n\r\n" not in head:
            if not (more := self._connection.recv(65_536)):
                raise ConnectionError("the client has gone")
            head += more
        first, *lines = head.decode("latin-1").partition("\r\n\r\n")[0].split("\r\n")
        method, path, _ = first.split(" ", 2)
        pairs = (line.split(": ", 1) for line in lines)
        self.request = Request(method, path, {name.lower(): value for name, value in pairs})
        return self.request

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._connection.sendall(data)

    def answer(self, body: bytes = b"", status: str = "200 OK", headers: Iterable[str] = ()) -> None:
        """A proper answer, of which the headers may belie the body."""
        lines = [f"HTTP/1.1 {status}", *headers]
        if not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines):
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def drip(self, data: bytes | Iterable[bytes], every: float = 0.02) -> None:
        """Send bytes one at a time, or pieces, until all are sent, the client goes, or the test is over."""
        for piece in (data[at : at + 1] for at in range(len(data))) if isinstance(data, bytes) else data:
            self.send(piece)
            if self._over.wait(every):
                return

    def pour(self, piece: bytes) -> None:
        """Send the same without end, as fast as it is taken."""
        for each in repeat(piece):
            if self._over.is_set():
                return
            self.send(each)

    def hang(self) -> None:
        """Say nothing until the client goes or the test is over."""
        self._connection.settimeout(0.05)
        while not self._over.is_set():
            with suppress(TimeoutError):
                if not self._connection.recv(1):
                    return

    def reset(self) -> None:
        """Break the connection off."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._connection.close()

    def tunnel(self, port: int) -> None:
        """Pass everything on to a port of this machine and back, until both ends have nothing more to say."""
        with socket.create_connection(("127.0.0.1", port), 10) as there:
            back = threading.Thread(target=_carry, args=(there, self._connection))
            back.start()
            _carry(self._connection, there)
            back.join()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


Answer = Callable[[Client], None]


class Server:
    """Answers each path with a function of its own, in a thread for each connection; a context manager.

    `first` is done instead of reading a request, for those who speak before they are asked.  With `tls` it is
    the path of a file with the key and certificate to encrypt with, see `certificate`.
    """

    def __init__(
        self,
        answers: Mapping[str, Answer] | None = None,
        *,
        first: Answer | None = None,
        tls: Path | None = None,
    ) -> None:
        self._answers = dict(answers or {})
        self._first = first
        self._context: ssl.SSLContext | None = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(tls)
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        """Where it listens, on 127.0.0.1."""
        self.requests: list[Request] = []
        """What it was asked so far."""

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, in their order."""
        return [request.path for request in self.requests]

    def replace(self, path: str, answer: Answer) -> None:
        """Answer a path otherwise from now on."""
        self._answers[path] = answer

    def url(self, path: str = "/") -> str:
        """The address of a path, by the machine's own number."""
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}{path}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(_END_SECONDS)
        assert not any(thread.is_alive() for thread in self._threads)
        self._listener.close()

    def _start(self, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name="server")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        with suppress(OSError):  # the client has gone, which is what most of these tests want of it
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            client = Client(connection, self._over)
            if self._first:
                self._first(client)
            else:
                request = client.read()
                self.requests.append(request)
                path = request.path.partition("?")[0]
                answer = self._answers.get(path) or self._answers.get("*")
                answer(client) if answer else client.answer(b"nothing here", "404 Not Found")
        connection.close()


def page(body: bytes = b"<p>words", *headers: str, status: str = "200 OK") -> Answer:
    """Always the same proper answer."""
    return lambda client: client.answer(body, status, headers)


def redirect(to: str, status: int = 302) -> Answer:
    """Always to another address."""
    return page(b"", f"Location: {to}", status=f"{status} Elsewhere")


def raw(data: bytes) -> Answer:
    """Bytes that may be anything, and the end."""
    return lambda client: client.send(data)


def after(head: bytes, then: bytes = b"") -> Answer:
    """Drips after a beginning, and goes on for much longer than a test may take."""

    def answer(client: Client) -> None:
        client.send(head)
        client.drip(then or b"x" * 2_000)

    return answer


def flood(head: bytes, piece: bytes) -> Answer:
    """Sends the same without end after a beginning."""

    def answer(client: Client) -> None:
        client.send(head)
        client.pour(piece)

    return answer
