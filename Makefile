# Edgeway: the index of commands. `make run` and `make test` need only Python 3.11 or later, venv and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache

.PHONY: help setup run test check format lint types imports cover clients bench pins clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.ready  ## .venv with everything pinned, and the edgeway command in it

$(VENV)/.ready: requirements/dev.txt layers/vendor/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Edgeway needs Python 3.11 or later; this is %s. Try: make PYTHON=python3.13 $(MAKECMDGOALS)" % sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "setting up $(VENV): about a minute the first time"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: setup  ## start the gateway on http://127.0.0.1:3000, with nothing to configure
	@$(BIN)/edgeway local

test: setup  ## every test that needs no Docker, npm or AWS
	@$(BIN)/python -m pytest -q

check: setup format lint types imports cover  ## what CI runs: format, lint, types, import contracts, tests with coverage

format:
	@$(BIN)/ruff format --check .

lint:
	@$(BIN)/ruff check .

types:
	@$(BIN)/mypy

imports:
	@$(BIN)/lint-imports

pins:  ## resolve requirements/*.in again (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate layers/vendor/requirements.in -o layers/vendor/requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/dev.in -o requirements/dev.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/sam.in -o requirements/sam.txt
