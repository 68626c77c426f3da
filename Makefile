# One word per chore. Every target can be the first on a fresh machine and does nothing twice.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WEB_SOURCES := $(shell find web/src web/build.mjs web/package.json -type f 2>/dev/null)
PORT ?= 8000
# Two processes share the files of tests among them: what a file prepares is prepared once.
SIDE_BY_SIDE := -n 2 --dist loadfile
# Read by every pip, in build environments too.
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.PHONY: help setup build serve test check bench wheel browser material clean

help:  ## Show what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(VENV)/.installed: pyproject.toml constraints.txt hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with PYTHON=…")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

web/node_modules/.installed: web/package.json web/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js 20 or newer with npm is needed for the front end."; exit 1; }
	cd web && npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

web/dist/assets.json: web/node_modules/.installed $(WEB_SOURCES)
	cd web && npm run --silent build
	@touch $@

setup: $(VENV)/.installed web/dist/assets.json  ## Environment, model, front end
	$(BIN)/python -m iio_kg.index.models

build: setup  ## Make a snapshot of the corpus
	$(BIN)/iio-kg build

serve: build  ## Everything, then the site on http://127.0.0.1:8000
	$(BIN)/iio-kg serve --port $(PORT)

browser:
	@bash dev/browser.sh

material:
	@bash dev/material.sh

check: $(VENV)/.installed web/node_modules/.installed  ## Lint, types and the fast tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd web && npm run --silent lint
	$(BIN)/pytest -q $(SIDE_BY_SIDE) -m 'not model and not browser and not slow'

test: build browser material  ## Every test, the browser's too
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd web && npm run --silent lint
	$(BIN)/pytest $(SIDE_BY_SIDE)

bench: build material  ## Speed and memory; writes benchmarks/results/
	$(BIN)/python benchmarks/serve.py
	$(BIN)/python benchmarks/ask.py
	$(BIN)/python benchmarks/suggest.py
	$(BIN)/python benchmarks/ingest.py

wheel: setup  ## A wheel with ontology, corpus and site in it
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:  ## Remove everything that was made here (not the cached model)
	rm -rf $(VENV) var dist web/dist web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
