# Postern: two targets are all a newcomer needs: `make demo` and `make test`.

GO      ?= go
BIN     := bin/postern
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS := -s -w -X postern/internal/version.build=$(VERSION)

.PHONY: all build demo test test-packages lint cross race fuzz chaos bench-store bench-idle clean help

all: build

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -ts "$$(printf '\t')"

build: ## build the static binary bin/postern
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/postern

demo: build ## a mail host on every port, and the doctor's report on it
	./$(BIN) demo

test: test-packages build ## install what the tests need (as root), run every test
	scripts/run-tests

test-packages: ## install the Debian packages that tests need, or list them
	scripts/install-test-packages

lint: ## gofmt, go vet, staticcheck
	scripts/lint

cross: ## build and vet the doctor for Windows and macOS
	scripts/cross

race: ## all tests under the race detector (needs gcc)
	$(GO) test -race -timeout 30m ./...

fuzz: ## every fuzz target for FUZZTIME each (default 1m)
	scripts/fuzz $(or $(FUZZTIME),1m)

chaos: ## kill the server many more times than `make test` does
	POSTERN_CHAOS=$(or $(ROUNDS),200) $(GO) test -count=1 -timeout 2h -run 'Crash|Kill|PowerCut' ./internal/mailhost/...

bench-store: ## durable deliveries per second beside a bare append loop
	$(GO) run ./internal/mailhost/store/bench

bench-idle: ## memory of an idle IMAP session over TLS
	$(GO) run ./internal/mailhost/imapd/idlebench

clean: ## remove what the build made
	rm -rf bin
