#!/usr/bin/env bash
# Runs every fuzz program for its share of MINUTES, from its corpus and what earlier campaigns added
# to it in build/campaign; the part of scripts/campaign.sh that searches readers.
#   scripts/fuzz.sh MINUTES [TARGET...]    a fresh random seed each time (SEED=N gives one)
# Ends with 0 when nothing was found, else with 5.
set -euo pipefail
cd "$(dirname "$0")/.."
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}

usage() {
  echo "usage: scripts/fuzz.sh MINUTES [TARGET...]" >&2
  exit 2
}

last_of() {  # text before the figure, log: the last figure behind that text, 0 when there is none
  grep -a -o "$1 *[0-9]*" "$2" | tail -n 1 | grep -o '[0-9]*$' || echo 0
}

fuzz_one() {  # seconds, seed, program: its line of the table; not 0 when it found something
  local target log began=$SECONDS runs result=nothing code=0
  target=$(basename "$3" _fuzz)
  log=build/campaign/fuzz/$target.log
  mkdir -p "build/campaign/fuzz/found" "build/campaign/fuzz/corpus/$target"
  "$3" -max_total_time="$1" -seed="$2" -reload=0 -timeout=10 -rss_limit_mb=1024 \
    -print_final_stats=1 "-artifact_prefix=build/campaign/fuzz/found/${target}_" \
    "build/campaign/fuzz/corpus/$target" "tests/formats/fuzz/corpus/$target" >"$log" 2>&1 || code=$?
  if [ "$code" != 0 ]; then
    result=$(grep -a -o 'build/campaign/fuzz/found/[^ ]*' "$log" | tail -n 1) || result="$log"
    result="FOUND ${result:-$log}"
  fi
  runs=$(last_of 'stat::number_of_executed_units:' "$log")
  printf '%-12s %11d %8d %9d %8d  %s\n' "$target" "$runs" \
    $((runs / (SECONDS > began ? SECONDS - began : 1))) \
    "$(last_of 'stat::slowest_unit_time_sec:' "$log")" \
    "$(last_of 'stat::peak_rss_mb:' "$log")" "$result"
  [ "$code" = 0 ]
}

fuzz() {  # minutes, targets
  [[ ${1:-} =~ ^[1-9][0-9]*$ ]] || usage
  local seed=${SEED:-$((RANDOM * 32768 + RANDOM + 1))} jobs programs seconds
  jobs=$(nproc)
  cmake -S . -B build/fuzz -G Ninja -DSECATEUR_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ \
    --log-level=WARNING
  cmake --build build/fuzz
  mapfile -t programs < <(find build/fuzz/tests/formats/fuzz -maxdepth 1 -name '*_fuzz' | sort)
  if [ $# -gt 1 ]; then
    programs=("${@:2}")
    programs=("${programs[@]/#/build/fuzz/tests/formats/fuzz/}")
    programs=("${programs[@]/%/_fuzz}")
  fi
  seconds=$(($1 * 60 * jobs / ${#programs[@]}))
  echo "${#programs[@]} programs, $seconds s each, $jobs at a time, seed $seed"
  printf '%-12s %11s %8s %9s %8s  %s\n' target executions per\ s slowest\ s peak\ MB result
  printf '%s\n' "${programs[@]}" |
    xargs -n 1 -P "$jobs" scripts/fuzz.sh one "$((seconds > 0 ? seconds : 1))" "$seed" || exit 5
}

if [ "${1:-}" = one ]; then  # of fuzz, several at a time
  fuzz_one "${@:2}"
else
  fuzz "$@"
fi
