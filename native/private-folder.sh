# To be sourced. Programs that should not, or will not, run as root get a folder and an identity of their own.

# run_as USER COMMAND...: as that user if we are root, else as we are.
run_as() {
    run_as_user=$1
    shift
    if [ "$(id -u)" -ne 0 ]; then
        "$@"
    elif command -v setpriv >/dev/null; then
        setpriv --reuid="$run_as_user" --regid="$(id -g "$run_as_user")" --init-groups -- "$@"
    else
        runuser -u "$run_as_user" -- "$@"
    fi
}

# exec_as USER COMMAND...: the same, in place of this shell, so that signals reach the command itself.
exec_as() {
    exec_as_user=$1
    shift
    if [ "$(id -u)" -ne 0 ]; then
        exec "$@"
    elif command -v setpriv >/dev/null; then
        exec setpriv --reuid="$exec_as_user" --regid="$(id -g "$exec_as_user")" --init-groups -- "$@"
    fi
    # runuser stays as a parent, but passes SIGTERM on.
    exec runuser -u "$exec_as_user" -- "$@"
}

# private_folder FOLDER USER: makes the folder the user's own and prints where it really is. A checkout may lie where that user
# cannot go, /root for one; then the folder lies in /var/lib and the checkout has a link to it.
private_folder() {
    folder=$1
    user=$2
    mkdir -p "$(dirname "$folder")"
    if [ -L "$folder" ]; then
        folder=$(readlink "$folder")
    fi
    mkdir -p "$folder"
    chmod 700 "$folder"
    if [ "$(id -u)" -eq 0 ]; then
        chown "$user" "$folder"
        if ! run_as "$user" test -w "$folder"; then
            # Only an empty folder may be replaced.
            rmdir "$folder"
            mkdir -p /var/lib/sms-gateway
            chmod 711 /var/lib/sms-gateway
            reachable=$(mktemp -d "/var/lib/sms-gateway/$(basename "$folder").XXXXXX")
            chown "$user" "$reachable"
            ln -s "$reachable" "$folder"
            echo "$folder is out of reach of the user $user; its content lies in $reachable" >&2
            folder=$reachable
        fi
    fi
    printf '%s\n' "$folder"
}
