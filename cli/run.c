/*
 * run - `memprof run`: start the program, collect what its agent records.
 *
 * This process is the collector: it polls the ring while the program runs, and
 * sleeps on the program's pidfd in between, so it notices the end at once. It
 * stays out of the way: the terminal's signals go to the program alone, those
 * sent to memprof are passed on, and the exit status is the program's own.
 */
#include "text/amount.h"
#include "cli/command.h"
#include "cli/keeper.h"
#include "cli/launch.h"
#include "cli/orders.h"
#include "cli/output.h"
#include "cli/program.h"
#include "cli/recording.h"
#include "cli/relay.h"
#include "cli/run_report.h"
#include "cli/signals.h"
#include "inject/copier.h"
#include "trace/collector.h"
#include "trace/ring.h"
#include "trace/xmalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	RUN_FAILED = 125, /* memprof's own failure, before the program ran */
	RUN_NOT_EXECUTABLE = 126,
	RUN_NOT_FOUND = 127,
	RUN_SIGNAL = 128, /* + the signal's number */
};

enum {
	RING_FD = 700, /* above what programs count on being free */
	NAP_SHORTEST = 500000, /* ns, while records come */
	NAP_LONGEST = 10000000, /* ns, when none have come for long */
	NAP_NONE = 1 << 19, /* bytes: so much is taken, more is waiting */
};

enum key {
	KEY_WAIT_CHILDREN = 0x200,
	KEY_STRICT,
	KEY_START_OFF,
	KEY_MARK_SIGNAL,
	KEY_TOGGLE_SIGNAL,
	KEY_MARK_ON,
	KEY_REPORT,
	KEY_LEAKS,
	KEY_NO_LEAKS,
};

struct settings {
	struct recording recording;
	char **argv;
	size_t argc;
	bool wait_children, strict, start_off;
	struct signals_options signals;
	const char *mark_on; /* lines of its output; NULL none */
	struct run_report report;
};

struct session {
	struct settings settings;
	struct program program;
	struct launch launch;
	struct relay relay;
	struct output output;
	struct door door;
	struct collector *collector;
	bool broken; /* the file can not be written any more */
	bool left_behind; /* processes that live on */
};

static const struct argp_option options[] = {
	{ "wait-children", KEY_WAIT_CHILDREN, NULL, 0,
	  "go on until the processes that it left behind have ended", 0 },
	{ "start-off", KEY_START_OFF, NULL, 0,
	  "record nothing until the program calls memprof_start(), or "
	  "'memprof mark --start' or a signal says so",
	  0 },
	{ "mark-signal", KEY_MARK_SIGNAL, "SIGNAL", 0,
	  "when memprof itself gets SIGNAL (HUP, USR1, USR2, ALRM, URG, "
	  "WINCH), name the instant signal-1, signal-2 and so on",
	  0 },
	{ "mark-on", KEY_MARK_ON, "REGEX", 0,
	  "when a line on the program's standard output fits REGEX, name the "
	  "instant output-1, output-2 and so on",
	  0 },
	{ "toggle-signal", KEY_TOGGLE_SIGNAL, "SIGNAL", 0,
	  "when memprof itself gets SIGNAL, switch recording on or off", 0 },
	{ "report", KEY_REPORT, "FORMAT", OPTION_ARG_OPTIONAL,
	  "when it has ended show the report on stderr (text), or write one "
	  "for a browser beside the trace (html)",
	  0 },
	{ "leaks", KEY_LEAKS, NULL, 0,
	  "when the program ends, find out what nothing points to any more: "
	  "see memprof leaks",
	  0 },
	{ "no-leaks", KEY_NO_LEAKS, NULL, 0, "do not", 0 },
	{ "strict", KEY_STRICT, NULL, 0,
	  "do not run a program that can not be traced", 0 },
	{ 0 },
};

