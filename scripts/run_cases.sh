#!/usr/bin/env bash
# scripts/run_cases.sh 'NAME|NAME...': runs the test cases of the release build whose names,
# Suite.Case, contain one of the texts. ctest -R chooses among whole suites.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=${1:?wanted a part of the name of a test case, or several with | between them}

filter="*${wanted//|/*:*}*"
ran=0
failed=0
export RC_PARAMS=${RC_PARAMS:-seed=20261120}
for program in build/release/bin/test_*; do
  listed=$("$program" --gtest_list_tests --gtest_filter="$filter")
  [[ "$listed" == *$'\n  '* ]] || continue
  ran=1
  "$program" --gtest_brief=1 --gtest_filter="$filter" || failed=1
done
[ "$ran" -eq 1 ] || { echo "no case of $PWD/build/release/bin has $wanted in its name" >&2; exit 2; }
exit "$failed"
