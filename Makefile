# LotOne. From a bare machine (python3 3.11 or newer, venv, make): `make demo`, `make test`.
# Packages come from the index your pip or uv is set up for; their hashes are in requirements.lock.

BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test lint bench bench-autonomy chaos lock clean

help:
	@echo "make setup   the environment, into .venv"
	@echo "make demo    sets up and makes the three sample orders into out/"
	@echo "make test    sets up and passes every check"
	@echo "make lint    style, types and import rules alone"
	@echo "make bench   measures, about half an hour, and writes bench/results.json"
	@echo "make bench INSTANCES=FOLDER   solves the published job shops in a folder as well, half an hour more"
	@echo "make bench-autonomy   plans and proves 200 random parts, about 20 minutes, into the same file"
	@echo "make chaos   300 orders while workers are killed and children crash, hang and starve: an hour or two"
	@echo "make lock    writes requirements.lock anew from pyproject.toml"
	@echo "make clean   removes .venv, .tools, out and caches"

setup: $(READY)

$(READY): .ci/setup pyproject.toml requirements.lock
	sh .ci/setup

demo: $(READY)
	$(BIN)/python samples/demo.py

test: lint
	$(BIN)/python -m pytest -n auto --dist loadfile

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python bench/run.py $(INSTANCES)

bench-autonomy: $(READY)
	$(BIN)/python bench/run.py bench_autonomy.py

chaos: $(READY)
	CHAOS_ORDERS=300 $(BIN)/python -m pytest -x tests/e2e/test_chaos.py

lock: $(READY)
	sh .ci/setup lock

clean:
	rm -rf .venv .tools out show dist build .mypy_cache .ruff_cache .hypothesis .import_linter_cache
