# Needs only make and Python 3.11 or later with venv; the first call builds .venv.
PYTHON ?= python3
LAUNCH = @$(PYTHON) config/devtools/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run test bench drill fuzz lint audit image-check lock schema diagram settings messages migrations screenshots clean

help:        ## Show this list
	@grep -E '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: +## /\t/' | expand -t 14

run:         ## Start everything: web, worker, beat, PostgreSQL, Valkey (PORT=8000, HOST=127.0.0.1)
	$(LAUNCH) run

test:        ## Run the tests on servers of their own (ARGS="tests/registry -k token")
	$(LAUNCH) test $(ARGS)

bench:       ## Run the measurements in tests/bench on servers of their own
	$(LAUNCH) test --bench $(ARGS)

drill:       ## Break every part of the service under load, and compare what was promised (ARGS="--letters 5000")
	$(LAUNCH) drill $(ARGS)

fuzz:        ## Call every operation with what its document allows and what not (ARGS="--cases 500")
	$(LAUNCH) fuzz $(ARGS)

lint:        ## Check style, types, layers, migrations, the OpenAPI document, the generated pages and the locks
	$(LAUNCH) lint

audit:       ## Ask a database of advisories about the packages of the image; needs a network (ARGS="-s osv")
	$(LAUNCH) audit $(ARGS)

image-check: ## Build what docker/Dockerfile says, and run it, without an engine (root only)
	$(LAUNCH) image_check

lock:        ## Write the hashed requirements files from pyproject.toml
	$(LAUNCH) generate lock

schema:      ## Write docs/openapi.yaml from the code
	$(LAUNCH) generate schema

diagram:     ## Write docs/statuses.svg and the table in docs/statuses.md from the code
	$(LAUNCH) generate diagram

settings:    ## Write the tables in docs/settings.md from the code
	$(LAUNCH) generate settings

messages:    ## Write the catalogs in config/locale from the texts of the back-office, and say what lacks a translation
	$(LAUNCH) generate messages

migrations:  ## Write the migrations that changed models need (ARGS="-n name app")
	$(LAUNCH) generate migrations $(ARGS)

screenshots: ## Write pictures of the back-office with demo data; needs Chromium (ARGS="folder --language nn")
	$(LAUNCH) screenshots $(ARGS)

clean:       ## Remove .venv, caches and .run, which holds the data of `make run`
	@$(PYTHON) config/devtools/clean.py
