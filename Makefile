# Reseolio: one command per thing to do. Needs JDK 25, Maven 3.8+, Node 20+; nothing else.
# `make test` is what CI runs. Sources are built once: a stamp in target/ remembers it.
.SUFFIXES:
SHELL = /bin/sh

export JAVA_HOME := $(shell ./scripts/find-jdk 2>/dev/null)
export RESEOLIO_BIN = $(CURDIR)/cli/target/reseolio/bin/reseolio

TS      = sdk/typescript
TS_DEMO = examples/payments/typescript
# --no-save: as the lock file says, without writing it.
NPM_INSTALL = npm install --no-save --no-audit --no-fund --loglevel=error

java_sources := $(shell find pom.xml proto embedded engine server cli sdk/java examples/payments/java \
	-name target -prune -o -type f -not -path '*/src/test/*' -print)
ts_sources := $(shell find $(TS)/src $(TS)/tsconfig*.json -type f)

# The scheduler of virtual threads is replaced by reflection, and no hash code may depend on what ran before.
SIMULATION = $(JAVA_HOME)/bin/java --add-opens java.base/java.lang=ALL-UNNAMED -Djdk.trackAllThreads=false \
	-XX:+UnlockExperimentalVMOptions -XX:hashCode=2 -cp 'simulation/target/run/*:engine/target/test-classes'

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: build
build: target/java.stamp target/typescript.stamp ## The sidecar (cli/target/reseolio) and the SDKs

.PHONY: demo
demo: build target/example.stamp ## 1 000 payments, one worker and one sidecar killed in the middle
	@$(JAVA_HOME)/bin/java -cp 'examples/payments/java/target/demo/*' dev.reseolio.examples.payments.demo.Demo

.PHONY: test
test: build target/example.stamp | pgbouncer ## Everything CI runs: format, lint, all tests; one table at the end
	@node scripts/test.mjs

.PHONY: pgbouncer
pgbouncer: # For the tests behind a pooler. Where there is none to be had they are skipped, and say why.
	@./scripts/pgbouncer get || true

.PHONY: format
format: jdk target/typescript-modules.stamp ## Formats all sources
	@./scripts/maven spotless:apply
	@cd $(TS) && npm run --silent format && npx --no-install buf format ../../proto -w

.PHONY: lint
lint: jdk target/typescript-modules.stamp ## Formatting, Biome, and the rules of the contract
	@./scripts/maven spotless:check
	@cd $(TS) && npm run --silent lint && npm run --silent proto:lint && npm run --silent proto:format

.PHONY: generate
generate: target/typescript-modules.stamp ## Generates the TypeScript code of the contract anew
	@cd $(TS) && npm run --silent generate

.PHONY: verify
verify: target/typescript-modules.stamp ## Fails when the generated code is not what the contract says
	@cd $(TS) && npm run --silent verify

.PHONY: dist
dist: target/dist.stamp ## The sidecar with its own Java runtime, for machines without a JDK, in target/dist

.PHONY: pack
pack: target/dist.stamp ## The npm package with that image inside, in target/
	@rm -rf $(TS)/sidecar && cp -R target/dist/reseolio-*-linux-x64 $(TS)/sidecar
	@cd $(TS) && npm pack --silent --pack-destination ../../target; status=$$?; rm -rf sidecar; exit $$status

.PHONY: bench
bench: target/bench.stamp target/dist.stamp ## Speed and footprint, 3 minutes after the build; FULL=1 for long, SUITES="engine java node footprint kills takeover load scaling decay jmh"
	@RESEOLIO_BIN=$$(echo target/dist/reseolio-*/bin/reseolio) $(JAVA_HOME)/bin/java -cp 'bench/target/bench/*' dev.reseolio.bench.Bench $(SUITES)

.PHONY: bench-peers
bench-peers: target/bench.stamp target/dist.stamp ## The same beside others: PEERS="graphile-worker/batch java/dbscheduler:tuned"
	@RESEOLIO_BIN=$(CURDIR)/$$(echo target/dist/reseolio-*/bin/reseolio) bench/peers.sh $(PEERS)

