# Safer Practice. Needs Python 3.11 and make; everything else is installed into .tools and .venv here.
#
#   make run           install what is missing, then serve (HOST, PORT and DATA_DIR are honoured)
#   make test          everything that is checked, on SQLite and on PostgreSQL
#   make check         the quick part: format, lint, types, import directions, missing migrations
#   make fix           repair what can be repaired by a program, regenerate the generated pages
#   make bench         page times at 1,000 and 100,000 incidents, replays, the trail, charts, packs
#   make example-data  load the example provider into DATA_DIR (only when the database is empty)
#   make lock          choose the newest versions that pyproject.toml allows

SHELL := /bin/bash
.DEFAULT_GOAL := run
.PHONY: run test check fix bench example-data lock
.DELETE_ON_ERROR:

PY := .venv/bin/python
UV := .tools/bin/uv
# uv never fetches an interpreter, keeps quiet, trusts whom the system trusts (hospital networks often inspect
# traffic), and uses the index that pip was told to use, if any.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_NO_PROGRESS := 1
ifdef PIP_INDEX_URL
export UV_DEFAULT_INDEX ?= $(PIP_INDEX_URL)
endif

PYTHON ?= $(shell for it in python3.11 python3 python; do \
	"$$it" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { echo "$$it"; break; }; done)

run: .venv/.run
	@STOP_WITH_PARENT=$$PPID exec $(PY) -m saferpractice serve

test: .venv/.dev
	@exec $(PY) -m tests.run $(ARGS)

check: .venv/.dev
	@exec $(PY) -m tests.run check

fix: .venv/.dev
	@$(PY) -m ruff check --fix --quiet . && $(PY) -m ruff format --quiet .
	@$(PY) -m tests.architecture.requirements_page --write
	@$(PY) -m tests.architecture.example_page --write
	@$(PY) -m tests.architecture.api_page --write
	@$(PY) -m tests.architecture.measures_page --write
	@$(PY) -m tests.architecture.retention_page --write

bench: .venv/.dev .bench/.done
	@exec $(PY) -m tests.bench $(ARGS)

example-data: .venv/.run
	@$(PY) -m saferpractice migrate -v0 && exec $(PY) -m saferpractice load_example

# One environment. What `run` needs is part of what `test` needs, so the second writes both stamps
# and the two never undo each other's work.
.venv/.run: requirements/run.lock $(UV) | $(PY)
	@echo "Installing what Safer Practice runs on (once)…"
	@$(UV) pip install --quiet --python $(PY) --require-hashes -r $<
	@touch $@

.venv/.dev: requirements/dev.lock $(UV) | $(PY)
	@echo "Installing what the tests need (once)…"
	@$(UV) pip sync --quiet --python $(PY) --require-hashes $<
	@touch .venv/.run $@

# What charts are measured against brings pandas and matplotlib along: it never meets what the product runs on.
.bench/.done: requirements/bench.lock $(UV)
	@echo "Installing what charts are measured against (once)…"
	@$(UV) venv --quiet --clear --python "$(PYTHON)" .bench
	@$(UV) pip install --quiet --python .bench/bin/python --require-hashes -r $<
	@touch $@

$(PY): | $(UV)
	@$(UV) venv --quiet --python "$(PYTHON)" .venv

$(UV): requirements/tools.lock
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { echo "Safer Practice needs Python 3.11, and there is no python3.11 here." \
	  "Install it (Debian and Ubuntu: apt-get install python3.11 python3.11-venv; macOS: brew install python@3.11)" \
	  "or say where it is: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@"$(PYTHON)" -m venv --clear .tools || { echo "Python 3.11 is here but cannot make a virtual environment." \
	  "On Debian and Ubuntu: apt-get install python3.11-venv" >&2; rm -rf .tools; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

# Hashes of every file, no index named: the same lock files serve uv and plain pip.
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --no-annotate --no-header --python-version 3.11
lock: $(UV)
	@echo uv | $(COMPILE) --upgrade - -o requirements/tools.lock
	@echo abspc | $(COMPILE) --upgrade - -o requirements/bench.lock
	@$(COMPILE) --upgrade pyproject.toml -o requirements/run.lock
	@$(COMPILE) --upgrade --constraint requirements/run.lock --group dev pyproject.toml -o requirements/dev.lock
