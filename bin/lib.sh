# Shared by the scripts in bin/: where things live, and how we talk. Sourced, never run.
# shellcheck shell=bash
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RUNTIME=${ORDER_PROCESSING_RUNTIME:-$ROOT/.runtime}   # everything we download or create; git ignores it
VENV=$RUNTIME/venv
ODOO_ROOT=$RUNTIME/odoo
CLUSTER=$RUNTIME/postgresql
CONF=$RUNTIME/odoo.conf
HTTP_PORT=${HTTP_PORT:-8069}
export PYTHONDONTWRITEBYTECODE=${PYTHONDONTWRITEBYTECODE:-} PYTHONUNBUFFERED=1

# What a company would have installed beside us; tests and trials run on all of it.
BASE_MODULES=sale_management,sale_stock,stock_delivery,stock_picking_batch,portal,phone_validation,purchase_stock,payment_demo,contacts
OUR_MODULES=$(cd "$ROOT/addons" 2>/dev/null && printf '%s\n' */__manifest__.py | xargs -n1 dirname | paste -sd,)
DEMO_DB=${DEMO_DB:-order_processing_demo}

say()  { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die()  { printf '\033[31mStopped: %s\033[0m\n' "$*" >&2; exit 1; }

# --- PostgreSQL -------------------------------------------------------------------------------
# The user's own server when PGHOST says so, else a private cluster on a unix socket.
EXTERNAL_PG=${ORDER_PROCESSING_PG_EXTERNAL:-${PGHOST:+yes}}
export ORDER_PROCESSING_PG_EXTERNAL=${EXTERNAL_PG:-no}
if [ "$ORDER_PROCESSING_PG_EXTERNAL" = no ]; then
    # A socket's path may have 107 characters at most; a deep checkout borrows a short folder.
    SOCKET=$CLUSTER/socket
    [ ${#SOCKET} -lt 90 ] || SOCKET=/tmp/order-processing-$(printf %s "$CLUSTER" | cksum | cut -d' ' -f1)
    export PGHOST=$SOCKET PGPORT=5432 PGUSER=odoo
    unset PGPASSWORD PGDATABASE || true
fi

pg_bin() {  # the newest server binaries on this machine
    local dir
    dir=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -1)
    [ -n "$dir" ] || dir=$(dirname "$(command -v postgres || echo /missing/postgres)")
    echo "$dir"
}

as_postgres() {  # postgres refuses to run as root, so root lends the job to the user made for it
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

db_exists() { [ "$(psql -X -d postgres -Atc "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]; }

db_drop() { psql -X -q -d postgres -c "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)" 2>/dev/null; rm -rf "$RUNTIME/data/filestore/$1"; }

db_copy() {  # db_copy FROM TO: database and attachments
    db_drop "$2"
    psql -X -q -d postgres -c "CREATE DATABASE \"$2\" TEMPLATE \"$1\""
    if [ -d "$RUNTIME/data/filestore/$1" ]; then
        mkdir -p "$RUNTIME/data/filestore" && cp -rl "$RUNTIME/data/filestore/$1" "$RUNTIME/data/filestore/$2"
    fi
}

odoo() { ODOO_RC=$CONF "$VENV/bin/python" "$RUNTIME/launch" "$@"; }

quietly() {  # quietly WHAT COMMAND…: run a long step with a dot every five seconds, its log only on failure
    local what=$1 log pid status=0; shift
    mkdir -p "$RUNTIME/log"; log=$RUNTIME/log/$(echo "$what" | tr -cs 'a-zA-Z0-9' '-' | cut -c1-40).log
    printf '\033[1m==> %s \033[0m' "$what" >&2
    local start=$SECONDS
    "$@" >"$log" 2>&1 & pid=$!
    # shellcheck disable=SC2064
    trap "kill $pid 2>/dev/null; exit 130" INT TERM
    while kill -0 "$pid" 2>/dev/null; do
        sleep 1; (( (SECONDS - start) % 5 )) || printf . >&2
    done
    wait "$pid" || status=$?
    trap - INT TERM
    printf ' %s s\n' "$((SECONDS - start))" >&2
    [ $status = 0 ] || { tail -30 "$log" >&2; die "$what failed. The whole log: ${log#"$ROOT"/}"; }
}

# addons_fingerprint: changes when any file of our addons does (names, contents)
addons_fingerprint() {
    (cd "$ROOT/addons" && find . -type f ! -name '*.pyc' ! -path '*/__pycache__/*' ! -path '*/tests/*' -print0 | sort -z | xargs -0 cksum) | cksum | cut -d' ' -f1
}
