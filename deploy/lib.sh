# shellcheck shell=bash
# What demo and check share. Sourced, never run.

# shellcheck disable=SC2034  # used by those who source this
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# Exit codes, as `sluice` itself has them (sysexits.h).
readonly EXIT_UNAVAILABLE=69 EXIT_NO_PERMISSION=77

say() { printf '%s\n' "$@"; }

# die CODE MESSAGE: says why it ends, on standard error.
die() {
    local code=$1
    shift
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit "$code"
}

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null) == ii* ]]; }

# need_packages 'NAME|what it is for'…: installs those of Debian's packages that are missing, after saying which and why.
# Changes nothing, and needs no root, when none is missing.
need_packages() {
    local entry missing=() reasons=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "This isn't Debian; what Sluice needs has these names there, and must be installed in your system's way:"
        printf '  %s\n' "${@%%|*}"
        return
    fi
    for entry in "$@"; do
        is_installed "${entry%%|*}" && continue
        missing+=("${entry%%|*}")
        reasons+=("  ${entry%%|*}  (${entry#*|})")
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0

    say "Missing Debian packages, to be installed with apt-get:"
    printf '%s\n' "${reasons[@]}"
    local as_root=()
    if [[ $(id -u) -ne 0 ]]; then
        # Without a terminal sudo may not ask for a password.
        if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
            as_root=(sudo)
            sudo -v  # asks for the password now, before lines of progress run over the question
        else
            die "$EXIT_NO_PERMISSION" "only root may install them; run this, then try again:" \
                "apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
        fi
    fi
    apt_get "${as_root[@]}" -- update || say "apt-get update failed; going on with the package lists that are here"
    apt_get "${as_root[@]}" -- install -y --no-install-recommends "${missing[@]}" ||
        die "$EXIT_UNAVAILABLE" "apt-get could not install: ${missing[*]}"
}

# apt_get [sudo] -- ARGUMENTS…: quiet while it works, told in full when it fails.
apt_get() {
    local as_root=()
    while [[ $1 != -- ]]; do
        as_root+=("$1")
        shift
    done
    shift
    with_progress "apt-get $1" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"
}

# The libraries that the build links, and what runs beside the product.
# shellcheck disable=SC2034  # used by those who source this
product_packages=(
    'g++|C++ compiler for the JSON scanner'
    'libcairo2-dev|charts of evidence, as pictures'
    'libmosquitto-dev|MQTT client'
    'libsimdjson-dev|JSON scanner'
    'libsqlite3-dev|the issue store'
    'zlib1g-dev|compressed recordings'
    'pkg-config|finds the libraries above'
    'tzdata|time zones: nights and weekdays'
    'libjs-leaflet|the map in the dashboard'
    'libjs-leaflet.markercluster|the map in the dashboard'
    'libjs-chart.js|charts in the dashboard'
    "mosquitto|the MQTT broker of the demonstration; Debian also starts it as a service on this machine's port 1883"
)

need_swift() {
    command -v swift >/dev/null ||
        die "$EXIT_UNAVAILABLE" "Swift 6.3 is missing: install it as https://www.swift.org/install/linux/ says," \
            "see that 'swift --version' answers, and try again."
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    if [[ -z $version || $(printf '%s\n6.3\n' "$version" | sort -V | head -n 1) != 6.3 ]]; then
        die "$EXIT_UNAVAILABLE" "Sluice is built with Swift 6.3 or later, and this is ${version:-an unknown version}:" \
            "see https://www.swift.org/install/linux/"
    fi
}

# What a running command says last of its own progress: "[12/345] Compiling…".
progress_of() { tr '\r' '\n' <"$1" | sed -n 's/^\(\[[0-9]*\/[0-9]*\]\).*/\1/p' | tail -n 1; }

# tick LABEL LOG: shows that the work goes on, until the parent ends it: a line that is rewritten on a terminal, a line every
# fifteen seconds elsewhere.
tick() {
    local began=$SECONDS
    while sleep 1 && kill -0 $$ 2>/dev/null; do
        local elapsed=$((SECONDS - began))
        if [[ -t 1 ]]; then
            printf '\r\033[K%s %s %d s' "$1" "$(progress_of "$2")" "$elapsed"
        elif ((elapsed % 15 == 0)); then
            printf '%s %s %d s\n' "$1" "$(progress_of "$2")" "$elapsed"
        fi
    done
}

# with_progress LABEL COMMAND…: runs it with its output kept aside, and shows that output when it fails.
with_progress() {
    local label=$1 log ticker status=0 began=$SECONDS
    shift
    log=$(mktemp "${TMPDIR:-/tmp}/sluice.XXXXXX")
    tick "$label" "$log" &
    ticker=$!
    "$@" >"$log" 2>&1 </dev/null || status=$?
    kill "$ticker" 2>/dev/null || :
    wait "$ticker" 2>/dev/null || :
    [[ ! -t 1 ]] || printf '\r\033[K'
    if ((status == 0)); then
        say "$label: done in $((SECONDS - began)) s"
    else
        say "$label: failed with $status after $((SECONDS - began)) s:"
        grep -vE '^\[[0-9]+/[0-9]+\] ' "$log" | tail -n 120 || :
    fi
    rm -f "$log"
    return "$status"
}
