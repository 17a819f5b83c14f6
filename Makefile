# GateScope. `make` alone lists what there is to make.

PORT ?= 8501
HOST ?= 127.0.0.1
ARGS ?=
# The Python that makes .venv; empty takes python3.11, or any other from 3.11 on.
PYTHON ?=

BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: help app test test-all lint types bench assets docs clean

help:
	@echo "make app      serve the app (PORT=$(PORT) HOST=$(HOST); HOST=0.0.0.0 lets others in)"
	@echo "make test     run the tests (ARGS=\"tests/test_cli.py -x\")"
	@echo "make test-all the same and what is long: more hostile files, more kill -9, the wheel"
	@echo "make lint     check style and format"
	@echo "make types    check types"
	@echo "make bench    run the benchmarks, one after another"
	@echo "make assets   make all that is shipped again: runs, measures, experiments, pictures"
	@echo "make docs     write the documentation to build/docs, to be read without a network"
	@echo "make clean    remove caches and builds; .venv and runs stay"

app: $(STAMP)
	$(BIN)/gatescope app --port $(PORT) --host $(HOST)

test: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile $(ARGS)

test-all: $(STAMP)
	GATESCOPE_THOROUGH=1 OMP_NUM_THREADS=1 $(BIN)/pytest -n 2 --dist loadfile $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(STAMP)
	$(BIN)/mypy

# Files that begin with _ are shared by the scripts.
bench: $(STAMP)
	@for script in tests/benchmarks/[!_]*.py; do \
		if [ ! -e "$$script" ]; then echo "there is no script in tests/benchmarks"; exit 0; fi; \
		echo "== $$script"; $(BIN)/python "$$script" $(ARGS) || exit $$?; \
	done

# What is measured comes after the runs that it is measured on; the pictures, which take Chromium, last.
assets: $(STAMP)
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_runs.py $(ARGS)
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_data_runs.py $(ARGS)
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_aid_runs.py $(ARGS)
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_bag_of_words.py
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_memory.py $(ARGS)
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_writing.py
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_tutorial.py
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_retention.py
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_claims.py
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_bench.py
	OMP_NUM_THREADS=1 $(BIN)/python assets/make_lessons.py
	$(BIN)/python assets/make_pictures.py

docs: $(STAMP)
	$(BIN)/python assets/docs/run_notebooks.py & \
		$(BIN)/python assets/docs/make_sheets.py && wait $$!
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict -f assets/docs/mkdocs.yml
	@echo "open build/docs/index.html"

# A Python without venv or ensurepip says so itself. What is half made is made again.
$(STAMP): pyproject.toml constraints.txt
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		for candidate in $(or $(PYTHON),python3.11 python3 python3.12 python3.13 python); do \
			if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
			then found=$$candidate; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "GateScope needs Python 3.11 or newer; $(or $(PYTHON),what is installed) is not:" \
				"install it, or name it by PYTHON=..." >&2; \
			exit 1; \
		fi; \
		echo "$$found -m venv .venv"; \
		$$found -m venv --clear .venv || exit $$?; \
	fi
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -path ./.venv -prune -o -path ./.git -prune -o \
		\( -name __pycache__ -o -name '*.egg-info' \) -type d -exec rm -rf {} +
