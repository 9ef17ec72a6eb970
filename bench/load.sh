#!/usr/bin/env bash
# Prints what readers get beside bare net/http handlers, with wrk (apt-get
# install wrk), in one run: 304, the whole feed, the feed while entries are kept,
# and the memory of event streams. Takes a minute and a quarter; loopback only.
set -euo pipefail
cd "$(dirname "$0")/.."
go test ./serve -run '^TestLoad$' -load -v -count=1
