# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# Release builds, one at a time in a checkout, silent unless they fail.

# build PROJECT; NoBuild=1 in the environment takes what is built already.
build() {
    local log="$root/.local/build.log"
    [[ -z ${NoBuild:-} ]] || return 0
    say "building $1"
    # -o: the compiler server, which outlives the build, must not keep the lock.
    if ! quietly "$log" flock -o -w 900 "$root/.local/build.lock" \
        dotnet build "$root/$1" -c Release -v quiet -clp:ErrorsOnly; then
        # Each once, without the project that MSBuild adds to it.
        grep -E ': error ' "$log" | sed 's/^/    /; s/ \[[^]]*\]$//' | sort -u | head -n 30 >&2 || show_log "$log" 30
        fail "$1 does not build (whole log: $log)"
    fi
}

# built PROJECT: the program that `build PROJECT` makes.
built() { printf '%s\n' "$root/$1/bin/Release/net10.0/$1.dll"; }
