# What a developer runs.  Needs make and Python 3.11 or newer; everything else is installed into .venv.
#
#   make run ARGS=story.md     read a file, or the library
#   make lint test             what must hold before a change is taken in
#   make deep                  the long property tests
#   make bench ARGS=--quick    what reading costs
#   make score PAGES=folder    how much of what pages say about their articles is read
#   make lock                  renew requirements.txt

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALL := $(BIN)/python -m pip --disable-pip-version-check --quiet install
ARGS ?=

# The first of these that is new enough and can make virtual environments.
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python; do \
	$$each -c '$(USABLE)' 2>/dev/null && echo $$each && break; done)

.PHONY: install run test deep lint bench score screenshot pictures lock clean

install: $(INSTALLED)

$(INSTALLED): pyproject.toml requirements.txt
	@"$(PYTHON)" -c '$(USABLE)' 2>/dev/null || { \
		echo "pulse-tui needs Python 3.11 or newer with its venv module: install it, or name it with make PYTHON=..." >&2; \
		exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

run: $(INSTALLED)
	@$(BIN)/pulse-tui $(ARGS)

test: $(INSTALLED)
	$(BIN)/python -m pytest -n auto -m "not deep" $(ARGS)

deep: $(INSTALLED)
	$(BIN)/python -m pytest -n auto -m deep -p tests.deep -o faulthandler_timeout=0 $(ARGS)

lint: $(INSTALLED)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED)
	@$(BIN)/python -m benchmarks $(ARGS)

score: $(INSTALLED)
	@test -n "$(PAGES)" || { echo "name a folder of labelled pages: make score PAGES=folder" >&2; exit 2; }
	@$(BIN)/python -m tools.score $(PAGES) $(ARGS)

screenshot: $(INSTALLED)
	$(BIN)/python -m tools.screenshot $(ARGS)

pictures: $(INSTALLED)
	$(BIN)/python -m tools.pictures $(ARGS)

# Resolved by the oldest Python that is supported, which needs most, and from the public index alone,
# whatever else this machine's pip looks at: so the hashes are those of all published files.
LOCK_PYTHON ?= python3.11
PUBLIC := env -u PIP_INDEX_URL -u PIP_EXTRA_INDEX_URL -u PIP_FIND_LINKS -u PIP_NO_INDEX PIP_CONFIG_FILE=/dev/null

lock:
	$(LOCK_PYTHON) -m venv --clear build/lock
	$(PUBLIC) build/lock/bin/python -m pip --disable-pip-version-check --quiet install pip-tools
	$(PUBLIC) build/lock/bin/pip-compile --quiet --upgrade --extra dev --build-deps-for editable \
		--generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --no-emit-options --output-file requirements.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +
