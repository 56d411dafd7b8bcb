# shellcheck shell=sh
# fault - what the cases of the faults in tests/faults.md share; after lib.sh.
#
# A program runs natively and traced, as root and as an ordinary user when we
# are root, and must do the same every time. A watchdog ends what hangs.

as=

# everyone COMMAND...: as who we are; when that is root, again as nobody, who
# then owns the directory.
everyone() {
	"$@"
	[ "$(id -u)" -eq 0 ] || return 0
	command -v setpriv >/dev/null || return 0
	as="setpriv --reuid=65534 --regid=65534 --clear-groups"
	$as test -x "$AGENT" || {
		as=
		echo "nobody can not read the agent: tried as root only" >&2
		return 0
	}
	chown -R 65534:65534 .
	"$@"
	as=
}

# bounded COMMAND...: killed when it has not ended after 60 seconds, in which
# case it has hung.
bounded() {
	# shellcheck disable=SC2086 # no word at all when we stay who we are
	$as timeout --foreground -s KILL 60 "$@" || return
}

# traced COMMAND...: to `trace`, with the options in $options.
options=
traced() {
	# shellcheck disable=SC2086
	bounded memprof run -q -f -o trace $options "$@"
}

# alike COMMAND...: ends as it does natively, says the same on both outputs.
alike() {
	native=0
	bounded "$@" >native.out 2>native.err || native=$?
	code=0
	traced "$@" >traced.out 2>traced.err || code=$?
	[ "$code" -eq "$native" ] || die "exit $code, natively $native: $*"
	# What a shell says of how the native program ended is not its own.
	sed -i -E '/^(Aborted|Killed|Segmentation fault|Terminated)$/d' \
		native.err
	diff native.out traced.out >&8 || die "other output (>): $*"
	diff native.err traced.err >&8 || die "other messages (>): $*"
}

# truth FILE[:FUNCTION] [REPORT-ARGUMENT...]: what the lines of a source file,
# or of a function in it, took and kept.
truth() {
	file=${1%:*}
	function=${1#"$file"}
	shift
	[ $# -gt 0 ] || set -- trace
	json '[.rows[] | select("/" + (.file // "") | endswith("/'"$file"'"))
		| select(.function == "'"${function#:}"'"
			or "'"$function"'" == "")]
		| "events \(map(.calls) | add // 0), left "
		+ "\(map(.live_blocks) | add // 0) blocks "
		+ "\(map(.live_bytes) | add // 0) bytes"' "$@"
}

# is TEXT FILE [REPORT-ARGUMENT...]: the truth of that file is that text.
is() {
	text=$1
	shift
	[ "$(truth "$@")" = "$text" ] || die "$(truth "$@"), not $text"
}

# has_note PATTERN: the trace says so.
has_note() {
	json '.quality.notes[]' trace >notes
	grep -q -e "$1" notes || die "no note of $1: $(cat notes)"
}
