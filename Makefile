SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Where and as whom `make run` serves; override them: make run LISTEN=0.0.0.0:8008 SERVER_NAME=example.org
SERVER_NAME ?= localhost
LISTEN ?= 127.0.0.1:8008
DATA ?= ./hearth-data
HEARTH_FLAGS ?= --open-registration
# make demo DEMO_FLAGS='--speed 10 --people 20'
DEMO_FLAGS ?=
# The folder with the Matrix specification's documents (data/api/client-server and data/event-schemas below it).
SPEC ?= ../shared/matrix-spec

.PHONY: help setup run demo test soak lint package api-page bench bench-parts bench-compare

help:  ## Show what can be made
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

setup:  ## Install what building and testing need
	@scripts/setup

run:  ## Build a release and serve on 127.0.0.1:8008, open for registration
	@scripts/setup --build-only
	@test -x .build/release/hearth || echo 'The first release build takes 10 to 20 minutes, later ones take seconds.'
	@swift build -c release --product hearth
	@swift build -c release --product hearth-thumbnail
	exec .build/release/hearth serve $(HEARTH_FLAGS) --server-name $(SERVER_NAME) --listen $(LISTEN) --data $(DATA)

demo:  ## Run a server with a simulated household of 40 people, to look at
	@scripts/setup --build-only
	@test -x .build/release/hearth || echo 'The first release build takes 10 to 20 minutes, later ones take seconds.'
	@swift build -c release --product hearth
	exec .build/release/hearth demo $(DEMO_FLAGS)

# Each part prints how many seconds it took and how many it may take; the budgets stand in scripts/test.
TEST_PARTS = $(addprefix test-,docs sql swift stories attacks overload sync peers clients browser api)
SOAK_PARTS = $(addprefix soak-,kills walks sync overload media churn rules package)
.PHONY: $(TEST_PARTS) $(SOAK_PARTS)

test: setup  ## Run every test, in parts that run alone too: test-docs -swift -stories -attacks -overload -sync -peers -clients -browser -api
	@scripts/test

$(TEST_PARTS): test-%: setup
	@scripts/test $*

soak: setup  ## Run the long tests, each part alone too: soak-kills -walks -sync -overload -media -churn -rules -package
	@scripts/test soak

$(SOAK_PARTS): setup
	@scripts/test $@

lint:  ## Check formatting and structure
	@scripts/lint

package:  ## Build a Debian package: .build/package/hearth_VERSION_ARCH.deb
	@scripts/package

api-page: setup  ## Write docs/api.md anew, from the specification in SPEC and the server's routes
	@swift build --product hearth
	@mkdir -p .build/api && .build/debug/hearth routes >.build/api/routes
	@.venv/bin/python scripts/check-api $(SPEC) --routes .build/api/routes --write

# Which cases `make bench` runs, with options: make bench CASES='fanout --watchers 2000'. `sync` is a user in 200 rooms of 100 members;
# `growth` fills data directories with up to 300,000 registered users first; `storm` and `steady` hold 19,000 devices.
CASES ?= put fanout idle flap sync
# Which of the parts `make bench-parts` measures, by a regular expression of their names: make bench-parts PARTS='Engine of 1 M.*'
PARTS ?= .*

bench:  ## Put a release build under load and print what it costs
	@scripts/setup --build-only
	@swift build -c release --product hearth
	@swift build -c release --package-path Benchmarks --product hearth-bench
	@case "$(CASES)" in *growth*) touch Benchmarks/Package.swift; swift build -c release --package-path Benchmarks --product hearth-seed;; esac
	@Benchmarks/.build/release/hearth-bench $(CASES) --server .build/release/hearth

bench-parts:  ## Measure the presence engine, JSON, events and the writer by themselves
	@scripts/setup --build-only
	@touch Benchmarks/Package.swift # so that files are noticed which are new in the package that it depends on
	@swift package --package-path Benchmarks --disable-sandbox benchmark --target Parts --filter '$(PARTS)' --no-progress

bench-compare:  ## Run the same load on Hearth and on Synapse, side by side
	@scripts/setup --build-only
	@swift build -c release --product hearth
	@swift build -c release --package-path Benchmarks --product hearth-bench
	@Benchmarks/compare
