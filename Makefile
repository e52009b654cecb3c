# make demo   from nothing to the flood-depth map in the browser
# make test   from nothing to all tests passed
# make help   the rest

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint bench prove clean

BIN := .venv/bin
PYTHON3 ?= python3
NO_SERVE ?=
ARGS ?=
ifneq ($(filter-out 0 no false,$(NO_SERVE)),)
override ARGS += --no-serve
endif

help:
	@echo "make demo    set up, compute the demo storm on the shipped town, show the map (ARGS=--no-serve: only compute)"
	@echo "make test    set up, run all tests (ARGS=tests/test_x.py: only some)"
	@echo "make lint    ruff, mypy, architecture test"
	@echo "make bench   speed on this machine; other solvers too: .venv/bin/pip install -c constraints.txt .[bench], ARGS=peers"
	@echo "make prove   what is too long for 'make test'; records its results in docs/proofs"
	@echo "make setup   only set up (.venv, packages, page)"
	@echo "make clean   remove caches and the built page; data, results and .venv stay"

setup:
	@$(PYTHON3) tools/set_up.py dev

demo:
	@$(PYTHON3) tools/set_up.py demo
	@$(BIN)/flood-sim demo $(ARGS)

test: setup
	$(BIN)/python -m pytest -q -rfEs -m "not prove" -n 2 --dist loadfile $(ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_architecture.py

bench: setup
	$(BIN)/python -m benchmarks $(ARGS)

prove: setup
	$(BIN)/python -m tools.prove $(ARGS)

clean:
	@$(PYTHON3) tools/clean.py
