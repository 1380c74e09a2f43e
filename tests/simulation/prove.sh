#!/usr/bin/env bash
# Proves that the simulation bites: plants each fault of tests/simulation/faults into a copy of the tree, builds what
# changed and lives seeds until one breaks a promise. Prints the seed that catches each; exit 1 if one is caught by none.
#   tests/simulation/prove.sh [FAULT...]      all, or those named (without .patch)
#   tests/simulation/prove.sh --check         only whether every patch still applies
# CHASER_FAULTS is where the copy lies (build/faults), CHASER_FAULTS_TYPE how it is built (RelWithDebInfo).
# CHASER_FAULTS_LIVES how many seeds are lived at most (1200; of the calm ones the oracle judges a third as many).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
faults="$root/tests/simulation/faults"
wild="${CHASER_FAULTS_LIVES:-1200}"  # seeds lived at most
calm=$((wild / 3))                     # even ones, which the oracle judges

if [[ "${1:-}" == --check ]]; then
  broken=0
  for patch in "$faults"/*.patch; do
    (cd "$root" && patch --dry-run --silent -p1 < "$patch" > /dev/null) || { echo "does not apply: $patch"; broken=1; }
  done
  exit "$broken"
fi

copy="${CHASER_FAULTS:-$root/build/faults}"
mkdir -p "$copy/tree"
# Only files that differ are written, so that a second run builds little.
(cd "$root" && git ls-files -z --cached --others --exclude-standard) | while IFS= read -r -d '' file; do
  [[ -f "$root/$file" ]] || continue
  cmp -s "$root/$file" "$copy/tree/$file" || install -D "$root/$file" "$copy/tree/$file"
done
# As deep below its tree as the build of ./dev, so that ccache knows what was compiled there.
build="$copy/tree/build"
cmake -S "$copy/tree" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE="${CHASER_FAULTS_TYPE:-RelWithDebInfo}" \
  -DCMAKE_CXX_FLAGS_DEBUG="-O0 -g1" > "$copy/configure.log"
ninja -C "$build" chaser-sim > "$copy/build.log"
sim="$build/tests/chaser-sim"

# The first seed that breaks a promise by itself, or by the oracle's word; nothing if none does.
catching_seed() {
  local out scenarios
  out="$("$sim" --from 1 --count "$wild" --until-broken 2>&1 || true)"
  if grep -q '^chaser-sim --seed' <<< "$out"; then
    grep -m1 '^chaser-sim --seed' <<< "$out" | sed 's/chaser-sim --seed //'
    grep -m1 '^  ' <<< "$out"
    return
  fi
  scenarios="$(mktemp -d)"
  "$sim" --from 2 --step 2 --count "$calm" --scenarios "$scenarios" > /dev/null 2>&1 || true
  out="$(python3 "$copy/tree/tests/simulation/oracle.py" --simulated "$scenarios" || true)"
  rm -r "$scenarios"
  grep -q '^chaser-sim --seed' <<< "$out" || return 0
  grep -m1 '^chaser-sim --seed' <<< "$out" | sed 's/chaser-sim --seed //'
  grep -m1 '^  ' <<< "$out"
}

if [[ $# -eq 0 ]]; then set -- $(basename -s .patch "$faults"/*.patch); fi
missed=0
for fault in "$@"; do
  (cd "$copy/tree" && patch --silent -p1 < "$faults/$fault.patch")
  if ninja -C "$build" chaser-sim > "$copy/build.log" 2>&1; then found="$(catching_seed)"; else found=""; cat "$copy/build.log"; fi
  (cd "$copy/tree" && patch --silent -R -p1 < "$faults/$fault.patch")
  if [[ -n "$found" ]]; then
    printf '%-34s seed %-6s %s\n' "$fault" "$(head -1 <<< "$found")" "$(sed -n 2p <<< "$found" | cut -c1-140 | xargs -0)"
  else
    printf '%-34s NOT CAUGHT\n' "$fault"
    missed=$((missed + 1))
  fi
done
exit $((missed > 0))
