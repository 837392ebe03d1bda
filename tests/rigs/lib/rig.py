"""What the rigs share: a demo instance of the product to judge, radclient, and RESULT lines."""

import contextlib
import json
import pathlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "script" / "lib"))

from processes import free_port  # noqa: E402
from product import product  # noqa: E402


def require(*tools):
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        sys.exit(f"missing: {', '.join(missing)}")


def radclient(server, kind, secret, request, timeout=2):
    """What radclient printed after one try."""
    done = subprocess.run(["radclient", "-x", "-r1", f"-t{timeout}", server, kind, secret], input=request, text=True,
                          capture_output=True)
    return done.stdout + done.stderr


class Checks:
    """Prints a RESULT line for each check and remembers failures."""

    def __init__(self):
        self.failed = 0

    def expect(self, name, printed, *wanted):
        missing = [text for text in wanted if text not in printed]
        print(f"RESULT {name}: {'ok' if not missing else 'FAILED, without ' + ', '.join(missing)}", flush=True)
        if missing:
            self.failed += 1
            print(printed, file=sys.stderr)

    def status(self):
        return 1 if self.failed else 0


@contextlib.contextmanager
def instance(folder, settings=None):
    """`lastmile serve --demo` on free ports; settings are keys of the configuration."""
    auth, acct = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    extra = {"RADIUS_AUTH_LISTEN": f"127.0.0.1:{auth}", "RADIUS_ACCT_LISTEN": f"127.0.0.1:{acct}", **(settings or {})}
    environment = {f"LASTMILE_{key}": str(value) for key, value in extra.items()}
    with product(pathlib.Path(folder), "instance", environment) as served:
        yield Instance(served, auth, acct)


class Instance:
    """A running instance, in which an administrator makes RADIUS clients and customers through the API."""

    def __init__(self, served, auth, acct):
        self.base_url, self.auth, self.acct = served.base_url, auth, acct
        self.nas_secret = served.demo()["nas_secret"]
        self.token = served.access_token("admin")

    def call(self, method, path, body=None):
        payload = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.base_url}/api/v1{path}", payload, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as error:
            sys.exit(f"{method} {path}: {error.status} {error.read().decode()}")

    def add_customer(self, username, password):
        package = self.call("POST", "/packages", {
            "name": f"Rig {username}", "down_kbps": 10000, "up_kbps": 5000, "price": {"amount": "500.00", "currency": "BDT"},
            "cycle": "monthly", "billing_type": "postpaid", "simultaneous_use": 50,
        })
        customer = self.call("POST", "/customers", {
            "name": f"Rig {username}", "username": username, "password": password, "connection_type": "pppoe",
            "package_id": package["id"], "billing_type": "postpaid",
        })
        if customer["status"] != "active":
            self.call("POST", f"/customers/{customer['id']}/activations", {})
        time.sleep(1)  # the change feed's delay
        return customer
