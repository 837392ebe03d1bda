"""A private PostgreSQL and a private Redis for one test run, gone afterwards."""

import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

from processes import ROOT, answers, free_port, running, wait_until

POSTGRES_SETTINGS = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "warning",
}
# Tests throw the data away, so durability is off, and no autovacuum comes in between.
THROWN_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "1h"}


def postgres_bin() -> pathlib.Path:
    """The directory with initdb of the newest PostgreSQL here."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    beside = shutil.which("initdb")
    if not found and not beside:
        raise RuntimeError("PostgreSQL is not installed: run script/bootstrap test")
    return found[-1].parent if found else pathlib.Path(beside).parent


def database_user() -> dict:
    """How to start a process as a user PostgreSQL accepts: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise RuntimeError("running as root, and there is no user postgres to run the database as")


def may_be_entered(directory: pathlib.Path, user: dict) -> bool:
    """Whether that user may enter the directory (a clone below /root is closed to it)."""
    return subprocess.run(["test", "-x", str(directory)], check=False, cwd="/", **user).returncode == 0


@contextlib.contextmanager
def run_directory():
    """A fresh directory for this run, below LASTMILE_TEST_DIR or var/test where the database user may enter it."""
    # Taken out of the environment: the product refuses a LASTMILE_ variable that is no key of its configuration.
    base = pathlib.Path(os.environ.pop("LASTMILE_TEST_DIR", ROOT / "var" / "test")).resolve()
    base.mkdir(parents=True, exist_ok=True)
    parent = base if may_be_entered(base, database_user()) else None
    made = pathlib.Path(tempfile.mkdtemp(prefix="lastmile-test-", dir=parent))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


class Cluster:
    """A PostgreSQL of this run that trusts this machine and can be stopped and started again. A durable one is as an installation has it; one that follows another is its standby."""

    def __init__(self, directory: pathlib.Path, durable: bool = False, environment: dict | None = None, follows: "Cluster | None" = None):
        self.user, self.binaries = database_user(), postgres_bin()
        home = directory / "postgres"
        home.mkdir(mode=0o700)
        if self.user:
            shutil.chown(home, self.user["user"], self.user["group"])
        self.data, self.log, self.environment = home / "data", directory / "postgres.log", environment
        making = [self.binaries / "initdb", "-D", self.data, "-U", "lastmile", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        if follows:
            making = [self.binaries / "pg_basebackup", "-D", self.data, "-d", follows.url, "-R", "-X", "stream", "-c", "fast", "--no-sync"]
        subprocess.run(making, check=True, cwd="/", stdout=subprocess.DEVNULL, **self.user)
        self.port, self.running = free_port(), contextlib.ExitStack()
        chosen = POSTGRES_SETTINGS if durable else {**POSTGRES_SETTINGS, **THROWN_AWAY}
        settings = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        self.command = [self.binaries / "postgres", "-D", self.data, "-p", self.port, "-k", socket_directory(home), *settings]
        self.url = f"postgres://lastmile@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Starts the server and waits until it takes sessions."""
        server = running(self.command, self.log, cwd="/", stop_with=signal.SIGINT, env=self.environment, **self.user)
        self.server = server = self.running.enter_context(server)
        wait_until(lambda: postgres_answers(self.binaries, self.port), server, self.log, "PostgreSQL", 60)

    def stop(self) -> None:
        """Ends every session and the server; the data stay."""
        self.running.close()

    def kill(self) -> None:
        """Ends all its processes at once, as a power cut does."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.running.close()

    def promote(self) -> None:
        """Makes a standby a server of its own."""
        subprocess.run([self.binaries / "pg_ctl", "promote", "-w", "-D", self.data], check=True, cwd="/", stdout=subprocess.DEVNULL, **self.user)


@contextlib.contextmanager
def postgres(directory: pathlib.Path, durable: bool = False):
    """A running cluster; yields a URL of its owner."""
    cluster = Cluster(directory, durable)
    try:
        cluster.start()
        yield cluster.url
    finally:
        cluster.stop()


def socket_directory(home: pathlib.Path) -> str:
    """The run's own directory; none (TCP only) where its path is too long for a socket address."""
    return str(home) if len(str(home)) < 80 else ""


def postgres_answers(binaries: pathlib.Path, port: int) -> bool:
    """Whether the server accepts sessions, not only connections."""
    probe = [binaries / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port), "-U", "lastmile"]
    return subprocess.run(probe, check=False).returncode == 0


@contextlib.contextmanager
def redis(directory: pathlib.Path):
    """Starts a Redis that keeps nothing on disk; yields its URL."""
    port, log = free_port(), directory / "redis.log"
    command = ["redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory]
    with running(command, log) as server:
        wait_until(lambda: answers(port), server, log, "Redis", 20)
        yield f"redis://127.0.0.1:{port}"


@contextlib.contextmanager
def services(durable: bool = False):
    """Both, in a directory of this run; yields the directory and the environment that names them."""
    with run_directory() as directory, postgres(directory, durable) as database_url, redis(directory) as redis_url:
        yield directory, {"TEST_DATABASE_URL": database_url, "TEST_REDIS_URL": redis_url}


def settle(url) -> None:
    """Vacuums and analyzes what was seeded, and waits until autovacuum has nothing to do."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
    for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
        subprocess.run(["psql", "-qX", url, "-c", statement], check=True)
    for _ in range(120):
        busy = subprocess.run(["psql", "-qXAt", url, "-c", query], check=True, capture_output=True, text=True).stdout.strip()
        if busy == "0":
            return
        time.sleep(1)
    raise RuntimeError("autovacuum is still at work after two minutes")
