#!/usr/bin/env bash
# scripts/browser_test.sh BUILD_FOLDER TEST.mjs...: opens pages of the built program in headless
# Chromium, driven by Playwright, which npm installs below the build folder. Ends with 77 and says why
# where there is no browser, no node or no way to install. SECATEUR_CHROMIUM names another browser.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$(realpath "$1")
shift

skip() {
  echo "skipped: no page was opened: $1"
  exit 77
}
export SECATEUR_CHROMIUM=${SECATEUR_CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
[ -n "$SECATEUR_CHROMIUM" ] || skip "no chromium is installed"
command -v node >/dev/null && command -v npm >/dev/null || skip "node and npm are not installed"

modules=$build/browser
(
  mkdir -p "$modules"
  flock 9
  if ! cmp -s tests/browser/package-lock.json "$modules/installed-lock.json"; then
    cp tests/browser/package.json tests/browser/package-lock.json "$modules"
    npm ci --prefix "$modules" --no-audit --no-fund >"$modules/npm.log" 2>&1 || exit 1
    cp tests/browser/package-lock.json "$modules/installed-lock.json"
  fi
) 9>"$build/browser.lock" || skip "npm could not install playwright-core ($modules/npm.log)"

export SECATEUR_NODE_MODULES=$modules SECATEUR_PROGRAM=$build/bin/secateur
for test in "$@"; do
  node --test --test-reporter=spec "tests/browser/$test"
done
