# Every command of the project. On a fresh machine only Python >= 3.11 and make are needed.
#   make run      serve on 127.0.0.1:$PORT (8080), with demo data unless DEMO=0
#   make test     the whole suite; ARGS="tests/review -k return" passes on to pytest
#   make lint     format, lint, types, import contracts, translations, the clock
#   make format   what ruff can put right
#   make bench    the benchmarks, as a table
#   make trials   the counted trials; SCALE=10 makes them ten times as many
#   make vendor   maintainers: fetch the front-end files again (npm pack); everybody else has them in app/static/vendor
#   make setup    everything a developer needs: packages, catalogues, browser
#   make clean    remove what make made; never instance/
# Another Python: make PYTHON=python3.13 … (used when .venv is made; `make clean` first to change it).

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
SCALE ?=

PY := $(VENV)/bin/python
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/messages.po))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help run test lint format bench trials vendor setup clean packages dev-packages browser catalogues

help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile

# No stamp by date: a checkout changes dates. venv.sh compares the requirement files with those it installed.
packages:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" .ci/venv.sh run

dev-packages:
	@PYTHON="$(PYTHON)" VENV="$(VENV)" .ci/venv.sh dev

browser: dev-packages
	@VENV="$(VENV)" .ci/browser.sh

translations/%/LC_MESSAGES/messages.mo: translations/%/LC_MESSAGES/messages.po | packages
	@$(PY) -m babel.messages.frontend --quiet compile --locale $* --input-file $< --output-file $@

catalogues: $(CATALOGUES)

setup: dev-packages catalogues browser

run: packages catalogues
	@exec env DEMO="$${DEMO:-1}" $(PY) run.py

test: dev-packages catalogues browser
	$(PY) -m pytest -n 2 $(ARGS)

# all of them, whichever fails
lint: dev-packages
	@failed=0; try() { echo "$$*"; "$$@" || failed=1; }; \
	try $(PY) -m ruff format --check .; \
	try $(PY) -m ruff check .; \
	try $(PY) -m mypy app; \
	try $(VENV)/bin/lint-imports --no-logo; \
	try $(PY) .ci/check_translations.py; \
	try $(PY) .ci/check_clock.py; \
	try $(PY) .ci/catalogue_page.py --check; \
	try $(PY) .ci/vendor.py --check; \
	exit $$failed

format: dev-packages
	$(PY) -m ruff check --quiet --fix --exit-zero .
	$(PY) -m ruff format .

bench:
	@if [ ! -d benchmarks ]; then echo "no benchmarks yet (there is no folder benchmarks/)"; exit 0; fi; \
	$(MAKE) --no-print-directory dev-packages catalogues && exec $(PY) -m benchmarks $(ARGS)

trials:
	@if [ ! -d trials ]; then echo "no trials yet (there is no folder trials/)"; exit 0; fi; \
	$(MAKE) --no-print-directory dev-packages catalogues && exec $(PY) -m trials $(if $(SCALE),--scale $(SCALE)) $(ARGS)

vendor: packages
	$(PY) .ci/vendor.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache test-results $(CATALOGUES)
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
