#!/usr/bin/env bash
# Makes one run again and again and compares its files: on 1, 2, 3 and 8 threads, held to AVX2 and beside
# a terminal. Prints a digest for each; ends with 0 when all are equal and with 5 when one is not.
# scripts/campaign.sh kills does the same for a run that is killed and resumed.
#   scripts/same_bits.sh FOLDER VERB ARGUMENT...     for example
#   scripts/same_bits.sh bits demo
#   scripts/same_bits.sh bits run recipes/v4.toml recordings=V4 teacher=FILE neuron=201025/2 \
#       distill.images=6400 retrain.images=3200
# FOLDER must not exist.
set -euo pipefail
folder=${1:?usage: scripts/same_bits.sh FOLDER VERB ARGUMENT...}
shift
secateur=$(dirname "$0")/../build/release/bin/secateur
mkdir "$folder"

digest() {  # of everything in a run that is not about time
  (cd "$folder/$1" && find models ledger.jsonl metrics.jsonl predictions checkpoints/kept -type f |
    sort | xargs sha256sum | sha256sum | cut -c1-16)
}

wanted=""
differs=0
report() {  # name of the run, what was done
  local digest
  digest=$(digest "$1")
  [ -n "$wanted" ] || wanted=$digest
  local verdict=same
  [ "$digest" = "$wanted" ] || { verdict=DIFFERS; differs=1; }
  printf '%-7s %s  %s, %d s\n' "$verdict" "$digest" "$2" $((SECONDS - began))
}

again() {  # name of the run, what is special, environment...
  began=$SECONDS
  env "${@:3}" "$secateur" "${run[@]}" --out "$folder/$1" >"$folder/$1.out" 2>"$folder/$1.err" ||
    { tail -n 3 "$folder/$1.err" >&2; exit 1; }
  report "$1" "$2"
}

run=("$@")
again threads2 "2 threads" OMP_NUM_THREADS=2
again threads1 "1 thread" OMP_NUM_THREADS=1
again threads3 "3 threads" OMP_NUM_THREADS=3
again threads8 "8 threads" OMP_NUM_THREADS=8
again avx2 "SECATEUR_ISA=avx2" SECATEUR_ISA=avx2
"$secateur" doctor | grep avx512 >/dev/null &&
  again avx512 "SECATEUR_ISA=avx512" SECATEUR_ISA=avx512

began=$SECONDS
script -qec "$(printf '%q ' "$secateur" "${run[@]}" --out "$folder/terminal")" /dev/null \
  >"$folder/terminal.out" </dev/null
report terminal "with a terminal"

exit $((differs * 5))
