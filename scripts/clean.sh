#!/bin/bash
# Remove everything generated: .run, and the cluster if it had to lie elsewhere. A given server keeps its databases.
. "$(dirname "$0")/env.sh"
elsewhere=/var/tmp/fig-$(printf %s "$RUN" | sha256sum | cut -c1-12)
[ ! -O "$elsewhere" ] && [ "$(id -u)" != 0 ] || rm -rf "$elsewhere"
rm -rf "$RUN" node_modules .ruff_cache
find . -name __pycache__ -type d -prune -exec rm -rf {} +
