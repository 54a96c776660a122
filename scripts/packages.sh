# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# What a machine must have: the .NET SDK, which the user installs, and a few Debian packages, which we install if we may.

require_dotnet() {
    local wanted
    wanted=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$root/global.json")
    (cd -- "$root" && dotnet --version >/dev/null 2>&1) && return 0
    say "The .NET SDK ${wanted%.*} (${wanted} or a later 10.0 one) is missing. One of these installs it:"
    say "    sudo apt-get install dotnet-sdk-10.0        (Ubuntu; Debian once Microsoft's package feed is set up)"
    say "    https://dot.net/download                    (installer and script for every system)"
    fail "cannot build without it"
}

# PostgreSQL's server programs are on no path in Debian.
have_postgres() {
    have postgres || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null
}

# The browser that tests look at the documentation with.
find_browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome
}

# require_packages native|containers [browser]: asks for what is missing only, by the programs themselves.
require_packages() {
    local missing=()
    have curl || missing+=(curl)
    have jq || missing+=(jq)
    if [[ $1 == native ]]; then
        have redis-server || missing+=(redis-server)
        have nginx || missing+=(nginx)
        have envsubst || missing+=(gettext-base)
        have_postgres || missing+=(postgresql)
    fi
    [[ ${2:-} != browser ]] || find_browser >/dev/null || missing+=(chromium)
    ((${#missing[@]})) || return 0
    install_packages "${missing[@]}"
}

install_packages() {
    local as_root=() log="$state/apt.log" by_hand="apt-get update && apt-get install --no-install-recommends $*"
    have apt-get || fail "these programs are missing and this system has no apt-get: install $* with its package manager"
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "these packages are missing: run  sudo sh -c '$by_hand'  and try again"
        as_root=(sudo -n)
    fi
    say "installing $*"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get -y -o DPkg::Lock::Timeout=300)
    # A failing update is not final: the lists that are there may do.
    quietly "$log" "${apt[@]}" update || true
    if ! quietly "$log" "${apt[@]}" install --no-install-recommends "$@"; then
        show_log "$log" 20
        fail "apt-get could not install $* (whole log: $log)"
    fi
    stop_default_services "$@"
}

# Debian starts and enables the servers that it installs. Ours run on ports of their own, so those that we have just brought
# in are switched off again; servers that were there before are not touched.
stop_default_services() {
    local package as_root=()
    [[ -d /run/systemd/system ]] || return 0
    ((EUID == 0)) || as_root=(sudo -n)
    for package in "$@"; do
        case $package in
            redis-server | nginx | postgresql | kannel)
                "${as_root[@]}" systemctl disable --now "$package" >/dev/null 2>&1 || true ;;
        esac
    done
}

# Prints containers if a container runtime answers and the packages that can use it are there, else native.
choose_infrastructure() {
    if [[ ${Infrastructure:-auto} != auto ]]; then
        printf '%s\n' "$Infrastructure"
    elif [[ $UseStandIns != true ]] && container_runtime_answers; then
        printf 'containers\n'
    else
        printf 'native\n'
    fi
}

container_runtime_answers() {
    local runtime
    for runtime in docker podman; do
        have "$runtime" && timeout 10 "$runtime" info >/dev/null 2>&1 </dev/null && return 0
    done
    return 1
}

# require_prometheus promtool|prometheus: Debian's prometheus, of which nothing but that program is needed, so only it is taken out of the package;
# that needs no root.
require_prometheus() {
    local folder log="$state/apt.log" tool="$root/.local/tools/$1"
    PATH="$PATH:$root/.local/tools"
    have "$1" && return 0
    have apt-get || fail "$1 is missing and this system has no apt-get: install Prometheus with its package manager"
    say "fetching $1"
    folder=$(mktemp -d)
    # What the lists name may be gone from the servers; newer lists help.
    if ! download_prometheus && { ((EUID == 0)) && ! quietly "$log" apt-get update || ! download_prometheus; }; then
        rm -rf -- "$folder"
        show_log "$log" 20
        fail "apt-get could not download prometheus (whole log: $log)"
    fi
    mkdir -p -- "$root/.local/tools"
    dpkg-deb --fsys-tarfile "$folder"/*.deb | tar -xO "./usr/bin/$1" >"$tool.new"
    rm -rf -- "$folder"
    chmod +x -- "$tool.new"
    mv -- "$tool.new" "$tool"
}
download_prometheus() { (cd -- "$folder" && quietly "$log" apt-get download prometheus); }
