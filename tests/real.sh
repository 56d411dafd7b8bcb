# shellcheck shell=sh
# real - what the cases on real programs (real-*.test) share; after lib.sh.
#
# Each program runs natively and traced, with every 32nd stack compared with
# libunwind, and must say and return the same. Its trace must have rows, add up
# and be whole.

# same NAME COMMAND...: runs it both ways; the trace is NAME.mprof.
same() {
	name=$1
	shift
	code=0
	"$@" >native.out 2>native.err || code=$?
	traced=0
	MEMPROF_VERIFY=32 memprof run -q -f -o "$name.mprof" \
		"$@" >traced.out 2>traced.err || traced=$?
	[ "$code" -eq "$traced" ] || die "exit $traced, natively $code: $*"
	cmp native.out traced.out
	cmp native.err traced.err
	holds "$name.mprof"
}

# holds TRACE: the report has figures, and the capture no fault.
holds() {
	adds_up "$1" line function module thread size process
	json '.quality.lost_events' "$1" >actual
	echo 0 | expect actual
	json '(.rows | length > 0) and .totals.allocations > 0
		and .totals.peak_bytes > 0' "$1" >actual
	echo true | expect actual
	memprof info --format json "$1" |
		jq -r '.quality | "\(.checks > 0) \(.check_failures)"' >actual
	echo "true 0" | expect actual
}

# names TRACE PATTERN: a row has a file and line that match.
names() {
	json '.rows[] | select(.line > 0) | "\(.file):\(.line)"' "$1" |
		grep -q -e "$2" || die "$1 names no line of $2"
}
