#!/usr/bin/env bash
# Runs examples/python against a stack of its own, on a free port. Needs python3 with venv and a built
# `whence` (first argument, or on the PATH).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

whence=${1:-whence}
work=$(mktemp -d)
trap 'kill "${stack:-}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT

"$whence" up --data-dir "$work/data" --listen 127.0.0.1:0 --ready-file "$work/ready" >"$work/log" 2>&1 &
stack=$!
for _ in $(seq 300); do [ -s "$work/ready" ] && break; sleep 0.1; done
gateway=$(cat "$work/ready")
"$whence" import --gateway "$gateway" data/sample/articles.jsonl.zst >/dev/null

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check -r examples/python/requirements.txt
out=$("$work/venv/bin/python" examples/python/resolve_and_rank.py "$gateway" "Dept. of Physics, Univ. of Oxford, UK")
echo "$out"
grep -q 'https://ror.org/052gg0110  University of Oxford' <<<"$out"
grep -Eq '^ +1  .+Share +[0-9.]+  Count [0-9]+' <<<"$out"
echo "python example passed"
