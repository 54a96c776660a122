#!/bin/sh
# nginx.sh FOLDER: runs Nginx of this machine with the edge's configuration; FOLDER is its own. The environment must hold the
# template's variables but EDGE_RUN_FOLDER; EDGE_ACCESS_LOG is "off" or "on". It ends as Nginx itself, which never runs as root.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/private-folder.sh"

user=nobody
for candidate in www-data nginx; do
    if id "$candidate" >/dev/null 2>&1; then
        user=$candidate
        break
    fi
done

EDGE_RUN_FOLDER=$(private_folder "$1" "$user")
export EDGE_RUN_FOLDER
if [ "$EDGE_ACCESS_LOG" != off ]; then
    EDGE_ACCESS_LOG="$EDGE_RUN_FOLDER/access.log edge"
fi
export EDGE_ACCESS_LOG

# shellcheck disable=SC2016 # the names, not the values
envsubst '$API_SERVERS $EDGE_ADDRESS $EDGE_PORT $EDGE_RATE $EDGE_BURST $EDGE_WORKER_PROCESSES $EDGE_ACCESS_LOG $EDGE_RUN_FOLDER' \
    <"$here/../nginx/nginx.conf.template" >"$EDGE_RUN_FOLDER/nginx.conf"

cd "$EDGE_RUN_FOLDER"
exec_as "$user" nginx -e stderr -p "$EDGE_RUN_FOLDER" -c "$EDGE_RUN_FOLDER/nginx.conf" -g 'daemon off;'
