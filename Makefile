# Needs Python 3.11+, git and make; `make setup` puts everything else into .venv.
# PYTHON=… names the Python to use; PORT=… the port of demo and serve; KEEP=1 keeps the scratch home of the demo.

.DEFAULT_GOAL := help
.PHONY: help setup demo serve test check bench fuzz rhai-py wheels clean

BIN := .venv/bin
NEIRA_HOME ?= $(CURDIR)

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*  ## /  make \1\t/p' Makefile | expand -t 16

setup:  ## make or refresh .venv; safe to run twice
	@PYTHON='$(PYTHON)' sh tools/setup.sh

demo: setup  ## run the system in a scratch home and print what to try
	@$(BIN)/python -m tools.demo $(if $(PORT),--port $(PORT)) $(if $(filter 1,$(KEEP)),--keep)

serve: setup  ## serve the home in NEIRA_HOME (default: this folder)
	@test -f '$(NEIRA_HOME)/.neira/home.json' || $(BIN)/neira init '$(NEIRA_HOME)'
	@NEIRA_HOME='$(NEIRA_HOME)' exec $(BIN)/neira serve $(if $(PORT),--port $(PORT))

test: setup  ## the quick tests
	@$(BIN)/python -m pytest -n 2 -m 'not slow'

check: setup  ## what CI runs: format, lint, types, then every test with branch coverage
	@$(BIN)/python -m tools.check

bench: setup  ## every benchmark in turn
	@set -e; for file in benchmarks/[a-z]*.py; do \
		test -e "$$file" || { echo 'there are no benchmarks yet'; exit 0; }; \
		echo "== $$file"; $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)"; done
	@set -e; for file in packages/*/benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

rhai-py: setup  ## build the Rhai guest and the wheels of rhai-py and wasmlane, and run their tests
	@$(BIN)/python -m tools.guest
	@$(BIN)/python -m tools.wheels dist
	@$(BIN)/python -m pytest -n 2 packages/wasmlane/tests packages/rhai-py/tests

fuzz: setup  ## fuzz the script engine; SECONDS=… (60)
	@$(BIN)/python packages/rhai-py/fuzz/run.py --seconds $(or $(SECONDS),60)

wheels: setup  ## build every wheel of the repo into dist/
	@$(BIN)/python -m tools.wheels dist

clean:  ## remove what can be made again: .venv, dist, caches
	rm -rf .venv dist build .coverage htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info \
		packages/*/build packages/*/*.egg-info packages/rhai-py/rhai/_guest
	find neira tests tools packages -name __pycache__ -type d -prune -exec rm -rf {} +
