# make demo: from a bare machine to analysed reviews. make test: everything that must hold.
PYTHON ?= python3
# One CPU build for all; an open range would bring gigabytes of GPU libraries.
TORCH ?= torch==2.13.0
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint model clean
.DELETE_ON_ERROR:

demo: $(VENV)/core.stamp
	@$(BIN)/python examples/demo.py

test: $(VENV)/full.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

$(VENV)/core.stamp: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "reviewkit needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/full.stamp: $(VENV)/core.stamp pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check "$(TORCH)"
	$(BIN)/pip install --quiet --disable-pip-version-check --editable ".[all,dev]"
	@touch $@

# Trains models/default again from ../shared: build/ holds what is resumable.
model: $(VENV)/full.stamp build/backbone/model.safetensors
	$(BIN)/python -m reviewkit.training all

build/backbone/model.safetensors:
	$(BIN)/python ../shared/backbone/unpack.py build/backbone

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
