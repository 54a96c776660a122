# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# Looks for known weaknesses in the packages that are used, direct and transitive, by what the registry says of them.

# audit_packages PROJECT: false where a package has a known weakness. A registry that says nothing of weaknesses answers as if there were none: it is
# asked first for a package that has one (GHSA-5crp-9r3c-p9vr), and where it does not know of that, nothing is known of any.
audit_packages() {
    local log="$state/audit.log" folder
    folder=$(mktemp -d)
    printf '<Project />\n' | tee "$folder/Directory.Build.props" "$folder/Directory.Build.targets" >"$folder/Directory.Packages.props"
    cat >"$folder/probe.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="12.0.1" /></ItemGroup>
</Project>
PROJECT
    local known=false
    if quietly "$log" timeout 120 dotnet restore "$folder/probe.csproj" && reports_weakness "$folder/probe.csproj" "$log"; then
        known=true
    fi
    rm -rf -- "$folder"
    if [[ $known != true ]]; then
        say "packages are NOT audited: the registry says nothing of known weaknesses, or cannot be asked (see $log)"
        return 0
    fi
    if ! quietly "$log" timeout 300 dotnet restore "$root/$1"; then
        say "packages are NOT audited: they do not restore (see $log)"
        return 0
    fi
    if reports_weakness "$root/$1" "$log"; then
        show_log "$log" 40
        return 1
    fi
    say "packages are audited: the registry knows of no weakness in those of $1"
}
reports_weakness() { # PROJECT LOG
    quietly "$2" timeout 120 dotnet list "$1" package --vulnerable --include-transitive && grep -q 'has the following vulnerable packages' "$2"
}
