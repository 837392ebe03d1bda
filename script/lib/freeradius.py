"""A FreeRADIUS of our own, on free ports, for comparing and for trying ours beside it."""

import contextlib
import pathlib
import re
import shutil
import socket
import subprocess

from processes import free_port, running, wait_until

MODULES = pathlib.Path("/usr/lib/freeradius")
CONFIG = pathlib.Path("/etc/freeradius/3.0")


def is_installed() -> bool:
    """Whether the server and its PostgreSQL driver are here."""
    return shutil.which("freeradius") is not None and (MODULES / "rlm_sql_postgresql.so").exists()


class FreeRadius:
    """A running server: where it listens and its process."""

    def __init__(self, auth_port: int, acct_port: int, pid: int):
        self.auth, self.acct, self.pid = f"127.0.0.1:{auth_port}", f"127.0.0.1:{acct_port}", pid


RADIUSD = """
prefix = /usr
libdir = {modules}
logdir = {home}
run_dir = {home}
raddbdir = {home}
modconfdir = {queries}
name = freeradius
max_request_time = 30
cleanup_delay = {cleanup_delay}
max_requests = 262144
hostname_lookups = no
log {{
  destination = stdout
}}
security {{
  max_attributes = 200
  reject_delay = 0
  status_server = yes
}}
proxy_requests = no
thread pool {{
  start_servers = {threads}
  max_servers = {threads}
  min_spare_servers = {threads}
  max_spare_servers = {threads}
  max_requests_per_server = 0
  max_queue_size = 65536
}}
{clients}
instantiate {{
  expr
}}
modules {{
  expr {{
  }}
  always ok {{
    rcode = ok
  }}
  pap {{
  }}
  chap {{
  }}
  mschap {{
    use_mppe = yes
  }}
  {modules_used}
}}
server default {{
  listen {{
    type = auth
    ipaddr = 127.0.0.1
    port = {auth_port}
  }}
  listen {{
    type = acct
    ipaddr = 127.0.0.1
    port = {acct_port}
  }}
  authorize {{
    chap
    mschap
    {authorize}
    pap
  }}
  authenticate {{
    Auth-Type PAP {{
      pap
    }}
    Auth-Type CHAP {{
      chap
    }}
    Auth-Type MS-CHAP {{
      mschap
    }}
    mschap
  }}
  preacct {{
    acct_unique_id
  }}
  accounting {{
    {accounting}
  }}
  session {{
    {session}
  }}
  post-auth {{
    {post_auth}
    Post-Auth-Type REJECT {{
      {post_auth}
    }}
  }}
}}
policy {{
  acct_unique_id {{
    update request {{
      &Acct-Unique-Session-Id := "%{{md5:%{{User-Name}},%{{Acct-Session-ID}},%{{%{{NAS-IPv6-Address}}:-%{{NAS-IP-Address}}}},%{{NAS-Identifier}},%{{NAS-Port-ID}},%{{NAS-Port}}}}"
    }}
  }}
}}
"""

CLIENT = """
client tools {{
  ipaddr = 127.0.0.1
  secret = {secret}
  nas_type = other
}}
"""

SQL = """
  sql {{
    dialect = postgresql
    driver = rlm_sql_postgresql
    radius_db = "{connection}"
    acct_table1 = radacct
    acct_table2 = radacct
    postauth_table = radpostauth
    authcheck_table = radcheck
    groupcheck_table = radgroupcheck
    authreply_table = radreply
    groupreply_table = radgroupreply
    usergroup_table = radusergroup
    client_table = nas
    group_attribute = SQL-Group
    delete_stale_sessions = yes
    read_groups = {groups}
    read_profiles = no
    read_clients = {clients}
    pool {{
      start = {threads}
      min = {threads}
      max = {threads}
      spare = {threads}
      uses = 0
      lifetime = 0
      idle_timeout = 0
      retry_delay = 1
    }}
    $INCLUDE {queries}
  }}
"""


def sql_module(connection: str, home: pathlib.Path, *, groups=True, clients=False, threads=8, with_class=False) -> str:
    """The sql module with FreeRADIUS's own queries; `connection` is libpq's."""
    queries = (CONFIG / "mods-config/sql/main/postgresql/queries.conf").read_text()
    if with_class:
        # The shipped file says to take the comments off to store Class.
        queries = re.sub(r"(column_name|packet_xlat|reply_xlat) =\s*#\s*(\".*\")", r"\1 = \2", queries)
    copy = home / "queries.conf"
    copy.write_text(queries)
    words = {True: "yes", False: "no"}
    return SQL.format(connection=connection, groups=words[groups], clients=words[clients], threads=threads, queries=copy)


def files_module(users: pathlib.Path) -> str:
    """The files module on one users file."""
    return f"  files {{\n    usersfile = {users}\n  }}\n"


@contextlib.contextmanager
def freeradius(home: pathlib.Path, module: str, secret: str | None, **sections):
    """Runs a server whose data come from one module; `secret` is None where its clients are in the database."""
    name = module.split("{", 1)[0].strip()
    ports = [free_port(socket.SOCK_DGRAM) for _ in range(2)]
    values = {
        "modules": MODULES, "home": home, "queries": CONFIG / "mods-config", "threads": 8, "cleanup_delay": 0,
        "clients": CLIENT.format(secret=secret) if secret else "", "modules_used": module.strip(), "authorize": name,
        "accounting": name if name == "sql" else "ok", "session": "", "post_auth": "",
        "auth_port": ports[0], "acct_port": ports[1], **sections,
    }
    (home / "radiusd.conf").write_text(RADIUSD.format(**values))
    log = home / "freeradius.log"
    with running(["freeradius", "-f", "-d", home, "-n", "radiusd", "-l", "stdout"], log) as server:
        wait_until(lambda: "Ready to process requests" in log.read_text(errors="replace"), server, log, "FreeRADIUS", 60)
        yield FreeRadius(*ports, server.pid)


def load_schema(url: str, schema: str) -> None:
    """FreeRADIUS's own tables, in a schema of that name."""
    file = CONFIG / "mods-config/sql/main/postgresql/schema.sql"
    command = ["psql", "-qX", "-v", "ON_ERROR_STOP=1", url, "-c", f"CREATE SCHEMA {schema}", "-c", f"SET search_path = {schema}", "-f", file]
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
