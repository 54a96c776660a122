# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# The real Aspire dashboard. With the stand-ins it is run on its own, by the Aspire command line that npm ships as a binary.

dashboard_folder="$state/dashboard"
# npm has other releases of it than NuGet has of the packages.
dashboard_version=13.5.4

# install_dashboard: sets `aspire` to the program.
install_dashboard() {
    local package log="$state/npm.log"
    case $(uname -m) in
        x86_64) package=@microsoft/aspire-cli-linux-x64 ;;
        aarch64) package=@microsoft/aspire-cli-linux-arm64 ;;
        *) fail "there is no Aspire command line for $(uname -m)" ;;
    esac
    aspire="$dashboard_folder/node_modules/$package/bin/aspire"
    if [[ -x $aspire && $(cat -- "$dashboard_folder/version" 2>/dev/null) == "$dashboard_version" ]]; then
        return 0
    fi
    have npm || fail "--dashboard installs the Aspire command line with npm, which is missing (apt-get install npm)"
    say "installing $package $dashboard_version"
    mkdir -p -- "$dashboard_folder"
    if ! quietly "$log" npm install --prefix "$dashboard_folder" --no-save --no-audit --no-fund "$package@$dashboard_version"; then
        show_log "$log" 20
        fail "npm could not install $package@$dashboard_version (whole log: $log)"
    fi
    printf '%s\n' "$dashboard_version" >"$dashboard_folder/version"
}

# prepare_dashboard: sets `dashboard_environment` for the AppHost: by the names that Aspire uses, where the dashboard is and what every
# service needs to export there. With the public packages the AppHost starts the dashboard itself, at that address.
prepare_dashboard() {
    dashboard_port=$(free_port_triple)
    otlp_key=$(random_hex)
    dashboard_token=$(random_hex)
    (umask 077 && printf '%s\n' "$dashboard_token" >"$state/dashboard.token")
    # shellcheck disable=SC2034 # read by run
    # Unsecured means http, and all of it is loopback; the token and the key are asked for all the same.
    dashboard_environment=("ASPNETCORE_URLS=http://127.0.0.1:$dashboard_port" "AppHost__BrowserToken=$dashboard_token"
        "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL=http://127.0.0.1:$((dashboard_port + 1))" "AppHost__OtlpApiKey=$otlp_key"
        ASPIRE_ALLOW_UNSECURED_TRANSPORT=true)
}

# dashboard_url: where the running stack's dashboard is, with its login token; empty if it has none.
dashboard_url() {
    local address
    address=$(value .dashboard "$stack_file")
    [[ -z $address ]] || printf '%s/login?t=%s\n' "${address%/}" "$(<"$state/dashboard.token")"
}

start_dashboard() {
    local log="$state/dashboard.log"
    say "starting the dashboard (log: $log)"
    (
        close_other_descriptors
        # Everything that it unpacks stays in the checkout's ignored folder.
        export ASPIRE_HOME="$dashboard_folder/home" DASHBOARD__FRONTEND__BROWSERTOKEN="$dashboard_token"
        export DASHBOARD__OTLP__AUTHMODE=ApiKey DASHBOARD__OTLP__PRIMARYAPIKEY="$otlp_key"
        exec setsid -- "$aspire" dashboard run --nologo --non-interactive \
            --frontend-url "http://127.0.0.1:$dashboard_port" --otlp-grpc-url "http://127.0.0.1:$((dashboard_port + 1))" \
            --otlp-http-url "http://127.0.0.1:$((dashboard_port + 2))"
    ) >"$log" 2>&1 </dev/null &
    if ! wait_until 90 is_listening "$dashboard_port" || ! wait_until 10 is_listening "$((dashboard_port + 1))"; then
        show_log "$log" 20
        fail "the dashboard did not start (whole log: $log)"
    fi
}

random_hex() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# The dashboard's usual 18888 if it and the next two are free.
free_port_triple() {
    local port
    for ((port = 18888; port < 19888; port += 3)); do
        if is_free "$port" && is_free "$((port + 1))" && is_free "$((port + 2))"; then
            printf '%s\n' "$port"
            return 0
        fi
    done
    fail "no free ports for the dashboard"
}
