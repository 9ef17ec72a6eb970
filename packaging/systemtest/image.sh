#!/usr/bin/env bash
# Builds the container image and lives with it: start, ask, reload, stop, start again
# with the store of before. No network is used.
#   packaging/systemtest/image.sh [OPTION...]      further options of podman run
# Exit code 77: it cannot run here; the last line says why.
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "skipped: $*"; exit 77; }
fail() { echo "FAILED: $*"; podman logs "$name" || true; exit 1; }
for tool in buildah podman curl; do command -v $tool >/dev/null || skip "$tool is not installed"; done
dir=$(mktemp -d /var/tmp/aggregator-image.XXXXXX)
name=aggregator-test-$$
trap 'podman rm -f -v "$name" >/dev/null 2>&1 || true; rm -rf "$dir"' EXIT
make --no-print-directory image >"$dir/log" 2>&1 || { cat "$dir/log"; fail "make image"; }

config() { # HOST...: an outlet for each
  printf '[store]\npath = "/data/aggregator.db"\n[serve]\nlisten = "0.0.0.0:8080"\n'
  for host in "$@"; do printf '[[outlet]]\nname = "%s"\nhome = "https://%s/"\n[[outlet.feed]]\nurl = "https://%s/feed"\n' "$host" "$host" "$host"; done
}
mkdir "$dir/data" "$dir/etc" && chown 65532:65532 "$dir/data" && chmod 755 "$dir" "$dir/etc"
config one.example >"$dir/etc/aggregator.toml"
podman run --rm --network none "$@" localhost/aggregator version >"$dir/log" 2>&1 || skip "podman run: $(cat "$dir/log")"
head -2 "$dir/log"
start() { podman run -d --name "$name" --network none --read-only --cap-drop all -v "$dir/data:/data" -v "$dir/etc:/etc/aggregator:ro" "$@" localhost/aggregator >/dev/null; }
eventually() { # WHAT COMMAND...
  for _ in $(seq 1200); do if "${@:2}" >/dev/null 2>&1; then return; fi; sleep 0.1; done
  fail "not within two minutes: $1"
}
asked() { podman exec "$name" aggregator feeds --config /etc/aggregator/aggregator.toml; }
lists() { asked | grep "$1" >/dev/null; }
start "$@"
eventually "it is ready" curl -sf --unix-socket "$dir/data/aggregator.db.sock" http://x/readyz
eventually "the command line is answered" lists one.example
config one.example two.example >"$dir/etc/aggregator.toml"
podman kill -s HUP "$name" >/dev/null
eventually "the new feed is there" lists two.example
podman stop -t 45 "$name" >/dev/null
[ "$(podman inspect -f '{{.State.ExitCode}}' "$name")" = 0 ] || fail "it did not stop cleanly"
podman rm "$name" >/dev/null
start "$@"
eventually "it is ready again" curl -sf --unix-socket "$dir/data/aggregator.db.sock" http://x/readyz
podman exec "$name" aggregator verify --config /etc/aggregator/aggregator.toml
echo "image of $(podman image inspect -f '{{.Size}}' localhost/aggregator) bytes: built, run, asked, reloaded, stopped, started again"
