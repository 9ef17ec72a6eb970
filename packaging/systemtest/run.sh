#!/usr/bin/env bash
# Boots a real systemd (Debian 13, by mmdebstrap and systemd-nspawn, with no network
# but loopback), installs the deb and lives through what years bring: start, reload,
# kill -9, a daemon that hangs, a full disk, a restart under load, upgrades, a restore,
# a removal; then the rpm, whose scripts and paths are the same systemd's.
#   packaging/systemtest/run.sh            needs root; about two minutes
# Exit code 77: it cannot run here; the last line says why.
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*"; exit 77; }
[ "$(id -u)" = 0 ] || skip "booting a container needs root"
for tool in mmdebstrap systemd-nspawn nsenter curl dpkg-deb; do
  command -v $tool >/dev/null || skip "$tool is not installed (Debian: mmdebstrap systemd-container util-linux curl)"
done

dir=$(mktemp -d /var/tmp/aggregator-system.XXXXXX)
nspawn=
finish() {
  code=$?; wait "${bootstrap:-}" 2>/dev/null || true
  if [ $code != 0 ] && [ $code != 77 ] && [ -n "$nspawn" ]; then inside journalctl --no-pager -n 60 -u aggregator || true; tail -5 "$dir/console" || true; fi
  if [ -n "$nspawn" ]; then kill "$nspawn" 2>/dev/null || true; wait "$nspawn" 2>/dev/null || true; fi
  rm -rf --one-file-system "$dir"
}
trap finish EXIT
began=$SECONDS
match() { grep "$@" >/dev/null; } # reads all: grep -q would break the pipe
step() { printf '== %3ds  %s\n' $((SECONDS - began)) "$*"; }
fail() { echo "FAILED: $*"; exit 1; }

step "root file system (mmdebstrap) and packages of two versions"
mmdebstrap --quiet --variant=minbase --include=systemd,systemd-sysv,ca-certificates,rpm trixie "$dir/root" >"$dir/mmdebstrap.log" 2>&1 &
bootstrap=$!
make --no-print-directory VERSION=0.9.0 package-amd64 >"$dir/make.log" 2>&1 || { cat "$dir/make.log"; fail "make package"; }
mv dist/aggregator_0.9.0-1_amd64.deb "$dir/old.deb"
make --no-print-directory VERSION=0.9.1 package-amd64 >"$dir/make.log" 2>&1 || { cat "$dir/make.log"; fail "make package"; }
mv dist/aggregator_0.9.1-1_amd64.deb "$dir/new.deb"
mv dist/aggregator-0.9.0-1.x86_64.rpm "$dir/old.rpm"; mv dist/aggregator-0.9.1-1.x86_64.rpm "$dir/new.rpm"
CGO_ENABLED=0 go build -o "$dir/outlet" ./packaging/systemtest
wait $bootstrap || { tail -3 "$dir/mmdebstrap.log"; skip "mmdebstrap reaches no Debian archive here"; }
cp "$dir/outlet" "$dir/root/usr/local/bin/outlet"
cp "$dir"/{old,new}.{deb,rpm} store/testdata/layouts/1.db.gz "$dir/root/root/"

step "boot"
# A hierarchy of its own: systemd of Debian 13 wants the unified one.
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --quiet --directory="$dir/root" --machine=aggregator-test-$$ \
  --private-network --register=no --keep-unit --boot </dev/null >"$dir/console" 2>&1 &
nspawn=$!
leader=
for _ in $(seq 1200); do # its first process is a child of systemd-nspawn
  leader=$(pgrep -x -P $nspawn systemd | head -1) && [ -n "$leader" ] && break
  kill -0 $nspawn 2>/dev/null || { cat "$dir/console"; nspawn=; skip "systemd-nspawn does not boot here: $(tail -1 "$dir/console")"; }
  sleep 0.1
done
[ -n "$leader" ] || { cat "$dir/console"; fail "the container has no first process"; }
spaces=(-m -u -i -n -p -r -w)
[ ! -e "/proc/$leader/ns/cgroup" ] || spaces+=(-C)
inside() { nsenter -t "$leader" "${spaces[@]}" -- "$@"; }
ask() { nsenter -t "$leader" -n curl -sS --max-time 120 "$@"; }
url=http://127.0.0.1:8080

