#!/bin/sh
# Makes $VENV and installs what `run` or `dev` needs; does nothing, and asks no network, when that is installed.
# usage: PYTHON=python3 VENV=.venv .ci/venv.sh run|dev
#
# A stamp is a copy of what was installed: the folder (a moved venv is broken) and the requirement files.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
least='import sys; sys.exit(sys.version_info < (3, 11))'

if [ -L "$VENV" ]; then
    echo "$VENV is a link: what it leads to belongs to another folder and would be emptied. Remove it." >&2
    exit 1
fi

wanted() {
    echo "$PWD"
    echo "$VENV"
    case $1 in
        run) cat requirements.txt ;;
        dev) cat requirements.txt requirements-dev.txt ;;
        *) echo "usage: .ci/venv.sh run|dev" >&2; exit 2 ;;
    esac
}
installed() { [ -f "$VENV/$1.stamp" ] && wanted "$1" | cmp -s - "$VENV/$1.stamp"; }

if "$VENV/bin/python" -c "$least" 2>/dev/null && [ "$(head -n 2 "$VENV/run.stamp" 2>/dev/null)" = "$PWD
$VENV" ]; then
    if installed "$1"; then exit 0; fi
else
    if ! command -v "$PYTHON" >/dev/null 2>&1; then
        echo "There is no $PYTHON here. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3.11 …" >&2
        exit 1
    fi
    if ! "$PYTHON" -c "$least"; then
        echo "$PYTHON is $("$PYTHON" --version 2>&1); Python 3.11 or newer is needed. Name one: make PYTHON=python3.11 …" >&2
        exit 1
    fi
    echo "Making $VENV with $("$PYTHON" --version) …"
    if ! "$PYTHON" -m venv --clear "$VENV"; then
        echo "$PYTHON cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
fi

case $1 in
    run) file=requirements.txt ;;
    *) file=requirements-dev.txt ;;
esac
echo "Installing $file …"
rm -f "$VENV/$1.stamp"
"$VENV/bin/python" -m pip install -qq --disable-pip-version-check --no-input -r "$file"
"$VENV/bin/python" -m pip check >/dev/null || { "$VENV/bin/python" -m pip check >&2; exit 1; }
wanted run >"$VENV/run.stamp"
wanted "$1" >"$VENV/$1.stamp"
