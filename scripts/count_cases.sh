#!/usr/bin/env bash
# scripts/count_cases.sh BUILD_FOLDER...: adds up what the last ctest run of each folder tried, which
# wrote Testing/entries.xml (ctest --output-junit) and, for each gtest entry, Testing/cases/*.xml.
# Prints "N passed, N failed, N skipped"; an entry that is no gtest program is one case. Fails when
# anything failed or nothing ran.
set -euo pipefail

passed=0 failed=0 skipped=0
attribute() {  # name, tag
  sed -nE "s/.* $1=\"([^\"]*)\".*/\1/p" <<<"$2"
}
for folder in "$@"; do
  while IFS= read -r entry && IFS= read -r after; do
    name=$(attribute name "$entry")
    good=0
    [ "$(attribute status "$entry")" = run ] && good=1
    cases="$folder/Testing/cases/${name//\//-}.xml"
    if grep -q 'SKIP_RETURN_CODE' <<<"$after"; then
      skipped=$((skipped + 1))
      continue
    fi
    if [ ! -r "$cases" ]; then
      passed=$((passed + good)) failed=$((failed + 1 - good))
      continue
    fi
    all=$(grep -m 1 '<testsuites ' "$cases")
    wrong=$(attribute failures "$all")
    left_out=$(grep -c 'result="skipped"' "$cases" || true)
    passed=$((passed + $(attribute tests "$all") - $(attribute disabled "$all") - wrong - left_out))
    skipped=$((skipped + left_out))
    # A program can fail without a case that does: when it ends, for example.
    [ "$good" -eq 1 ] || [ "$wrong" -gt 0 ] || wrong=1
    failed=$((failed + wrong))
  done < <(grep -A 1 --no-group-separator '<testcase ' "$folder/Testing/entries.xml")
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
