#!/bin/sh
# Make this checkout ready to work in. Does only what is missing: nothing is fetched when all is there.
#
#   scripts/setup.sh tools   Debian packages and the virtual environment: enough to lint, type-check, generate, test units
#   scripts/setup.sh         that, and what real packets need: root and a mounted bpffs
#
# Ends with 1 and says what to do when it may not do it itself.
set -eu

PACKAGES="
    python3 python3-venv
    python3-bpfcc libbpf1 linux-libc-dev
    iproute2 ethtool iputils-ping
    bpftool clang-14 curl git iperf3 make openssl tcpdump
    fish zsh
"
VENV=.venv
BPFFS=/sys/fs/bpf

cd "$(dirname "$0")/.."
exec 9<scripts/setup.sh
flock 9 # two makes in one checkout: the second waits

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}
is_root() { [ "$(id -u)" -eq 0 ]; }

missing_packages() {
    # shellcheck disable=SC2086 # a list of words
    installed=" $(dpkg-query --show --showformat '${db:Status-Status}=${Package} ' $PACKAGES 2>/dev/null || true)"
    for package in $PACKAGES; do
        case $installed in *" installed=$package "*) ;; *) printf ' %s' "$package" ;; esac
    done
}

install_packages() {
    command -v dpkg-query >/dev/null || fail "this is no Debian; the project is made for Debian 12 (bookworm)."
    missing=$(missing_packages)
    [ -n "$missing" ] || return 0
    is_root || fail "Debian packages are missing:$missing" "mend it with: sudo apt-get install$missing"
    say "installing Debian packages:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of words
    apt-get install -qq --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 $missing >/dev/null
}

# What it was made from, and where: console scripts hold the path of their interpreter.
recipe() {
    pwd
    sha256sum pyproject.toml scripts/setup.sh
    /usr/bin/python3 --version
}

make_venv() {
    wanted=$(recipe)
    [ -f "$VENV/.recipe" ] && [ "$(cat "$VENV/.recipe")" = "$wanted" ] && return 0
    say "making the virtual environment in $VENV (about a minute)"
    rm -rf "$VENV"
    # Debian's own interpreter, and its packages in sight: bcc exists there and nowhere else.
    /usr/bin/python3 -m venv --system-site-packages "$VENV"
    pip="$VENV/bin/python -m pip --quiet --disable-pip-version-check"
    $pip install --upgrade "pip>=25.1" # the first that knows --group; Debian 12 has 23.0
    $pip install --editable . --group dev
    "$VENV/bin/python" -c "import bcc, fastapi, msgspec, pyroute2" ||
        fail "the virtual environment is not complete; see the error above."
    printf '%s\n' "$wanted" >"$VENV/.recipe" # last: an interrupted set-up starts again
}

ready_kernel() {
    is_root || fail "eBPF programs and network namespaces need root: run this with sudo." \
        "without root there are: make unit, lint, types, regen"
    [ "$(stat --file-system --format %T "$BPFFS" 2>/dev/null)" = bpf_fs ] && return 0
    say "mounting bpffs at $BPFFS"
    mount -t bpf bpf "$BPFFS" || fail "cannot mount bpffs at $BPFFS: the kernel needs CONFIG_BPF_SYSCALL."
}

case ${1:-all} in
tools | all) ;;
*) fail "usage: scripts/setup.sh [tools]" ;;
esac
[ "${1:-all}" = tools ] || is_root || ready_kernel # says so before it works for a minute
install_packages
make_venv
[ "${1:-all}" = tools ] || ready_kernel
