#!/usr/bin/env bash
# Compiles every header alone, as far as its syntax, with the flags of a configured build folder:
# scripts/check_headers.sh BUILD_FOLDER [HEADER...], all headers by default. Fails and names those
# that lean on what others include.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?wanted a build folder that cmake has configured}
commands="$build/compile_commands.json"
[ -r "$commands" ] || { echo "$commands is missing: configure with cmake first" >&2; exit 2; }

# The compiler, and every include folder and definition that some file is compiled with.
compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt" | head -n 1)
mapfile -t flags < <(grep -oE -- '(-I|-isystem )[^ "\\]+' "$commands" | sort -u | tr ' ' '\n')
flags+=(-std=c++20 -march=x86-64-v3 -fopenmp -fsyntax-only -Wall -Wextra -Wno-psabi
        -Wno-missing-field-initializers -Werror
        -DSECATEUR_VERSION='"0"' -DSECATEUR_SOURCE_DIR='"."' -DSECATEUR_BINARY_DIR='"."')

# Each header is included by a file that includes nothing else.
export COMPILER=$compiler
printf '%s\n' "${flags[@]}" >"$build/header_flags.txt"
export FLAGS="$build/header_flags.txt"
check() {
  mapfile -t flags <"$FLAGS"
  printf '#include "%s"\n' "$1" | "$COMPILER" "${flags[@]}" -x c++ - ||
    { echo "$1 does not compile alone" >&2; return 1; }
}
export -f check
shift
headers=$(printf '%s\n' "$@")
[ "$#" -ne 0 ] ||
  headers=$(find . -name '*.h' -not -path './build*' -not -path './.*' | sed 's|^\./||' | sort)
echo "$headers" | xargs -P "${CHECK_JOBS:-$(nproc)}" -I{} bash -c 'check {}'
echo "$(echo "$headers" | wc -l) headers compile alone"
