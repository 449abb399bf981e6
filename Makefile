# Two commands do everything: `make run` (the main job) and `make test`. They need Python 3.11+ and make; Node comes from PyPI.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export CDK_DISABLE_CLI_TELEMETRY := 1

.PHONY: run test lint synth venv constraints clean

run: venv  ## synthesize the reference app, run it here, send the sample events
	$(BIN)/event-flow run --once events

test: venv  ## the whole suite
	$(BIN)/python -m pytest -n 2

lint: venv  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

synth: venv node_modules/.stamp  ## the real CDK command line
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m cdk_event_flow.cli.node node_modules/aws-cdk/bin/cdk synth

venv: $(VENV)/.stamp  ## everything the two commands need

$(VENV)/.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -c constraints.txt --group dev -e '.[cli,local,operate,testing]'
	@touch $@

constraints:  ## resolve every version again
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --group dev \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) cdk.out node_modules .mypy_cache .ruff_cache .pytest_cache
