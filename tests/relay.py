"""A TCP relay on this machine that is as slow, or as deaf, as a test wants its link to be."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from typing import Self

_PIECE = 512  # bytes that are passed on together, so that a rate is smooth
_END_SECONDS = 30.0
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: no time, so closing sends RST


class Relay:
    """Passes connections on to a port of this machine, until it is left as a context manager.

    `delay` is the way in one direction in seconds, `rate` what comes back from the server in bytes a
    second, None for as fast as it can, and `room` the bytes that are held before the server has to wait.
    """

    def __init__(
        self, target: int, *, delay: float = 0.0, rate: float | None = None, room: int = 32_768
    ) -> None:
        self._target = target
        self._delay = delay
        self._rate = rate
        self._room = room
        self._flows = {True: asyncio.Event(), False: asyncio.Event()}  # down and up
        self._over = asyncio.Event()
        self._ends: list[asyncio.StreamWriter] = []
        self._carriers: set[asyncio.Task[None]] = set()
        self.down = 0
        """Bytes that came from the server."""
        port: Future[int] = Future()
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(port),), name="relay")
        self._thread.start()
        self.port = port.result(10)
        """Where it listens."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(_END_SECONDS)
        assert not self._thread.is_alive()

    def stall(self, *, up: bool = True) -> None:
        """Pass nothing on and tell nobody; without `up` nothing that comes from the server."""
        self._do(self._flows[True].clear)
        if up:
            self._do(self._flows[False].clear)

    def flow(self) -> None:
        """Pass on what was held, and what comes."""
        for flows in self._flows.values():
            self._do(flows.set)

    def drop(self) -> None:
        """Break all connections off, as a router does that forgot them."""
        self._do(self._reset)

    # In the relay's own thread

    def _do(self, act: Callable[[], None]) -> None:
        """Let it be done there, and wait until it is."""
        done = threading.Event()
        self._loop.call_soon_threadsafe(act)
        self._loop.call_soon_threadsafe(done.set)
        done.wait(10)

    async def _run(self, port: Future[int]) -> None:
        self._loop = asyncio.get_running_loop()
        for flows in self._flows.values():
            flows.set()
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0, limit=_PIECE)
        port.set_result(server.sockets[0].getsockname()[1])
        await self._over.wait()
        server.close()
        self._reset()
        for carrier in self._carriers:
            carrier.cancel()
        await asyncio.gather(*self._carriers, return_exceptions=True)

    def _reset(self) -> None:
        for end in self._ends:
            with suppress(OSError):  # it may be closed
                end.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            end.transport.abort()
        self._ends.clear()

    async def _connect(self, near: asyncio.StreamReader, to_near: asyncio.StreamWriter) -> None:
        connection = socket.socket()
        # Or the system would hold on its own more than the relay may.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._room)
        connection.setblocking(False)
        await self._loop.sock_connect(connection, ("127.0.0.1", self._target))
        far, to_far = await asyncio.open_connection(sock=connection, limit=_PIECE)
        self._ends += (to_near, to_far)
        for source, sink, down in ((near, to_far, False), (far, to_near, True)):
            carrier = self._loop.create_task(self._carry(source, sink, down=down))
            self._carriers.add(carrier)
            carrier.add_done_callback(self._carriers.discard)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, down: bool) -> None:
        """Carry one way until its source ends."""
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(self._room // _PIECE)
        giving = self._loop.create_task(self._give(held, sink, down=down))
        try:
            while data := await source.read(_PIECE):
                self.down += len(data) if down else 0
                await held.put((self._loop.time(), data))
            await held.put((0.0, b""))
            await giving
        except OSError:
            pass  # the other side is gone, and is told so by its own end
        finally:
            giving.cancel()
            sink.close()

    async def _give(
        self, held: asyncio.Queue[tuple[float, bytes]], sink: asyncio.StreamWriter, *, down: bool
    ) -> None:
        rate = self._rate if down else None
        free = 0.0
        while (item := await held.get())[1]:
            came, data = item
            free = max(free, came) + (len(data) / rate if rate else 0.0)
            await asyncio.sleep(free + self._delay - self._loop.time())
            await self._flows[down].wait()
            sink.write(data)
            await sink.drain()
