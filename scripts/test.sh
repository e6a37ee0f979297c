#!/usr/bin/env bash
# Installs what is missing, builds, and passes the tests: all of them in the release build, the fast
# ones again under AddressSanitizer and UBSanitizer. Real-data tests run when SECATEUR_SHARED (default
# ../shared) is there. `scripts/test.sh fast` runs the fast tests of the release build only.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh
jobs=$(nproc)

run_tests() {  # folder, ctest arguments
  local folder=$1
  shift
  ctest --test-dir "$folder" --output-on-failure -j "$jobs" "$@" | tee "$folder/ctest.log"
  # The log holds what every test printed, also where one process ran many.
  local skipped
  skipped=$(grep -hoE '^\[  SKIPPED \] [A-Za-z]+[^ (,]*' "$folder/Testing/Temporary/LastTest.log" |
    sort -u || true)
  if [ -n "$skipped" ]; then
    echo "NOTE: skipped (real-data tests need SECATEUR_SHARED, default ../shared):"
    echo "$skipped"
  fi
}

cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING
cmake --build build/release
if [ "${1:-all}" = fast ]; then
  run_tests build/release -L '^fast$'
  exit 0
fi
run_tests build/release

cmake -S . -B build/asan -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DSECATEUR_SANITIZE=ON \
  -DSECATEUR_BENCH=OFF --log-level=WARNING
cmake --build build/asan --target fast_tests
export LSAN_OPTIONS="suppressions=$PWD/tests/leaks.supp"
run_tests build/asan -L '^fast$'
