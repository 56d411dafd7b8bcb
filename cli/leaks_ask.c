/*
 * leaks_ask - have a running process looked at.
 *
 * The memprof that records it does that, and puts what it finds into the trace,
 * at a mark; this one waits until it is there.
 */
#include "cli/leaks.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/door.h"
#include "cli/traced.h"

enum {
	NAP = 10000000, /* ns, between two looks whether it is done */
};

static int await(pid_t pid, struct err *err)
{
	const struct door_order order = { .magic = DOOR_MAGIC,
					  .verb = DOOR_LEAKS_DONE,
					  .pid = pid };
	struct door_answer answer;

	do {
		nanosleep(&(struct timespec){ .tv_nsec = NAP }, NULL);
		if (door_order(&order, &answer, err) < 0)
			return -1;
	} while (answer.code == DOOR_NOT_YET);
	return 0;
}

int leaks_ask(pid_t pid, char *spec, struct err *err)
{
	const struct door_order order = { .magic = DOOR_MAGIC,
					  .verb = DOOR_LEAKS,
					  .pid = pid };
	struct door_answer answer;
	struct err why;
	int fd;

	if (door_order(&order, &answer, &why) < 0)
		return err_set(err, "process %d: %s", (int)pid, why.text);
	fd = traced_open(pid, err);
	if (fd < 0)
		return -1;
	/* Whatever it is called, and also when who writes it has ended. */
	snprintf(spec, LEAKS_SPEC, "/proc/self/fd/%d@mark:%.64s", fd,
		 answer.text);
	if (await(pid, &why) < 0) {
		close(fd);
		return err_set(err,
			       "process %d ended while it was looked at: its "
			       "trace has it at @mark:%.64s",
			       (int)pid, answer.text);
	}
	return fd;
}
