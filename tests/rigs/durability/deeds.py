"""What is done while writes fail, and how to tell that what was acknowledged is kept."""

import contextlib
import hashlib
import itertools
import json
import secrets
import socket
import struct
import time
import urllib.error
import urllib.request

# The administrator of the seeded ISP, as the demo makes it.
ADMIN = ("admin", "try-lastmile-2026")
# Nobody waits longer than that for a product that recovers by itself.
PATIENCE = 60


class Caller:
    """An administrator's calls; what gets no answer has the status 0."""

    def __init__(self, instance):
        self.instance = instance
        self.token = until(lambda: self.try_sign_in(), "a sign-in")

    def try_sign_in(self):
        with contextlib.suppress(OSError, ValueError):
            return self.instance.sign_in(*ADMIN)
        return None

    def call(self, method, path, body=None, key=None, base="/api/v1"):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        payload = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(f"{self.instance.base_url}{base}{path}", payload, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.status, json.loads(error.read() or b"null")
        except (OSError, ValueError):
            return 0, None

    def get(self, path):
        """What is there, asked until the product answers."""
        return until(lambda: self.answered(path), f"GET {path}")

    def answered(self, path):
        status, body = self.call("GET", path)
        hold(status in (0, 200, 503), f"GET {path} answers {status} {body}")
        return body if status == 200 else None

    def all(self, path):
        """Every row of a list."""
        rows, cursor = [], None
        while True:
            page = self.get(path + ("&" if "?" in path else "?") + "limit=200" + (f"&cursor={cursor}" if cursor else ""))
            rows += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return rows

    def is_ready(self):
        """What the health check says at this moment."""
        return self.call("GET", "/ready", base="/health")[0] == 200


def until(ask, what, patience=PATIENCE):
    """The first answer that is one."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := ask():
            return answer
        time.sleep(0.05)
    raise Broken(f"{what}: nothing after {patience} s")


class Broken(Exception):
    """Something that was promised does not hold."""


def hold(condition, what):
    if not condition:
        raise Broken(what)


def balanced(caller):
    """The books balance, and so does each account with its postings."""
    trial = caller.get("/trial-balance")
    hold(trial["total_debit"] == trial["total_credit"], f"the books do not balance: {trial}")


class Payments:
    """Money received: each key is one payment, acknowledged or not."""

    name = "a payment"
    # A sum that the demo does not use, so that ours are told from others.
    AMOUNT = {"amount": "7.31", "currency": "BDT"}

    def __init__(self, caller):
        self.caller = caller
        self.customer = caller.get("/customers")["items"][0]["id"]
        self.known, self.key = {}, None
        self.before = {row["id"] for row in caller.all(f"/payments?customer_id={self.customer}")}

    def prepare(self):
        self.key = secrets.token_hex(12)
        self.known[self.key] = None

    def do(self, key=None):
        key = key or self.key
        body = {"amount": self.AMOUNT, "method": "cash"}
        status, payment = self.caller.call("POST", f"/customers/{self.customer}/advance-payments", body, key)
        if status == 201:
            earlier = self.known[key]
            hold(earlier in (None, payment["receipt_number"]), f"{key} got {earlier} and {payment['receipt_number']}")
            self.known[key] = payment["receipt_number"]
            self.last = payment["id"]
        return status

    def finish(self):
        """Sends it again until it is acknowledged; what was acknowledged stands."""
        if receipt := self.known[self.key]:
            kept = self.caller.get(f"/payments/{self.last}")
            hold(kept["receipt_number"] == receipt, f"{receipt} is kept as {kept['receipt_number']}")
        until(lambda: self.do() == 201, "the same payment again")

    def whole(self, caller):
        """Each key is one payment, each with a receipt of its own, without a gap."""
        self.caller = caller
        rows = caller.all(f"/payments?customer_id={self.customer}")
        ours = sorted(row["receipt_number"] for row in rows if row["id"] not in self.before)
        hold(None not in self.known.values(), f"{list(self.known.values()).count(None)} payments were never taken")
        hold(ours == sorted(self.known.values()), f"acknowledged {len(self.known)}, kept {len(ours)}")
        every = sorted(int(row["receipt_number"].rsplit("-", 1)[1]) for row in caller.all("/payments"))
        hold(every == list(range(1, len(every) + 1)), f"receipts {every[:3]} to {every[-1]}: {len(every)}")
        balanced(caller)


class Voids:
    """Invoices taken back."""

    name = "a void"

    def __init__(self, caller):
        self.caller = caller
        self.customer = caller.get("/customers")["items"][1]["id"]
        self.void, self.invoice, self.acknowledged = [], None, False

    def prepare(self):
        body = {"amount": {"amount": "5.00", "currency": "BDT"}, "description": "To be taken back"}
        key = secrets.token_hex(12)

        def billed():
            status, invoice = self.caller.call("POST", f"/customers/{self.customer}/invoices", body, key)
            hold(status in (0, 201, 503), f"billing answers {status} {invoice}")
            return status == 201 and invoice

        self.invoice, self.acknowledged = until(billed, "a bill")["id"], False

    def do(self):
        body = {"password": ADMIN[1], "reason": "a test"}
        status, _ = self.caller.call("POST", f"/invoices/{self.invoice}/voids", body)
        self.acknowledged |= status == 201
        return status

    def status(self):
        return self.caller.get(f"/invoices/{self.invoice}")["status"]

    def finish(self):
        if self.acknowledged:
            hold(self.status() == "void", "a void was acknowledged and is not kept")
        until(lambda: self.do() == 201 or self.status() == "void", "the same void again")
        self.void.append(self.invoice)

    def whole(self, caller):
        rows = caller.all(f"/invoices?customer_id={self.customer}")
        void = {row["id"] for row in rows if row["status"] == "void"}
        hold(set(self.void) <= void, f"{len(set(self.void) - void)} voids are lost")
        every = sorted(int(row["number"].rsplit("-", 1)[1]) for row in caller.all("/invoices"))
        hold(every == list(range(1, len(every) + 1)), f"{len(every)} invoices have the numbers {every[0]} to {every[-1]}")
        balanced(caller)


class Imports:
    """Customers brought in, three a file."""

    name = "an import batch"
    ROWS = 3

    def __init__(self, caller):
        self.caller, self.names, self.round = caller, [], 0
        self.package = caller.get("/packages")["items"][0]["id"]

    def prepare(self):
        self.round += 1
        self.batch = [f"kept{self.round:03}-{row}" for row in range(self.ROWS)]
        rows = [f"{name},secret{name},Kept {name},2099-01-31" for name in self.batch]
        content = "\n".join(["username,password,name,expires_at", *rows])
        upload = self.sent("/imports", {"file_name": "kept.csv", "content": content})
        wanted = {
            "mapping": upload["proposed_mapping"], "profile_packages": {}, "default_package_id": self.package, "connection_type": "pppoe",
            "billing_type": "prepaid", "skip_disabled": True, "initial_bill": False, "on_error": "skip",
        }
        preview = self.sent(f"/imports/{upload['id']}/previews", wanted)["preview"]
        hold(preview["new"] == self.ROWS, f"the preview says {preview}")
        self.path, self.token = f"/imports/{upload['id']}", preview["token"]

    def sent(self, path, body):
        def tried():
            status, answer = self.caller.call("POST", path, body)
            hold(status in (0, 200, 201, 503), f"{path} answers {status} {answer}")
            return answer if status in (200, 201) else None

        return until(tried, path)

    def do(self):
        status, _ = self.caller.call("POST", f"{self.path}/applications", {"token": self.token})
        # The batch itself is written by a worker.
        time.sleep(0.5)
        return status

    def finish(self):
        def ended():
            state = self.caller.get(self.path)["state"]
            if state == "previewed":
                self.do()
            hold(state != "failed", "an import failed for good")
            return state == "done"

        until(ended, "the end of an import")
        self.names += self.batch
        self.stand(self.caller, self.batch)

    def stand(self, caller, names):
        for name in names:
            found = [row for row in caller.get(f"/customers?search={name}")["items"] if row["username"] == name]
            hold(len(found) == 1, f"{name} stands {len(found)} times")

    def whole(self, caller):
        self.stand(caller, self.names)


class Reports:
    """Accounting of a router: what was acknowledged is counted, once."""

    name = "an accounting batch"
    OCTETS = 1_000

    def __init__(self, caller, address, secret, total):
        self.address, self.secret, self.total = address, secret.encode(), total
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(address)
        self.socket.settimeout(1)
        self.sessions, self.ids = itertools.count(1), itertools.count()
        self.sent, self.before = [], total()

    def prepare(self):
        self.session = f"kept{next(self.sessions):06}"
        self.acknowledged = set()

    def do(self):
        for number, status in enumerate((1, 3, 3)):
            if self.report(status, number * self.OCTETS, number):
                self.acknowledged.add(number)
        return 201 if len(self.acknowledged) == 3 else 503

    def finish(self):
        """A router repeats what is met with silence."""
        for number, status in enumerate((1, 3, 3)):
            if number not in self.acknowledged:
                until(lambda: self.report(status, number * self.OCTETS, number), "an acknowledgement")
        self.sent.append(self.session)
        # While reports wait in the spool, the next ones go there and meet no database.
        until(self.is_stored, f"all octets, {self.total() - self.before} are stored")

    def is_stored(self):
        return self.total() == self.before + len(self.sent) * 2 * self.OCTETS

    def report(self, status, octets, seconds):
        numbers = {40: status, 42: octets, 43: 0, 46: seconds}
        packet = b"".join(struct.pack("!BBI", kind, 6, value) for kind, value in numbers.items())
        for kind, text in ((44, self.session), (1, "nobody")):
            packet += bytes((kind, len(text) + 2)) + text.encode()
        head = struct.pack("!BBH", 4, next(self.ids) % 256, 20 + len(packet))
        signature = hashlib.md5(head + bytes(16) + packet + self.secret).digest()
        with contextlib.suppress(OSError):
            self.socket.send(head + signature + packet)
            while True:
                answer = self.socket.recv(4096)
                if answer[1] == head[1]:
                    return answer[0] == 5
        return False

    def whole(self, _caller):
        with contextlib.suppress(Broken):
            until(self.is_stored, "the spool", 30)
        stored = f"{self.total() - self.before} octets of {len(self.sent)} sessions are stored"
        hold(self.is_stored(), stored)
        return stored
