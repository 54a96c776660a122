#!/bin/sh
# postgres.sh FOLDER DATABASE ARGUMENT...: runs PostgreSQL of this machine on 127.0.0.1:$POSTGRES_PORT with its data in FOLDER. On the first
# run it makes the cluster and DATABASE; the superuser's password is $POSTGRES_PASSWORD on every run. It ends as PostgreSQL itself.
set -eu
. "$(dirname "$0")/private-folder.sh"

user=postgres
root=$(private_folder "$1" "$user")
database=$2
shift 2
password=$POSTGRES_PASSWORD
# The server would keep it in its environment.
unset POSTGRES_PASSWORD
cluster=$root/cluster

fail() {
    echo "postgres.sh: $*" >&2
    exit 1
}

# The programs that fit the cluster; for a new one, the latest.
find_programs() {
    version='*'
    if [ -f "$cluster/PG_VERSION" ]; then
        version=$(cat "$cluster/PG_VERSION")
    fi
    # shellcheck disable=SC2086 # the version may be a pattern
    found=$(ls -d /usr/lib/postgresql/$version/bin /usr/pgsql-$version/bin /opt/homebrew/opt/postgresql@$version/bin 2>/dev/null | sort -V | tail -n 1)
    if [ -z "$found" ] && command -v postgres >/dev/null; then
        found=$(dirname "$(command -v postgres)")
    fi
    [ -n "$found" ] || fail "PostgreSQL $version is not installed (looked in PATH and /usr/lib/postgresql)"
    printf '%s\n' "$found"
}

# single CLUSTER DATABASE: SQL from standard input, one statement a line, without a server.
single() {
    if run_as "$user" "$programs/postgres" --single -D "$1" "$2" 2>&1 | grep -E 'ERROR|FATAL|PANIC' >&2; then
        fail "could not set up $1"
    fi
}

digest() {
    printf '%s' "$password" | sha256sum | cut -d ' ' -f 1
}

# Anything of a server that still has the cluster as its working directory: after a kill -9 its children need a moment to go.
in_use() {
    find /proc -maxdepth 2 -name cwd -lname "$cluster" 2>/dev/null | grep -q .
}

# Made aside and then renamed, so that one that was not finished is not taken for one that was.
create_cluster() {
    rm -rf "$cluster.new"
    printf '%s' "$password" | run_as "$user" sh -c 'umask 077; cat >"$1"' sh "$root/password"
    run_as "$user" "$programs/initdb" -D "$cluster.new" -U postgres -E UTF8 --locale=C.UTF-8 --data-checksums \
        --auth=scram-sha-256 --pwfile="$root/password" >/dev/null
    rm -f "$root/password"
    echo "CREATE DATABASE $database;" | single "$cluster.new" postgres
    digest >"$root/password.sha256"
    mv "$cluster.new" "$cluster"
}

cd "$root"
programs=$(find_programs)

left=100
while [ -d "$cluster" ] && in_use; do
    [ "$left" -gt 0 ] || fail "$cluster is in use by another PostgreSQL"
    left=$((left - 1))
    sleep 0.1
done
# Nobody has it, so this is of a server that was killed; the process id in it may by now be anybody's.
rm -f "$cluster/postmaster.pid"

if [ ! -d "$cluster" ]; then
    create_cluster
elif [ "$(cat "$root/password.sha256")" != "$(digest)" ]; then
    printf "ALTER ROLE postgres PASSWORD '%s';\n" "$(printf '%s' "$password" | sed "s/'/''/g")" | single "$cluster" postgres
    digest >"$root/password.sha256"
fi

set -- "$@" -D "$cluster" -p "$POSTGRES_PORT" -h 127.0.0.1 -c unix_socket_directories=
if run_as "$user" "$programs/postgres" -C wal_compression -c wal_compression=lz4 -D "$cluster" >/dev/null 2>&1; then
    set -- "$@" -c wal_compression=lz4
fi
for libraries in "$programs/../lib" "$programs/../lib/postgresql" "$programs/../lib64"; do
    if [ -e "$libraries/pg_stat_statements.so" ]; then
        set -- "$@" -c shared_preload_libraries=pg_stat_statements
        break
    fi
done

exec_as "$user" "$programs/postgres" "$@"