.PHONY: simulate
simulate: target/simulation.stamp ## Engines on one thread, with faults: SECONDS=60 of seeds, or SEED=… again
	@$(SIMULATION) $(if $(SEED),-Dseed=$(SEED)) -Dseconds=$(or $(SECONDS),60) dev.reseolio.simulation.Simulate

.PHONY: mutants
mutants: target/simulation.stamp ## Makes single lines wrong and says who notices: ONLY=a,b, SECONDS=90 for each
	@$(SIMULATION) $(if $(ONLY),-Donly=$(ONLY)) -Dseconds=$(or $(SECONDS),90) dev.reseolio.simulation.zoo.Mutants

.PHONY: chaos
chaos: target/chaos.stamp ## Faults under load and a checker: DURATION=120 (seconds), SEED=…, ARGS="sidecars=3 faults=…"
	@./scripts/apart $(JAVA_HOME)/bin/java -Xmx2g -Dreseolio.root=$(CURDIR) -Dreseolio.bin=$(RESEOLIO_BIN) -cp 'survival/target/chaos/*' \
		dev.reseolio.survival.chaos.Chaos duration=$(DURATION) seed=$(SEED) $(ARGS)

.PHONY: soak
soak: target/bench.stamp target/dist.stamp ## Half of the highest rate for MINUTES=10, watched, drawn (target/soak) and judged
	@RESEOLIO_BIN=$$(echo target/dist/reseolio-*/bin/reseolio) $(JAVA_HOME)/bin/java -cp 'bench/target/bench/*' dev.reseolio.bench.soak.Soak $(or $(MINUTES),10)

.PHONY: clean
clean: ## Removes all that was built
	@rm -rf target */target sdk/java/target examples/payments/java/target
	@rm -rf $(TS)/dist $(TS)/build $(TS)/sidecar $(TS)/sbom.cdx.json $(TS)/node_modules $(TS_DEMO)/node_modules

.PHONY: jdk
jdk:
	@./scripts/find-jdk >/dev/null

target/java.stamp: $(java_sources) | jdk
	@echo 'Building the sidecar and the Java SDK'
	@./scripts/maven package -Dmaven.test.skip=true -pl cli,sdk/java,examples/payments/java -am
	@touch $@

target/dist.stamp: scripts/dist scripts/train.mjs scripts/sbom.mjs target/java.stamp target/typescript.stamp
	@echo 'Building the image'
	@./scripts/maven package -Dmaven.test.skip=true -Pdist -pl cli -am
	@./scripts/dist
	@touch $@

target/bench.stamp: bench/pom.xml $(shell find bench/src survival/src/main checker/src/main -type f) target/java.stamp target/typescript.stamp
	@echo 'Building the benchmarks'
	@./scripts/maven package -Dmaven.test.skip=true -pl bench -am
	@touch $@

target/simulation.stamp: simulation/pom.xml $(shell find checker/src simulation/src engine/src -type f) target/java.stamp
	@echo 'Building the simulation'
	@./scripts/maven package -DskipTests -pl simulation -am
	@touch $@

target/chaos.stamp: survival/pom.xml $(shell find survival/src checker/src -type f) target/java.stamp target/typescript.stamp
	@echo 'Building the chaos run'
	@./scripts/maven package -Dmaven.test.skip=true -pl survival -am
	@touch $@

target/typescript-modules.stamp: $(TS)/package.json $(TS)/package-lock.json
	@echo 'Installing what the TypeScript SDK is built with'
	@cd $(TS) && $(NPM_INSTALL)
	@mkdir -p target && touch $@

target/typescript.stamp: target/typescript-modules.stamp $(ts_sources)
	@echo 'Building the TypeScript SDK'
	@cd $(TS) && npm run --silent build
	@touch $@

target/example.stamp: target/typescript.stamp $(TS_DEMO)/package.json $(TS_DEMO)/package-lock.json
	@echo 'Installing what the TypeScript worker of the demo needs'
	@cd $(TS_DEMO) && $(NPM_INSTALL)
	@touch $@
