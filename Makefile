# Plain entries for the usual work. `make release` fills dist/: static binaries, deb
# and rpm for three architectures, an SBOM of each binary, and checksums. The same
# commit gives the same bytes.
VERSION ?= $(shell git describe --tags --abbrev=10 --match 'v*' 2>/dev/null | sed 's/^v//; s/-/+/; s/-/./' | grep . || echo "0.1.0+$$(git log -1 --abbrev=10 --format=%cd.%h --date=format:%Y%m%d)")
COMMIT  := $(shell git rev-parse HEAD)$(shell git diff --quiet HEAD || echo " with changes")
EPOCH   := $(shell git log -1 --format=%ct)
# Who answers for the packages: to be set by whoever publishes them.
MAINTAINER ?= aggregator maintainers <maintainers@aggregator.invalid>
ARCHES  := amd64 arm64 riscv64
# What ships is built by the Go that go.mod names, whose library has no known holes.
export GOTOOLCHAIN ?= auto
TOOL     = GOFLAGS=-trimpath go tool -modfile=packaging/tools/go.mod
BUILD    = CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags "-s -w -buildid= -X main.version=$(VERSION) -X 'main.commit=$(COMMIT)'"

.PHONY: all test release binaries share packages sbom image check-packages test-system test-image clean
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
	@rm -rf dist/share && mkdir -p dist/share/man/man1 dist/share/man/man5 dist/share/doc/aggregator
	SOURCE_DATE_EPOCH=$(EPOCH) go run -tags packaging -ldflags "-X main.version=$(VERSION)" ./cmd/aggregator manual --example aggregator.example.toml dist/share/man
	go run ./cmd/aggregator completion bash > dist/share/aggregator.bash
	go run ./cmd/aggregator completion zsh > dist/share/_aggregator
	go run ./cmd/aggregator completion fish > dist/share/aggregator.fish
	sed 's|^path = "aggregator.db" *|path = "/var/lib/aggregator/aggregator.db" |' aggregator.example.toml > dist/share/aggregator.toml
	cp aggregator.example.toml packaging/alerts.yaml packaging/grafana-dashboard.json dist/share/doc/aggregator/
	printf -- '- semver: %s\n  date: %s\n  packager: %s\n  deb: {urgency: low, distributions: [unstable]}\n  changes:\n    - note: See the history of the repository.\n' \
		'$(VERSION)-1' "$$(date -u -d @$(EPOCH) +%FT%TZ)" '$(MAINTAINER)' > dist/share/changelog.yaml
	find dist/share/man -name '*.[15]' -exec gzip -9nf {} +

packages: $(ARCHES:%=package-%)
package-%: dist/linux-%/aggregator share
	@for kind in deb rpm; do \
	  [ $$kind = deb ] && doc= || doc=', type: doc'; \
	  { cat packaging/nfpm-$$kind.yaml packaging/nfpm.yaml; \
	    cd dist/share; find man doc -type f | sort | sed "s|.*|  - {src: dist/share/&, dst: /usr/share/&, file_info: {mode: 0644}$$doc}|"; } | \
	  ARCH=$* VERSION='$(VERSION)' DIST=dist/linux-$* MAINTAINER='$(MAINTAINER)' SOURCE_DATE_EPOCH=$(EPOCH) \
	  $(TOOL) nfpm package -f - -p $$kind -t dist/ || exit 1; done

sbom: $(ARCHES:%=sbom-%)
sbom-%: dist/linux-%/aggregator
	$(TOOL) cyclonedx-gomod bin -json -std -version '$(VERSION)' -noserial -notimestamp -output dist/aggregator-$*.cdx.json $<

# A container image: packaging/Containerfile. CERTS are the authorities that it trusts.
CERTS ?= /etc/ssl/certs/ca-certificates.crt
image: image-$(shell go env GOARCH)
image-%: dist/linux-%/aggregator
	@rm -rf dist/image && mkdir -p dist/image/data
	install -D dist/linux-$*/aggregator dist/image/usr/bin/aggregator
	install -D -m 644 $(CERTS) dist/image/etc/ssl/certs/ca-certificates.crt
	buildah build --platform linux/$* --timestamp $(EPOCH) -f packaging/Containerfile -t aggregator:$(subst +,-,$(VERSION)) -t aggregator dist/image

# What the distributions' own checkers say.
check-packages:
	packaging/check.sh

# Boots a real systemd in a container of its own and lives through an installation.
test-system:
	packaging/systemtest/run.sh
test-image:
	packaging/systemtest/image.sh

clean:
	rm -rf dist