static int parse_signal(const char *arg, struct argp_state *state)
{
	int number = signals_from_name(arg);

	if (!number)
		argp_error(state,
			   "'%s' is none of HUP, USR1, USR2, ALRM, URG and "
			   "WINCH",
			   arg);
	return number;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->recording;
		return 0;
	case KEY_WAIT_CHILDREN:
		s->wait_children = true;
		return 0;
	case KEY_STRICT:
		s->strict = true;
		return 0;
	case KEY_START_OFF:
		s->start_off = true;
		return 0;
	case KEY_REPORT:
		if (!run_report_parse(&s->report, arg))
			argp_error(state, "no report '%s': text or html", arg);
		return 0;
	case KEY_MARK_SIGNAL:
		s->signals.mark = parse_signal(arg, state);
		return 0;
	case KEY_MARK_ON:
		s->mark_on = arg;
		return 0;
	case KEY_TOGGLE_SIGNAL:
		s->signals.toggle = parse_signal(arg, state);
		return 0;
	case KEY_LEAKS:
		s->recording.ring_flags |= RING_LEAKS;
		return 0;
	case KEY_NO_LEAKS:
		s->recording.ring_flags &= ~(uint32_t)RING_LEAKS;
		return 0;
	case ARGP_KEY_ARG:
		s->argv = state->argv + state->next - 1;
		s->argc = (size_t)(state->argc - state->next + 1);
		state->next = state->argc;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which program?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "PROGRAM [ARG...]",
	.doc = "Run PROGRAM and write where it allocates memory to a trace.\v"
	       "The exit status is the program's own: 128+N after signal N, "
	       "127 when it is not found, 126 when it can not be executed, "
	       "125 when memprof itself failed before it started.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &recording_argp, 0, NULL, 0 },
					   { 0 } },
};

/*
 * A file that may not grow is an error of write(), not our end. Not before the
 * child is there, which would inherit it.
 */
static void ignore_signals(void)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static uint32_t verify_setting(void)
{
	const char *value = getenv("MEMPROF_VERIFY");

	return value ? (uint32_t)strtoul(value, NULL, 10) : 0;
}

/* What stands in the way of tracing; NULL when nothing does. */
static const char *obstacle(const struct program *p)
{
	return p->verdict == PROGRAM_UNTRACEABLE ? p->why : NULL;
}

static int create_collector(struct session *s, struct err *err)
{
	const struct settings *set = &s->settings;
	const struct recording *r = &set->recording;
	const struct output_name name = {
		.pattern = r->output ? r->output : RECORDING_OUTPUT,
		.program = set->argv[0],
		.pid = s->launch.pid,
	};

	if (output_create(&s->output, &name, r->force, err) < 0)
		return -1;
	s->collector = collector_create(
		&(struct collector_options){
			.fd = s->output.fd,
			.argc = set->argc,
			.argv = set->argv,
			.ring_flags = r->ring_flags,
			.verify = verify_setting(),
			.sample = r->sample,
			.max_size = r->max_size,
			.path = s->output.path,
			.redact = r->redact,
			.start_off = set->start_off,
			.strict_roots = r->strict_roots,
			.way = &copier_way,
			.is_looked_at = recording_is_looked_at(r),
			.context = (void *)r,
		},
		err);
	if (!s->collector) {
		output_discard(&s->output);
		return -1;
	}
	collector_set_pid(s->collector, s->launch.pid);
	return 0;
}

/* 0 when the program runs, else the status to exit with. */
static int go(struct session *s, const struct launch_ring *ring)
{
	int error;

	signals_handle(s->launch.pid, &s->settings.signals);
	error = launch_go(&s->launch, ring);
	if (!error)
		return 0;
	while (waitpid(s->launch.pid, NULL, 0) < 0 && errno == EINTR)
		;
	command_message("cannot execute '%s': %s", s->program.path,
			strerror(error));
	return error == ENOENT ? RUN_NOT_FOUND : RUN_NOT_EXECUTABLE;
}

static int exit_status(int status)
{
	return WIFSIGNALED(status) ? RUN_SIGNAL + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

/* Run it without the agent: its status is still its own. */
static int run_untraced(struct session *s)
{
	const char *what = "running it untraced, without a trace";
	int failed = 0;

	if (s->settings.strict) {
		launch_cancel(&s->launch);
		what = "not running it";
	} else {
		failed = go(s, &(struct launch_ring){ .fd = -1 });
	}
	if (failed)
		return failed;
	command_message("'%s' cannot be traced: %s; %s", s->program.path,
			obstacle(&s->program), what);
	return s->settings.strict ? RUN_FAILED
				  : exit_status(wait_for(s->launch.pid));
}

static void poll_collector(struct session *s, int64_t *taken)
{
	struct err err;

	*taken = collector_poll(s->collector, &err);
	if (*taken >= 0)
		return;
	*taken = 0;
	if (!s->broken)
		command_message("%s: the trace ends here, '%s' runs on",
				err.text, s->settings.argv[0]);
	s->broken = true;
}

/* Sleep until the program ends or somebody is at the door, at most `ns`. */
static void nap(const struct session *s, long ns)
{
	struct pollfd fds[] = {
		/* Those that are negative never become ready. */
		{ .fd = s->launch.pidfd, .events = POLLIN },
		{ .fd = s->door.fd, .events = POLLIN },
		{ .fd = s->relay.lines, .events = POLLIN },
	};
	const struct timespec time = { .tv_nsec = ns };

	if (ppoll(fds, sizeof(fds) / sizeof(*fds), &time, NULL) > 0 &&
	    fds[1].revents)
		door_serve(&s->door);
}

/* That it has stopped, for a copy to be made, is not for us to know. */
static bool has_ended(pid_t pid, int *status)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	    !info.si_pid)
		return false;
	return waitpid(pid, status, WNOHANG) == pid;
}

