# shellcheck shell=bash disable=SC2154 # root is set by common.sh
# A gateway of a trial's own, which may be harmed: its state, data and ports are apart from those of this checkout.

# make_trial: sets `trial`, a folder in which ./run, ./gateway and the paths that the documents name mean that gateway.
make_trial() {
    trial=$(mktemp -d -- "${TMPDIR:-/tmp}/sms-gateway-trial.XXXXXX")
    # PostgreSQL and Nginx run as other users.
    chmod 755 -- "$trial"
    mkdir -- "$trial/.local"
    ln -s -- "$root/run" "$root/gateway" "$trial/"
    cp -R -- "$root/ops" "$trial/"
    export GATEWAY_STATE="$trial/.local" NoBuild=1
}

# in_trial COMMAND…: runs it as an operator does, from the root of the checkout.
in_trial() { (cd -- "$trial" && "$@"); }

# start_trial ARGUMENT…: ./run --detach; sets `api_key`, and what read_trial does.
start_trial() {
    api_key=$(in_trial ./run --detach "$@" | jq -r .apiKey)
    read_trial
}

# read_trial: sets `url` and `simulator`, which change when it is started again.
read_trial() {
    local stack="$trial/.local/stack.json"
    url=$(jq -r '.url | rtrimstr("/")' "$stack")
    # shellcheck disable=SC2034 # read by the trials
    simulator=$(jq -r '.simulator | rtrimstr("/")' "$stack")
}

# Stops it, and removes what it has left.
end_trial() {
    [[ -n ${trial:-} ]] || return 0
    in_trial ./run --stop || true
    # Where the servers' users cannot enter, data lies elsewhere (native/private-folder.sh).
    find "$trial/.local/data" -maxdepth 1 -lname '/var/lib/sms-gateway/*' -exec sh -c 'rm -rf -- "$(readlink -- "$1")"' sh {} \; 2>/dev/null || true
    rm -rf -- "$trial"
    trial=
}

# end_at_exit: whatever ends this shell ends the trial, and the processes that `servers` names.
servers=()
end_at_exit() {
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP PIPE
}
# shellcheck disable=SC2317 # called by the trap
clean_up() {
    local result=$?
    set +e
    trap - EXIT
    trap '' INT TERM HUP PIPE
    ((${#servers[@]} == 0)) || kill "${servers[@]}"
    end_trial
    exit "$result"
}

# What was not as it must be.
misses=0
miss() { say "    MISSED: $*" && misses=$((misses + 1)); }

# conclude CASE WHAT COUNT: the line of JSON; false where anything was missed.
conclude() {
    printf '{"case":"%s","value":%d,"unit":"misses","limit":0,"ratio":%d,"%s":%d}\n' "$1" "$misses" "$misses" "$2" "$3"
    ((misses == 0))
}

# post NUMBER [CURL-ARGUMENT…]: one message; prints the answer.
post() {
    curl -s -m 10 -H @- -H 'Content-Type: application/json' "${@:2}" "$url/api/sms/send/" \
        -d "{\"recipient\":\"$1\",\"message\":\"hello\"}" <<<"X-Api-Key: $api_key" || true
}

# send NUMBER [COUNT]: so many, one after the other; prints how each was answered.
send() {
    local left
    for ((left = ${2:-1}; left > 0; left--)); do
        post "$1" -o /dev/null -w '%{http_code}\n'
    done
}
