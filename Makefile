# Every target makes the virtual environment that it needs; only Python, make and (for the tests) git must be there.
#   make demo    the main job in one command          make check   ruff and mypy
#   make test    the whole test suite                 make bench   against Sway and Weston, where installed
#   make fast    compile the hot paths anew      make test-pure   the tests of those, with nothing compiled
#   make attack  every attack, on them as well
#   make pictures   those of the README (needs Xvfb, xdotool and foot)
#   make programs   real programs, and docs/programs.md about them
#   make fuzz MINUTES=10   look for crashes, leaks and lies with inputs that nobody wrote
#   make soak    whether a million commits leave anything behind
#   make conformance   WLCS, the Wayland conformance suite (Debian's wlcs, g++ and libwayland-dev)

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?=
MINUTES ?= 1
PURE_TESTS := tests/property tests/render tests/protocol tests/unit/model tests/unit/native \
	tests/unit/service tests/unit/wire tests/unit/test_timers.py

.PHONY: help demo run test test-pure fast check bench attack fuzz soak programs pictures conformance wheel clean

help:
	@sed -n 's/^#   //p' Makefile

$(VENV)/.run: pyproject.toml
	@echo 'making a virtual environment in $(VENV), with numpy, Pillow, pyglet and pywayland, and compiling (once)'
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.run
	@echo 'adding what tests and checks need (once)'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(VENV)/.run
	$(BIN)/weddell demo

run: $(VENV)/.run
	$(BIN)/weddell run

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

test-pure: $(VENV)/.dev
	WEDDELL_PURE=1 $(BIN)/python -m pytest -n 2 $(PYTEST_ARGS) $(PURE_TESTS)

fast: $(VENV)/.dev
	@$(BIN)/python -m compositor.native build

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

programs: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS) tests/programs --programs-page docs/programs.md

attack: $(VENV)/.dev
	$(BIN)/python -m tests.hostile

fuzz: $(VENV)/.dev
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES) $(FUZZ_ARGS)

soak: $(VENV)/.dev
	$(BIN)/python -m benchmarks.soak $(SOAK_ARGS)

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

pictures: $(VENV)/.dev
	$(BIN)/python docs/pictures/make_pictures.py

conformance: $(VENV)/.dev
	$(MAKE) --no-print-directory -C tests/wlcs PYTHON=$(abspath $(BIN))/python
	$(BIN)/python tests/wlcs/conformance.py $(WLCS_ARGS)

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache demo.png demo.webp
