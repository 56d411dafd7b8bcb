/*
 * program - what a program is, before it is run: can the agent get into it?
 */
#ifndef MEMPROF_CLI_PROGRAM_H
#define MEMPROF_CLI_PROGRAM_H

#include <limits.h>
#include <stdbool.h>

enum program_verdict {
	PROGRAM_FINE,
	PROGRAM_NOT_FOUND, /* exit status 127 */
	PROGRAM_NOT_EXECUTABLE, /* 126 */
	PROGRAM_UNTRACEABLE, /* would run, but without the agent */
	PROGRAM_PARTLY, /* the agent gets in but will miss something */
};

struct program {
	char path[PATH_MAX]; /* what is executed */
	char binary[PATH_MAX]; /* the same, or what interprets it */
	enum program_verdict verdict;
	const char *why; /* static text, NULL when fine */
	const char *fix; /* what helps, NULL when nothing does */
};

/* Look `name` up as execvp(3) does, and into what it finds. */
void program_inspect(const char *name, struct program *program);

#endif
