/*
 * attach - `memprof attach`: record a program that is running already.
 *
 * The agent is loaded into it (inject/), and then this process is the
 * collector, as `memprof run` is, until the program ends or it is told to
 * stop. Then the program's calls are put back as they were.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "text/amount.h"
#include "cli/command.h"
#include "cli/launch.h"
#include "cli/orders.h"
#include "cli/output.h"
#include "cli/recording.h"
#include "inject/copier.h"
#include "inject/inject.h"
#include "trace/collector.h"
#include "trace/procfs.h"
#include "trace/ring.h"
#include "trace/xmalloc.h"

enum {
	NAP_SHORTEST = 500000, /* ns, while records come */
	NAP_LONGEST = 10000000, /* ns, when none have come for long */
	NAP_NONE = 1 << 19, /* bytes: so much is taken, more is waiting */
	ARGUMENTS_MAX = 1 << 20, /* bytes of them that are recorded */
	CHILDREN_LEFT = 8, /* that can not be let go; then it is given up */
	UNKNOWN_STATUS = -1, /* it is not our child */
};

enum key {
	KEY_IN_SANDBOX = 0x200,
};

struct session {
	struct recording recording;
	pid_t pid;
	bool in_sandbox;
	char program[PATH_MAX];
	char *arguments, **argv; /* owned */
	size_t argc;
	struct target target;
	struct output output;
	struct door door;
	struct collector *collector;
	bool broken; /* the file can not be written any more */
	bool ended; /* the program has */
};

