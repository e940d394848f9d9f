# The front door. Each target is a short script in bin/; ARGS='…' goes on to it.
DEMO_DB ?= order_processing_demo
HAS_DEMO = bin/db list | grep -qx '$(DEMO_DB)' || { echo "There is no database $(DEMO_DB) yet; 'make run' creates it."; exit 1; }

.PHONY: help run stop clean test test-odoo soak lint bench shell psql

help:            ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run:             ## a demo company on http://127.0.0.1:8069 (HTTP_PORT=… for another port)
	@bin/run

stop:            ## ends the server and the private PostgreSQL
	@bin/stop

clean: stop      ## removes everything the other targets fetched or created
	@bin/clean

test:            ## all tests of all our addons, in two shards at once; a part, in one: ARGS='-k gate'
	@bin/test $(ARGS)

test-odoo:       ## Odoo's own tests with our addons beside them (half an hour or more); a part: ARGS='-k …'
	@bin/test-odoo $(ARGS)

soak:            ## the long fault campaigns: 50 kills of the allocator, all races ten times (an hour and more)
	@bin/soak $(ARGS)

lint:            ## the checks of the sources
	@bin/lint $(ARGS)

bench:           ## the benchmarks against plain Odoo; one of them: ARGS=confirm
	@bin/bench $(ARGS)

shell:           ## Odoo's Python shell on the demo company
	@$(HAS_DEMO)
	@bin/odoo shell -d $(DEMO_DB) --no-http $(ARGS)

psql:            ## SQL on the demo company
	@$(HAS_DEMO)
	@bin/psql -d $(DEMO_DB) $(ARGS)
