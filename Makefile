# `make demo` and `make test` set up what they need; nothing else is asked for.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.set-up

.PHONY: setup demo dev test faults lint bench clean

setup: $(STAMP)

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Sojourn needs Python 3.11 to 3.13; this is %s. Name one: make PYTHON=python3.12" % sys.version.split()[0])'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q workflows activities api worker
	@touch $(STAMP)

# SEED=600 fills it with that many simulated customers first.
demo: setup
	@$(BIN)/sojourn demo $(if $(SEED),--seed-demo $(SEED))

dev: setup
	@$(BIN)/sojourn dev $(if $(SEED),--seed-demo $(SEED))

test: setup
	$(BIN)/pytest --numprocesses auto --dist worksteal --ignore tests/faults

faults: setup
	$(BIN)/pytest --numprocesses auto tests/faults

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m bench

clean:
	rm -rf .venv build *.egg-info
