# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# The demo users' keys. The database holds only their hashes, so the plain keys that `seed` prints once are kept beside the
# data that they belong to.

demo_keys="$state/demo-keys.json"

# gateway COMMAND…: the operator's command line with the environment of the running stack.
gateway() {
    local program pair
    program=$(built SmsGateway.Workers)
    [[ -f $program ]] || fail "SmsGateway.Workers is not built; ./run builds it"
    (
        while IFS= read -r pair; do
            export "${pair?}"
        done < <(jq -r '.environment // {} | to_entries[] | "\(.key)=\(.value)"' "$stack_file")
        cd -- "$root/SmsGateway.Workers" || exit
        exec dotnet "$program" "$@"
    ) 9>&- 8>&-
}

# require_demo_keys URL: sets `api_key` and `admin_key` to keys that work.
require_demo_keys() {
    umask 077
    exec 7>"$state/demo-keys.lock"
    flock -w 120 7 || fail "another command has been making demo keys for too long"
    seed_demo_users
    read_demo_keys
    if [[ -z $api_key || -z $admin_key ]] || ! is_accepted "$1" "$api_key" || ! is_accepted "$1" "$admin_key"; then
        say "the demo keys kept here are lost or no longer valid: making new ones"
        seed_demo_users --rotate
        read_demo_keys
        [[ -n $api_key && -n $admin_key ]] || fail "gateway seed --rotate printed no keys"
    fi
    exec 7>&-
}

# Adds the keys of users that this call has made to those that are known.
seed_demo_users() {
    local new="$state/demo-keys.new" log="$state/seed.log"
    if ! gateway seed "$@" >"$new" 2>"$log"; then
        cat -- "$new" >>"$log"
        show_log "$log" 20
        fail "gateway seed failed (whole log: $log)"
    fi
    [[ -s $demo_keys ]] || printf '{}\n' >"$demo_keys"
    jq -s '.[0] + (.[1:] | map(select(.apiKey)) | map({(.user): .apiKey}) | add // {})' "$demo_keys" "$new" >"$demo_keys.new"
    mv -- "$demo_keys.new" "$demo_keys"
    rm -f -- "$new"
}
read_demo_keys() {
    api_key=$(value .heavy_user "$demo_keys")
    admin_key=$(value .admin "$demo_keys")
}
# The key goes in by stdin: a command line is for every user to read.
is_accepted() {
    local status
    status=$(curl -s -m 10 -o /dev/null -w '%{http_code}' -H @- "$1/api/credits/balance/" <<<"X-Api-Key: $2") || true
    [[ $status != 401 && $status != 403 ]]
}

print_json() { # URL DASHBOARD
    jq -cn --arg url "$1" --arg apiKey "$api_key" --arg adminKey "$admin_key" --arg dashboard "$2" \
        '{$url, $apiKey, $adminKey, dashboard: (if $dashboard == "" then null else $dashboard end)}'
}

print_summary() { # URL DASHBOARD
    cat <<SUMMARY

  API         $1
  reference   $1/api/docs/
  health      $1/health/
${2:+  dashboard   $2
}
  demo key    $api_key   (heavy_user)
  admin key   $admin_key

Send a message, then read it:

  curl -s $1/api/sms/send/ -H 'X-Api-Key: $api_key' -H 'Content-Type: application/json' \\
    -d '{"recipient":"+447700900123","message":"Hello","priority":"normal"}'

  curl -s '$1/api/sms/messages/?limit=1' -H 'X-Api-Key: $api_key'

SUMMARY
}
