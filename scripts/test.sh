#!/usr/bin/env bash
# Installs what is missing, builds, and passes the tests: all of them in the release build, the fast
# ones again under AddressSanitizer and UBSanitizer, and the fuzz programs of the readers for some
# seconds each. Real-data tests run when SECATEUR_SHARED (default ../shared) is there.
# `scripts/test.sh fast` runs the fast tests of the release build only. The last line says how many
# cases passed, failed and were skipped in all; the exit code is 0 when none failed.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh
jobs=$(nproc)
folders=()
failed=0

run_tests() {  # folder, ctest arguments
  local folder=$1
  shift
  folders+=("$folder")
  rm -rf "$folder/Testing/cases"
  ctest --test-dir "$folder" --output-on-failure --output-junit Testing/entries.xml -j "$jobs" "$@" |
    tee "$folder/ctest.log" || failed=1
  # The log holds what every test printed, also where one process ran many.
  local skipped
  skipped=$(grep -hoE '^\[  SKIPPED \] [A-Za-z]+[^ (,]*|^skipped: .*' "$folder/Testing/Temporary/LastTest.log" |
    sort -u || true)
  if [ -n "$skipped" ]; then
    echo "NOTE: skipped (real-data tests need SECATEUR_SHARED, default ../shared):"
    echo "$skipped"
  fi
}

finish() {
  scripts/count_cases.sh "${folders[@]}" || failed=1
  exit "$failed"
}

cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING
if [ "${1:-all}" = fast ]; then
  cmake --build build/release --target fast_tests
  run_tests build/release -L '^fast$'
  finish
fi
cmake --build build/release --target all headers_compile_alone
run_tests build/release

cmake -S . -B build/asan -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSECATEUR_SANITIZE=ON \
  -DSECATEUR_BENCH=OFF --log-level=WARNING
cmake --build build/asan --target fast_tests
export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp"
run_tests build/asan -L '^fast$'

cmake -S . -B build/fuzz -G Ninja -DSECATEUR_FUZZ=ON -DCMAKE_CXX_COMPILER=clang++ \
  --log-level=WARNING
cmake --build build/fuzz
run_tests build/fuzz
finish
