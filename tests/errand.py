"""A stand-in for `add` and `sync`: reports what a test or benchmark wants, or behaves as badly as it wants.

It is run as `python errand.py FOLDER add --json -- SOURCE` or `… FOLDER sync --json [--all]` and takes its
steps from a file in the folder, by the name that `play_name` gives; without one it hangs.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_LOOK_SECONDS = 0.005


def play_name(arguments: Sequence[str]) -> str:
    """The name of the file with the steps of a command: its words, without what is no letter or digit."""
    return "-".join(re.findall(r"\w+", " ".join(arguments)))[:200]


def write_play(folder: Path, arguments: Sequence[str], *steps: Sequence[object]) -> None:
    """What a command is to do, each step a method of `_Step` and what it takes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / play_name(arguments)).write_text(json.dumps(steps), encoding="utf-8")


class _Step:
    @staticmethod
    def say(event: object) -> None:
        """Report an event."""
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()

    @staticmethod
    def raw(text: str) -> None:
        """Write characters below 256 as bytes."""
        sys.stdout.buffer.write(text.encode("latin-1"))
        sys.stdout.buffer.flush()

    @staticmethod
    def complain(text: str) -> None:
        """Write to standard error."""
        sys.stderr.write(text)
        sys.stderr.flush()

    @staticmethod
    def write(path: str, text: str) -> None:
        """Write a file, all at once."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(f"{path}.part").write_text(text, encoding="utf-8")
        Path(f"{path}.part").replace(path)

    @classmethod
    def here(cls, path: str) -> None:
        """Write one's number into a file."""
        cls.write(path, str(os.getpid()))

    @staticmethod
    def wait(path: str) -> None:
        """Wait for a file."""
        while not Path(path).exists():
            time.sleep(_LOOK_SECONDS)

    @staticmethod
    def deaf() -> None:
        """Heed no signal that can be ignored."""
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)

    @staticmethod
    def hang() -> None:
        """Do nothing for long."""
        time.sleep(3600)

    @staticmethod
    def flood(event: object) -> None:
        """Report the same without end."""
        line = (json.dumps(event) + "\n").encode()
        while True:
            sys.stdout.buffer.write(line * 100)

    @classmethod
    def beat(cls, event: object, seconds: float) -> None:
        """Report the same now and then without end."""
        while True:
            cls.say(event)
            time.sleep(seconds)

    @staticmethod
    def heir(path: str) -> None:
        """Leave a child behind that keeps the pipes open."""
        child = subprocess.Popen(["sleep", "3600"])
        _Step.write(path, str(child.pid))

    @staticmethod
    def die(number: int) -> None:
        """Be ended by a signal."""
        os.kill(os.getpid(), number)

    @staticmethod
    def exit(status: int) -> None:
        """End with a status."""
        sys.exit(status)


def main() -> None:
    """Take the steps."""
    folder, *arguments = sys.argv[1:]
    path = Path(folder) / play_name(arguments)
    for name, *what in json.loads(path.read_text(encoding="utf-8")) if path.exists() else [["hang"]]:
        getattr(_Step, name)(*what)


if __name__ == "__main__":
    main()
