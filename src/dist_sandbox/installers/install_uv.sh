#!/bin/sh
# Stands for uv's installer in a rehearsal: it links the uv that is on PATH.
set -eu
folder=${UV_INSTALL_DIR:-${XDG_BIN_HOME:-$HOME/.local/bin}}
mkdir -p "$folder"
for program in uv uvx; do
  path=$(command -v "$program") || {
    echo "::error title=rehearsal::There is no $program on this machine. Why: a rehearsal links its own in place of installing it. Fix: install uv beside dist-sandbox."
    exit 1
  }
  [ "$path" = "$folder/$program" ] || ln -sf "$path" "$folder/$program"
done
echo "::notice title=rehearsal::uv's installer is not run; $(uv --version) stands in."
[ -z "${GITHUB_PATH:-}" ] || echo "$folder" >>"$GITHUB_PATH"