static const struct argp_option options[] = {
	{ "in-sandbox", KEY_IN_SANDBOX, NULL, 0,
	  "attach to a program under seccomp, as in a container: a filter that "
	  "ends it for opening a file will",
	  0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct session *s = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[1] = &s->recording;
		return 0;
	case KEY_IN_SANDBOX:
		s->in_sandbox = true;
		return 0;
	default:
		return command_one_pid(key, arg, state, &s->pid);
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "PID",
	.doc = "Record a program that is running, until it ends, "
	       "'memprof detach PID' is given, or Ctrl-C. Then it runs on as "
	       "before, at full speed.",
	.children = (struct argp_child[]){ { &command_help, 0, NULL, 0 },
					   { &recording_argp, 0, NULL, 0 },
					   { 0 } },
};

static volatile sig_atomic_t told_to_stop;

static void stop(int number)
{
	(void)number;
	told_to_stop = 1;
}

static void handle_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	const struct sigaction action = { .sa_handler = stop };
	struct sigaction old;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		/* What is ignored stays so: nohup. */
		if (!sigaction(numbers[i], NULL, &old) &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(numbers[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* What it was started with, as far as it says. */
static void read_arguments(struct session *s)
{
	char path[64];
	ssize_t size = 0, n = 1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)s->pid);
	s->arguments = xcalloc(ARGUMENTS_MAX + 1, 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && n > 0 && size < ARGUMENTS_MAX) {
		n = read(fd, s->arguments + size,
			 (size_t)(ARGUMENTS_MAX - size));
		size += n > 0 ? n : 0;
	}
	if (fd >= 0)
		close(fd);
	s->argv = xcalloc((size_t)size + 2, sizeof(*s->argv));
	for (char *at = s->arguments; at < s->arguments + size;
	     at += strlen(at) + 1)
		s->argv[s->argc++] = at;
	if (!s->argc)
		s->argv[s->argc++] = s->program;
	if (!procfs_exe(s->pid, s->program, sizeof(s->program)))
		snprintf(s->program, sizeof(s->program), "%s", s->argv[0]);
}

/* The ring lies in a file of the program's; see inject.h. */
static int prepare(void *context, struct inject_ring *ring, struct err *err)
{
	struct session *s = context;
	const struct recording *r = &s->recording;
	const struct output_name name = {
		.pattern = r->output ? r->output : RECORDING_OUTPUT,
		.program = s->program,
		.pid = s->pid,
	};

	if (output_create(&s->output, &name, r->force, err) < 0)
		return -1;
	s->collector = collector_create(
		&(struct collector_options){
			.fd = s->output.fd,
			.argc = s->argc,
			.argv = s->argv,
			.ring_flags = r->ring_flags,
			.sample = r->sample,
			.max_size = r->max_size,
			.path = s->output.path,
			.redact = r->redact,
			.ring_fd = ring->fd,
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
	collector_set_pid(s->collector, s->pid);
	ring->nonce = collector_nonce(s->collector);
	return 0;
}

/* Give up before anything was recorded. */
static int fail(struct session *s, const struct err *err)
{
	command_message("%s", err->text);
	if (s->collector) {
		collector_destroy(s->collector);
		output_discard(&s->output);
	}
	return COMMAND_FAILED;
}

static int attach(struct session *s, struct err *err)
{
	char agent[PATH_MAX];

	/* Naps as short as they are asked for, while the program stands. */
	prctl(PR_SET_TIMERSLACK, 1);

	if (launch_find_agent(agent, err) < 0)
		return -1;
	return inject_attach(&s->target,
			     &(struct inject_options){
				     .library = agent,
				     .prepare = prepare,
				     .context = s,
				     .in_sandbox = s->in_sandbox,
			     },
			     err);
}

static int64_t poll_collector(struct session *s)
{
	struct err err;
	int64_t taken = collector_poll(s->collector, &err);

	if (taken >= 0)
		return taken;
	command_message("%s: the trace ends here", err.text);
	s->broken = true;
	return 0;
}

/* Until the program ends, or somebody says so, or there is no room. */
static void collect(struct session *s)
{
	struct pollfd fds[] = {
		{ .fd = s->target.pidfd, .events = POLLIN },
		{ .fd = s->door.fd, .events = POLLIN },
	};
	long sleep = NAP_SHORTEST;

	while (!told_to_stop && !s->ended && !s->broken) {
		int64_t taken = poll_collector(s);
		struct timespec nap = { 0 };

		if (taken)
			sleep = NAP_SHORTEST;
		else if (sleep < NAP_LONGEST)
			sleep += sleep / 4;
		if (taken < NAP_NONE)
			nap.tv_nsec = sleep;
		if (ppoll(fds, 2, &nap, NULL) <= 0)
			continue;
		s->ended = fds[0].revents;
		if (fds[1].revents)
			door_serve(&s->door);
	}
}

/* 0, or -1 when the program's calls could not be put back. */
static int detach(struct session *s)
{
	struct err err;

	if (s->ended)
		return 0;
	if (!inject_detach(&s->target, &err))
		return 0;
	if (!target_is_same(&s->target))
		return 0;
	command_message("%s; it runs on, unrecorded but a little slower than "
			"before: 'memprof detach %d' tries again",
			err.text, (int)s->pid);
	return -1;
}

/* False when its calls still lead to the agent. */
static bool let_go(pid_t pid)
{
	struct target t;
	struct err err;
	bool done;

	if (target_open(&t, pid, &err) < 0)
		return kill(pid, 0) < 0 && errno == ESRCH;
	done = !inject_detach(&t, &err) || !target_is_same(&t);
	target_close(&t);
	return done;
}

/* What has mapped the ring has the agent from its parent. */
static bool is_child(const struct session *s, pid_t pid)
{
	struct stat ring;

	return pid > 0 && pid != getpid() && pid != s->pid &&
	       !fstat(collector_ring_fd(s->collector), &ring) &&
	       procfs_maps_file(pid, ring.st_dev, ring.st_ino);
}

/* Gives the number of processes that could not be let go; `first` is one. */
static size_t look_for_children(const struct session *s, pid_t *first)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	size_t left = 0;

	while (proc && left < CHILDREN_LEFT && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (!is_child(s, pid) || let_go(pid))
			continue;
		left++;
		*first = pid;
	}
	if (proc)
		closedir(proc);
	return left;
}

/* Who forks may do so while we look: once more. */
static void let_children_go(const struct session *s)
{
	pid_t pid = 0;
	size_t left;

	look_for_children(s, &pid);
	left = look_for_children(s, &pid);
	if (left)
		command_message("%s%zu of the processes that it forked run on, "
				"unrecorded but a little slower than before: "
				"'memprof detach %d' tries again for one",
				left < CHILDREN_LEFT ? "" : "at least ", left,
				(int)pid);
}

static void say_summary(const struct session *s)
{
	struct collector_summary sum;

	collector_summary(s->collector, &sum);
	command_message("%s process %d; since attaching %s allocations, at the "
			"end %s in %s blocks of them",
			s->ended ? "end of" : "detached from", (int)s->pid,
			amount_count(sum.allocations).text,
			amount_bytes(sum.live_bytes).text,
			amount_count(sum.live_blocks).text);
	if (sum.quality.lost_events)
		command_message("%s events were lost",
				amount_count(sum.quality.lost_events).text);
	command_message("%s of trace written; next: memprof report %s",
			amount_bytes(sum.trace_bytes).text, s->output.path);
}

static void keep_symbols(const struct session *s)
{
	struct keeper k;

	keeper_start(&k, s->output.fd, s->recording.redact);
	recording_keep(&s->recording, &k, s->output.path);
}

static int record(struct session *s)
{
	bool quiet = s->recording.quiet;
	struct err err;
	int ret;

	if (!quiet)
		command_message("attached to process %d (%s): Ctrl-C or "
				"'memprof detach %d' ends it",
				(int)s->pid, s->program, (int)s->pid);
	orders_open(&s->door, s->collector, collector_ring_fd(s->collector));
	collect(s);
	door_close(&s->door);
	ret = detach(s);
	let_children_go(s);
	if (collector_finish(s->collector, UNKNOWN_STATUS, &err) < 0) {
		if (!s->broken)
			command_message("%s: the trace is incomplete",
					err.text);
		ret = -1;
	}
	if (!s->recording.no_symbols && !s->broken)
		keep_symbols(s);
	if (!quiet)
		say_summary(s);
	collector_destroy(s->collector);
	return ret < 0 ? COMMAND_FAILED : COMMAND_OK;
}

int cmd_attach(int argc, char **argv)
{
	struct session s = {
		.recording = { .ring_flags = RECORDING_FLAGS },
		.target = { .pidfd = -1, .memory = -1 },
	};
	struct err err;
	int ret;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	if (target_open(&s.target, s.pid, &err) < 0)
		return fail(&s, &err);
	read_arguments(&s);
	handle_signals();
	ret = attach(&s, &err) < 0 ? fail(&s, &err) : record(&s);
	target_close(&s.target);
	free(s.argv);
	free(s.arguments);
	return ret;
}