# eventually WHAT COMMAND...: within two minutes, or more where the machine is busy
eventually() {
  what=$1; shift
  for _ in $(seq 1200); do if "$@" >/dev/null 2>&1; then return; fi; sleep 0.1; done
  fail "not within two minutes: $what"
}
up() { inside systemctl is-system-running | match -E 'running|degraded'; }
active() { inside systemctl is-active --quiet aggregator; }
ready() { ask -f $url/readyz; }
unready() { [ "$(ask -o /dev/null -w '%{http_code}' $url/readyz)" = 503 ]; }
feed() { ask -f "$url/feed.atom?limit=200"; }
# has FEED N: the merged feed carries bulletin N of a feed
has() { feed | match "Bulletin $2 of /$1<"; }
newest() { feed | sed -n "s|.*Bulletin \([0-9]*\) of /$1<.*|\1|p" | sort -n | tail -1; }
grows() { before=${before:-$(newest "$1")}; now=$(newest "$1"); [ -n "$now" ] && [ "$now" -gt "${before:-0}" ]; }
# The journal is written beside what it tells of: wait for its lines.
fields() { inside journalctl -q -u aggregator -o json | match '"AGGREGATOR_FEEDS":"1"'; }
logged() { inside journalctl -q -u aggregator -o cat | match "$1"; }

eventually "the machine is up" up
inside systemd-run -q --unit=outlet -E SECRET=sesame /usr/local/bin/outlet
# The store's disk is a small one.
inside mkdir -p -m 700 /var/lib/private
inside mount -t tmpfs -o size=24m,mode=700 tmpfs /var/lib/private

step "install the deb"
inside dpkg -i /root/old.deb >"$dir/dpkg.log" 2>&1 || { cat "$dir/dpkg.log"; fail "dpkg -i"; }
! active || fail "it started before it was configured"
inside getent passwd aggregator >/dev/null || fail "no user was made"
inside systemd-analyze verify --man=no aggregator.service aggregator.socket || fail "systemd-analyze verify"
exposure=$(inside systemd-analyze security --no-pager aggregator.service | sed -n 's/.*Overall exposure level for aggregator.service: \([0-9.]*\).*/\1/p')
awk -v e="$exposure" 'BEGIN { exit !(e <= 1.5) }' || fail "the exposure is $exposure, more than 1.5"
echo "exposure $exposure"
inside aggregator version | sed -n 1p

step "configure with a secret, start, subscribe"
config() { # FEED... polled every second
  cat >"$dir/config" <<'TOML'
[store]
path = "/var/lib/aggregator/aggregator.db"
[poll]
schedule = "@every 1s"
spread = "0s"
floor = "1s"
full_floor = "1s"
host_gap = "0s"
allow_private = ["127.0.0.0/8"]
[stories]
settle = "0s"
[[outlet]]
name = "Outlet"
home = "https://outlet.example/"
header = { X-Api-Key = { file = "/run/credentials/aggregator.service/key" } }
TOML
  for f in "$@"; do printf '[[outlet.feed]]\nurl = "http://127.0.0.1:9000/%s"\n' "$f" >>"$dir/config"; done
  inside sh -c 'cat >/etc/aggregator/aggregator.toml' <"$dir/config"
}
config one
inside sh -c 'umask 077; echo sesame >/etc/aggregator/key
  mkdir -p /etc/systemd/system/aggregator.service.d
  printf "[Service]\nLoadCredential=key:/etc/aggregator/key\n" >/etc/systemd/system/aggregator.service.d/key.conf
  systemctl daemon-reload'
inside systemctl enable -q --now aggregator.socket aggregator.service
active || fail "it does not run"
eventually "it is ready" ready
eventually "the merged feed carries the first bulletin" has one 1
eventually "polling goes on" grows one
[ "$(inside systemctl show -P Type aggregator)" = notify-reload ] || fail "not Type=notify-reload"
eventually "the journal has fields" fields
[ "$(inside stat -c %U /proc/"$(inside systemctl show -P MainPID aggregator)")" != root ] || fail "it runs as root"

