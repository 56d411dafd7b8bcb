/*
 * recording - see recording.h.
 */
#include "cli/recording.h"

#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "cli/command.h"
#include "trace/bound.h"
#include "trace/ring.h"

enum {
	KEY_NO_FOLLOW = 0x300,
	KEY_ON_FULL,
	KEY_REDACT,
	KEY_SAMPLE,
	KEY_MAX_SIZE,
	KEY_NO_SYMBOLS,
	KEY_LEAKS_AT,
	KEY_ROOTS,
	KEY_PYTHON,
};

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0,
	  "write the trace to FILE (default " RECORDING_OUTPUT
	  "): %n is the program's name, %p its pid, %h the host, %r the MPI "
	  "rank",
	  0 },
	{ "force", 'f', NULL, 0, "replace FILE when it exists", 0 },
	{ "quiet", 'q', NULL, 0, "say nothing unless something is wrong", 0 },
	{ "leaks-at", KEY_LEAKS_AT, "REGEX", 0,
	  "at each mark whose name fits REGEX, find out what nothing points to "
	  "any more: memprof leaks FILE@mark:NAME shows it",
	  0 },
	{ "roots", KEY_ROOTS, "WHICH", 0,
	  "of leaks: pointers count wherever the program keeps them (all, the "
	  "default), or not in what it mapped itself (strict), as for "
	  "LeakSanitizer",
	  0 },
	{ "max-size", KEY_MAX_SIZE, "BYTES", 0,
	  "keep the trace below BYTES (such as 100MiB): the oldest events are "
	  "left out, totals and peaks stay exact",
	  0 },
	{ "no-follow", KEY_NO_FOLLOW, NULL, 0,
	  "trace the program only, not what it forks and executes", 0 },
	{ "no-symbols", KEY_NO_SYMBOLS, NULL, 0,
	  "do not put functions, lines and source text into the trace when the "
	  "program has ended (memprof symbolize does it later)",
	  0 },
	{ "on-full", KEY_ON_FULL, "WHAT", 0,
	  "when memprof can not keep up: block the program (the default), or "
	  "drop events and count them",
	  0 },
	{ "python", KEY_PYTHON, "WHAT", 0,
	  "of a Python program: full (the default) has Python's lines in "
	  "stacks, and each small object; malloc has the lines, and the pools "
	  "that objects come from; off has neither",
	  0 },
	{ "redact", KEY_REDACT, NULL, 0,
	  "keep the program's arguments, directory, host and source text out "
	  "of the trace",
	  0 },
	{ "sample", KEY_SAMPLE, "BYTES", 0,
	  "record only blocks that one byte in BYTES (such as 512KiB) hits: "
	  "next to no slow-down, and estimates with their errors in reports",
	  0 },
	{ 0 },
};

static uint32_t parse_on_full(const char *arg, struct argp_state *state)
{
	if (!strcmp(arg, "drop"))
		return RING_DROP_WHEN_FULL;
	if (strcmp(arg, "block") != 0)
		argp_error(state, "'%s' is neither block nor drop", arg);
	return 0;
}

static uint32_t parse_python(const char *arg, struct argp_state *state)
{
	if (!strcmp(arg, "full"))
		return RING_PYTHON | RING_PYTHON_OBJECTS;
	if (!strcmp(arg, "malloc"))
		return RING_PYTHON;
	if (strcmp(arg, "off") != 0)
		argp_error(state, "'%s' is neither full, malloc nor off", arg);
	return 0;
}

static uint64_t parse_bytes(const char *arg, struct argp_state *state)
{
	const uint64_t most = 1ULL << 40;
	uint64_t value;

	if (!amount_read_bytes(arg, &value) || !value || value >= most)
		argp_error(state, "'%s' is no number of bytes", arg);
	return value;
}

static void parse_leaks_at(struct recording *r, const char *arg,
			   struct argp_state *state)
{
	int error = regcomp(&r->leaks_at, arg, REG_EXTENDED | REG_NOSUB);
	char text[128];

	if (r->has_leaks_at)
		argp_error(state, "--leaks-at is given twice");
	if (error) {
		regerror(error, &r->leaks_at, text, sizeof(text));
		argp_error(state, "--leaks-at: '%s': %s", arg, text);
	}
	r->has_leaks_at = true;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct recording *r = state->input;

	switch (key) {
	case 'o':
		r->output = arg;
		return 0;
	case 'f':
		r->force = true;
		return 0;
	case 'q':
		r->quiet = true;
		return 0;
	case KEY_NO_FOLLOW:
		r->ring_flags &= ~(uint32_t)RING_FOLLOW;
		return 0;
	case KEY_ON_FULL:
		r->ring_flags |= parse_on_full(arg, state);
		return 0;
	case KEY_PYTHON:
		r->ring_flags &= ~(uint32_t)(RING_PYTHON | RING_PYTHON_OBJECTS);
		r->ring_flags |= parse_python(arg, state);
		return 0;
	case KEY_REDACT:
		r->redact = true;
		return 0;
	case KEY_SAMPLE:
		r->sample = parse_bytes(arg, state);
		return 0;
	case KEY_MAX_SIZE:
		r->max_size = parse_bytes(arg, state);
		if (r->max_size < BOUND_LEAST)
			argp_error(state, "'%s' is less than %s", arg,
				   amount_bytes(BOUND_LEAST).text);
		return 0;
	case KEY_LEAKS_AT:
		parse_leaks_at(r, arg, state);
		return 0;
	case KEY_ROOTS:
		r->strict_roots = !strcmp(arg, "strict");
		if (!r->strict_roots && strcmp(arg, "all") != 0)
			argp_error(state, "'%s' is neither all nor strict",
				   arg);
		return 0;
	case KEY_NO_SYMBOLS:
		r->no_symbols = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp recording_argp = { .options = options, .parser = parse };

static bool is_looked_at(void *context, const char *name)
{
	const struct recording *r = context;

	return regexec(&r->leaks_at, name, 0, NULL, 0) == 0;
}

bool (*recording_is_looked_at(const struct recording *r))(void *, const char *)
{
	return r->has_leaks_at ? is_looked_at : NULL;
}

void recording_keep(const struct recording *r, struct keeper *k,
		    const char *path)
{
	if (!keeper_wait(k) && !r->quiet)
		command_message("its symbols are not in the trace: memprof "
				"symbolize %s adds them",
				path);
}
