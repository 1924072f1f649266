# Patchbay from a bare clone. Needs make and Python 3.11 or 3.12, nothing else.
.DEFAULT_GOAL := help
.PHONY: help run test check bench lock migrate worker clean venv venv-dev peers
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin

# Debian packages the suite talks to; tests without theirs are skipped by name.
TEST_PEERS := chromium chromium-driver
# Options for pytest: make test PYTEST="-k rooms"
PYTEST ?=
# What to measure: make bench BENCH=quick
BENCH ?=

# The first Python that is new enough and not too new; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for python in python3.11 python3.12 python3 python; do \
	$$python -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' \
	2>/dev/null && echo $$python && break; done)

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

run: venv ## Start everything; PORT, HOST, DATA_DIR, DATABASE_URL, REDIS_URL steer it
	@exec $(BIN)/python -m app.run

test: venv-dev peers ## Run the whole suite
	$(BIN)/python -m pytest $(PYTEST)

check: venv-dev ## What CI runs first: style, types, layers, sizes
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@find app sidecars -name '*.py' 2>/dev/null | xargs wc -l \
		| awk '$$2 != "total" && $$1 > 300 { print $$2 " has " $$1 " lines; 300 is the limit"; bad = 1 } END { exit bad }'

bench: venv-dev ## Measure, side by side with other servers (see bench/README.md)
	$(BIN)/python -m bench $(BENCH)

worker: venv ## Start one more worker
	@exec $(BIN)/python worker.py

migrate: venv ## Bring the database up to date
	$(BIN)/flask --app wsgi db upgrade

lock: venv-dev ## Compile both requirement files from pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-options \
		--output-file=requirements.txt pyproject.toml
	$(BIN)/pip-compile -q --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-options \
		--extra=dev --constraint=requirements.txt --output-file=requirements-dev.txt pyproject.toml

clean: ## Remove the virtual environment and all caches; the data folder stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis bench/.build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv: $(BIN)/python
	@.ci/install requirements.txt

venv-dev: venv
	@.ci/install requirements-dev.txt

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Patchbay needs Python 3.11 or 3.12 and found neither on the PATH."; \
		echo "Install one (Debian: apt install python3.11 python3.11-venv), or name it:"; \
		echo "  make run PYTHON=/path/to/python3.11"; \
		exit 1; \
	fi
	@echo "Making a virtual environment with $$($(PYTHON) --version) …"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

peers:
	@.ci/peers $(TEST_PEERS)
