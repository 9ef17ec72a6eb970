#!/usr/bin/env bash
# What the distributions' checkers say of dist/: lintian, rpm, mandoc, and whether a
# second build gives the same bytes. Checkers that are not installed are left out, said so.
set -euo pipefail
cd "$(dirname "$0")/.."
have() { command -v "$1" >/dev/null || { echo "left out: $1 is not installed"; return 1; }; }
if have lintian; then
  # A static Go binary has no shared libraries; there is no Debian source package or bug.
  lintian --fail-on error --suppress-tags statically-linked-binary,no-changelog,initial-upload-closes-no-bugs,unknown-section dist/*.deb
fi
if have rpm; then for f in dist/*.rpm; do rpm -qpl "$f" | grep -c . | xargs echo "$f files:"; done; fi
if have mandoc; then
  for page in dist/share/man?/*.gz; do
    zcat "$page" | mandoc -Tlint -W error || { echo "$page"; exit 1; }
  done
fi
sum() { (cd dist && sha256sum linux-*/aggregator *.deb *.rpm); }
before=$(sum)
rm -f dist/*.deb dist/*.rpm dist/linux-*/aggregator
make --no-print-directory packages >/dev/null
diff <(echo "$before") <(sum) && echo "a second build gives the same bytes"
