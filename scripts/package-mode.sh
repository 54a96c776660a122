# shellcheck shell=bash disable=SC2154 # root and state are set by common.sh
# Public packages or stand-ins: asked of the registry once, by restoring, and kept until the versions change.
# The answer is exported as UseStandIns and left in .local/package-mode.props, which Directory.Build.props imports, so that
# plain `dotnet build` in this checkout uses the same. UseStandIns in the environment overrides both.

require_package_mode() {
    if [[ -z ${UseStandIns:-} ]]; then
        UseStandIns=$(cached_package_mode || true)
        [[ -n $UseStandIns ]] || probe_package_mode
    fi
    export UseStandIns
}

package_mode_fingerprint() {
    (cd -- "$root" && { cat Directory.Packages.props global.json scripts/package-mode.sh; printf '%s\n' standins/*/; } | sha256sum | cut -d' ' -f1)
}

cached_package_mode() {
    local marker="$state/package-mode.props"
    grep -qsF "$(package_mode_fingerprint)" "$marker" && sed -n 's/.*>\(true\|false\)<.*/\1/p' "$marker"
}

# Restores, in a folder of its own, every package that has a stand-in and the AppHost's SDK: one that is missing, or is there in another version only,
# decides for the stand-ins.
probe_package_mode() {
    local folder log="$state/package-mode.log" result=0
    folder=$(mktemp -d)
    write_probe_project "$folder"
    say "looking whether the public packages restore"
    UseStandIns=false quietly "$log" timeout 300 dotnet restore "$folder/probe.csproj" || result=$?
    rm -rf -- "$folder"
    if ((result == 0)); then
        UseStandIns=false
        keep_package_mode
    elif grep -qE 'NU110[123]|NU1603' "$log"; then
        say "they do not ($(missing_package "$log")): building with standins/"
        UseStandIns=true
        keep_package_mode
    else
        # No answer is not a 'no': the next command asks again.
        say "no answer from the package registry (see $log): building with standins/ this time"
        UseStandIns=true
    fi
}

# What a failed restore lacked first: a package, or the very version that is asked for.
missing_package() {
    grep -oE '(package [A-Za-z0-9.]*[A-Za-z0-9]|[A-Za-z0-9.]+ [0-9.]+[A-Za-z0-9.-]* was not found)' "$1" | head -n 1 | sed 's/^package/no package/'
}

write_probe_project() {
    local standin
    cp -- "$root/Directory.Packages.props" "$1"
    # Empty ones end the search for files of that name in the folders above.
    printf '<Project />\n' | tee "$1/Directory.Build.props" >"$1/Directory.Build.targets"
    {
        printf '<Project Sdk="Microsoft.NET.Sdk">\n<PropertyGroup><TargetFramework>net10.0</TargetFramework>'
        printf '<WarningsAsErrors>NU1603</WarningsAsErrors></PropertyGroup>\n<ItemGroup>\n'
        printf '<PackageDownload Include="Aspire.AppHost.Sdk" Version="[%s]" />\n' "$(sed -n 's/.*"Aspire.AppHost.Sdk": *"\([^"]*\)".*/\1/p' "$root/global.json")"
        for standin in "$root"/standins/*/; do
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
</Project>
PROPS
    mv -- "$state/package-mode.props.new" "$state/package-mode.props"
}
