#!/bin/sh
# Sees to it that the browser tests have a Chromium and a font for Chinese. Asks no network when both are there.
# Installs them with apt-get where it may, else Chromium with Playwright; says what to do, and fails, otherwise.
set -u
cd "$(dirname "$0")/.."
VENV=${VENV:-.venv}

system_browser() {
    for name in chromium chromium-browser google-chrome; do
        # asked for its version, since Ubuntu's chromium-browser may be a script that only says "install the snap"
        if command -v "$name" >/dev/null 2>&1 && "$name" --version >/dev/null 2>&1 </dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}
playwright_browser() {
    "$VENV/bin/python" - 2>/dev/null <<'PY'
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    path = p.chromium.executable_path
print(path)
sys.exit(not os.access(path, os.X_OK))
PY
}
browser() { system_browser || playwright_browser; }

chinese_font() {
    if [ "$(uname)" = Darwin ]; then return 0; fi # macOS always has one
    command -v fc-list >/dev/null 2>&1 && fc-list :lang=zh file | grep -q .
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}
may_apt() {
    command -v apt-get >/dev/null 2>&1 || return 1
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; }
}
updated=
apt_install() {
    if [ -z "$updated" ]; then
        updated=yes
        as_root apt-get update -qq </dev/null || echo "apt-get update failed; trying with the lists that are here" >&2
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

failed=

if ! chinese_font; then
    if may_apt; then
        echo "Installing a font for Chinese (fonts-noto-cjk, fontconfig) …"
        apt_install fonts-noto-cjk fontconfig || true
    fi
    if ! chinese_font; then
        cat >&2 <<'SAY'
The browser tests need a font that covers Chinese, and `fc-list :lang=zh` finds none. As root:
    Debian, Ubuntu:  apt-get install fonts-noto-cjk fontconfig
    Fedora, RHEL:    dnf install google-noto-sans-cjk-fonts fontconfig
    Alpine:          apk add font-noto-cjk fontconfig
SAY
        failed=yes
    fi
fi

if ! browser >/dev/null; then
    if may_apt; then
        echo "Installing Chromium …"
        apt_install chromium || true
    fi
    if ! browser >/dev/null; then
        echo "Downloading Chromium with Playwright …"
        "$VENV/bin/playwright" install chromium </dev/null || true
    fi
    if ! browser >/dev/null; then
        cat >&2 <<'SAY'
The browser tests need Chromium, and neither apt-get nor Playwright could install it here. As root:
    Debian:          apt-get install chromium
    Ubuntu:          snap install chromium
    Fedora, RHEL:    dnf install chromium
or put chromium, chromium-browser or google-chrome on PATH.
SAY
        failed=yes
    fi
fi

[ -z "$failed" ]
