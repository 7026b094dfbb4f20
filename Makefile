# The front door. Every target does its own set-up; on a bare Debian 12 all it takes is git, make and root.

BIN := .venv/bin
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup tools demo test unit lint types regen regen-check pytest bench install clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Install Debian packages, make the virtual environment, mount bpffs; nothing that is there already
	@scripts/setup.sh

tools:
	@scripts/setup.sh tools

demo: setup ## Show it at work: cubes between network namespaces, wired and changed over REST
	@echo "==> demo: cubes between network namespaces"
	@$(BIN)/python scripts/demo.py

test: setup regen-check lint types pytest ## Everything that must hold: generated code, lint, types, every test

unit: tools ## The tests that need no root, on all cores
	@echo "==> unit: tests without root"
	@$(BIN)/pytest -m "not netns" -n auto

lint: tools ## Style, format, and who imports whom
	@echo "==> lint: ruff check, ruff format, import-linter"
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/lint-imports --no-logo

types: tools ## mypy, strictly, over the five packages
	@echo "==> types: mypy --strict"
	@$(BIN)/mypy

regen: tools ## Write generated/ and docs/services/ anew from yang/ and templates/
	@echo "==> regen: generated/ and docs/services/ from yang/ and templates/"
	@$(BIN)/polycube-gen build

regen-check: tools
	@echo "==> regen-check: generated/ and docs/services/ are what yang/ and templates/ say"
	@$(BIN)/polycube-gen check

pytest: setup
	@echo "==> pytest: every test, real packets included"
	@$(BIN)/pytest

bench: setup ## Measure, against the peers, by the method that bench/ describes (ARGS="--help")
	@echo "==> bench: measurements"
	@$(BIN)/python -m bench $(ARGS)

install: ## Install for this machine, with a systemd service (PREFIX=/opt/polycube)
	@scripts/install.sh $(PREFIX)

clean: ## Remove what the other targets made
	@echo "==> clean: virtual environments, caches, builds"
	@rm -rf .venv .tox .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis dist
	@find . -name __pycache__ -prune -exec rm -rf {} +
