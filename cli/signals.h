/*
 * signals - those that are sent to memprof while a program runs.
 *
 * They are passed on to the program, but for two that may be chosen on the
 * command line: one asks for a mark, the other switches recording. The program
 * sees nothing of these, and needs no handler.
 */
#ifndef MEMPROF_CLI_SIGNALS_H
#define MEMPROF_CLI_SIGNALS_H

#include <sys/types.h>

struct signals_options {
	int mark, toggle; /* 0 none */
};

/* Of a name such as USR1 or SIGUSR1; 0 when it can not be chosen. */
int signals_from_name(const char *name);

void signals_handle(pid_t child, const struct signals_options *o);
/* From now on to another process; to none when `pid` is 0. */
void signals_pass_to(pid_t pid);

/* How many have come since the last time. */
unsigned int signals_marks(void);
unsigned int signals_toggles(void);

#endif
