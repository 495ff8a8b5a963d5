#!/usr/bin/env bash
# `npm test`: style, types and imports, the built site, then every test; stops at the first step that fails.
# Needs Chromium and ffmpeg. As root on Debian or Ubuntu they are installed; elsewhere the message says what to do.
set -euo pipefail
cd "$(dirname "$0")/.."

has_chromium() {
  if [[ -n ${CHROMIUM:-} ]]; then
    [[ -x $CHROMIUM ]]
    return
  fi
  local path
  for path in /usr/bin/chromium /usr/bin/chromium-browser /usr/bin/google-chrome; do
    [[ -x $path ]] && return
  done
  return 1
}

missing=()
has_chromium || missing+=(chromium)
command -v ffmpeg >/dev/null || missing+=(ffmpeg)
if ((${#missing[@]} > 0)); then
  if [[ $(id -u) == 0 ]] && command -v apt-get >/dev/null && [[ -z ${CHROMIUM:-} ]]; then
    echo "Installing ${missing[*]} for the tests."
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
  else
    echo "The tests need ${missing[*]}. Install them (Debian, Ubuntu: sudo apt install ${missing[*]})," >&2
    echo 'or name another Chromium or Chrome in the environment variable CHROMIUM.' >&2
    exit 1
  fi
fi

echo '— style, types, imports'
npm run --silent check
echo '— the site'
npm run --silent build:site -- --logLevel warn
echo '— tests'
exec npx vitest run "$@"
