# Everything a person runs. Needs make and Python >= 3.11; each target makes .venv by itself when it is missing.
# `exec` puts the program in the shell's place, so that a signal to make's child reaches the program itself.

ARGS ?=
PYTHON ?=

# Hundreds of programs are started here. Where this is set, each of them compiles all it imports anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check soak lint bench screenshots clean setup constraints ready-run ready-dev

help:
	@echo 'make demo    a simulated network, an agent, a hub and its dashboard, until Ctrl-C'
	@echo '             make demo ARGS="--seconds 30 --json" runs by itself and prints what it saw'
	@echo 'make test    the tests                          make test ARGS="tests/hub -k rooms"'
	@echo 'make check   the slow tests: install paths, real devices, a browser (some need root)'
	@echo 'make soak    kills everything at random, until something is lost; as root'
	@echo '             make soak ARGS="--minutes 30 --seed 1" takes so long, and repeats a run by its seed'
	@echo '             make soak ARGS="--replay" does so to clients and what is replayed to them'
	@echo 'make lint    formatting, lint, types and import contracts, in Python and TypeScript'
	@echo 'make bench   the benchmarks; prints one JSON document'
	@echo 'make screenshots   pictures of every page in every situation, into build/screenshots'
	@echo '             make screenshots ARGS="--situation fault --page devices" takes just these'
	@echo 'make clean   removes .venv, the built dashboard, the pictures and every cache'
	@echo
	@echo 'make setup   only makes .venv; PYTHON=python3.12 names the Python to make it with'
	@echo 'make constraints   moves every pin in constraints.txt to the newest version allowed'

demo: ready-run
	@exec .venv/bin/python examples/demo $(ARGS)

# More workers than two cores: tests of real sockets and programs mostly wait.
test: ready-dev
	@exec .venv/bin/python -m pytest -n 4 $(ARGS)

# Real programs mostly wait for one another. Install paths load the machine: they come after what measures time.
check: ready-dev
	@failed=0; \
	.venv/bin/python -m pytest -m check -n 3 --dist loadfile --no-loadscope-reorder --durations 40 --ignore tests/check $(ARGS) || failed=1; \
	.venv/bin/python -m pytest -m check -n 2 --durations 0 tests/check || failed=1; \
	exit $$failed

soak: ready-dev
	@exec .venv/bin/python tests/kill $(ARGS)

lint: ready-dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy shared agent hub examples tests tools
	.venv/bin/lint-imports
	.venv/bin/python hub/hatch_build.py npm run lint

bench: ready-dev
	@exec .venv/bin/python tests/bench $(ARGS)

screenshots: ready-dev
	@exec .venv/bin/python tests/screens $(ARGS)

clean:
	rm -rf .venv hub/noctule_hub/web/static hub/web/node_modules
	rm -rf build/screenshots
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: ready-dev

constraints: ready-dev
	@exec .venv/bin/python tools/environment.py constraints

# The first of these that is Python >= 3.11 and can make a virtual environment prepares .venv (see tools/environment.py).
pythons = $(or $(PYTHON),python3 python3.13 python3.12 python3.11)
looks = import sys, importlib.util as u; sys.exit(1 if sys.version_info < (3, 11) else 0 if u.find_spec("ensurepip") else 2)
define ready
@for python in $(pythons); do \
	$$python -c '$(looks)' 2>/dev/null; \
	case $$? in 0) exec $$python tools/environment.py $(1);; 2) bare=$$python;; esac; \
done; \
if [ -n "$$bare" ]; then \
	version=$$($$bare -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	echo "noctule: $$bare cannot make a virtual environment (no ensurepip): install the package python$$version-venv" >&2; \
else \
	echo "noctule: needs Python >= 3.11, looked for: $(pythons); install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
fi; exit 1
endef

ready-run:
	$(call ready,run)

ready-dev:
	$(call ready,dev)
