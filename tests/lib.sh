# shellcheck shell=sh
# lib - what every case in tests/cases begins with: . "$TESTS/lib.sh"
#
# A case is a shell script with one claim. It runs in an empty directory of its
# own, stops at the first command that fails, and finds the memprof under test
# on PATH. Descriptor 8 is the log, for what fails while stderr is redirected;
# those of the test driver are closed.
set -eu
umask 022
exec </dev/null 8>&2 3>&- 4>&- 5>&- 6>&- 7>&- 9>&-
unset MEMPROF_VERIFY DEBUGINFOD_URLS NO_COLOR
export LC_ALL=C

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"

# build NAME [FLAG...]: programs/NAME.{c,cpp,rs} becomes ./NAME.
build() {
	name=$1
	shift
	for source in "$TESTS/programs/$name".*; do
		case $source in
		*.c) "${CC:-cc}" -pthread "$source" -o "$name" "$@" ;;
		*.cpp) "${CXX:-c++}" -pthread "$source" -o "$name" "$@" ;;
		*.rs) rustc "$source" -o "$name" "$@" ;;
		esac
	done
}

# expect FILE: its text is what stands on stdin.
expect() {
	diff -u - "$1" >&8
}

# fails CODE COMMAND...: the command ends with exactly that code.
fails() {
	expected=$1
	shift
	code=0
	"$@" || code=$?
	[ "$code" -eq "$expected" ] || die "exit $code, not $expected: $*"
}

skip() {
	echo "skipped: $*" >&2
	exit 77
}

# needs COMMAND...: skips the case when one is not installed.
needs() {
	for tool; do
		command -v "$tool" >/dev/null || skip "$tool is not installed"
	done
}

# needs_python: $python is the interpreter, not a script that starts it.
needs_python() {
	needs python3 jq
	# shellcheck disable=SC2034
	python=$(python3 -c 'import sys; print(sys.executable)')
}

die() {
	echo "failed: $*" >&8
	exit 1
}

# json QUERY REPORT-ARGUMENT...: jq's answer on a report.
json() {
	query=$1
	shift
	memprof report --format json "$@" | jq -r "$query"
}

# totals REPORT-ARGUMENT...: a line for each total that no clock decides.
totals() {
	json '.totals | del(.peak_time_ns) | to_entries[]
		| "\(.key) \(.value)"' "$@"
}

# lines FILE REPORT-ARGUMENT...: the rows of one source file, by line number.
lines() {
	file=$1
	shift
	echo "line calls allocated freed live blocks peak blocks temporary"
	json '.rows[] | select((.file // "") | endswith("/'"$file"'"))
		| "\(.line) \(.calls) \(.allocated_bytes) \(.freed_bytes) "
		+ "\(.live_bytes) \(.live_blocks) \(.peak_bytes) "
		+ "\(.peak_blocks) \(.temporary)"' "$@" | sort -n
}

# adds_up TRACE [KEY...]: however grouped, the rows are all of the totals.
adds_up() {
	trace=$1
	shift
	[ $# -gt 0 ] ||
		set -- line function file module stack thread size process
	for key; do
		json '. as $r | def sum(f): [$r.rows[] | f] | add // 0;
			{ allocated_bytes: sum(.allocated_bytes),
			  freed_bytes: sum(.freed_bytes),
			  live_bytes: sum(.live_bytes),
			  live_blocks: sum(.live_blocks),
			  peak_bytes: sum(.peak_bytes),
			  peak_blocks: sum(.peak_blocks),
			  leaked_bytes: sum(.leaked_bytes),
			  leaked_blocks: sum(.leaked_blocks),
			  temporary: sum(.temporary) } | to_entries[]
			| select(.value != $r.totals[.key])
			| "\(.key): rows \(.value), total \($r.totals[.key])"' \
			--by "$key" "$trace" >difference
		expect difference </dev/null
	done
}

# whole TRACE: nothing was lost, and every event could be placed.
whole() {
	json '.quality | "\(.complete) \(.lost_events) \(.unmatched_frees)"' \
		"$1" >quality
	echo "true 0 0" | expect quality
}
