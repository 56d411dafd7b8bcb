# shellcheck shell=sh
# attach - for the cases that attach to running programs; after lib.sh.
#
# A program says "ready" when it runs, goes on until ./end exists, and then says
# "ok" if nothing went wrong in it.

others=
# shellcheck disable=SC2086,SC2154
trap '[ -z "$others" ] || kill -KILL $others 2>&- || :
	rm -rf "$directory"' EXIT

# await PATTERN FILE PID: until the file has it; PID is who writes it.
await() {
	for _ in $(seq 300); do
		! grep -q "$1" "$2" || return 0
		kill -0 "$3" || break
		sleep 0.1
	done
	grep -q "$1" "$2" || die "no '$1' in $2: $(cat "$2")"
}

# start COMMAND...: in the background; $program is its pid.
start() {
	rm -f end
	: >program.out
	"$@" >program.out 2>program.err &
	program=$!
	others="$others $program"
	await ready program.out "$program"
}

# attach: to $program, into `trace`; $collector is who records.
attach() {
	: >attach.err
	memprof attach -f -o trace "$program" 2>attach.err &
	collector=$!
	others="$others $collector"
	await "attached to" attach.err "$collector"
}

# detach: from $program; the trace is finished.
detach() {
	memprof detach "$program"
	wait "$collector" || die "attach failed: $(cat attach.err)"
}

# refused PATTERN ARGUMENT...: attaching fails, and says why.
refused() {
	pattern=$1
	shift
	fails 3 timeout 20 memprof attach -f -o trace "$@" 2>refused.err
	grep -q "$pattern" refused.err || die "says $(cat refused.err)"
	[ "$(wc -l <refused.err)" -eq 1 ] || die "says $(cat refused.err)"
}

# state: of $program, a letter.
state() {
	sed -n 's/^State:[^A-Za-z]*\(.\).*/\1/p' "/proc/$program/status"
}

# finish: $program ends, and was well.
finish() {
	: >end
	code=0
	wait "$program" || code=$?
	[ "$code" -eq 0 ] || die "exit $code: $(cat program.out program.err)"
	grep -q ok program.out || die "it said $(cat program.out program.err)"
}
