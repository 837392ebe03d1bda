"""Child processes that are always stopped, and free ports for them."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]


def target_dir() -> pathlib.Path:
    """Where cargo puts its artefacts."""
    return pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()


def free_port(kind: int = socket.SOCK_STREAM) -> int:
    """A port on 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def turn_signals_into_exit() -> None:
    """Makes a termination signal unwind the stack, so that everything started is stopped."""

    def leave(number, _frame):
        raise SystemExit(128 + number)

    for name in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, leave)


@contextlib.contextmanager
def running(command, log: pathlib.Path, *, stop_with=signal.SIGTERM, patience=20, **options):
    """Runs a command in the background in a process group of its own; stops the group at the end."""
    with log.open("wb") as out:
        child = subprocess.Popen(
            [str(part) for part in command],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            **options,
        )
    try:
        yield child
    finally:
        stop(child, stop_with, patience)


def stop(child: subprocess.Popen, with_signal: int, patience: float) -> None:
    """Asks the group to end, and insists when it does not."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        child.send_signal(with_signal)
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        pass
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def wait_until(ready, child: subprocess.Popen, log: pathlib.Path, what: str, seconds: float) -> None:
    """Waits until `ready()` holds; ends with the log when the process dies or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        if child.poll() is not None:
            break
        time.sleep(0.1)
    reason = "ended" if child.poll() is not None else f"was not ready after {seconds:.0f} s"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
    raise RuntimeError(f"{what} {reason}:\n{tail}")


def answers(port: int) -> bool:
    """Whether something accepts TCP connections on the port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
