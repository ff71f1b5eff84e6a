.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

help:        ## list the commands
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | awk -F'\t' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/base: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Vigil needs Python 3.11 or newer: set PYTHON=")'
	@echo "installing Vigil into $(VENV), once (one to two minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then \
	  $(BIN)/pip install -q --require-hashes -r requirements.lock && $(BIN)/pip install -q --no-deps -e .; \
	else $(BIN)/pip install -q -e .; fi
	@touch $@

$(VENV)/test: $(VENV)/base requirements-test.lock
	@echo "installing the test tools and torch, once (two to four minutes)"
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then \
	  $(BIN)/pip install -q --require-hashes -r requirements-test.lock; else $(BIN)/pip install -q -e '.[test,torch]'; fi
	@touch $@

setup: $(VENV)/base  ## install Vigil into .venv

up: $(VENV)/base  ## all of Vigil on this machine, eight simulated beds
	@$(BIN)/vigil up $(ARGS)

fmt: $(VENV)/test  ## put the code into shape
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

check: $(VENV)/test  ## style, types and import rule
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q . && $(BIN)/mypy && $(BIN)/lint-imports

test: $(VENV)/test  ## everything but accelerators: starts its own Kafka, PostgreSQL and browser
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not gpu"

test-quick: $(VENV)/test  ## without services, under a minute
	@$(BIN)/pytest -m "not gpu and not broker" tests/unit tests/flow tests/golden

test-gpu: $(VENV)/test  ## on a machine with an accelerator
	@$(BIN)/pytest -m gpu

accept: $(VENV)/test  ## each figure of the product against its bar (half an hour)
	@$(BIN)/vigil accept

bench: $(VENV)/test  ## beds that this machine carries, against neurokit2, and the model's texts, against transformers
	@$(BIN)/vigil bench beds
	@$(BIN)/vigil bench interpret

ci: check test  ## what CI runs

lock: $(VENV)/test  ## write the lock files anew (Python 3.11)
	@$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-header --extra test --extra torch -o requirements-test.lock pyproject.toml
	@$(BIN)/pip-compile -q --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url --no-emit-find-links --no-header -c requirements-test.lock -o requirements.lock pyproject.toml

.PHONY: help setup up fmt check test test-quick test-gpu accept bench ci lock
