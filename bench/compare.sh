#!/usr/bin/env bash
# Prints what the daemon costs beside the floor, in one run:
#   bench/compare.sh [-n FEEDS] [-every 45s] [-grow 10]
#   bench/compare.sh -n FEEDS -start -dir DIR    a start on DIR/bench.db
# Traffic stays on loopback. FARM=PROGRAM takes another farm of the same flags.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/aggregator" ./cmd/aggregator
go build -o "$work/bench" ./bench
"$work/bench" compare -daemon "$work/aggregator" ${FARM:+-farm "$FARM"} -dir "$work" "$@"
