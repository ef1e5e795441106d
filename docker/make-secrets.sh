#!/usr/bin/env bash
# Makes the secrets of a production installation, once; an existing one is never replaced. The folder is closed to
# others (mode 700); the files in it must be readable by the containers' own users, which is what Docker hands on.
# Keep a copy of ssn_key, worker_private_key, mfa_key and anchor_key apart from the database's backups (docs/operations.md).
set -euo pipefail
folder=${1:-${WR_SECRETS:-$(dirname "${BASH_SOURCE[0]}")/../.run/production}}
command -v openssl >/dev/null || { echo "openssl is needed." >&2; exit 1; }
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

# make NAME COMMAND...: the output of COMMAND, whole or not at all.
make() {
    local name=$1
    shift
    [[ -e $name ]] && return
    "$@" >"$name.new"
    chmod 444 "$name.new"
    mv "$name.new" "$name"
    echo "made $name"
}
password() { openssl rand -hex 32; }
address() { printf 'postgresql://%s:%s@postgres:5432/wage_records' "$1" "$(password)"; }

make postgres_password password
make database_url address wr_owner
make web_database_url address wr_web
make worker_database_url address wr_worker
make loader_database_url address wr_loader
make redis_url printf 'redis://:%s@redis:6379/0' "$(password)"
make secret_key openssl rand -hex 64
make mfa_key openssl rand 32
make ssn_key openssl rand 32
make ssn_key_next true # empty: no rotation under way
make worker_private_key openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072
make worker_public_key openssl pkey -in worker_private_key -pubout
make anchor_key openssl genpkey -algorithm ed25519
make anchor_public_key openssl pkey -in anchor_key -pubout
