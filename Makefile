# The two commands are `make run` and `make test`; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Python packages come with their hashes checked, and from wherever pip is set up to look.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

MERCURIUS := benchmarks/servers/mercurius/node_modules/.installed

.DEFAULT_GOAL := help
.PHONY: help run test test-core bench lint types pytest fuzz format schema release-schema lock graphiql \
	clients core-tests clean

help: ## List what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(VENV)/.installed graphiql ## Serve the demo world on http://127.0.0.1:8000/graphql; Ctrl-C ends it.
	@exec $(BIN)/python -m cli serve --demo

test: $(VENV)/.installed-dev graphiql clients core-tests lint types pytest ## Run every check and every test.

lint: $(VENV)/.installed-dev ## Check style, format and the layers.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.installed-dev ## Check types.
	$(BIN)/mypy

# Each worker has a MongoDB and a Redis of its own; PYTEST="-k feed" narrows the run.
pytest: $(VENV)/.installed-dev ## Run the tests only.
	$(BIN)/python -m pytest -n auto --maxprocesses 2 --dist worksteal $(PYTEST)

# The tests that run operations, without plans: what a plan may do is what graphql-core does.
test-core: $(VENV)/.installed-dev ## Run the tests of operations on graphql-core's executor.
	PINERY_EXECUTOR=core $(BIN)/python -m pytest -n auto --maxprocesses 2 --dist worksteal \
		tests/authorisation tests/clients tests/loaders tests/media tests/mutations tests/protocol \
		tests/queries tests/resolvers tests/schema tests/test_schemathesis.py

# About forty minutes, and best on a machine that does nothing else; BENCH="--quick" narrows the run.
bench: $(VENV)/.installed-bench $(MERCURIUS) ## Compare Pinery with other servers, side by side.
	$(BIN)/python -m benchmarks.compare $(BENCH)

# FUZZ_SECONDS=60 looks for a minute; what fails says how to look at that case again.
FUZZ_SECONDS ?= 300
fuzz: $(VENV)/.installed-dev ## Look for operations that run otherwise than on graphql-core.
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest -s \
		tests/execution/test_random_schemas.py tests/execution/test_own_schema.py

format: $(VENV)/.installed-dev ## Format the code and mend what can be mended.
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

schema: $(VENV)/.installed ## Print the schema to schema.graphql.
	$(BIN)/python -m cli schema > $(VENV)/schema.graphql
	mv $(VENV)/schema.graphql schema.graphql

# Refused while a change breaks clients that were not told of it in time.
release-schema: schema ## Make the schema the one that later changes are compared with.
	$(BIN)/python -m cli schema --check schema/released.graphql
	cp schema.graphql schema/released.graphql

# UPGRADE=--upgrade takes newer versions; without it only what pyproject.toml changed moves.
lock: $(VENV)/.installed-dev ## Write the lock files anew.
	$(LOCK) $(UPGRADE) pyproject.toml --extra embedded -o requirements.lock
	$(LOCK) $(UPGRADE) pyproject.toml --extra embedded --extra s3 --extra dev -c requirements.lock \
		-o requirements-dev.lock
	$(LOCK) $(UPGRADE) pyproject.toml --extra embedded --extra dev --extra bench \
		-c requirements-dev.lock -o requirements-bench.lock
	$(LOCK) $(UPGRADE) --group node -o requirements-node.lock
	$(LOCK) $(UPGRADE) --group core-tests --no-deps -o requirements-core-tests.lock

# GraphiQL is worth having and not needed: without Node, or without a network, all else works.
graphiql: $(VENV)/.node
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m protocol.graphiql.build \
		|| echo "GraphiQL was not built; everything else works without it."

# Apollo Client, urql, Relay and the like, for the tests that run them; without Node, or without a
# network, those tests are skipped.
CLIENTS := tests/clients/node_modules/.installed
clients: $(CLIENTS)

$(CLIENTS): tests/clients/package-lock.json | $(VENV)/.node
	@echo "Installing the clients that are tested …"
	@cd tests/clients && PATH="$(CURDIR)/$(BIN):$$PATH" \
		npm ci --loglevel=error --no-audit --no-fund --ignore-scripts > /dev/null \
		&& touch node_modules/.installed \
		|| echo "The clients were not installed; the tests that run them are skipped."

# A server to compare with, which `make bench` goes without where this fails.
$(MERCURIUS): benchmarks/servers/mercurius/package-lock.json | $(VENV)/.node
	@echo "Installing the packages of Mercurius …"
	@cd benchmarks/servers/mercurius && PATH="$(CURDIR)/$(BIN):$$PATH" \
		npm ci --loglevel=error --no-audit --no-fund --ignore-scripts > /dev/null \
		&& touch node_modules/.installed \
		|| echo "They were not installed; the comparison is made without Mercurius."

# The tests of graphql-core are only in its source distribution; without a network, ours that runs
# them is skipped. Building nothing, pip still asks the distribution's own build tool about it.
CORE_TESTS := $(VENV)/core-tests
core-tests: $(CORE_TESTS)/.unpacked

$(CORE_TESTS)/.unpacked: requirements-core-tests.lock | $(VENV)/.installed-dev
	@echo "Fetching the tests of graphql-core …"
	@mkdir -p $(CORE_TESTS)
	@$(INSTALL) requirements-core-tests.lock --no-deps \
		&& PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pip download --quiet \
			--disable-pip-version-check --no-deps --no-build-isolation --no-binary graphql-core \
			--require-hashes -r requirements-core-tests.lock -d $(CORE_TESTS) \
		&& tar -xzf $(CORE_TESTS)/graphql_core-*.tar.gz -C $(CORE_TESTS) \
		&& touch $@ \
		|| echo "The tests of graphql-core were not fetched; the test that runs them is skipped."

clean: ## Remove everything that was made, the demo world too.
	rm -rf $(VENV) .pinery build *.egg-info
	rm -rf protocol/graphiql/dist protocol/graphiql/dist.new protocol/graphiql/node_modules
	rm -rf tests/clients/node_modules benchmarks/servers/mercurius/node_modules
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Pinery needs Python 3.11 or newer. $(PYTHON) is: $$($(PYTHON) --version 2>&1)"; \
		echo "Name a newer one, for example: make run PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: requirements.lock | $(BIN)/python
	@echo "Installing Pinery's dependencies into $(VENV) …"
	@$(INSTALL) requirements.lock
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock | $(BIN)/python
	@echo "Installing Pinery's dependencies and tools into $(VENV) …"
	@$(INSTALL) requirements-dev.lock
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: requirements-bench.lock | $(BIN)/python
	@echo "Installing what draws the comparison into $(VENV) …"
	@$(INSTALL) requirements-bench.lock
	@touch $@ $(VENV)/.installed

$(VENV)/.node: requirements-node.lock | $(BIN)/python
	@{ command -v npm && node -e 'process.exit(parseInt(process.versions.node) < 20)'; } \
		> /dev/null 2>&1 || { \
		echo "Installing Node into $(VENV) …"; $(INSTALL) requirements-node.lock; \
		} || echo "Node could not be installed."
	@touch $@
