#!/usr/bin/env bash
# Real PPPoE dials (pppd against pppoe-server) through a real RADIUS client, judged against the server given on the command line.
#
#   rig.sh [--method pap|chap|mschap|mschap-v2] [--mppe] [--user NAME:PASSWORD]... [--hold SECONDS] [--kernel]
#          [--expect up|down] [--prepare COMMAND] -- SERVER COMMAND...
#
# The dials happen inside a QEMU machine with Debian's kernel, which has PPP even where the host's kernel has none, in a network namespace
# of their own. The processor is emulated, so any machine will do:
#
#   server command on 10.77.0.1  <-- tap -->  10.77.0.2 access concentrator (NAS) <-- veth --> customer's router
#
# The server must answer RADIUS on 10.77.0.1:1812 and :1813 to the NAS 10.77.0.2 with the secret pppoe-dial-secret. --prepare runs
# beside it once it listens, to register the NAS and the customers. Prints one RESULT line for each user; the exit status
# says whether all of them ended as --expect says. Needs root and /dev/net/tun; `script/bootstrap pppoe` installs the rest.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
boot="${CARGO_TARGET_DIR:-$here/../../../target}/tools/pppoe-dial"
fail() { printf 'pppoe-dial: %s\n' "$*" >&2; exit 2; }

if [ -z "${PPPOE_DIAL_INSIDE:-}" ]; then
  [ "$(id -u)" -eq 0 ] || fail "needs root (tap device and network namespace)"
  [ -e /dev/net/tun ] || fail "needs /dev/net/tun"
  for tool in qemu-system-x86_64 pppd pppoe-server ip unshare; do
    command -v "$tool" >/dev/null || fail "$tool is missing: run script/bootstrap pppoe"
  done
  [ -e "$boot/initramfs" ] || fail "the kernel to boot is missing: run script/bootstrap pppoe"
  exec env PPPOE_DIAL_INSIDE=1 unshare --net "$0" "$@"
fi

method=chap mppe="" users=() hold=5 transport=user expect=up prepare=""
while [ $# -gt 0 ]; do
  case "$1" in
    --method) method=$2; shift ;;
    --mppe) mppe=require-mppe-128 ;;
    --user) users+=("$2"); shift ;;
    --hold) hold=$2; shift ;;
    --kernel) transport=kernel ;;
    --expect) expect=$2; shift ;;
    --prepare) prepare=$2; shift ;;
    --) shift; break ;;
    *) fail "unknown option '$1'" ;;
  esac
  shift
done
[ $# -gt 0 ] || fail "no server command after --"
[ ${#users[@]} -gt 0 ] || fail "no --user NAME:PASSWORD"
case "$method" in pap | chap | mschap | mschap-v2) ;; *) fail "unknown method '$method'" ;; esac
case "$expect" in up | down) ;; *) fail "--expect is up or down" ;; esac

out=${OUT:-$(mktemp -d -t pppoe-dial-XXXXXX)}
mkdir -p "$out"
server=""
cleanup() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; }
trap cleanup EXIT

# pppd's RADIUS plugin reads an older dictionary syntax than Debian ships, and knows no MikroTik.
write_dictionary() {
  sed -e 's/ipv4addr/ipaddr/' -e '/ipv6addr\|ipv6prefix/d' /etc/radcli/dictionary /etc/radcli/dictionary.microsoft
  printf 'VENDOR Mikrotik 14988 Mikrotik\n'
  printf 'ATTRIBUTE %s Mikrotik\n' 'Mikrotik-Rate-Limit 8 string' 'Mikrotik-Address-List 19 string'
}

write_settings() {
  printf 'method=%q\nmppe=%q\nhold=%q\ntransport=%q\nusers=(' "$method" "$mppe" "$hold" "$transport"
  printf '%q ' "${users[@]}"
  printf ')\n'
}

# 1812 is 0714 in the kernel's own table of UDP sockets.
server_listens() { grep -q ':0714 ' /proc/net/udp /proc/net/udp6 2>/dev/null; }

await_server() {
  for _ in $(seq 600); do
    server_listens && return 0
    kill -0 "$server" 2>/dev/null || { tail -20 "$out/server.log" >&2; fail "the server ended"; }
    sleep 0.2
  done
  fail "nothing listens on UDP 1812 (log: $out/server.log)"
}

write_dictionary >"$out/dictionary"
write_settings >"$out/settings.sh"
ip link set lo up
ip tuntap add tap0 mode tap
ip addr add 10.77.0.1/24 dev tap0
ip link set tap0 up

"$@" >"$out/server.log" 2>&1 &
server=$!
await_server
[ -z "$prepare" ] || sh -c "$prepare" || fail "--prepare failed"

timeout "${TIME_LIMIT:-$((180 + hold))}" qemu-system-x86_64 -accel tcg -cpu max -m 512 -nodefaults -no-user-config -no-reboot \
  -kernel "$boot/vmlinuz" -initrd "$boot/initramfs" -append "console=ttyS0 quiet panic=-1 RIG_INIT=$here/init.sh RIG_OUT=$out" \
  -virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
  -netdev tap,id=tap,ifname=tap0,script=no,downscript=no -device virtio-net-pci,netdev=tap,romfile= \
  -display none -serial stdio >"$out/dial.log" 2>&1 </dev/null || true

tr -d '\r' <"$out/dial.log" | grep '^RESULT' || fail "no dial was made (log: $out/dial.log)"
[ "$expect" = up ] && wanted='state=up$' || wanted='state=down$'
ended=$(tr -d '\r' <"$out/dial.log" | grep -c "^RESULT.*$wanted" || true)
echo "logs: $out"
[ "$ended" -eq ${#users[@]} ]
