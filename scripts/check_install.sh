#!/usr/bin/env bash
# Installs a built secateur below its build folder and uses it as a stranger does: examples/ on the
# installed package, compiled plainly and with other flags, the program, and a project that takes the
# source in as a folder:   scripts/check_install.sh BUILD_FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "${1:?wanted a build folder that cmake has configured}")
here=$build/install_check
prefix=$here/prefix
rm -rf "$here" && mkdir -p "$here"
fail() { echo "check_install: $*" >&2; exit 1; }
setting() { sed -n "s/^$1:[A-Z]*=//p;T;q" "$build/CMakeCache.txt"; }
compiler=$(setting CMAKE_CXX_COMPILER)
configure=(cmake -G Ninja --log-level=WARNING "-DCMAKE_CXX_COMPILER=$compiler"
           -DCMAKE_EXPORT_COMPILE_COMMANDS=ON)

cmake --build "$build" --target secateur >"$here/build.log" || fail "see $here/build.log"
cmake --install "$build" --prefix "$prefix" >"$here/install.log"
package=$(dirname "$(find "$prefix" -name secateurConfig.cmake)")
if grep -rnF -e "$PWD" "$package"; then fail "the package names a folder of the build"; fi

# Public headers lean on nothing that is not installed, and hold no arithmetic that another's flags
# could change: compiled with fused multiply-adds allowed, no inline function of ours has one.
headers=$prefix/include/secateur
(cd "$headers" && find . -name '*.h' | sort | sed 's|^\./\(.*\)$|#include "\1"|') >"$here/all.cpp"
"$compiler" -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I "$headers" "$here/all.cpp"
gcc=no  # whole answers are compared: a pipe into grep -q fails now and then, when grep leaves early
[[ "$("$compiler" --version)" == *"Free Software Foundation"* ]] && gcc=yes
if [ $gcc = yes ]; then
  "$compiler" -std=c++20 -O2 -mavx2 -mfma -ffp-contract=fast -fkeep-inline-functions \
    -fno-implicit-templates -S -I "$headers" "$here/all.cpp" -o "$here/all.s"
  awk '/^_ZNK?8secateur.*:/ {ours = $1} /^_ZNK?[^8].*:/ {ours = ""}
       ours && /vfn?m(add|sub)/ {print ours, $0; bad = 1} END {exit bad}' "$here/all.s" ||
    fail "a public header computes where flags of others reach; cmake/Headers.cmake can hide it"
fi

# The archives may go into a shared library, such as a Python module.
"$compiler" -shared -o "$here/all.so" -Wl,--whole-archive "$(dirname "$package")"/../libsecateur_*.a \
  -Wl,--no-whole-archive || fail "the archives hold code that is not position independent"

# No flag of ours but the C++ standard reaches who uses the library.
no_flags_of_ours() {
  if grep -E -- '-march|-ffp|-fopenmp|-fno-|-fPIC|-W|-DSECATEUR' "$1"; then fail "flags of ours in $1"; fi
}
use_examples() {  # where, flags
  "${configure[@]}" -S "$prefix/share/secateur/examples" -B "$here/$1" "-DCMAKE_PREFIX_PATH=$prefix" \
    "-DCMAKE_CXX_FLAGS=$2" >"$here/$1.log"
  cmake --build "$here/$1" >>"$here/$1.log" || { cat "$here/$1.log"; fail "examples do not build"; }
  OMP_WAIT_POLICY=passive "$here/$1/prune_by_hand" "$here/$1" >"$here/$1/story.txt"
}
use_examples plain ""
no_flags_of_ours "$here/plain/compile_commands.json"

# A chain with an observer of the program's own, stopped in the middle and gone on with.
(cd "$here/plain" && OMP_WAIT_POLICY=passive ./run_chain >run_chain.txt) || fail "run_chain fails"
grep -q "^stopped in the middle" "$here/plain/run_chain.txt" || fail "run_chain was not stopped"
grep -q '"r2_er"' "$here/plain/run_chain.txt" || fail "run_chain did not go on to its end"

# README.md quotes the output of a build by gcc 12, to the digit; another compiler makes another binary,
# whose roundings may grow into other digits, so of that the words must be the same.
quoted() { [[ "$(eval "$1" <README.md)" == *"$(sed 's/^/    /' "$here/plain/story.txt" | eval "$1")"* ]]; }
words="sed -E 's/[-+0-9.e]*[0-9]/N/g; s/( N)+/ N/g'"
exactly=$words
[[ $gcc = yes && "$("$compiler" -dumpversion)" == 12* ]] && exactly=cat
quoted "$exactly" || {
  cat "$here/plain/story.txt"; fail "README.md quotes another output of examples/prune_by_hand.cpp"; }

# Whatever the flags of who uses it, the library computes the same bits.
use_examples fused "-O1 -mavx2 -mfma -ffp-contract=fast"
for file in story.txt pruned.safetensors stimulus.jpg; do
  cmp "$here/plain/$file" "$here/fused/$file" || fail "other flags, other bits"
done

predict=$here/plain/predict_image
[[ "$("$predict" "$here/plain/pruned.safetensors" "$here/plain/stimulus.jpg")" =~ ^-?[0-9]+\.[0-9]{4}$ ]] ||
  fail "predict_image does not answer"
published=$(find "${SECATEUR_SHARED:-../shared}/v4/compact_models" -name '*.keras' 2>/dev/null |
  sort | head -n 1 || true)
if [ -n "$published" ]; then
  said=$("$predict" "$published" "$here/plain/stimulus.jpg" 2>&1) && fail "a picture of another size"
  [[ "$said" == *"wants pictures of 112 x 112 pixels"* ]] || fail "predict_image says: $said"
fi

# The program, and the build of OpenBLAS that was chosen, also for an installed program of a stranger.
"$prefix/bin/secateur" --version >/dev/null
cmake --install "$here/plain" --prefix "$here/strangers" >>"$here/install.log"
blas=$(dirname "$(setting OPENBLAS_LIBRARY)")
for program in "$prefix/bin/secateur" "$predict" "$here/strangers/bin/predict_image"; do
  [[ "$(ldd "$program")" == *libopenblas*" $blas/"* ]] || fail "$program loads another OpenBLAS"
done

# The source as a folder of another project, which links one small library of it.
mkdir "$here/around"
cat >"$here/around/CMakeLists.txt" <<PROJECT
cmake_minimum_required(VERSION 3.22)
project(around LANGUAGES CXX)
add_subdirectory("$PWD" secateur EXCLUDE_FROM_ALL)
if(TARGET secateur OR TARGET benchmarks OR TARGET fast_tests)
  message(FATAL_ERROR "the program, tests or benchmarks were not asked for")
endif()
add_executable(around around.cpp)
target_link_libraries(around PRIVATE secateur::tensor)
PROJECT
cat >"$here/around/around.cpp" <<'PROGRAM'
#include "tensor/tensor.h"
int main() { return secateur::Tensor::full({2, 3}, 1.0f).numel() == 6 ? 0 : 1; }
PROGRAM
"${configure[@]}" -S "$here/around" -B "$here/around/build" >"$here/around.log"
cmake --build "$here/around/build" --target around >>"$here/around.log" ||
  { cat "$here/around.log"; fail "secateur as a folder does not build"; }
"$here/around/build/around"
grep -F 'around.cpp' "$here/around/build/compile_commands.json" >"$here/around/command"
no_flags_of_ours "$here/around/command"
echo "an installed secateur works for others"
