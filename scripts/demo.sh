#!/usr/bin/env bash
# From a fresh machine to results: installs what is missing, builds, and runs the whole chain on the
# embedded default. Arguments go to `secateur demo`; without --out the run directory is demo_run.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install.sh
cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING
cmake --build build/release --target secateur

out=()
case " $* " in *" --out"*) ;; *) out=(--out demo_run) ;; esac
if [ "${#out[@]}" -ne 0 ] && [ -e demo_run ]; then
  echo "demo_run is there already: remove it, or give --out another_folder (or --out demo_run --resume)" >&2
  exit 2
fi
exec build/release/bin/secateur demo "${out[@]}" "$@"
