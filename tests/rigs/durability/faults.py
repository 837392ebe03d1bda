"""Faults to order: writes of a process that fail, and a wire to PostgreSQL that is cut."""

import contextlib
import errno
import mmap
import os
import pathlib
import socket
import struct
import subprocess
import threading

HERE = pathlib.Path(__file__).resolve().parent
FULL, BROKEN = errno.ENOSPC, errno.EIO
# armed, countdown, error, lasting, hits; then the text that a file's path must hold.
CONTROL = struct.Struct("=qqqqq216s")
HITS = struct.Struct("=q")


def shim(directory: pathlib.Path) -> pathlib.Path:
    """The library that lets writes fail, compiled."""
    library = directory / "faults.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "faults.c", "-ldl"], check=True)
    library.chmod(0o755)
    return library


class Writes:
    """Lets the n-th change of a file fail in a process that was started with `environment`."""

    def __init__(self, directory: pathlib.Path, name: str, within: str):
        path = directory / f"{name}.faults"
        path.write_bytes(bytes(CONTROL.size))
        path.chmod(0o666)
        with path.open("r+b") as file:
            self.control = mmap.mmap(file.fileno(), CONTROL.size)
        self.within = within
        self.environment = {"LD_PRELOAD": str(shim(directory)), "FAULT_CONTROL": str(path)}

    def arm(self, number: int, error: int, lasting: bool, within: str | None = None) -> None:
        """From now on: the countdown starts, hits are none."""
        self.disarm()
        self.control[:] = CONTROL.pack(0, number, error, int(lasting), 0, (within or self.within).encode())
        self.control[0:8] = HITS.pack(1)

    def disarm(self) -> None:
        """Writes succeed again."""
        self.control[0:8] = HITS.pack(0)

    @property
    def hits(self) -> int:
        """How many calls failed since it was armed."""
        return HITS.unpack(self.control[32:40])[0]


class Wire:
    """A wire to a server that is cut when the n-th message goes over it, before or after it arrives."""

    def __init__(self, port: int):
        self.target, self.countdown, self.arrives, self.hits = port, 0, False, 0
        self.guard = threading.Lock()
        self.pairs: set = set()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def arm(self, number: int, arrives: bool) -> None:
        """Cuts at that message; `arrives` says whether the server still gets it."""
        with self.guard:
            self.countdown, self.arrives, self.hits = number, arrives, 0

    def disarm(self) -> None:
        """Leaves the wire alone."""
        with self.guard:
            self.countdown = 0

    def lead_to(self, port: int) -> None:
        """Cuts every connection and leads the next ones to another server."""
        self.target = port
        for pair in list(self.pairs):
            self.cut(pair)

    def accept(self) -> None:
        while True:
            client, _ = self.listener.accept()
            try:
                server = socket.create_connection(("127.0.0.1", self.target), 5)
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end.settimeout(None)
            pair = (client, server)
            self.pairs.add(pair)
            threading.Thread(target=self.carry, args=(pair, client, server, True), daemon=True).start()
            threading.Thread(target=self.carry, args=(pair, server, client, False), daemon=True).start()

    def is_cut(self) -> bool:
        with self.guard:
            if self.countdown == 0:
                return False
            self.countdown -= 1
            self.hits += self.countdown == 0
            return self.countdown == 0

    def carry(self, pair, source, sink, asks: bool) -> None:
        with contextlib.suppress(OSError):
            while bytes_ := source.recv(65536):
                if asks and self.is_cut():
                    if self.arrives:
                        # The answer finds nobody: what was asked for happens all the same.
                        pair[0].shutdown(socket.SHUT_RDWR)
                        sink.sendall(bytes_)
                        sink.shutdown(socket.SHUT_WR)
                        sink.settimeout(5)
                        while sink.recv(65536):
                            pass
                    break
                sink.sendall(bytes_)
        self.cut(pair)

    def cut(self, pair) -> None:
        self.pairs.discard(pair)
        for end in pair:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


def preloaded(environment: dict) -> dict:
    """The environment of this process with that of a fault."""
    return {**os.environ, **environment}
