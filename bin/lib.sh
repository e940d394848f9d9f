# Shared by the scripts in bin/: where things live, and how we talk. Sourced, never run.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
RUNTIME=$(realpath -m "${ORDER_PROCESSING_RUNTIME:-$ROOT/.runtime}")   # everything we download or create; git ignores it
[ -z "${ODOO_SOURCE:-}" ] || { ODOO_SOURCE=$(realpath -m "$ODOO_SOURCE"); export ODOO_SOURCE; }
VENV=$RUNTIME/venv
ODOO_ROOT=$RUNTIME/odoo
CONF=$RUNTIME/odoo.conf
HTTP_PORT=${HTTP_PORT:-8069}
DEMO_DB=${DEMO_DB:-order_processing_demo}
export PYTHONUNBUFFERED=1
export PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning"   # "does not exist, skipping" is no news

# What a company would have installed beside us; tests and trials run on all of it.
BASE_MODULES=sale_management,sale_stock,stock_delivery,stock_picking_batch,portal,phone_validation,purchase_stock,sale_mrp,payment_demo,contacts
OUR_MODULES=$(cd "$ROOT/addons" && find . -mindepth 2 -maxdepth 2 -name __manifest__.py | cut -d/ -f2 | sort | paste -sd,)

say()  { printf '\033[1m==> %s\033[0m\n' "$*" >&2; }
die()  { printf '\033[31mStopped: %s\033[0m\n' "$*" >&2; exit 1; }

# --- PostgreSQL -------------------------------------------------------------------------------
# The user's own server when PGHOST says so, else a private cluster on a unix socket.
export ORDER_PROCESSING_PG_EXTERNAL=${ORDER_PROCESSING_PG_EXTERNAL:-${PGHOST:+yes}}
: "${ORDER_PROCESSING_PG_EXTERNAL:=no}"

cluster_address() {
    [ "$ORDER_PROCESSING_PG_EXTERNAL" = no ] || return 0
    CLUSTER=$(readlink -f "$RUNTIME/postgresql" || true)   # a link when the server's user cannot enter the checkout
    CLUSTER=${CLUSTER:-$RUNTIME/postgresql}
    # A socket's path may have 107 characters at most; a deep checkout borrows a short folder.
    SOCKET=$CLUSTER/socket
    [ ${#SOCKET} -lt 90 ] || SOCKET=/tmp/order-processing-$(printf %s "$CLUSTER" | cksum | cut -d' ' -f1)
    export PGHOST=$SOCKET PGPORT=5432 PGUSER=odoo
    unset PGPASSWORD PGDATABASE PGSERVICE
}
cluster_address

pg_bin() {  # the newest server binaries on this machine
    local dir
    dir=$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort -t/ -k5 -n | tail -1)
    [ -n "$dir" ] || dir=$(dirname "$(command -v postgres || echo /missing/postgres)")
    echo "$dir"
}

as_postgres() {  # postgres refuses to run as root, so root lends the job to the user made for it
    if [ "$(id -u)" = 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

sql() { psql -X -q -v ON_ERROR_STOP=1 -d postgres "$@"; }

db_name() { [[ $1 =~ ^[a-z][a-z0-9_]{0,50}$ ]] || die "'$1' is no name for a database here; use small letters, digits and _."; }
db_exists() { [ "$(sql -Atc "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]; }
db_drop() { sql -c "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)"; rm -rf "$RUNTIME/data/filestore/$1"; }

db_copy() {  # db_copy FROM TO: attachments first, so that a database that exists is whole
    db_drop "$2"
    if [ -d "$RUNTIME/data/filestore/$1" ]; then
        mkdir -p "$RUNTIME/data/filestore" && cp -rl "$RUNTIME/data/filestore/$1" "$RUNTIME/data/filestore/$2"
    fi
    sql -c "CREATE DATABASE \"$2\" TEMPLATE \"$1\""
}

# A database remembers in its comment what it was made from; the comment goes with a rename.
db_stamp() { sql -Atc "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '$1'"; }
db_set_stamp() { sql -c "COMMENT ON DATABASE \"$1\" IS '$2'"; }

# --- Odoo -------------------------------------------------------------------------------------
ready() {  # everything installed and PostgreSQL running; half a second when nothing is to be done
    "$ROOT/bin/setup"
    cluster_address
}

odoo() { ODOO_RC=$CONF "$VENV/bin/python" "$RUNTIME/launch" "$@"; }

odoo_path() { cat "$VENV"/lib/python3*/site-packages/odoo-source.pth; }   # the folder that holds the package "odoo"

base_stamp() {  # changes with Odoo and with the list of its modules
    printf '%s\n' "$BASE_MODULES" "$(odoo_path)" "$(cat "$(odoo_path)/odoo/release.py" "$ODOO_ROOT/.complete" 2>/dev/null)" | cksum | cut -d' ' -f1
}

addons_fingerprint() {  # changes when any file of our addons does (names, contents); tests are read from disk
    (cd "$ROOT/addons" && find . -type f ! -name '*.pyc' ! -path '*/__pycache__/*' ! -path '*/tests/*' -print0 | LC_ALL=C sort -z | xargs -0 -r cksum) | cksum | cut -d' ' -f1
}

our_stamp() { echo "$(base_stamp) $(addons_fingerprint)"; }

server_pid() {  # the demo server's process, if it is alive and really ours
    local pid; pid=$(cat "$RUNTIME/server.pid" 2>/dev/null) || return 1
    tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$RUNTIME/launch" && echo "$pid"
}

# --- Long steps -------------------------------------------------------------------------------
quietly() {  # quietly WHAT COMMAND…: run a long step with a dot every five seconds; its log is shown on failure
    local what=$1 log pid status=0 start=$SECONDS; shift
    mkdir -p "$RUNTIME/log"; log=$RUNTIME/log/$(printf %s "$what" | tr -cs 'a-zA-Z0-9' '-' | cut -c1-40).log
    printf '\033[1m==> %s \033[0m' "$what" >&2
    set -m   # a process group of its own, so that an interruption ends all of the step, not only its shell
    "$@" >"$log" 2>&1 </dev/null & pid=$!
    set +m
    # shellcheck disable=SC2064
    trap "kill -- -$pid 2>/dev/null; echo >&2; exit 130" INT TERM HUP
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.5; (( (SECONDS - start) % 5 || SECONDS == ${dotted:-start} )) || { printf . >&2; local dotted=$SECONDS; }
    done
    wait "$pid" || status=$?
    trap - INT TERM HUP
    printf ' %s s\n' "$((SECONDS - start))" >&2
    [ $status = 0 ] && return
    tail -30 "$log" >&2
    ! grep -qi 'no space left' "$log" || die "the disk is full. Free some space and run again, or set ORDER_PROCESSING_RUNTIME to a folder on another disk."
    ! grep -qiE 'could not resolve|failed to fetch|connection (failed|refused|timed out)|temporary failure|network is unreachable' "$log" \
        || die "$what: the network did not answer. Check the connection (and http_proxy, if you use one) and run again; what is done stays done."
    die "$what failed. The whole log: $log"
}
