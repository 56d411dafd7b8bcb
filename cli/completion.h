/*
 * completion - what a shell may offer, as `memprof completion` hands it to the
 * writers of its shells.
 */
#ifndef MEMPROF_CLI_COMPLETION_H
#define MEMPROF_CLI_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>

enum {
	COMPLETION_WORDS = 1024, /* bytes */
};

enum completion_what {
	COMPLETION_NOTHING, /* that a shell could know */
	COMPLETION_WORD, /* one of `words` */
	COMPLETION_FILE,
	COMPLETION_TRACE, /* a file of that kind */
	COMPLETION_PROGRAM, /* and its arguments */
	COMPLETION_PID,
};

struct completion_option {
	const char *name;
	char letter; /* 0 none */
	const char *arg; /* NULL takes none */
	const char *help;
	enum completion_what what;
	char words[COMPLETION_WORDS]; /* with blanks between */
};

struct completion_command {
	const char *name, *help;
	enum completion_what what; /* its arguments are */
	char words[COMPLETION_WORDS];
};

/*
 * A shell's script is written from these calls, in this order: begin, for each
 * command begin_command, its options, end_command; and end.
 */
struct completion_shell {
	const char *name;
	void (*begin)(void);
	void (*begin_command)(const struct completion_command *c);
	void (*option)(const struct completion_command *c,
		       const struct completion_option *o);
	void (*end_command)(const struct completion_command *c);
	void (*end)(void);
};

extern const struct completion_shell completion_bash, completion_zsh,
	completion_fish;

/* All commands, for what a shell wants to know of each. */
void completion_each(void (*use)(const char *name, const char *help));

#endif
