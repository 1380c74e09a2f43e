#!/usr/bin/env bash
# The pages and the API over a plan of ten thousand actions, by wrk: fifty readers at once while every action is decided anew; the
# time of a click meanwhile and alone; and what one request costs the service's processor, with nothing else going on. One line a figure.
# CHASER names the program.
set -euo pipefail
program=${CHASER:?names the program}
command -v wrk >/dev/null || { echo "bench_web: wrk is not here (Debian's package wrk)" >&2; exit 0; }
folder=$(mktemp -d)
service=
cleanup() {
  [ -z "$service" ] || { kill "$service" && wait "$service"; } 2>/dev/null || true
  rm -rf "$folder"
}
trap cleanup EXIT

actions=10000
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
{
  printf 'coordinator: boss\nsponsor: boss\nparties:\n  boss: { name: Boss, email: boss@county.example }\n'
  for i in $(seq 0 99); do printf '  owner%s: { name: Owner %s, email: owner%s@county.example, superior: boss }\n' "$i" "$i" "$i"; done
} >"$folder/directory.yaml"
awk -v n=$actions 'BEGIN { print "ID\tAction\tLead\tTimescale"; for (i = 1; i <= n; i++) print i "\tPromise number " i "\tOwner " i % 100 "\t2099" }' >"$folder/plan.txt"
rules() {
  printf 'version: 1\nlimit: { people: 100000 }\nrules:\n  - rule: late\n    about: "%s"\n    when: action.kind == "dated"\n    anchor: due\n    steps: [{ step: due, at: 0d, to: leads }]\n' "$1" >"$folder/rules.yaml"
}
rules first
cat >"$folder/chaser.yaml" <<TEXT
state_directory: state
plans: [{ id: bench, file: plan.txt }]
directory: directory.yaml
rules: rules.yaml
channels: { email: { type: maildir, folder: mail } }
mail: { from_address: chaser@county.example }
http: { port: $port, guests: viewer, threads: 4 }
log: error
TEXT
token=$("$program" token add bench --role coordinator --config "$folder/chaser.yaml" 2>/dev/null)
"$program" run --config "$folder/chaser.yaml" >/dev/null &
service=$!
base=http://127.0.0.1:$port
until curl -sf -o /dev/null "$base/readyz"; do kill -0 "$service"; done

cat >"$folder/report.lua" <<'LUA'
done = function(summary, latency, requests)
  local errors = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.status + summary.errors.timeout
  io.write(string.format("%.3f %d %d\n", latency:percentile(95) / 1000, summary.requests, errors))
end
LUA

# Every action is looked at again and again: rules that say something else are another version.
passes() {
  local round=0
  while :; do
    rules "round $((round += 1))"
    kill -HUP "$service" || return 0
    sleep 0.5
  done
}

while_passing() {
  local passing
  passes &
  passing=$!
  "$@"
  kill "$passing" 2>/dev/null || true
  wait "$passing" 2>/dev/null || true
}

read_by_fifty() {
  local name=$1 path=$2 line milliseconds requests errors
  curl -s -o /dev/null "$base$path"  # the first look ahead after a start is made once
  line=$(wrk -t 2 -c 50 -d 5s -s "$folder/report.lua" "$base$path" | tail -n 1)
  read -r milliseconds requests errors <<<"$line"
  printf '%-64s %14s ms (%s answers, %s errors)\n' "$name, 50 readers, while passes run, 95 of 100 within" "$milliseconds" "$requests" "$errors"
}

# Sixty responses, each to another action from the one given on.
click() {
  local name=$1 from=$2 i
  for i in $(seq "$from" $((from + 59))); do
    curl -s -o /dev/null -w '%{time_total}\n' -X POST -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
      -d '{"response":"update","note":"on it"}' "$base/api/v1/plans/bench/actions/$i/responses"
  done | sort -n | awk -v name="$name" '{ t[NR] = $1 * 1000 } END { printf "%-64s %14.3f ms\n", name ", 95 of 100 within", t[int(NR * 0.95)] }'
}

# User and system time of the service, in hundredths of a second; stands still when it has nothing to do.
spent() { awk '{ print $14 + $15 }' "/proc/$service/stat"; }
settle() {
  local before=-1
  until [ "$(spent)" = "$before" ]; do
    before=$(spent)
    sleep 1
  done
}

# Each request is another address, so that nothing kept answers it.
cost() {
  local name=$1 path=$2 before i
  curl -s -o /dev/null "$base$path"
  before=$(spent)
  for i in $(seq 1 50); do curl -s -o /dev/null "$base$path$( [[ $path == *\?* ]] && echo '&' || echo '?')n=$i"; done
  printf '%-64s %14s ms\n' "$name, processor time of one, made anew" "$(awk -v t=$(($(spent) - before)) 'BEGIN { print t * 10 / 50 }')"
}

pages=(today / 'the plan' /plan/bench 'one action' /plan/bench/action/5000 upcoming /upcoming decisions /decisions
  deliveries /deliveries people /people rules /rules report /report)
calls=('50 actions' /api/v1/plans/bench/actions 'one action' /api/v1/plans/bench/actions/5000 upcoming /api/v1/upcoming
  status /api/v1/status)

for ((i = 0; i < ${#pages[@]}; i += 2)); do while_passing read_by_fifty "web: ${pages[i]}" "${pages[i + 1]}"; done
for ((i = 0; i < ${#calls[@]}; i += 2)); do while_passing read_by_fifty "api: ${calls[i]}" "${calls[i + 1]}"; done
while_passing read_by_fifty metrics /metrics
while_passing click "api: a response, recorded, while passes run" 1
settle
click "api: a response, recorded" 101
settle
for ((i = 0; i < ${#pages[@]}; i += 2)); do cost "web: ${pages[i]}" "${pages[i + 1]}"; done