/*
 * Does anything that the program left behind still run? It has become our
 * child, even when it is not known to have been traced (yet).
 */
static bool has_descendants(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid == 0;
}

static void say_absent(const struct session *s, const char *what)
{
	const rlim_t enough = 1UL << 30;

	command_message("the agent was not loaded into '%s'%s: %s",
			s->program.path,
			limits_address_space(&s->launch.limits) < enough
				? ", whose address space is limited (ulimit -v)"
				: "",
			what);
}

/* A second after the start an agent that was loaded has long said so. */
static void check_agent(struct session *s, const struct timespec *start)
{
	static bool said;
	struct timespec now;

	if (said || collector_saw_agent(s->collector))
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (now.tv_sec - start->tv_sec - (now.tv_nsec < start->tv_nsec) < 1 ||
	    !launch_is_under_way(&s->launch))
		return;
	said = true;
	say_absent(s, "it runs untraced");
}

static void heed_signals(struct session *s)
{
	static unsigned int number;
	char name[32];

	for (unsigned int n = signals_marks(); n; n--) {
		snprintf(name, sizeof(name), "signal-%u", ++number);
		collector_mark(s->collector, name, MODEL_MARK_SIGNAL);
	}
	if (signals_toggles() % 2)
		collector_record(s->collector,
				 !collector_is_recording(s->collector),
				 MODEL_MARK_SIGNAL);
}

static void mark_lines(struct session *s, unsigned int count)
{
	static unsigned int number;
	char name[32];

	for (; count; count--) {
		snprintf(name, sizeof(name), "output-%u", ++number);
		collector_mark(s->collector, name, MODEL_MARK_COMMAND);
	}
}

static int collect(struct session *s)
{
	long sleep = NAP_SHORTEST;
	struct timespec start;
	int status = 0;
	bool ended = false;

	clock_gettime(CLOCK_MONOTONIC, &start);
	while (!ended || (s->settings.wait_children && has_descendants())) {
		int64_t taken;

		if (!ended)
			ended = has_ended(s->launch.pid, &status);
		if (ended) {
			close(s->launch.pidfd);
			s->launch.pidfd = -1;
		}
		heed_signals(s);
		mark_lines(s, relay_count(&s->relay));
		poll_collector(s, &taken);
		check_agent(s, &start);
		if (taken)
			sleep = NAP_SHORTEST;
		else if (sleep < NAP_LONGEST)
			sleep += sleep / 4;
		if (!ended || s->settings.wait_children)
			nap(s, taken < NAP_NONE ? sleep : 0);
	}
	return status;
}

static uint64_t trace_size(const struct session *s)
{
	struct stat st;

	return fstat(s->output.fd, &st) ? 0 : (uint64_t)st.st_size;
}

static void say_summary(const struct session *s)
{
	struct collector_summary sum;

	collector_summary(s->collector, &sum);
	if (s->settings.recording.sample)
		command_message("%s allocations sampled",
				amount_count(sum.allocations).text);
	else
		command_message(
			"%s allocations, peak %s, at the end %s in %s blocks",
			amount_count(sum.allocations).text,
			amount_bytes(sum.peak.bytes).text,
			amount_bytes(sum.live_bytes).text,
			amount_count(sum.live_blocks).text);
	if (s->left_behind)
		command_message("processes were left behind, and are recorded "
				"no longer: see --wait-children");
	if (sum.is_too_large)
		command_message("'%s' is larger than --max-size: what can not "
				"be left out, such as distinct stacks, is more",
				s->output.path);
	if (sum.quality.lost_events)
		command_message("%s events were lost",
				amount_count(sum.quality.lost_events).text);
}

/* As a shell takes it for one word; the caller frees it. */
static char *quoted(const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-./+,:@%";
	char *word = xmalloc(4 * strlen(path) + 3), *at = word;

	if (path[strspn(path, plain)] == '\0')
		return strcpy(word, path);
	*at++ = '\'';
	for (; *path; path++) {
		if (*path == '\'')
			at = stpcpy(at, "'\\'");
		*at++ = *path;
	}
	strcpy(at, "'");
	return word;
}

