#!/usr/bin/env bash
# Dials into a demo instance of lastmile: registers the rig's NAS and one customer through the API, then runs rig.sh.
#   lastmile.sh pap|chap|mschap|mschap-v2 [--mppe] [--hold SECONDS] [--kernel] [--expect up|down] [--password WRONG]
#               [--framed-ip ADDRESS] [--cut]
# --framed-ip gives the customer an address of its own; --cut sells it hours that end within two and a half minutes and expects the link to be cut.
# Build first: cargo build --workspace --bins. With LASTMILE_DATABASE_URL set, that database is used instead of SQLite.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
[ $# -ge 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 2; }

method=$1 password=dial-secret1 framed_ip='' cut=''
shift
options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --password) password=$2; shift ;;
    --framed-ip) framed_ip=$2; shift ;;
    --cut) cut=yes; options+=(--hold 155 --expect down) ;;
    *) options+=("$1") ;;
  esac
  shift
done

data=$(mktemp -d -t lastmile-dial-XXXXXX)
trap 'rm -rf "$data"' EXIT
export LASTMILE_DATA_DIR=$data LASTMILE_SPA_DIR="$root/frontend/dist"
export LASTMILE_HTTP_LISTEN=127.0.0.1:8080 LASTMILE_RADIUS_AUTH_LISTEN=10.77.0.1:1812 LASTMILE_RADIUS_ACCT_LISTEN=10.77.0.1:1813
printed=$("$here/rig.sh" --method "$method" --user "dialer:$password" "${options[@]}" --prepare "RIG_FRAMED_IP='$framed_ip' RIG_CUT='$cut' '$here/prepare.py' '$data'" -- \
  "${CARGO_TARGET_DIR:-$root/target}/debug/lastmile" serve --demo) && status=0 || status=$?
echo "$printed"
[ "$password" != dial-secret1 ] || grep -q ' rate=5M/10M ' <<<"$printed" || { echo "pppoe-dial: the rate is not 5M/10M" >&2; status=1; }
[ -z "$framed_ip" ] || grep -q " address=$framed_ip " <<<"$printed" || { echo "pppoe-dial: the address is not $framed_ip" >&2; status=1; }
[ -z "$cut" ] || grep -q ' cut=yes ' <<<"$printed" || { echo "pppoe-dial: the link was not cut" >&2; status=1; }
exit "$status"
