#!/usr/bin/env bash
# Removes what `cmake --install` wrote. usage: scripts/uninstall.sh [MANIFEST]
# MANIFEST lists the installed files; CMake leaves it as install_manifest.txt in the build folder.
set -euo pipefail
cd "$(dirname "$0")/.."
manifest=${1:-build/release/install_manifest.txt}
[ -r "$manifest" ] || { echo "uninstall: there is no '$manifest'; name the install_manifest.txt of the installation" >&2; exit 5; }
removed=0
while IFS= read -r file || [ -n "$file" ]; do
  [ -e "$file" ] || [ -L "$file" ] || continue
  rm -f -- "$file"
  removed=$((removed + 1))
done <"$manifest"
# Of the folders only our own ones go, deepest first, and only when nothing else is in them.
while IFS= read -r file || [ -n "$file" ]; do
  folder=$(dirname -- "$file")
  while [[ $folder =~ /[Ee]ddyline(/|$) ]]; do
    echo "$folder"
    folder=$(dirname -- "$folder")
  done
done <"$manifest" | sort -ru | while IFS= read -r folder; do rmdir -- "$folder" 2>/dev/null || true; done
echo "uninstall: removed $removed files"
