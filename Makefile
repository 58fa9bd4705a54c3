# One command each; every target does the set-up it needs. `make help` lists them.

PYTHON ?= python3
PORT ?= 8000
PROJECTS := match-scraper missing-table system-tests bench
SYNCED := $(PROJECTS:%=%/.venv/.synced)

# What `make image push deploy` makes, and where it goes. VERSION names the commit, and says where the tree differs.
REGISTRY ?= us-central1-docker.pkg.dev/missing-table/missing-table
VERSION ?= $(shell git describe --always --dirty --exclude '*' 2>/dev/null)
PLATFORM ?= linux/amd64
NAMESPACE ?= missing-table-dev
VALUES ?= deploy/values.yaml
IMAGES := match-scraper missing-table

# uv from the machine, else one in a folder of this repository
UV := $(or $(shell command -v uv 2>/dev/null),$(CURDIR)/.tools/uv/bin/uv)
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# where it is set, each start of a program compiles again all that it imports: that takes three times as long
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup services demo up test test-deploy test-faults fuzz bench bench-quick lint screenshots mutate image push deploy kubernetes-tools clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: $(SYNCED) ## install both projects and the tools, each in its own .venv

demo: match-scraper/.venv/.synced missing-table/.venv/.synced ## the main job once, on sample data, without any server
	@$(PYTHON) scripts/demo.py

up: match-scraper/.venv/.synced missing-table/.venv/.synced ## the same, kept running: http://127.0.0.1:8000; PORT=8001 for another port
	@$(PYTHON) scripts/demo.py --stay --port $(PORT)

test: setup services kubernetes-tools ## every test of both projects and of the two together
	@$(PYTHON) scripts/run_tests.py

test-deploy: setup services kubernetes-tools ## images, compose file, chart, workflows, rules and dashboard, without a cluster
	@cd system-tests && .venv/bin/python -m pytest -q deploy

screenshots: setup services ## a picture of each page, in docs/screenshots
	@cd system-tests && PYTHONPATH=. .venv/bin/python -m pages.screenshots ../docs/screenshots

test-faults: setup services ## the long form: 10,000 matches and three real faults for each row of a table
	@cd system-tests && PYTHONPATH=../private-services .venv/bin/python -m faults

fuzz: setup services ## 100,000 inputs that nobody should send, and how each kind ended
	@cd system-tests && PYTHONPATH=../private-services .venv/bin/python -m fuzz

bench: setup services ## each job measured against the plain way of doing it; JOBS="publish ingest" for some of them
	@cd bench && PYTHONPATH=../private-services:../system-tests .venv/bin/python -m bench $(JOBS)

bench-quick: setup services ## four of them in small, under 90 seconds; the last line is JSON
	@cd bench && PYTHONPATH=../private-services:../system-tests .venv/bin/python -m bench --quick

lint: setup ## formatting, lint and types
	@set -e; for project in $(PROJECTS); do \
		echo "lint: $$project"; \
		(cd $$project && .venv/bin/ruff check -q . && .venv/bin/ruff format -q --check . && .venv/bin/mypy); \
	done
	@system-tests/.venv/bin/ruff check -q scripts private-services
	@system-tests/.venv/bin/ruff format -q --check scripts private-services

image: ## both images, for PLATFORM; BROWSER=1 adds Chromium to the scraper's
	@set -e; for image in $(IMAGES); do \
		docker build --platform $(PLATFORM) --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) \
			$$([ $$image = match-scraper ] && echo "--build-arg BROWSER=$(or $(BROWSER),0)") \
			--tag $(REGISTRY)/$$image:$(VERSION) $$image; \
	done

push: ## both images to REGISTRY; what they are called there, by digest, is in deploy/images.yaml
	@case "$(VERSION)" in *-dirty) echo "commit first: an image from a changed tree has no name" >&2; exit 2;; esac
	@set -e; for image in $(IMAGES); do docker push $(REGISTRY)/$$image:$(VERSION); done
	@deploy/digests.sh $(REGISTRY) $(VERSION) > deploy/.images.yaml && mv deploy/.images.yaml deploy/images.yaml

deploy: ## the chart, with VALUES and the images that were pushed, into NAMESPACE
	@[ -f deploy/images.yaml ] || { echo "nothing was pushed yet: make image push" >&2; exit 2; }
	@[ -f $(VALUES) ] || { echo "$(VALUES) is not there: cp deploy/values.example.yaml $(VALUES), and fill in what is empty" >&2; exit 2; }
	helm upgrade --install missing-table missing-table/helm/missing-table --namespace $(NAMESPACE) --create-namespace \
		--values $(VALUES) --values deploy/images.yaml --timeout 20m

mutate: setup services ## does a test go red for each harmful change?
	@$(PYTHON) scripts/mutate.py

clean: ## remove everything that was built or written
	rm -rf .tools .demo $(PROJECTS:%=%/.venv)
	find . -name __pycache__ -o -name .pytest_cache -o -name .mypy_cache -o -name .ruff_cache -o -name .hypothesis | xargs rm -rf

services: ## RabbitMQ, PostgreSQL and Chromium for the tests (installs them through apt when root)
	@$(PYTHON) scripts/install_services.py

kubernetes-tools: # helm and kubectl, for rendering and checking
	@$(PYTHON) scripts/fetch_kubernetes_tools.py

%/.venv/.synced: %/pyproject.toml %/uv.lock | $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Say which: make PYTHON=python3.12 ...")'
	@echo "setup: $*"
	@cd $* && $(UV) sync --quiet --locked --python $(PYTHON)
	@touch $@

$(CURDIR)/.tools/uv/bin/uv:
	@echo "setup: uv, in .tools"
	@$(PYTHON) -m venv .tools/uv
	@.tools/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
