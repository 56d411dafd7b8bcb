/*
 * doctor - what would make a capture or its report poor, and what helps.
 */
#ifndef MEMPROF_CLI_DOCTOR_H
#define MEMPROF_CLI_DOCTOR_H

#include "cli/program.h"

#include <stdbool.h>
#include <stddef.h>

struct doctor_finding {
	char *what; /* owned: a sentence without its end */
	char *fix; /* owned: a command or what to do; NULL nothing helps */
	bool is_grave; /* something will be missing, and not only be poorer */
};

struct doctor {
	struct doctor_finding *findings; /* owned */
	size_t count, room;
};

/* `fix` is copied and may be NULL. */
void doctor_find(struct doctor *d, bool is_grave, const char *fix,
		 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Looks at this machine and the limits of this process. */
void doctor_machine(struct doctor *d);
/* Looks into a program that program_inspect() has found, and its libraries. */
void doctor_program(struct doctor *d, const struct program *p);

#endif
