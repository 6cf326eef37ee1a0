# Two commands for everybody: `make run` opens the map, `make test` proves that it works. Both set everything up first.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile
ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
endif
PARTS := test-browser test-servers test-real test-kills test-statistics
MAKEFLAGS += --jobs=2  # what needs nothing of each other: packages of the map, and those of its tests

.PHONY: run setup setup-tests docs test test-all test-of $(PARTS) release-check check format lock locale screenshots fuzz bench bench-peers sbom clean

run: setup  ## open the map on the embedded data; PORT=8600 for another port
	$(BIN)/lindero serve $(if $(PORT),--port $(PORT))

setup: .venv/ready-to-run  ## only prepare .venv, with the command lindero in it

setup-tests: .venv/ready-to-test  ## the same, with what tests need

PYTEST = $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

test: .venv/ready-to-test check  ## checks, and tests of every rule, command and page: some 8 minutes on two cores
	$(PYTEST) -m "not browser and not servers and not real and not kills and not statistics and not release"

$(PARTS): test-%: .venv/ready-to-test  ## test-browser, test-servers, test-real, test-kills, test-statistics: the other tests
	$(PYTEST) -m $*

# the folder of the same name, the tests that import something of it, or the folder above
TESTS_OF = $(or $(wildcard tests/$(WHAT)),$(shell grep -rlE "lindero\.$(subst /,.,$(WHAT))\b" tests --include="test_*.py"),tests/$(dir $(WHAT)))

test-of: .venv/ready-to-test  ## a folder and its tests: make test-of WHAT=geo/overlay
	$(BIN)/ruff check lindero/$(WHAT) $(TESTS_OF)
	$(BIN)/python -m pytest -n 2 -m "not browser and not release" $(TESTS_OF)

test-all: export LINDERO_TESTS = all
test-all: .venv/ready-to-test  ## before a release: all kills, all worlds, every page in every way, one part after the other
	for part in test $(PARTS) release-check; do $(MAKE) $$part || exit 1; done

release-check: .venv/ready-to-test  ## before a release: lists what is not translated
	$(PYTEST) -m release

new-answer: .venv/ready-to-test  ## the files of a new answer, with its test: make new-answer NAME=crossings
	$(BIN)/python -m scripts.new_answer $(NAME)
	$(BIN)/ruff check --quiet --fix lindero/app tests/app/answers

check: .venv/ready-to-test  ## the fast part alone: ruff, mypy --strict, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready-to-test  ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/ready-to-test  ## speed beside peers, in this very run
	$(BIN)/python -m bench

bench-peers: .venv/ready-to-test  ## beside peers that need installing first: PostGIS from Debian, SedonaDB and lonboard from PyPI
	-bench/peers/install.sh
	-$(PIP) --requirement constraints-peers.txt
	$(BIN)/python -m bench overlap
	$(BIN)/python -m bench pocket

screenshots: .venv/ready-to-test  ## pictures of every page into docs/screenshots, with Chromium
	$(BIN)/python -m docs.screenshots

locale: .venv/ready-to-test  ## gather new words for translation
	$(BIN)/pybabel --quiet extract --mapping-file lindero/app/locale/babel.cfg --keywords N_ --no-location --sort-output \
		--omit-header --width 120 --output lindero/app/locale/lindero.pot lindero/app lindero/data lindero/geo lindero/layers
	$(BIN)/pybabel --quiet update --domain lindero --input-file lindero/app/locale/lindero.pot --output-dir lindero/app/locale \
		--previous --ignore-pot-creation-date --ignore-obsolete --width 120
	$(BIN)/python -m docs.words

docs: .venv/docs/ready .venv/ready-to-test  ## the documentation as a site of files in build/site
	$(BIN)/python -m docs.words
	NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --strict --quiet

fuzz: .venv/ready-to-test  ## overlaps against GEOS on hundreds of thousands of pairs; the reader on files bred to break it
	LINDERO_FUZZ_PAIRS=6000 $(BIN)/python -m pytest tests/geo/kernels/test_shared_area.py -k adversaries
	LINDERO_FUZZ_FILES=20000 $(BIN)/python -m pytest tests/layers/read/formats/test_reader_fuzz.py
	LINDERO_FUZZ_SECONDS=1800 $(BIN)/python -m pytest tests/layers/read/formats/test_coverage_fuzz.py

# One lock for all, one with what a reader of the map needs, one of peers of the bench and one of the site, all of the same versions.
# Of each package one version for as many Pythons as can be, so that others get what was tested on the oldest.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-header
lock: .venv/ready-to-test  ## renew the pinned versions: constraints.txt and those beside it
	$(LOCK) --upgrade --all-extras --output-file constraints.txt pyproject.toml
	$(LOCK) --upgrade --constraints constraints.txt --extra setup --output-file constraints-run.txt pyproject.toml
	$(LOCK) --upgrade --constraints constraints.txt --group peers --output-file constraints-peers.txt
	$(LOCK) --upgrade --constraints constraints.txt --group docs --output-file constraints-docs.txt
	$(LOCK) --format pylock.toml --constraints constraints-run.txt --extra setup pyproject.toml | $(BIN)/python -m docs.wheels

sbom: .venv/ready-to-run  ## the bill of materials of a release (CycloneDX) into build/
	mkdir -p build
	$(BIN)/python -m docs.sbom > build/lindero.cdx.json

# 130 MB that no map needs: tests and headers of libraries, what one brings for notebooks, and another to reach S3 and Flight
SPARED = $(addprefix .venv/lib/python3*/site-packages/,numba/tests numba/cuda/tests pandas/tests pyarrow/include \
	pyarrow/tests pyarrow/*_flight* pyarrow/*_s3* pydeck/nbextension) .venv/share/jupyter/nbextensions

.venv/pyvenv.cfg:
	$(PYTHON) -c 'import sys; sys.exit("Lindero needs Python 3.11 or newer; this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv

.venv/ready-to-run: constraints-run.txt pyproject.toml | .venv/pyvenv.cfg
	$(PIP) --requirement constraints-run.txt
	rm -rf $(SPARED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m lindero.geo.first_use
	touch $@

.venv/ready-to-test: .venv/ready-to-run .venv/of-tests.txt
	touch $@

.venv/of-tests.txt: constraints-run.txt constraints.txt | .venv/pyvenv.cfg  # what tests need besides, at the same time
	awk 'FNR == NR {if (/==/) runs[$$1]; next} /==/ {tests = !($$1 in runs)} tests' $^ > $@.new
	$(PIP) --requirement $@.new
	mv $@.new $@

.venv/docs/ready: constraints-docs.txt | .venv/pyvenv.cfg  # apart: watchdog would change how Streamlit watches its files
	$(PYTHON) -m venv .venv/docs
	.venv/docs/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile --requirement $<
	touch $@

clean:  ## forget .venv and what was built
	rm -rf .venv lindero/data/build
