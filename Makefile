# Carnet. `make` alone lists its targets.

CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help run build test lint check check-format check-pdf check-tree check-web schema schema-changes golden bench bench-web laws crash crash-long live-long fuzz clean

# The suites that break things, in the form that every check runs.
FAULTS = $(CARGO) test --locked --features faults --test crash --test power --test damage --test unbroken --no-fail-fast

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: ## Build, play the demonstration into an empty notebook, and serve on loopback
	$(CARGO) run --release --locked --features pdf -- serve --demo

build: ## Build the program as it is released
	$(CARGO) build --release --locked --features pdf

test: ## Run every test that needs Rust alone
	$(CARGO) test --locked

lint: ## Check the format and the lints
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	$(CARGO) clippy --locked --all-targets --features faults,pdf -- -D warnings

check: lint test crash check-pdf check-format check-tree check-web ## Run everything that continuous integration runs

check-format: ## Check the stored records and proofs with readers that share no code with ours (Python 3)
	python3 tests/golden/check.py
	python3 tests/proof/check.py

check-pdf: ## Set reports in type and look at what is on the pages (builds Typst, some minutes)
	$(CARGO) test --locked --features pdf --test pdf

check-tree: ## Check that what is generated is what is committed
	$(CARGO) run --quiet --locked -- schema | diff -u schema.graphql - \
		|| { echo 'schema.graphql is out of date: run `make schema`'; exit 1; }
	rm -rf target/reference && $(CARGO) run --quiet --locked -- schema --reference target/reference
	diff -ru docs/reference target/reference \
		|| { echo 'docs/reference is out of date: run `make schema`'; exit 1; }

check-web: ## Hold the API against suites that nobody here wrote, and run the example clients (Node 20, Python 3)
	$(CARGO) build --locked
	tests/web/run

schema: ## Generate schema.graphql and docs/reference again
	$(CARGO) run --quiet --locked -- schema > schema.graphql
	rm -rf docs/reference && $(CARGO) run --quiet --locked -- schema --reference docs/reference

schema-changes: ## Tell again what changed in the schema since the last release (Node 20)
	cd tests/web && npm ci --ignore-scripts && node changes.mjs

golden: ## Add a stored line for each new event tag; existing lines are never changed
	CARNET_GOLDEN=write $(CARGO) test --locked --test golden

laws: ## Run the property laws for long (CARNET_LAW_CASES=1000)
	CARNET_LAW_CASES=$${CARNET_LAW_CASES:-1000} $(CARGO) test --locked --release --test laws

crash: ## Kill it, cut its power, damage its files (CARNET_CRASH_CYCLES, CARNET_POWER_STATES, CARNET_DAMAGE_STATES)
	$(FAULTS) -- --nocapture

crash-long: ## The same for long: 2 000 kills, 500 power cuts, 2 000 damaged directories
	CARNET_CRASH_CYCLES=2000 CARNET_POWER_STATES=500 CARNET_DAMAGE_STATES=2000 $(FAULTS) -- --nocapture

live-long: ## The proof of subscriptions at length: 1 000 subscribers, 100 000 events, ten kills, pairs, a day of clients
	CARNET_SUBSCRIBERS=1000 CARNET_EVENTS=100000 CARNET_DEATHS=10 CARNET_PAIRS=10000 CARNET_CLIENTS=60000 \
		$(CARGO) test --release --locked --features faults --test unbroken -- --nocapture --test-threads=1

fuzz: ## Feed the readers of documents, records and segments what nobody wrote, a minute each (CARNET_FUZZ_SECONDS)
	fuzz/run answer $${CARNET_FUZZ_SECONDS:-60}
	fuzz/run record $${CARNET_FUZZ_SECONDS:-60}
	fuzz/run segment $${CARNET_FUZZ_SECONDS:-60}

bench: ## Run the benchmarks: ratios, each in one interleaved run
	$(CARGO) bench --locked --bench append
	$(CARGO) bench --locked --bench start
	$(CARGO) bench --locked --bench project
	$(CARGO) bench --locked --bench list
	$(CARGO) bench --locked --bench volume
	$(CARGO) bench --locked --bench figures
	$(CARGO) bench --locked --bench live
	$(CARGO) bench --locked --features pdf --bench pdf

bench-web: ## Measure it beside raw axum, Mercurius and PostGraphile (Node 20, PostgreSQL, two cores)
	benches/web/run

clean: ## Remove what was built
	$(CARGO) clean
