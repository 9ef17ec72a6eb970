#!/usr/bin/env bash
# What others' checkers say of the packages, and whether a second checkout of the same
# commit, elsewhere, by another user's settings, gives the same bytes.
#   packaging/check.sh [ARCH...]      amd64, arm64, riscv64 unless named
# Checkers: lintian, rpmlint, rpm, mandoc, promtool, and npm for CycloneDX's own. What is not installed is left out, said so.
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- amd64 arm64 riscv64
have() { command -v "$1" >/dev/null || { echo "left out: $1 is not installed"; return 1; }; }
dir=$(mktemp -d /var/tmp/aggregator-check.XXXXXX)
trap 'rm -rf "$dir"' EXIT
commit=$(git rev-parse HEAD)
[ -z "$(git status --porcelain)" ] || echo "note: what is not committed is not looked at"

# built NAME ZONE UMASK: the packages of this commit from a clone of its own
built() {
  git clone -q . "$dir/$1" && git -C "$dir/$1" checkout -q "$commit"
  (cd "$dir/$1" && umask "$2" && TZ=$3 make --no-print-directory "${@:4}" >"$dir/log" 2>&1) || { cat "$dir/log"; exit 1; }
}
sums() { (cd "$dir/$1/dist" && sha256sum ./*.deb ./*.rpm ./*.json linux-*/aggregator); }
built one 022 UTC "${@/#/package-}" "${@/#/sbom-}"
built another/place 077 Asia/Tokyo "${@/#/package-}" "${@/#/sbom-}"
diff <(sums one) <(sums another/place)
echo "two builds give the same bytes:"
sums one

cd "$dir/one"
if have lintian; then
  lintian --allow-root --fail-on error,warning dist/*.deb
  echo "lintian: no error, no warning"
fi
if have rpmlint; then rpmlint -c packaging/rpmlint.toml dist/*.rpm; fi
if have rpm; then rpm -K --nosignature dist/*.rpm; fi
if have npm; then
  cd packaging/tools/sbom
  if npm install --no-audit --no-fund --silent; then node check.mjs ../../../dist/*.cdx.json; else echo "left out: CycloneDX's validator cannot be installed here"; fi
  cd ../../..
fi
if have mandoc; then
  for page in dist/share/man/man?/*.gz; do zcat "$page" | mandoc -Tlint -W error || { echo "$page"; exit 1; }; done
  echo "mandoc: no error"
fi
if have promtool; then promtool check rules packaging/alerts.yaml && promtool test rules packaging/alerts_test.yaml; fi
