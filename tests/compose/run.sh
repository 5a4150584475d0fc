#!/usr/bin/env bash
# The stack from its built images: brings it up, imports through the published port, restarts it and finds
# the data. Needs a container engine with compose (1.29 or 2) and a built `whence` (first argument, or on the
# PATH). BUILD_FLAGS is passed to `docker build`, such as `--network host`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

whence=${1:-whence}
export WHENCE_PORT=${WHENCE_PORT:-17340}
gateway=http://127.0.0.1:$WHENCE_PORT
compose() { if docker compose version >/dev/null 2>&1; then docker compose -p whence-test "$@"; else docker-compose -p whence-test "$@"; fi; }
fail() { echo "compose test failed: $1" >&2; compose logs --tail 30 >&2 || true; exit 1; }
trap 'compose down -v --remove-orphans >/dev/null 2>&1 || true' EXIT

wait_healthy() {
    for _ in $(seq 120); do
        if "$whence" health --gateway "$gateway" >/dev/null 2>&1; then return; fi
        sleep 1
    done
    fail "the gateway did not become healthy"
}

for service in affiliation-resolver metrics gateway; do
    # shellcheck disable=SC2086  # flags are words
    docker build ${BUILD_FLAGS:-} --target "$service" -t "whence/$service" . >/dev/null
done
compose up -d --no-build
wait_healthy

[ "$(docker inspect --format '{{.Config.User}}' whence/gateway)" = whence ] || fail "the gateway runs as root"
zstd -dcq data/sample/articles.jsonl.zst >"${TMPDIR:-/tmp}/whence-compose-sample.jsonl"
"$whence" import --gateway "$gateway" --json "${TMPDIR:-/tmp}/whence-compose-sample.jsonl"
before=$("$whence" index --gateway "$gateway" --json)

compose restart
wait_healthy
for _ in $(seq 60); do
    after=$("$whence" index --gateway "$gateway" --json 2>/dev/null) && break
    sleep 1
done
[ "$before" = "${after:-}" ] || fail "the index changed over a restart: $before / ${after:-none}"
for service in affiliation-resolver metrics gateway; do
    state=$(docker inspect --format '{{.State.Health.Status}}' "$(compose ps -q "$service")")
    echo "$service: $state"
done
"$whence" rank cities --gateway "$gateway" --limit 3
echo "compose test passed"
