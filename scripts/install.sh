#!/bin/sh
# Install the daemon and the command line for everybody on this machine, with a systemd service.
#
#   scripts/install.sh [PREFIX]    into a virtual environment in PREFIX (/opt/polycube)
#
# Installing again updates. A service that runs goes on with what it is until it is restarted.
set -eu

PREFIX=${1:-/opt/polycube}
UNITS=/etc/systemd/system
NAMES="polycubed polycubectl polycube-gen"

cd "$(dirname "$0")/.."

say() { printf 'install: %s\n' "$*"; }
fail() {
    printf 'install: %s\n' "$@" >&2
    exit 1
}

case $PREFIX in
/*) ;;
*) fail "'$PREFIX' is not an absolute path" ;;
esac
[ "$(id -u)" -eq 0 ] || fail "run this with sudo: it writes to $PREFIX and $UNITS."
/usr/bin/python3 -c 'import bcc' 2>/dev/null ||
    fail "Debian packages are missing; mend it with:" \
        "apt-get install python3-venv python3-bpfcc libbpf1 linux-libc-dev"

say "polycube into $PREFIX"
[ -x "$PREFIX/bin/python" ] || /usr/bin/python3 -m venv --system-site-packages "$PREFIX"
"$PREFIX/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade .
for name in $NAMES; do
    ln -sf "$PREFIX/bin/$name" "/usr/local/bin/$name"
done

getent passwd polycube >/dev/null ||
    useradd --system --user-group --home-dir /var/lib/polycube --no-create-home \
        --shell /usr/sbin/nologin polycube

say "units polycubed.service and polycubed@.service into $UNITS"
mkdir -p "$UNITS"
sed "s|/opt/polycube/|$PREFIX/|" packaging/polycubed.service >"$UNITS/polycubed.service"
sed -e 's|^Description=.*|& (%i)|' \
    -e 's|/sys/fs/bpf/polycube$|/sys/fs/bpf/%i|' \
    -e 's|--pidfile .*|--name %i --configfile /etc/polycube/%i.conf --pidfile /run/polycube/%i.pid|' \
    "$UNITS/polycubed.service" >"$UNITS/polycubed@.service"
[ -d /run/systemd/system ] || { say "systemd does not run here: start polycubed by hand"; exit 0; }
systemctl daemon-reload
say "now: systemctl enable --now polycubed"
