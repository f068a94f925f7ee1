#!/bin/sh
# Fails when src/gen is not what the contract in /proto generates.
set -eu
cd "$(dirname "$0")/.."
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
npx --no-install buf generate ../../proto --template buf.gen.yaml -o "$fresh"
if ! diff -r src/gen "$fresh/src/gen"; then
  echo "src/gen is stale: run 'npm run generate' and commit the result" >&2
  exit 1
fi