step "reload: a feed more, then a wrong file"
config one two
inside systemctl reload aggregator
eventually "the new feed is there" grows two
inside sh -c 'echo "[pol]" >>/etc/aggregator/aggregator.toml'
inside systemctl reload aggregator
eventually "a wrong file is refused in the log" logged "the new configuration is refused"
active || fail "a wrong file stopped it"
before=; eventually "polling goes on with the file before" grows one
config one two

step "kill -9"
before=$(newest one); oldest=$(feed | grep -c '<entry>')
pid=$(inside systemctl show -P MainPID aggregator)
inside sh -c "kill -9 $pid"
restarted() { p=$(inside systemctl show -P MainPID aggregator); [ "$p" != 0 ] && [ "$p" != "$pid" ]; }
eventually "systemd started it again" restarted
eventually "it is ready" ready
has one "$before" || fail "bulletin $before was lost"
[ "$(feed | grep -c '<entry>')" -ge "$oldest" ] || fail "entries were lost"
twice=$(feed | sed -n 's|.*<title[^>]*>\(Bulletin [^<]*\)<.*|\1|p' | sort | uniq -d)
[ -z "$twice" ] || fail "doubled: $twice"
eventually "polling goes on" grows one

step "a daemon that hangs"
before=$(newest one); pid=$(inside systemctl show -P MainPID aggregator)
inside sh -c 'printf "[Service]\nWatchdogSec=3\nTimeoutAbortSec=1\n" >/etc/systemd/system/aggregator.service.d/watchdog.conf; systemctl daemon-reload; systemctl restart aggregator'
eventually "it is ready" ready
pid=$(inside systemctl show -P MainPID aggregator)
inside sh -c "kill -STOP $pid"
eventually "the watchdog had it started again" restarted
eventually "systemd says that the watchdog ended it" logged "Watchdog timeout"
eventually "it is ready" ready
has one "$before" || fail "bulletin $before was lost"
inside sh -c 'rm /etc/systemd/system/aggregator.service.d/watchdog.conf; systemctl daemon-reload; systemctl restart aggregator'
eventually "it is ready" ready

step "restart while readers come"
(for _ in $(seq 150); do ask -f -o /dev/null $url/healthz || echo dropped; sleep 0.01; done >"$dir/readers" 2>&1) &
readers=$!
for _ in 1 2 3; do inside systemctl restart aggregator; done
wait $readers
[ ! -s "$dir/readers" ] || { sort "$dir/readers" | uniq -c; fail "requests were dropped"; }

step "the store's disk fills up"
inside sh -c 'cat /dev/zero >/var/lib/private/filler 2>/dev/null || true'
eventually "it says that it is not ready" unready
eventually "the log says that the disk is full" logged "disk is full"
feed | match "Bulletin" || fail "readers are not served"
inside rm /var/lib/private/filler
eventually "it is ready again" ready
before=$(newest one); eventually "polling goes on" grows one
active || fail "it was stopped"

step "upgrade"
before=$(newest one); config_sum=$(inside md5sum /etc/aggregator/aggregator.toml)
inside dpkg -i --force-confold /root/new.deb >"$dir/dpkg.log" 2>&1 || { cat "$dir/dpkg.log"; fail "upgrade"; }
inside aggregator version | match 0.9.1 || fail "not the new version"
eventually "it is ready" ready
has one "$before" || fail "bulletin $before was lost"
[ "$config_sum" = "$(inside md5sum /etc/aggregator/aggregator.toml)" ] || fail "the configuration was replaced"
eventually "polling goes on" grows one
inside aggregator stories --config /etc/aggregator/aggregator.toml | match Bulletin || fail "the command line gets no answer"

