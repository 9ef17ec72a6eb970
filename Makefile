# Plain entries for the usual work. `make release` fills dist/: static binaries, deb
# and rpm for three architectures, an SBOM of each binary, and checksums. The same
# commit gives the same bytes.
VERSION ?= $(shell git describe --tags --match 'v*' 2>/dev/null | sed 's/^v//; s/-/+/; s/-/./' | grep . || echo "0.1.0+$$(git log -1 --format=%cd.%h --date=format:%Y%m%d)")
COMMIT  := $(shell git rev-parse HEAD)$(shell git diff --quiet HEAD || echo " with changes")
EPOCH   := $(shell git log -1 --format=%ct)
ARCHES  := amd64 arm64 riscv64
TOOL     = go tool -modfile=packaging/tools/go.mod
BUILD    = CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -buildid= -X main.version=$(VERSION) -X 'main.commit=$(COMMIT)'"

.PHONY: all test release binaries share packages sbom check-packages test-system clean
all:
	go build ./...
test:
	.ci/run quick

release: packages sbom
	cd dist && sha256sum *.deb *.rpm *.json linux-*/aggregator > SHA256SUMS && cat SHA256SUMS

binaries: $(ARCHES:%=dist/linux-%/aggregator)
dist/linux-%/aggregator: FORCE
	@mkdir -p $(@D)
	GOOS=linux GOARCH=$* $(BUILD) -o $@ ./cmd/aggregator
FORCE:

# Manual pages, completions and the packaged configuration, made from the program and
# from aggregator.example.toml.
share:
	@rm -rf dist/share && mkdir -p dist/share/man1 dist/share/man5
	SOURCE_DATE_EPOCH=$(EPOCH) go run -tags packaging -ldflags "-X main.version=$(VERSION)" ./cmd/aggregator manual --example aggregator.example.toml dist/share
	go run ./cmd/aggregator completion bash > dist/share/aggregator.bash
	go run ./cmd/aggregator completion zsh > dist/share/_aggregator
	go run ./cmd/aggregator completion fish > dist/share/aggregator.fish
	sed 's|^path = "aggregator.db" *|path = "/var/lib/aggregator/aggregator.db" |' aggregator.example.toml > dist/share/aggregator.toml
	printf 'aggregator (%s) unstable; urgency=low\n\n  * See the history of the repository.\n\n -- aggregator maintainers <root@localhost>  %s\n' \
		'$(VERSION)' "$$(date -uRd @$(EPOCH))" | gzip -9n > dist/share/changelog.gz
	find dist/share -name '*.[15]' -exec gzip -9nf {} +

packages: $(ARCHES:%=package-%)
package-%: dist/linux-%/aggregator share
	@for kind in deb rpm; do \
	  ARCH=$* VERSION='$(VERSION)' DIST=dist/linux-$* SOURCE_DATE_EPOCH=$(EPOCH) \
	  $(TOOL) nfpm package -f packaging/nfpm.yaml -p $$kind -t dist/ || exit 1; done

sbom: $(ARCHES:%=sbom-%)
sbom-%: dist/linux-%/aggregator
	$(TOOL) cyclonedx-gomod bin -json -std -version '$(VERSION)' -noserial -output dist/aggregator-$*.cdx.json $<

# What the distributions' own checkers say.
check-packages:
	packaging/check.sh

# Boots a real systemd in a container of its own and lives through an installation.
test-system:
	packaging/systemtest/run.sh

clean:
	rm -rf dist
