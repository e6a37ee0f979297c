#!/usr/bin/env bash
# Long trials of what a run survives, for as many minutes as are given; docs/reliability.md has figures.
#   scripts/campaign.sh kills MINUTES [VERB ARGUMENT...]    kill -9 and SIGTERM at random moments
#   scripts/campaign.sh faults MINUTES [VERB ARGUMENT...]   every write fails once, or the program dies at it
#   scripts/campaign.sh fuzz MINUTES [TARGET...]            every reader of files, by scripts/fuzz.sh
# Whatever happens to a run, it is resumed until it is done and its files are compared with those of
# one that nothing happened to. VERB ARGUMENT... is a run of the program without --out; without them
# two small ones take turns, of which the second prunes in cuts. SEED=2 draws other moments. Ends with
# 0 when everything came out the same, else with 5.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$PWD/build/release
secateur=$build/bin/secateur

usage() {
  sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "$0" >&2
  exit 2
}
[ $# -ge 2 ] || usage
[ "$1" = fuzz ] && exec scripts/fuzz.sh "${@:2}"
campaign=$1
ends=$((SECONDS + $2 * 60))
shift 2
RANDOM=${SEED:-1}
[ -x "$secateur" ] || { echo "campaign: build the release first: scripts/build.sh" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

small="demo neuron=0 simulated.size=32 simulated.images=64 simulated.test_images=32
  simulated.distill_images=80 teacher_training.members=1 teacher_training.steps=40
  teacher_training.batch=8 teacher_training.stem=4 teacher_training.width=8 teacher_training.middle=4
  teacher_training.residual_blocks=1 teacher_training.when_weak=go_on distill.filters=[8,8,8,8,8] distill.images=800 distill.batch=8
  distill.variants=2 prune.images=32 retrain.images=400 retrain.batch=8 compress.images=16
  evaluate.validation_images=16 evaluate.bootstrap=100"
if [ "$campaign" = kills ]; then
  small+=" evaluate.every_steps=20 run.checkpoint_seconds=1"
else  # the same writes every time, and each kind of them
  small+=" evaluate.every_steps=50 run.checkpoint_seconds=3600"
fi
declare -A runs=([variance]=$small
  [cuts]="$small prune.criterion=response prune.step=0.2 prune.parameters=900 prune.tune_images=80
    distill.optimiser=gauss_newton distill.learning_rate=0.1 retrain.optimiser=gauss_newton
    retrain.learning_rate=0.1 prune.tune_learning_rate=0.1")
if [ $# -gt 0 ]; then
  runs=([given]="$*")
fi

digest() {  # of everything in a run that is not about time
  (cd "$1" && find models ledger.jsonl metrics.jsonl predictions results.json checkpoints/kept \
    lineage.json -type f | sort | xargs sha256sum | sha256sum | cut -c1-16)
}

declare -A wanted length
reference() {  # run
  local began=$EPOCHREALTIME
  # shellcheck disable=SC2086  # the words of a run are meant to be split
  "$secateur" ${runs[$1]} --quiet --out "$folder/$1" >/dev/null
  length[$1]=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN {print b - a}')
  wanted[$1]=$(digest "$folder/$1")
}

begin_or_resume() {  # run, folder; takes the place of the shell, so that a signal reaches the program
  if [ -e "$2/config.toml" ]; then
    exec "$secateur" "${runs[$1]%% *}" --resume --quiet --out "$2"
  fi
  # shellcheck disable=SC2086
  exec "$secateur" ${runs[$1]} --quiet --out "$2"
}

failures=0
judge() {  # run, folder, what happened
  local found
  found=$(digest "$2")
  if [ "$found" != "${wanted[$1]}" ]; then
    echo "DIFFERS: $1 after $3: $found, not ${wanted[$1]}"
    failures=$((failures + 1))
  fi
  rm -rf "$2"
}

finish() {  # run, folder, what happened: goes on until the run is done
  (begin_or_resume "$1" "$2") >"$2.out" 2>"$2.err" ||
    { echo "FAILED: $1 after $3: $(tail -n 1 "$2.err")"; failures=$((failures + 1)); rm -rf "$2"; return; }
  judge "$1" "$2" "$3"
}

kills() {
  local struck=0 done=0 run again=$folder/again signal
  while [ $SECONDS -lt "$ends" ]; do
    for run in "${!runs[@]}"; do
      for _ in 1 2 3 4; do
        signal=$([ $((RANDOM % 2)) = 0 ] && echo KILL || echo TERM)
        (begin_or_resume "$run" "$again") >"$folder/out" 2>"$folder/err" &
        sleep "$(awk -v r="$RANDOM" -v l="${length[$run]}" 'BEGIN {print r / 32768 * l * 0.7}')"
        kill -s "$signal" $! 2>/dev/null && struck=$((struck + 1))
        wait $! 2>/dev/null || true
      done
      finish "$run" "$again" "kills"
      done=$((done + 1))
    done
  done
  echo "$struck kills (SIGKILL and SIGTERM) over $done runs of ${!runs[*]}; $failures came out otherwise"
}

declare -A count
struck_run() {  # run, folder, write, kind: the program with that write failing
  # shellcheck disable=SC2086
  env LD_PRELOAD="$build/lib/libsecateur_faults.so" FAULT_BELOW="$2" FAULT_AT="$3" \
    FAULT_KIND="$4" FAULT_COUNT="$2.count" \
    "$secateur" ${runs[$1]} --quiet --out "$2" >"$2.out" 2>"$2.err"
}

fault() {  # run, folder, write, kind
  local code=0 wants=6
  [ "$4" = kill ] || [ "$4" = half ] && wants=137
  struck_run "$@" 2>/dev/null || code=$?
  if [ "$4" = half ] && [ "$code" = 6 ]; then wants=6; fi  # no write of bytes: it fails as a whole
  if [ "$code" != "$wants" ] || { [ "$code" = 6 ] && [ "$(grep -c . "$2.err")" != 1 ]; }; then
    echo "WRONG END: $1, write $3, $4: exit $code, $(grep -c . "$2.err") lines: $(head -n 1 "$2.err")"
    failures=$((failures + 1))
  fi
  finish "$1" "$2" "write $3, $4"
}

faults_of() {  # run, job, jobs: every so many-th write
  local i kinds=(full kill quota half broken) tried=0 failures=0
  for ((i = $2; i <= count[$1] && SECONDS < ends; i += $3)); do
    fault "$1" "$folder/again_$2" "$i" "${kinds[$(((i + ${SEED:-1}) % ${#kinds[@]}))]}"
    tried=$((tried + 1))
  done
  echo "$tried $failures" >"$folder/tally_$2"
}

faults() {
  local run job jobs all
  jobs=$(nproc)
  [ -e "$build/lib/libsecateur_faults.so" ] || { echo "campaign: build the tests first" >&2; exit 2; }
  for run in "${!runs[@]}"; do
    struck_run "$run" "$folder/count" 0 none
    count[$run]=$(<"$folder/count.count")
    for ((job = 1; job <= jobs; ++job)); do faults_of "$run" "$job" "$jobs" & done
    wait
    all=$(cat "$folder"/tally_* | awk '{tried += $1; failed += $2} END {print tried, failed + 0}')
    echo "$run: ${all% *} of ${count[$run]} writes failed once; ${all#* } came out otherwise"
    failures=$((failures + ${all#* }))
  done
}

case $campaign in
  kills | faults) for run in "${!runs[@]}"; do reference "$run"; done; "$campaign" ;;
  *) usage ;;
esac
[ "$failures" = 0 ] || exit 5
