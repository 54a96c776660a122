# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# Public packages or stand-ins: asked of the registry once, by restoring, and kept until the versions change.
# The answer is exported as UseStandIns and left in .local/package-mode.props, which Directory.Build.props imports, so that
# plain `dotnet build` in this checkout uses the same. UseStandIns in the environment overrides both. The packages that only publishing needs, in
# standins/deployment/, are asked for apart: without them all the rest is still the public packages (UseDeploymentStandIns).

require_package_mode() {
    if [[ -z ${UseStandIns:-} ]]; then
        read -r UseStandIns UseDeploymentStandIns < <(cached_package_mode) || true
        [[ -n $UseStandIns ]] || probe_package_mode
    elif [[ $UseStandIns == false && -z ${UseDeploymentStandIns:-} ]]; then
        UseDeploymentStandIns=false
        packages_restore standins/deployment '' || UseDeploymentStandIns=true
    fi
    export UseStandIns UseDeploymentStandIns
}

package_mode_fingerprint() {
    (cd -- "$root" && { cat Directory.Packages.props global.json scripts/package-mode.sh; printf '%s\n' standins/*/ standins/deployment/*/; } | sha256sum | cut -d' ' -f1)
}

# Prints both answers, or nothing.
cached_package_mode() {
    local marker="$state/package-mode.props"
    grep -qsF "$(package_mode_fingerprint)" "$marker" && sed -n 's/.*>\(true\|false\)<.*/\1/p' "$marker" | xargs
}

probe_package_mode() {
    local result=0
    say "looking whether the public packages restore"
    packages_restore standins "$(sdk_download)" || result=$?
    # No answer is not a 'no': the next command asks again.
    if ((result == 2)); then
        UseStandIns=true UseDeploymentStandIns=true
        return
    fi
    UseStandIns=false UseDeploymentStandIns=false
    ((result == 0)) || UseStandIns=true UseDeploymentStandIns=true
    if [[ $UseStandIns == false ]]; then
        packages_restore standins/deployment '' || { result=$? && UseDeploymentStandIns=true; }
    fi
    ((result == 2)) || keep_package_mode
}

# packages_restore FOLDER MORE: restores, in a place of its own, every package that has a stand-in in the folder: 1 where one is missing or is there in
# another version only, 2 where there is no answer. Then those of the folder are used.
packages_restore() {
    local folder log="$state/package-mode.log" result=0
    folder=$(mktemp -d)
    write_probe_project "$folder" "$1" "$2"
    UseStandIns=false UseDeploymentStandIns=false quietly "$log" timeout 300 dotnet restore "$folder/probe.csproj" || result=$?
    rm -rf -- "$folder"
    ((result != 0)) || return 0
    if grep -qE 'NU110[123]|NU1603' "$log"; then
        say "they do not ($(missing_package "$log")): building with $1/"
        return 1
    fi
    say "no answer from the package registry (see $log): building with $1/ this time"
    return 2
}

# What a failed restore lacked first: a package, or the very version that is asked for.
missing_package() {
    grep -oE '(package [A-Za-z0-9.]*[A-Za-z0-9]|[A-Za-z0-9.]+ [0-9.]+[A-Za-z0-9.-]* was not found)' "$1" | head -n 1 | sed 's/^package/no package/'
}

# The AppHost's SDK is asked for with the packages.
sdk_download() {
    printf '<PackageDownload Include="Aspire.AppHost.Sdk" Version="[%s]" />\n' "$(sed -n 's/.*"Aspire.AppHost.Sdk": *"\([^"]*\)".*/\1/p' "$root/global.json")"
}

# write_probe_project TARGET FOLDER MORE
write_probe_project() {
    local standin
    cp -- "$root/Directory.Packages.props" "$1"
    # Empty ones end the search for files of that name in the folders above.
    printf '<Project />\n' | tee "$1/Directory.Build.props" >"$1/Directory.Build.targets"
    {
        printf '<Project Sdk="Microsoft.NET.Sdk">\n<PropertyGroup><TargetFramework>net10.0</TargetFramework>'
        printf '<WarningsAsErrors>NU1603</WarningsAsErrors></PropertyGroup>\n<ItemGroup>\n%s\n' "$3"
        for standin in "$root/$2"/*/; do
            standin=$(basename -- "$standin")
            if grep -qF "Include=\"$standin\"" "$root/Directory.Packages.props"; then
                printf '<PackageReference Include="%s" />\n' "$standin"
            fi
        done
        printf '</ItemGroup>\n</Project>\n'
    } >"$1/probe.csproj"
}

keep_package_mode() {
    cat >"$state/package-mode.props.new" <<PROPS
<Project>
  <!-- Written by scripts/package-mode.sh for $(package_mode_fingerprint); delete it to ask again. -->
  <PropertyGroup Condition="'\$(UseStandIns)' == ''">
    <UseStandIns>$UseStandIns</UseStandIns>
  </PropertyGroup>
  <PropertyGroup Condition="'\$(UseDeploymentStandIns)' == ''">
    <UseDeploymentStandIns>$UseDeploymentStandIns</UseDeploymentStandIns>
  </PropertyGroup>
</Project>
PROPS
    mv -- "$state/package-mode.props.new" "$state/package-mode.props"
}

# compile_against_public_packages PROJECT: false where the code does not compile against the public packages that this registry has. For machines that
# build with the stand-ins: some of the packages, or their exact versions, may be missing, yet what is there shows whether a signature is another one.
# Its output is in a folder of its own, so that the two modes do not make each other build everything anew.
compile_against_public_packages() {
    local log="$state/public-packages.log" output=(--artifacts-path "$state/public-packages")
    if ! UseStandIns=false UseDeploymentStandIns=true quietly "$log" timeout 600 dotnet restore "$root/$1" "${output[@]}"; then
        say "NOT compiled against the public packages: they do not restore (see $log)"
        return 0
    fi
    say "compiling $1 against the public packages"
    if ! UseStandIns=false UseDeploymentStandIns=true quietly "$log" timeout 900 dotnet build "$root/$1" -c Release --no-restore -v quiet -clp:ErrorsOnly "${output[@]}"; then
        show_log "$log" 30
        return 1
    fi
}
