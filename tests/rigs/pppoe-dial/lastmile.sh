#!/usr/bin/env bash
# Dials into a demo instance of lastmile: registers the rig's NAS and one customer through the API, then runs rig.sh.
#   lastmile.sh pap|chap|mschap|mschap-v2 [--mppe] [--hold SECONDS] [--kernel] [--expect up|down] [--password WRONG]
# Build first: cargo build --workspace --bins. With LASTMILE_DATABASE_URL set, that database is used instead of SQLite.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
[ $# -ge 1 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0"; exit 2; }

method=$1 password=dial-secret1
shift
options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --password) password=$2; shift ;;
    *) options+=("$1") ;;
  esac
  shift
done

data=$(mktemp -d -t lastmile-dial-XXXXXX)
trap 'rm -rf "$data"' EXIT
export LASTMILE_DATA_DIR=$data LASTMILE_SPA_DIR="$root/frontend/dist"
export LASTMILE_HTTP_LISTEN=127.0.0.1:8080 LASTMILE_RADIUS_AUTH_LISTEN=10.77.0.1:1812 LASTMILE_RADIUS_ACCT_LISTEN=10.77.0.1:1813
"$here/rig.sh" --method "$method" --user "dialer:$password" "${options[@]}" --prepare "'$here/prepare.py' '$data'" -- \
  "${CARGO_TARGET_DIR:-$root/target}/debug/lastmile" serve --demo