step "back up while it runs, stop within its time, restore"
store=/var/lib/aggregator/aggregator.db
inside aggregator backup /root/backup.db --store $store >/dev/null || fail "backup"
start=$(date +%s%3N); inside systemctl stop aggregator.socket aggregator; took=$(($(date +%s%3N) - start))
[ $took -le 45000 ] || fail "the stop took $took ms"
echo "stopped within $took ms"
[ "$(inside systemctl show -P Result aggregator)" = success ] || fail "it did not stop cleanly"
inside aggregator verify --store $store >"$dir/verify" || { cat "$dir/verify"; fail "the store does not verify"; }
inside aggregator restore /root/backup.db --store $store >"$dir/restore" || { cat "$dir/restore"; fail "restore"; }
user=$(inside stat -c %U /var/lib/private/aggregator); [ "$user" != root ] && [ "$(inside stat -c %U $store)" = "$user" ] || fail "what was restored does not belong to the service"
inside systemctl start aggregator.socket aggregator
eventually "it is ready" ready
has one "$before" || fail "bulletin $before is not in the backup"

step "upgrade to a program with another layout of the store"
inside systemctl stop aggregator.socket aggregator
inside dpkg -i --force-confold /root/old.deb >"$dir/dpkg.log" 2>&1 || { cat "$dir/dpkg.log"; fail "the version before"; }
inside sh -c "zcat /root/1.db.gz >$store; chown --reference=/var/lib/private/aggregator $store"
inside dpkg -i --force-confold /root/new.deb >"$dir/dpkg.log" 2>&1 || { cat "$dir/dpkg.log"; fail "upgrade"; }
inside systemctl start aggregator.socket aggregator
eventually "it is ready" ready
kept=$(grep -c '^entry' store/testdata/layouts/1.txt)
eventually "the entries of the old layout are there and new ones come" grows one
inside systemctl stop aggregator.socket aggregator
inside aggregator verify --json --store $store >"$dir/verify" || { cat "$dir/verify"; fail "the store does not verify"; }
[ "$(sed -n 's/.*"entries": \([0-9]*\).*/\1/p' "$dir/verify")" -gt "$kept" ] || { cat "$dir/verify"; fail "less than the $kept entries of the old layout"; }
inside systemctl start aggregator.socket aggregator
eventually "it is ready" ready

step "remove"
inside dpkg -r aggregator >"$dir/dpkg.log" 2>&1 || { cat "$dir/dpkg.log"; fail "dpkg -r"; }
! active || fail "it still runs"
inside test -s /var/lib/private/aggregator/aggregator.db || fail "the store was removed with the program"
inside test -e /etc/aggregator/aggregator.toml || fail "the configuration was removed, not purged"
inside dpkg -P aggregator >"$dir/dpkg.log" 2>&1 || { cat "$dir/dpkg.log"; fail "dpkg -P"; }
inside test ! -e /etc/aggregator/aggregator.toml || fail "a purge left the configuration"
inside test -s /var/lib/private/aggregator/aggregator.db || fail "a purge took the store"

step "the rpm: install, start, upgrade, remove"
inside rpm -i --nodeps /root/old.rpm || fail "rpm -i" # dpkg has the dependencies, not rpm
! active || fail "it started before it was configured"
[ -z "$(inside rpm -V --nodeps aggregator)" ] || fail "rpm -V"
config one
inside systemctl enable -q --now aggregator.socket aggregator.service
eventually "it is ready with the store of before" ready
inside rpm -U --nodeps /root/new.rpm || fail "rpm -U"
inside aggregator version | match 0.9.1 || fail "not the new version"
eventually "it is ready" ready
before=; eventually "polling goes on" grows one
[ "$(inside rpm -V --nodeps aggregator | grep -vc ' c /etc/aggregator/aggregator.toml$')" = 0 ] || fail "rpm -V after the upgrade"
inside rpm -e aggregator || fail "rpm -e"
! active || fail "it still runs"
! inside systemctl is-active --quiet aggregator.socket || fail "its socket still listens"
inside test -s /var/lib/private/aggregator/aggregator.db || fail "the store was removed with the program"
inside test -e /etc/aggregator/aggregator.toml.rpmsave || fail "the configuration was not kept"
step "done"
