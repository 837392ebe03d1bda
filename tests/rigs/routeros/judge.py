#!/usr/bin/env python3
"""librouteros and RouterOS-api use a simulated router: judge.py PORT TLS_PORT PASSWORD LOGIN VERSION.

Prints a RESULT line for each check. The router knows nothing of these clients, nor they of it.
"""

import hashlib
import socket
import ssl
import sys

import librouteros
import routeros_api
from librouteros.login import plain, token
from librouteros.query import Key
from routeros_api.exceptions import RouterOsApiCommunicationError, RouterOsApiConnectionError

HOST = "127.0.0.1"
FAILED = []


def expect(name, found, wanted):
    print(f"RESULT {name}: {'ok' if found == wanted else f'FAILED: {found!r} is not {wanted!r}'}", flush=True)
    if found != wanted:
        FAILED.append(name)


def trap(call, *arguments, **named):
    """What the router said instead of doing it."""
    try:
        list(call(*arguments, **named) or ())
    except librouteros.exceptions.TrapError as error:
        return error.message
    except RouterOsApiCommunicationError as error:
        return error.original_message.decode()
    return "nothing"


def judge_librouteros(port, tls_port, password, login, version):
    method = token if login == "challenge" else plain
    wrong = "cannot log in" if login == "challenge" else "invalid user name or password (6)"

    def connect(**named):
        return librouteros.connect(HOST, "admin", named.pop("password", password), port=named.pop("port", port),
                                   login_method=method, encoding="utf-8", **named)

    expect("wrong password", trap(connect, password="wrong"), wrong)
    api = connect()
    expect("identity", [row["name"] for row in api("/system/identity/print")], ["MikroTik"])
    expect("version", [row["version"].split(" ")[0] for row in api("/system/resource/print")], [version])
    secrets = api.path("ppp", "secret")
    expect("empty menu", list(secrets), [])
    first = secrets.add(name="rahim", password="p=1", service="pppoe", comment="ঢাকা")
    expect("id of what was added", first, "*1")
    secrets.add(name="karim", profile="default-encryption", disabled=True)
    expect("duplicate", trap(api, "/ppp/secret/add", name="rahim", service="pppoe"),
           "failure: secret with the same name already exists")
    expect("bad choice", trap(api, "/ppp/secret/add", name="x", service="smoke"), "input does not match any value of service")
    expect("unknown parameter", trap(api, "/ppp/secret/add", name="x", colour="red"),
           "unknown parameter" if version.startswith("6.") else "unknown parameter colour")
    expect("no such item", trap(api, "/ppp/secret/set", **{".id": "*77", "comment": "x"}), "no such item")
    expect("no such command", trap(api, "/ppp/secret/fly"), "no such command")
    name, service, disabled = Key("name"), Key("service"), Key("disabled")
    expect("select where", list(secrets.select(name).where(service == "pppoe")), [{"name": "rahim"}])
    found = secrets.select(name, disabled).where(disabled == True)  # noqa: E712
    expect("booleans", list(found), [{"name": "karim", "disabled": True}])
    either = secrets.select(name).where(librouteros.query.Or(name == "rahim", name == "karim"))
    expect("or", sorted(row["name"] for row in either), ["karim", "rahim"])
    secrets.update(**{".id": first, "comment": "paid", "disabled": True})
    expect("update", [(row["comment"], row["disabled"]) for row in secrets if row["name"] == "rahim"], [("paid", True)])
    expect("count", list(api("/ppp/secret/print", **{"count-only": ""})), [{"ret": 2}])
    secrets.remove(first)
    expect("remove", [row["name"] for row in secrets], ["karim"])
    expect("listen", listened(connect(), api), [("added", "first"), ("dead", True)])
    judge_tls(api, tls_port, connect)
    api.close()


def listened(listener, api):
    """What a listener on a connection of its own hears of an item that comes and goes."""
    listener.protocol.writeSentence("/ip/pool/listen")
    # Answered after the command before it was taken.
    listener.protocol.writeSentence("/system/identity/print")
    while listener.readSentence()[0] != "!done":
        pass
    pools, heard = api.path("ip", "pool"), []
    added = pools.add(name="first", ranges="10.0.0.2-10.0.0.9")
    heard.append(("added", listener.readSentence()[1]["name"]))
    pools.remove(added)
    heard.append(("dead", listener.readSentence()[1][".dead"]))
    listener.close()
    return heard


def judge_tls(api, tls_port, connect):
    certificates = api.path("certificate")
    certificate = certificates.add(**{"name": "api", "common-name": "router", "subject-alt-name": "IP:127.0.0.1"})
    list(api("/certificate/sign", **{"numbers": certificate}))
    service = next(row[".id"] for row in api("/ip/service/print") if row["name"] == "api-ssl")
    list(api("/ip/service/set", **{".id": service, "certificate": "api"}))
    pinned = next(row["fingerprint"] for row in certificates)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((HOST, tls_port), 5) as raw, context.wrap_socket(raw) as tls:
        expect("fingerprint", hashlib.sha256(tls.getpeercert(binary_form=True)).hexdigest(), pinned)
    secure = connect(port=tls_port, ssl_wrapper=context.wrap_socket)
    expect("identity by TLS", [row["name"] for row in secure("/system/identity/print")], ["MikroTik"])
    secure.close()


def judge_routeros_api(port, password, login, version):
    def pool(secret):
        return routeros_api.RouterOsApiPool(HOST, "admin", secret, port=port, plaintext_login=login != "challenge")

    try:
        pool("wrong").get_api()
        refused = "no"
    except (RouterOsApiCommunicationError, RouterOsApiConnectionError):
        refused = "yes"
    expect("RouterOS-api: wrong password refused", refused, "yes")
    connection = pool(password)
    api = connection.get_api()
    queues = api.get_resource("/queue/simple")
    expect("RouterOS-api: empty menu", list(queues.get()), [])
    added = queues.add(name="one", target="10.0.0.5/32", max_limit="1M/2M")
    expect("RouterOS-api: id of what was added", added.done_message["ret"], "*1")
    expect("RouterOS-api: get by name", [row["max-limit"] for row in queues.get(name="one")], ["1M/2M"])
    queues.set(id="*1", comment="x")
    expect("RouterOS-api: set", [row["comment"] for row in queues.get()], ["x"])
    expect("RouterOS-api: trap", trap(queues.add, name="one", target="10.0.0.6/32"), "failure: already have such name")
    queues.remove(id="*1")
    expect("RouterOS-api: remove", list(queues.get()), [])
    both = [api.get_resource(path).get_async() for path in ("/system/identity", "/user/group")]
    expect("RouterOS-api: answers in their tags", [len(list(rows.get())) for rows in both], [1, 3])
    connection.disconnect()


def main(port, tls_port, password, login, version):
    judge_librouteros(int(port), int(tls_port), password, login, version)
    judge_routeros_api(int(port), password, login, version)
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
