#!/bin/sh
# nginx.sh FOLDER: runs Nginx of this machine with the edge's configuration; FOLDER is its own. The environment must hold the
# template's variables but EDGE_RUN_FOLDER. It ends as Nginx itself, which never runs as root.
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

# Of the environment, the variables that the template has; what else is written with a $ there is Nginx's own.
envsubst "$(env | sed -n 's/^\(\(EDGE\|API\)_[A-Z_]*\)=.*/$\1/p')" <"$here/../nginx/nginx.conf.template" >"$EDGE_RUN_FOLDER/nginx.conf"

cd "$EDGE_RUN_FOLDER"
exec_as "$user" nginx -e stderr -p "$EDGE_RUN_FOLDER" -c "$EDGE_RUN_FOLDER/nginx.conf" -g 'daemon off;'
