# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# The stack of this checkout: one AppHost and all that it starts. Every process of it inherits descriptor 9, the locked
# file below: the lock says whether a stack exists, its holders are the stack.

stack_lock="$state/stack.lock"
stack_file="$state/stack.json"
stack_log="$state/stack.log"
data_folder="$state/data"

# value JQ-PATH FILE: one value of a JSON file; empty if there is none.
value() { jq -r "$1 // empty" "$2" 2>/dev/null || true; }

# A process that a file names is believed only while it holds the lock.
recorded_process() {
    local pid
    pid=$(cat -- "$state/$1.pid" 2>/dev/null) && [[ -n $pid ]] && holds "$pid" "$stack_lock" && printf '%s\n' "$pid"
}
is_ready() { [[ -s $stack_file ]] && recorded_process apphost >/dev/null; }
# A zombie that nobody has collected yet holds nothing, so it counts as gone.
is_gone() { ! holds "$1" "$stack_lock"; }

claim_stack() {
    exec 9>>"$stack_lock"
    if flock -n 9; then
        rm -f -- "$stack_file" "$state/apphost.pid"
        printf '%s\n' "$$" >"$state/starter.pid"
        return 0
    fi
    exec 9>&-
    return 1
}
# After this, --stop and the holders' list mean the stack alone, not this shell.
release_stack() { exec 9>&- 8>&-; }

# claim_or_find_stack: 0 when the lock is ours and a stack is to be started, 1 when a ready one was found.
claim_or_find_stack() {
    local end=$((SECONDS + 900)) told=
    until claim_stack; do
        is_ready && return 1
        ((SECONDS < end)) || fail "gave up waiting for $(holders "$stack_lock" | xargs); ./run --stop ends them"
        if recorded_process starter >/dev/null || recorded_process apphost >/dev/null; then
            [[ -n $told ]] || say "this checkout's stack is starting or stopping: waiting for it"
        else
            [[ -n $told ]] || say "ending what was left of a stack whose AppHost died"
            stop_stack
        fi
        told=1
        sleep 0.5
    done
}

# choose_port WANTED: sets `edge_port`. The lock on the port's file is inherited by the stack, so two checkouts that start in
# the same second do not choose the same one.
choose_port() {
    local port
    if [[ -n $1 ]]; then
        [[ $1 =~ ^0*[1-9][0-9]{0,4}$ ]] || fail "'$1' is no port number"
        ((10#$1 <= 65535)) || fail "'$1' is no port number"
        claim_port "$((10#$1))" || fail "port $1 is taken; leave the port out to get the next free one from 8080 on"
        return
    fi
    for ((port = 8080; port < 8280; port++)); do
        claim_port "$port" && return
    done
    fail "no free port between 8080 and 8279"
}
claim_port() {
    is_listening "$1" && return 1
    exec 8>>"${TMPDIR:-/tmp}/sms-gateway-$EUID-port-$1.lock"
    flock -n 8 || return 1
    edge_port=$1
}

# start_stack INFRASTRUCTURE NAME=VALUE…: returns when the AppHost says that everything is healthy.
start_stack() {
    local infrastructure=$1 seconds=180
    shift
    [[ $infrastructure == native ]] || seconds=900 # images may have to be pulled
    (
        close_other_descriptors
        cd -- "$root/SmsGateway.AppHost" || exit
        exec setsid -- env Infrastructure="$infrastructure" Edge__Port="$edge_port" \
            DataFolder="$data_folder" StackFile="$stack_file" "$@" dotnet "$(built SmsGateway.AppHost)"
    ) >"$stack_log" 2>&1 </dev/null &
    # The shell itself says nothing of how it ends.
    disown "$!"
    printf '%s\n' "$!" >"$state/apphost.pid"
    wait_for_health "$!" "$seconds"
}

# A pipe of our caller's that lived on in the stack would keep the caller waiting for its end.
close_other_descriptors() {
    local fd
    for fd in /proc/"$BASHPID"/fd/*; do
        fd=${fd##*/}
        case $fd in
            0 | 1 | 2 | 8 | 9 | 255) ;;
            *) exec {fd}>&- ;;
        esac
    done
}

wait_for_health() {
    local apphost=$1 started=$SECONDS told=0 passed
    say "starting (log: $stack_log)"
    until [[ -s $stack_file ]]; do
        passed=$((SECONDS - started))
        if is_gone "$apphost"; then
            show_failed || show_log "$stack_log" 40
            fail "the AppHost ended before the stack was healthy (whole log: $stack_log)"
        elif ((passed >= $2)); then
            show_log "$stack_log" 40
            fail "not healthy after $2 s (whole log: $stack_log)"
        elif ((passed >= told + 10)); then
            told=$passed
            say "  … not healthy yet after $passed s"
        fi
        sleep 0.2
    done
}

# show_failed: what the AppHost refused, or the last lines of what ended first; the others were stopped because of that. False where nothing did.
show_failed() {
    local name
    if ! grep -oP '(?<=DistributedApplicationException: ).*' "$stack_log" | sed 's/^/    /' >&2; then
        name=$(grep -oPm 1 '^[a-z0-9-]+(?= \| (exited with code [1-9]|failed to start))' "$stack_log") || return 1
        grep -E "^$name \| " "$stack_log" | grep -vE '\| (stopped|[0-9T:.Z-]+ info:|--- End of stack| +at )' | tail -n 20 | cut -c1-1000 | sed 's/^/    /' >&2
    fi
}

# stop_stack: returns when every process of the stack has ended and its port is closed. The caller must have released it.
stop_stack() {
    local apphost url port
    apphost=$(recorded_process apphost || true)
    url=$(value .url "$stack_file")
    if [[ -n $apphost ]]; then
        # It stops its children in order: the workers hand back what they hold before Redis goes.
        kill -TERM "$apphost" 2>/dev/null || true
        wait_until 60 is_gone "$apphost" || say "the AppHost does not stop by itself: ending it"
    fi
    end_holders "$stack_lock" || fail "some processes cannot be ended: $(holders "$stack_lock" | xargs)"
    port=${url##*:}
    port=${port%%/*}
    if [[ $port =~ ^[0-9]+$ ]]; then
        wait_until 10 is_free "$port" || say "port $port is still in use, though no process of this stack is left"
    fi
    rm -f -- "$stack_file" "$state"/{apphost,starter}.pid "$state/dashboard.token"
}
is_free() { ! is_listening "$1"; }

# Of a checkout that the servers' own users cannot enter, some data lies in /var/lib (native/private-folder.sh); that of containers lies
# in volumes which the data folder names (SmsGateway.AppHost/Infrastructure/ContainerInfrastructure.cs).
remove_data() {
    remove_volumes
    find "$data_folder" -maxdepth 1 -lname '/var/lib/sms-gateway/*' -exec sh -c 'rm -rf -- "$(readlink -- "$1")"' sh {} \; 2>/dev/null || true
    rm -rf -- "$data_folder"
}
remove_volumes() {
    local name runtime volume
    name=$(head -c 16 -- "$data_folder/secrets/volumes" 2>/dev/null) || return 0
    for runtime in docker podman; do
        have "$runtime" || continue
        for volume in "sms-gateway-$name-redis" "sms-gateway-$name-postgres"; do
            "$runtime" volume inspect "$volume" >/dev/null 2>&1 || continue
            "$runtime" volume rm -- "$volume" >/dev/null || fail "$runtime does not remove the volume $volume"
        done
    done
}
