#!/usr/bin/env python3
"""Registers the rig's NAS and its customer `dialer` in the demo instance whose data directory is given."""

import datetime
import json
import os
import pathlib
import sys
import time
import urllib.error
import urllib.request
import zoneinfo

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "script" / "lib"))

from product import Product  # noqa: E402


def call(instance, token, method, path, body=None):
    payload = json.dumps(body).encode() if body is not None else None
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{instance.base_url}/api/v1{path}", payload, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"{method} {path}: {error.status} {error.read().decode()}")


instance = Product(8080, pathlib.Path(sys.argv[1]))
deadline = time.monotonic() + 120
while not instance.ready():
    if time.monotonic() > deadline:
        sys.exit("the instance is not ready")
    time.sleep(0.2)
token = instance.access_token("admin")
call(instance, token, "POST", "/nas", {"name": "pppoe-dial", "address": "10.77.0.2", "secret": "pppoe-dial-secret"})
# Hours that end soon put a Session-Timeout into the Accept.
hours = {}
if os.environ.get("RIG_CUT"):
    zone = zoneinfo.ZoneInfo(call(instance, token, "GET", "/me")["isp"]["time_zone"])
    now = datetime.datetime.now(zone)
    end = now + datetime.timedelta(seconds=150)  # in 91 to 150 seconds, as hours have no seconds: the dial comes first, the cut before the rig gives up
    days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    start = now - datetime.timedelta(hours=2)
    hours["time_windows"] = [{"days": days, "from": start.strftime("%H:%M"), "to": end.strftime("%H:%M")}]
fixed = {"static_ipv4": os.environ["RIG_FRAMED_IP"]} if os.environ.get("RIG_FRAMED_IP") else {}
# The demo's own simulated routers dial every customer in, so one more session must be allowed.
package = call(instance, token, "POST", "/packages", {
    "name": "Rig 10M", "down_kbps": 10000, "up_kbps": 5000, "price": {"amount": "500.00", "currency": "BDT"}, "cycle": "monthly",
    "billing_type": "postpaid", "simultaneous_use": 2, **hours,
})
customer = call(instance, token, "POST", "/customers", {
    "name": "Rig Dialer", "username": "dialer", "password": "dial-secret1", "connection_type": "pppoe", "package_id": package["id"],
    "billing_type": "postpaid", **fixed,
})
if customer["status"] != "active":
    call(instance, token, "POST", f"/customers/{customer['id']}/activations", {})
time.sleep(1)  # the change feed's delay
