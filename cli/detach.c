/*
 * detach - `memprof detach`: end what `memprof attach` began.
 *
 * The memprof that records the program is told to: it detaches and finishes
 * its trace. When that one has been killed, the program's calls are put back
 * from here.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "inject/inject.h"

enum {
	PATIENCE = 30000, /* ms, for the other to end */
	TRACER_NAPS = 500, /* of 10 ms */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	return command_one_pid(key, arg, state, state->input);
}

static const struct argp argp = {
	.parser = parse,
	.args_doc = "PID",
	.doc = "End the recording of a program that 'memprof attach' began. "
	       "The trace is finished and the program runs on as before.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

/* Have the other memprof detach, and wait until it has. */
static int tell(pid_t collector, pid_t pid, struct err *err)
{
	int pidfd = (int)syscall(SYS_pidfd_open, collector, 0);
	struct pollfd end = { .fd = pidfd, .events = POLLIN };
	int ret = 0;

	if (pidfd < 0 && errno == ESRCH)
		return 0;
	if (pidfd < 0 ||
	    syscall(SYS_pidfd_send_signal, pidfd, SIGTERM, NULL, 0) < 0)
		ret = err_errno(err,
				"cannot tell process %d, which records "
				"process %d, to end",
				(int)collector, (int)pid);
	else if (poll(&end, 1, PATIENCE) <= 0)
		ret = err_set(err,
			      "process %d, which records process %d, does not "
			      "end",
			      (int)collector, (int)pid);
	if (pidfd >= 0)
		close(pidfd);
	return ret;
}

/* One that is about to attach is waited for, as long as that may take. */
static int wait_for_tracer(struct target *t, struct err *err)
{
	const struct timespec nap = { .tv_nsec = 10000000 };

	for (int i = 0; i < TRACER_NAPS && target_tracer(t); i++)
		nanosleep(&nap, NULL);
	return target_look(t, err);
}

static int detach(struct target *t, struct err *err)
{
	const struct map *agent;
	pid_t collector;

	if (wait_for_tracer(t, err) < 0)
		return -1;
	agent = target_agent(t);
	collector = target_collector(t);

	if (agent && !target_agent_is_late(agent))
		return err_set(err,
			       "process %d was started by memprof run: it is "
			       "recorded until it ends",
			       (int)t->pid);
	if (!agent)
		return err_set(err, "memprof is not attached to process %d",
			       (int)t->pid);
	if (!collector)
		return inject_detach(t, err);
	return tell(collector, t->pid, err);
}

int cmd_detach(int argc, char **argv)
{
	struct target target;
	pid_t pid = 0;
	struct err err;
	int ret;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &pid);
	ret = target_open(&target, pid, &err);
	if (!ret) {
		ret = detach(&target, &err);
		target_close(&target);
	}
	if (ret < 0)
		command_message("%s", err.text);
	return ret < 0 ? COMMAND_FAILED : COMMAND_OK;
}
