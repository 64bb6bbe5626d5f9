"""An SSH server of one's own: on this machine only, with keys that last as long as it does."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

_SERVER_PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"))
_START_SECONDS = 10.0
_CONFIGURATION = """\
ListenAddress 127.0.0.1
HostKey "{folder}/host"
AuthorizedKeysFile "{folder}/user.pub"
PidFile none
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitUserRC no
PrintMotd no
PrintLastLog no
AcceptEnv LANG LC_* COLORTERM NO_COLOR
"""
# Nothing is read from or written to the user's own ~/.ssh.
_CLIENT_OPTIONS = (
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "StrictHostKeyChecking=no",
    "GlobalKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
    "SendEnv=LANG LC_* COLORTERM NO_COLOR",
)


class NoServerError(Exception):
    """There can be no SSH server here; it says why."""


class Sshd:
    """Lets in whoever started it, by a key in `folder`; leave it as a context manager.

    Raises:
        NoServerError: OpenSSH is not installed, or its server does not start or lets nobody in.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._log = folder / "log"
        server = shutil.which("sshd", path=_SERVER_PATH)
        if server is None or not (shutil.which("ssh") and shutil.which("ssh-keygen")):
            raise NoServerError("OpenSSH's sshd, ssh and ssh-keygen are not all installed")
        for name in ("host", "user"):
            subprocess.run(["ssh-keygen", "-qt", "ed25519", "-N", "", "-f", folder / name], check=True)
        (folder / "configuration").write_text(_CONFIGURATION.format(folder=folder))
        self.port = _free_port()
        """Where it listens."""
        self._process = subprocess.Popen(
            [server, "-D", "-f", folder / "configuration", "-E", self._log, "-p", str(self.port)],
            stdin=subprocess.DEVNULL,
        )
        try:
            self._await_start()
            self._check_login()
        except BaseException:
            self.__exit__()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()  # the sessions end with their clients
        self._process.wait(_START_SECONDS)

    def command(self, script: str, *, port: int | None = None, options: Sequence[str] = ()) -> list[str]:
        """What runs a shell's script over there on a terminal of its own, through another port if given."""
        return [
            *("ssh", "-tt", "-F", "/dev/null", "-i", str(self._folder / "user")),
            *(f"-o{option}" for option in _CLIENT_OPTIONS),
            f'-oUserKnownHostsFile="{self._folder}/known"',
            *options,
            *("-p", str(port or self.port), "-l", pwd.getpwuid(os.getuid()).pw_name, "127.0.0.1", script),
        ]

    def _await_start(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise NoServerError(f"sshd does not start: {self._last_words()}")

    def _check_login(self) -> None:
        """Accounts may be locked, or have no shell."""
        login = subprocess.run(
            self.command("echo welcome"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_START_SECONDS,
        )
        if b"welcome" not in login.stdout:
            raise NoServerError(f"sshd does not let us in: {self._last_words()}")

    def _last_words(self) -> str:
        return " / ".join(self._log.read_text().splitlines()[-3:]) if self._log.exists() else "no log"


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        port: int = attempt.getsockname()[1]
        return port