/* What to type next, with the size of what there is to look at. */
static void say_next(const struct session *s)
{
	const struct run_report *r = &s->settings.report;
	char *file = quoted(r->page[0] ? r->page : s->output.path);
	const char *command = "memprof report";

	if (r->page[0])
		command = "xdg-open";
	else if (r->kind == RUN_REPORT_TEXT)
		command = "memprof tree";
	command_message("%s of trace written; next: %s %s",
			amount_bytes(trace_size(s)).text, command, file);
	free(file);
}

/* Names for what the stacks hold; Ctrl-C now means to go without. */
static void keep_symbols(const struct session *s)
{
	struct keeper k;

	keeper_start(&k, s->output.fd, s->settings.recording.redact);
	signals_pass_to(k.pid);
	recording_keep(&s->settings.recording, &k, s->output.path);
	signals_pass_to(0);
}

static void finish(struct session *s, int status)
{
	struct err err;

	s->left_behind = collector_live_processes(s->collector) > 0;
	if (collector_finish(s->collector, status, &err) < 0 && !s->broken)
		command_message("%s: the trace is incomplete", err.text);
	if (!collector_saw_agent(s->collector)) {
		say_absent(s, "no trace is written");
		output_discard(&s->output);
		return;
	}
	if (!s->settings.recording.no_symbols && !s->broken)
		keep_symbols(s);
	if (!s->settings.recording.quiet)
		say_summary(s);
	s->settings.report.force = s->settings.recording.force;
	run_report_make(&s->settings.report, s->output.path);
	if (!s->settings.recording.quiet)
		say_next(s);
}

static int run_traced(struct session *s, const char *agent)
{
	struct launch_ring ring = { .agent = agent };
	struct err err;
	int failed, status;

	ignore_signals();
	if (s->settings.wait_children)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	if (create_collector(s, &err) < 0) {
		launch_cancel(&s->launch);
		command_message("%s", err.text);
		return RUN_FAILED;
	}
	ring.fd = fcntl(collector_ring_fd(s->collector), F_DUPFD_CLOEXEC,
			RING_FD);
	if (ring.fd < 0)
		ring.fd = collector_ring_fd(s->collector);
	ring.nonce = collector_nonce(s->collector);
	orders_open(&s->door, s->collector, ring.fd);
	failed = go(s, &ring);
	if (failed) {
		door_close(&s->door);
		collector_destroy(s->collector);
		output_discard(&s->output);
		return failed;
	}
	/* Naps of half a millisecond, not of that and as much again. */
	prctl(PR_SET_TIMERSLACK, 1);
	relay_launched(&s->relay);
	status = collect(s);
	mark_lines(s, relay_finish(&s->relay));
	door_close(&s->door);
	finish(s, status);
	collector_destroy(s->collector);
	return exit_status(status);
}

static int refuse(const struct session *s)
{
	command_message("cannot run '%s': %s", s->settings.argv[0],
			s->program.why);
	return s->program.verdict == PROGRAM_NOT_FOUND ? RUN_NOT_FOUND
						       : RUN_NOT_EXECUTABLE;
}

int cmd_run(int argc, char **argv)
{
	struct session s = {
		.settings = { .recording = { .ring_flags = RECORDING_FLAGS } },
	};
	char agent[PATH_MAX];
	struct err err;

	argp_err_exit_status = RUN_FAILED;
	argp_parse(&argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP, NULL,
		   &s.settings);
	program_inspect(s.settings.argv[0], &s.program);
	if (s.program.verdict == PROGRAM_NOT_FOUND ||
	    s.program.verdict == PROGRAM_NOT_EXECUTABLE)
		return refuse(&s);
	relay_init(&s.relay);
	if (s.settings.mark_on && !obstacle(&s.program) &&
	    relay_start(&s.relay, s.settings.mark_on, &err) < 0) {
		command_message("%s", err.text);
		return RUN_FAILED;
	}
	s.launch.output = s.relay.output;
	if (launch_find_agent(agent, &err) < 0 ||
	    launch_prepare(&s.launch, s.settings.argv, s.program.path, &err) <
		    0) {
		command_message("%s", err.text);
		return RUN_FAILED;
	}
	if (obstacle(&s.program))
		return run_untraced(&s);
	if (s.program.verdict == PROGRAM_PARTLY)
		command_message("'%s': %s", s.program.path, s.program.why);
	return run_traced(&s, agent);
}
