# Each target's explanation is the text behind `##`; `make help` prints them.
.DEFAULT_GOAL := help
.PHONY: help setup run check test lint docs pictures facts mutants bench bench-pages fuzz messages lock

python := .venv/bin/python
# Compiled modules are kept: a test run, and each program it starts, spends half of its start on compiling them anew.
unexport PYTHONDONTWRITEBYTECODE
# More arguments for pytest, as in: make test ARGS="-k drawdown -x"
ARGS ?=

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' Makefile

setup: ## Create .venv and install the locked packages (needs a network the first time only)
	@./.ci/setup all

run: ## Serve the dashboard on http://localhost:8501 (PORT and HOST change that)
	@./.ci/serve

check: setup lint ## Check style, types and the tests that need neither store nor page: under a minute
	$(python) -m pytest -n logical -m "not slow" $(addprefix --ignore=tests/,db pages browser) $(ARGS)

test: setup lint ## Run every check and every test
	$(python) -m pytest -n logical $(ARGS)

lint: setup ## Check style, formatting, types and the import rules
	$(python) -m ruff check
	$(python) -m ruff format --check --quiet
	$(python) -m mypy
	@# by its file, since the launcher's own first line breaks when the folder is moved
	$(python) .venv/bin/lint-imports --no-logo

docs: setup ## Build the guide as a site into .site (no network needed)
	NO_MKDOCS_2_WARNING=1 $(python) -m mkdocs build --strict --quiet

pictures: setup ## Draw the pictures of the guide anew from the demo (needs Chromium; ARGS="shock data": these pages)
	$(python) -m benchmarks.guide $(ARGS)

facts: setup ## Check the tables that ship against the files of facts beside the project
	$(python) -m benchmarks.facts

mutants: setup ## Change a hundred places of the core, one at a time, and see that the tests notice 90
	$(python) -m benchmarks.mutants $(ARGS)

bench: setup ## Measure each workload against other ways to do it (CHECK=1 fails where a ratio fell, WRITE=1 keeps them)
	env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE CHECK=$(CHECK) WRITE=$(WRITE) $(python) -m benchmarks.bench $(ARGS)

bench-pages: setup ## Measure a moved lever to the redrawn page, in a browser on the served app
	$(python) -m benchmarks.slider

fuzz: setup ## Run the property tests of the readers for long, with new random input each time
	$(python) -m pytest -m fuzz --hypothesis-profile fuzz $(ARGS)

messages: setup ## Compile the catalogues of messages after a change to a .po file
	$(python) -m exposure.messages.compile

lock: setup ## Write the lock files anew from requirements*.in (UPGRADE=1 takes newer releases)
	$(python) -m uv pip compile $(lockopts) requirements.in -o requirements.txt
	$(python) -m uv pip compile $(lockopts) requirements-dev.in -o requirements-dev.txt
	echo uv | $(python) -m uv pip compile $(lockopts) --no-annotate - -o requirements-uv.txt

lockopts := --quiet --universal --python-version 3.11 --generate-hashes --no-header $(if $(UPGRADE),--upgrade)
