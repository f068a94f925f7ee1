#!/bin/bash
# Measures Reseolio and its peers in one run, in turn, with the peers' own harness, and prints the ratios.
# usage: bench/peers.sh peer/variant...   e.g. graphile-worker/batch java/dbscheduler:tuned bullmq/always java/dbosjava:direct
# RUNS=3  MODES="w1 w2" (also w4 w4l: workflows of three steps, for peers that have them)  CONCURRENCY=500 (ours)  PEERS_HOME=../shared/peers  PEERS_DIR: where they are installed (scratch)
set -euo pipefail
RESEOLIO_HOME=$(cd "$(dirname "$0")/.." && pwd)
export RESEOLIO_HOME
peers_home=${PEERS_HOME:-$RESEOLIO_HOME/../shared/peers}
runs=${RUNS:-3} modes=${MODES:-w1 w2} at_once=c${CONCURRENCY:-500}
[ $# -gt 0 ] || set -- graphile-worker/default graphile-worker/batch java/dbscheduler:tuned bullmq/always java/dbosjava:direct

if [ ! -x "$peers_home/run.sh" ]; then
  echo "bench-peers: the peers' adapters are not in $peers_home; set PEERS_HOME to the folder that has their run.sh" >&2
  exit 2
fi
peers_home=$(cd "$peers_home" && pwd)
if [ ! -x "${PG_BIN:-}/postgres" ]; then PG_BIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | head -1 || true); fi
if [ -z "$PG_BIN" ]; then
  echo "bench-peers: needs the programs of a PostgreSQL 15 or later; install postgresql, or set PG_BIN" >&2
  exit 2
fi
export PG_BIN
# shellcheck source=/dev/null
. "$peers_home/env.sh"

names=$(printf '%s\n' "$@" java/ours | sed 's|/.*||' | sort -u)
for name in $names; do
  if [ ! -d "$PEERS_DIR/$name" ] || { [ "$name" = java ] && [ ! -d "$PEERS_DIR/java/lib" ]; } || { [ "$name" != java ] && [ ! -d "$PEERS_DIR/$name/node_modules" ]; }; then
    missing="${missing:-} $name"
  fi
done
# shellcheck disable=SC2086
if [ -n "${missing:-}" ]; then echo "installing:$missing"; "$peers_home/setup.sh" $missing; fi

# Ours among them: the Node adapter as it is, the Java one as one more case of the peers' Bench.
mkdir -p "$PEERS_DIR/reseolio-node"
cp "$RESEOLIO_HOME/bench/peers/reseolio-node.mjs" "$PEERS_DIR/reseolio-node/bench.mjs"
for jar in "$RESEOLIO_HOME"/bench/target/bench/{reseolio-{bench,sdk,proto},grpc-,protobuf-,proto-google,guava,failureaccess,okio,kotlin,perfmark,gson,jspecify,animal-sniffer}*.jar; do
  name=$(basename "$jar")
  # What the peers bring themselves stays theirs.
  if [[ $name == reseolio-* ]] || ! compgen -G "$PEERS_DIR/java/lib/${name%-[0-9]*}-[0-9]*.jar" >/dev/null; then
    cp "$jar" "$PEERS_DIR/java/lib/"
  fi
done
cp "$RESEOLIO_HOME/bench/peers/ReseolioPeer.java" "$PEERS_DIR/java/src/"
sed 's|A a = switch (x\[0\]) {|& case "reseolio" -> new ReseolioPeer(v);|' "$peers_home/java/src/Bench.java" >"$PEERS_DIR/java/src/Bench.java"
rm -f "$PEERS_DIR/java/classes/ReseolioPeer.class"
(cd "$PEERS_DIR/java" && "$JAVA25_HOME/bin/javac" -nowarn -Xlint:none -proc:none -cp 'lib/*' -d classes src/Bench.java src/ReseolioPeer.java 2>&1 | grep -v '^Note:' || true)
[ -f "$PEERS_DIR/java/classes/ReseolioPeer.class" ] || { echo "bench-peers: our Java adapter does not compile with this Bench.java" >&2; exit 1; }

mkdir -p "$RESEOLIO_HOME/bench/results"
RES=$RESEOLIO_HOME/bench/results/peers-$(date +%Y%m%d-%H%M%S).jsonl
: >"$RES"
export RES
trap 'su postgres -c "$PG_BIN/pg_ctl -D $PEERS_DIR/pg -m fast stop" >/dev/null 2>&1 || true' EXIT
echo "$(date '+%F %H:%M %Z'), $(nproc) cores, load $(cut -d' ' -f1-3 /proc/loadavg), PostgreSQL $("$PG_BIN/postgres" -V | cut -d' ' -f3), commit $(git -C "$RESEOLIO_HOME" rev-parse --short HEAD)"
for run in $(seq "$runs"); do
  for mode in $modes; do
    for peer in "java/reseolio:$at_once" "reseolio-node/$at_once" "$@"; do
      echo "  run $run: $peer $mode"
      before=$(wc -l <"$RES")
      (cd "$PEERS_DIR" && "$peers_home/run.sh" -r 1 -m "$mode" "$peer") >"$PEERS_DIR/results/last.log" 2>&1 || true
      if [ "$(wc -l <"$RES")" = "$before" ]; then echo "    no result; $PEERS_DIR/results/{last,err}.log say why"; fi
    done
  done
done
echo "all lines are in $RES"
node "$RESEOLIO_HOME/bench/peers/ratios.mjs" "$RES"
