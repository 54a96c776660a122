# shellcheck shell=bash
# What every command shares. Sourced first; it leaves the caller in strict mode with `root` and `state` set.

set -euo pipefail

root=$(dirname -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")")
# Everything that the commands leave behind is in this ignored folder: answers, logs, keys, data. A trial has one of its own (scripts/trial.sh).
state=${GATEWAY_STATE:-$root/.local}
export root state

# nginx lies in /usr/sbin, which is not on everybody's path; a per-user .NET lies in ~/.dotnet.
PATH="$PATH:/usr/sbin:/sbin:${HOME:-/nonexistent}/.dotnet"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 ASPIRE_CLI_TELEMETRY_OPTOUT=true
# Build nodes that outlive their build would hold the caller's pipes and be found by nobody.
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_USE_MSBUILD_SERVER=0

mkdir -p -- "$state"

# Progress goes to stderr: stdout is kept for what the caller may want to read by machine.
say() { printf '%s\n' "$*" >&2 || true; }
fail() { printf '%s: %s\n' "$(basename -- "$0")" "$*" >&2; exit 1; }
have() { command -v -- "$1" >/dev/null 2>&1; }

# show_log FILE LINES: the end of a log, indented, so that it stands apart from our own words.
show_log() { tail -n "$2" -- "$1" 2>/dev/null | sed 's/^/    /' >&2 || true; }

# wait_until SECONDS COMMAND…: true as soon as the command is; false when the time is up.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < end)) || return 1
        sleep 0.2
    done
}

# interruptible COMMAND…: runs a long command in a process group of its own, so that a signal to us can end it and all that
# it started at once (a shell runs no trap while it waits for a foreground child).
running_group=
interruptible() {
    local result=0
    setsid -- "$@" </dev/null &
    running_group=$!
    wait "$running_group" || result=$?
    running_group=
    return "$result"
}
# quietly LOG COMMAND…: the same, with its output in a file.
quietly() {
    local log=$1
    shift
    interruptible "$@" >"$log" 2>&1
}
end_running_group() {
    [[ -n $running_group ]] || return 0
    kill -TERM -- "-$running_group" 2>/dev/null || true
    running_group=
}

# holders FILE: the processes that have FILE open. A descriptor is inherited, so whatever was started with the file open is
# found for as long as it lives, even after its parent was killed; and unlike a recorded process id it cannot come to mean
# somebody else's process. The caller must not have FILE open itself.
holders() { openings "$1" /proc/[0-9]*/fd | cut -d/ -f3 | sort -un; }
holds() { [[ -n $(openings "$2" "/proc/$1/fd") ]]; }
# (Not by -samefile: that makes find open the file itself.)
openings() {
    local file=$1 device inode
    shift
    read -r device inode < <(stat -L -c '%d %i' -- "$file" 2>/dev/null) || return 0
    find -L "$@" -maxdepth 1 -inum "$inode" -printf '%D %p\n' 2>/dev/null | sed -n "s/^$device //p" || true
}
has_no_holders() { [[ -z $(holders "$1") ]]; }

# end_holders FILE: ends them, asking first.
end_holders() {
    local signal pids
    for signal in TERM KILL; do
        mapfile -t pids < <(holders "$1")
        ((${#pids[@]})) || return 0
        kill "-$signal" "${pids[@]}" 2>/dev/null || true
        wait_until 10 has_no_holders "$1" && return 0
    done
    return 1
}

# is_listening PORT: whether any address of this machine listens on it (state 0A), read without touching the listener.
is_listening() {
    local hex
    printf -v hex '%04X' "$1"
    grep -qiE ":$hex [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null
}
