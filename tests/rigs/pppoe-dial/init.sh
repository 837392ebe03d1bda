#!/bin/bash
# Process 1 of the machine that rig.sh boots: / is the host's file system, read-only. Sets up the access concentrator
# and one customer's router in a namespace, dials, pings through each session, reports, and powers off.
# shellcheck disable=SC2154  # method, mppe, hold, transport and users come from the settings that rig.sh writes
export PATH=/usr/sbin:/usr/bin:/sbin:/bin

mount_writable_places() {
  mount -t proc proc /proc
  mount -t sysfs sys /sys
  mount -t tmpfs tmpfs /run
  mount -t devtmpfs dev /dev
  mkdir -p /dev/pts /run/netns /run/lock /run/ppp /run/log
  mount -t devpts devpts /dev/pts
  cp -a /etc/ppp/. /run/ppp/
  mount --bind /run/ppp /etc/ppp
  mount --bind /run/log /var/log
  printf '127.0.0.1 localhost\n10.77.0.2 concentrator\n' >/run/hosts # the RADIUS plugin refuses a host name it cannot resolve
  mount --bind /run/hosts /etc/hosts
  hostname concentrator
}

bring_up_links() {
  ip link set lo up
  ip link set eth0 up
  ip addr add 10.77.0.2/24 dev eth0
  ip netns add customer
  ip link add nas0 type veth peer name cpe0
  ip link set cpe0 netns customer
  ip link set nas0 up
  ip netns exec customer ip link set lo up
  ip netns exec customer ip link set cpe0 up
}

write_radius_client() {
  printf '10.77.0.1 pppoe-dial-secret\n' >/run/servers
  chmod 600 /run/servers
  touch /run/issue /run/map
  cat >/run/radius.conf <<CONF
auth_order radius
login_tries 4
login_timeout 60
nologin /run/nologin
issue /run/issue
authserver 10.77.0.1:1812
acctserver 10.77.0.1:1813
servers /run/servers
dictionary $RIG_OUT/dictionary
login_radius /bin/false
seqfile /run/radius.seq
mapfile /run/map
default_realm
radius_timeout 5
radius_retries 2
login_local /bin/login
CONF
}

start_concentrator() {
  cat >/run/concentrator-options <<OPTIONS
require-$method
$mppe
mtu 1492
mru 1492
noipv6
lcp-echo-interval 10
lcp-echo-failure 3
nodefaultroute
debug
logfile /run/concentrator.log
plugin radius.so
plugin radattr.so
radius-config-file /run/radius.conf
avpair NAS-Identifier=pppoe-dial
OPTIONS
  pppoe-server -I nas0 -N 200 -L 100.64.0.1 -R 100.64.0.10 -C concentrator -S internet -O /run/concentrator-options
  sleep 1
}

dial() { # user password unit
  local link=(pty "pppoe -I cpe0 -T 80 -m 1412")
  [ "$transport" = kernel ] && link=(plugin rp-pppoe.so nic-cpe0)
  # shellcheck disable=SC2086  # $mppe is one option or none
  ip netns exec customer pppd "${link[@]}" user "$1" password "$2" noauth noipdefault nodefaultroute noipv6 $mppe \
    debug logfile "/run/dial-$1.log" unit "$3" nodetach maxfail 1 >/dev/null 2>&1 &
  echo "$1 $3 $!" >>/run/dials
}

address_of() { ip netns exec customer ip -4 -o addr show dev "ppp$1" 2>/dev/null | sed -E 's/.*inet ([0-9.]+).*/\1/'; } # unit

some_dial_lasts() {
  local process
  while read -r _ _ process; do
    kill -0 "$process" 2>/dev/null && return 0
  done </run/dials
  return 1
}

some_dial_is_on_its_way() { # neither up nor given up
  local number process
  while read -r _ number process; do
    [ -z "$(address_of "$number")" ] && kill -0 "$process" 2>/dev/null && return 0
  done </run/dials
  return 1
}

wait_while() { # condition seconds
  local second
  for ((second = 0; second < $2; second++)); do
    "$1" || return 0
    sleep 1
  done
}

report() { # user unit
  local address rate timeout cut=no state=failed
  address=$(address_of "$2")
  if [ -n "$address" ]; then
    state=no-traffic
    ip netns exec customer ping -c1 -W2 -I "ppp$2" 100.64.0.1 >/dev/null && state=up
  fi
  rate=$(sed -n 's/^Mikrotik-Rate-Limit //p' /run/given | head -1)
  timeout=$(sed -n 's/^Session-Timeout //p' /run/given | head -1)
  if [ "$state" = failed ] && grep -q 'authentication failed' "/run/dial-$1.log"; then
    state=down
  fi
  # The link was up and is gone: the concentrator ended it when Session-Timeout was over.
  if [ "$state" = failed ] && grep -q '^LCP terminated by peer (Connect time expired)' "/run/dial-$1.log"; then
    cut=yes state=down
    address=$(sed -nE 's/^local +IP address ([0-9.]+)$/\1/p' "/run/dial-$1.log" | head -1)
  fi
  echo "RESULT user=$1 method=$method address=${address:--} rate=${rate:--} timeout=${timeout:--} cut=$cut state=$state"
}

mount_writable_places
# shellcheck disable=SC1091
. "$RIG_OUT/settings.sh"
bring_up_links
write_radius_client
start_concentrator
unit=100
for pair in "${users[@]}"; do
  unit=$((unit + 1))
  dial "${pair%%:*}" "${pair#*:}" "$unit"
done
wait_while some_dial_is_on_its_way 60
# What RADIUS gave is noted while the link is up: a cut takes it away.
cat /run/radattr.ppp* 2>/dev/null | tee /run/given
wait_while some_dial_lasts "$hold"
while read -r user number process; do
  report "$user" "$number"
  kill "$process" 2>/dev/null
done </run/dials
sleep 4 # time for the Accounting Stops
for log in /run/dial-*.log /run/concentrator.log; do
  echo "== $log"
  tail -60 "$log"
done
sleep 60 & # process 1 must not end before the power does
echo o >/proc/sysrq-trigger
wait
