#!/usr/bin/env bash
# Installs what is missing and builds the program, build/release/bin/secateur, and the benchmarks
# beside it. Arguments are other targets to build instead.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh
cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING
if [ "$#" -eq 0 ]; then set -- secateur benchmarks; fi
cmake --build build/release --target "$@"
