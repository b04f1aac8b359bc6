# Odoo 19, PostgreSQL and everything else come by themselves, below .run/; nothing is installed on the machine
# (except Chromium for the browser tests, by apt-get, when root runs them and there is none).
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo db test test-slow core faults chaos mutants lint format translations bench stop clean

help:        ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo:        ## the suite with demo data at http://localhost:8069; ONCE=1 runs every flow once and ends, RESET=1 starts anew
	@scripts/demo.sh

test:        ## core, addon and suite tests; ARGS="path or pytest options" for a part
	@scripts/test.sh test $(ARGS)

test-slow:   ## what takes minutes: browser tours, load, faults; ARGS as above
	@scripts/test.sh slow $(ARGS)

core:        ## the plain tests of core/, in seconds, without Odoo; ARGS as above
	@scripts/test.sh core $(ARGS)

faults:      ## kill workers, cut connections, and look whether the laws hold
	@scripts/test.sh faults $(ARGS)

chaos:       ## twenty seeded faults on a real database: each detected in time, owned, explained; SEED=n for others
	@scripts/chaos.sh $(SEED)

mutants:     ## take guards out, change what decides, and see tests fail; ARGS="guard, file or group ..." for some
	@scripts/mutants.sh $(ARGS)

lint:        ## ruff, pylint-odoo, eslint, prettier, and the sizes
	@scripts/lint.sh

format:      ## let ruff and prettier rewrite what lint would refuse
	@scripts/lint.sh --fix

translations: ## write the templates of translations (i18n/*.pot) anew
	@scripts/translations.sh

bench:       ## benchmarks as JSON lines; BENCH=name for one
	@scripts/bench.sh $(BENCH)

setup:       ## only bring Odoo, the virtualenv and PostgreSQL
	@scripts/setup.sh all

db:          ## setup, and the template database of the tests
	@scripts/setup.sh all && . scripts/env.sh && "$$FIG_PYTHON" scripts/database.py template

stop:        ## stop the demo and PostgreSQL
	@scripts/stop.sh

clean: stop  ## stop, and remove everything generated
	@scripts/clean.sh
