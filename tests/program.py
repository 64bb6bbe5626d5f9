"""The program as a process of its own that takes something in: its words, its status, what it cost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

# Prints the most memory that a process of the command has held: what `wait4` would tell of it is at least
# what this test's own process holds, since Linux keeps that over an exec.
_MEASURE = """
import os, resource, sys
status = os.spawnv(os.P_WAIT, sys.argv[2], sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
os.write(int(sys.argv[1]), b"%d %d" % (status, peak))
"""
PULSE = [sys.executable, "-P", "-m", "pulse_tui"]


class Done(NamedTuple):
    """A run of the program."""

    status: int
    out: str
    err: str
    seconds: float
    """By the clock on the wall."""
    memory: int
    """Bytes: the most that any of its processes held at once."""

    @property
    def ids(self) -> list[str]:
        """The lines of standard output."""
        return self.out.splitlines()


def environment(home: Path, **more: str) -> dict[str, str]:
    """What the program sees of this machine: nearly nothing."""
    return {"HOME": str(home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "dumb", **more}


def start(
    home: Path,
    *arguments: str | Path,
    stdin: int = subprocess.DEVNULL,
    out: int = subprocess.PIPE,
    err: int = subprocess.PIPE,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own."""
    return subprocess.Popen(
        [*PULSE, *map(str, arguments)],
        stdin=stdin,
        stdout=out,
        stderr=err,
        env=environment(home, **(env or {})),
        start_new_session=True,
        cwd=home,
    )


def run(
    home: Path,
    *arguments: str | Path,
    stdin: bytes = b"",
    limit: float = 60.0,
    env: Mapping[str, str] | None = None,
) -> Done:
    """Run the program to its end, of at most `limit` seconds."""
    with TemporaryFile() as given, TemporaryFile() as out, TemporaryFile() as err, TemporaryFile() as told:
        given.write(stdin)
        given.seek(0)
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _MEASURE, str(told.fileno()), *PULSE, *map(str, arguments)],
            stdin=given,
            stdout=out,
            stderr=err,
            env=environment(home, **(env or {})),
            start_new_session=True,
            cwd=home,
            pass_fds=[told.fileno()],
        )
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        seconds = time.monotonic() - began
        for file in (out, err, told):
            file.seek(0)
        status, peak = map(int, told.read().split())
        memory = peak * (1 if sys.platform == "darwin" else 1024)
        return Done(status, out.read().decode("utf-8"), err.read().decode("utf-8"), seconds, memory)


def articles(home: Path) -> Path:
    """The reader's own folder."""
    return home / ".local" / "share" / "pulse-tui" / "articles"


def files(home: Path) -> dict[str, bytes]:
    """All files in it, hidden ones too, by their paths."""
    top = articles(home)
    return {
        str(path.relative_to(top)): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()
    }
