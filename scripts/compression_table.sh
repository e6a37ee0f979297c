#!/usr/bin/env bash
# What compression costs on a session of published models: bytes, and raw r2 on the second half with
# the model as it was and as it was compressed, a line a neuron, then the medians.
#   scripts/compression_table.sh V4 [SESSION]      V4: a clone of the authors' repository
set -euo pipefail
recordings=${1:?usage: scripts/compression_table.sh V4 [SESSION]}
session=${2:-190923}
secateur=$(dirname "$0")/../build/release/bin/secateur
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

folder=$(dirname "$(find "$recordings" -name "compact_model_${session}_neuron0.keras" -print -quit)")
count=$(find "$folder" -name "compact_model_${session}_neuron*.keras" | wc -l)
for ((neuron = 0; neuron < count; ++neuron)); do
  "$secateur" compress "$folder/compact_model_${session}_neuron$neuron.keras" \
    --out "$out/$neuron.secateur" >/dev/null 2>"$out/log" || { cat "$out/log" >&2; exit 1; }
done

r2() {  # raw r2 of every neuron, in their order
  "$secateur" evaluate "$1" --recordings "$recordings" --session "$session" --half second --json \
    2>/dev/null | tail -n 1 | grep -o '"neurons":.*' | grep -o '"r2_raw":[-0-9][-0-9.e]*' | cut -d: -f2
}
r2 "$folder/compact_model_${session}_neuron{neuron}.keras" >"$out/before"
r2 "$out/{neuron}.secateur" >"$out/after"
for ((neuron = 0; neuron < count; ++neuron)); do stat -c %s "$out/$neuron.secateur"; done >"$out/bytes"

median() { sort -g | awk '{v[NR] = $1} END {print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2}'; }
echo "neuron  bytes  raw r2 before  after    loss"
paste "$out/bytes" "$out/before" "$out/after" |
  awk '{printf "%6d %6d %14.4f %6.4f %7.4f\n", NR - 1, $1, $2, $3, $2 - $3}'
echo "median bytes $(median <"$out/bytes"), largest $(sort -n "$out/bytes" | tail -n 1);" \
  "loss of raw r2: median $(paste "$out/before" "$out/after" | awk '{print $1 - $2}' | median)," \
  "largest $(paste "$out/before" "$out/after" | awk '{print $1 - $2}' | sort -g | tail -n 1)"
