"""The built product, in demo mode, on free ports, with data of its own."""

import contextlib
import json
import os
import pathlib
import socket
import urllib.error
import urllib.request

from processes import ROOT, free_port, running, target_dir, wait_until

# The secret of every RADIUS client of a seeded provider.
SEEDED_NAS_SECRET = "demo-nas-secret-5f2a9c"


class Product:
    """A running instance: where it answers and what its demo data says."""

    def __init__(self, http_port: int, data: pathlib.Path, with_demo: bool = True):
        self.with_demo, self.pid = with_demo, None
        self.base_url = f"http://127.0.0.1:{http_port}"
        self.demo_file = data / "demo.json"

    def demo(self) -> dict:
        """The addresses and sign-ins that the product wrote for scripts."""
        return json.loads(self.demo_file.read_text())

    def ready(self) -> bool:
        """Whether it serves, demo data included."""
        with contextlib.suppress(urllib.error.URLError, OSError):
            with urllib.request.urlopen(f"{self.base_url}/health/ready", timeout=2) as answer:
                return answer.status == 200 and (self.demo_file.exists() or not self.with_demo)
        return False

    def access_token(self, role: str) -> str:
        """Signs in as the demo's person of that role."""
        person = self.demo()["sign_ins"][role]
        return self.sign_in(person["login"], person["password"])

    def sign_in(self, login: str, password: str) -> str:
        """An access token of that person."""
        body = json.dumps({"login": login, "password": password, "client": "app"}).encode()
        request = urllib.request.Request(
            f"{self.base_url}/api/v1/auth/sign-ins", data=body, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)["access_token"]


def settings_for(data: pathlib.Path, http_port: int, extra: dict | None = None) -> dict:
    """The environment of an instance with data and ports of its own, and rate limits that nobody reaches."""
    unlimited = dict.fromkeys(("API", "SIGN_IN", "PUBLIC"), "100000000")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("LASTMILE_")},
        **{f"LASTMILE_RATE_{what}_PER_MINUTE": limit for what, limit in unlimited.items()},
        "LASTMILE_HTTP_LISTEN": f"127.0.0.1:{http_port}",
        "LASTMILE_RADIUS_AUTH_LISTEN": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "LASTMILE_RADIUS_ACCT_LISTEN": f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
        "LASTMILE_DATA_DIR": str(data),
        "LASTMILE_SPA_DIR": str(ROOT / "frontend" / "dist"),
        # Simulated routers are on this machine.
        "LASTMILE_OUTGOING_ALLOW": "127.0.0.0/8",
        **(extra or {}),
    }


def binary(profile: str = "debug") -> pathlib.Path:
    """The built program."""
    return target_dir() / profile / "lastmile"


@contextlib.contextmanager
def product(directory: pathlib.Path, name: str, extra: dict | None = None):
    """Starts `lastmile serve --demo`; its log is printed when it does not come up."""
    data = directory / name
    data.mkdir()
    http_port = free_port()
    with serving([binary(), "serve", "--demo"], settings_for(data, http_port, extra), data, http_port) as instance:
        yield instance


@contextlib.contextmanager
def serving(command, environment: dict, data: pathlib.Path, http_port: int, with_demo: bool = True):
    """Runs a server command until the block ends."""
    log = data.with_suffix(".log")
    instance = Product(http_port, data, with_demo)
    with running(command, log, env=environment, cwd=ROOT) as server:
        instance.pid = server.pid
        wait_until(instance.ready, server, log, "lastmile", 240)
        yield instance
