/*
 * symbolize - put names and source lines into a trace.
 *
 * A new file beside the trace takes its name when it is whole, so that nobody
 * ever sees half of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/query.h"
#include "text/amount.h"
#include "cli/command.h"

enum {
	KEY_NO_SOURCES = 0x100,
	CHUNK = 1 << 16, /* bytes copied at once */
};

static const struct argp_option options[] = {
	{ "no-sources", KEY_NO_SOURCES, NULL, 0,
	  "functions and lines only, not the text of the lines", 0 },
	{ "quiet", 'q', NULL, 0, "say nothing unless something is wrong", 0 },
	{ 0 },
};

struct settings {
	const char *path;
	bool no_sources, quiet;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case KEY_NO_SOURCES:
		s->no_sources = true;
		return 0;
	case 'q':
		s->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
	case ARGP_KEY_NO_ARGS:
		return command_trace(&s->path, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "TRACE",
	.doc = "Put functions, lines and the text of source lines into TRACE, "
	       "so that it can be read where the program's files are not.\v"
	       "memprof run does this at its end, without what has to be "
	       "downloaded. What the trace holds already is kept where the "
	       "files say no more.",
	.children =
		(struct argp_child[]){ { &command_help, 0, NULL, 0 }, { 0 } },
};

/* The first `size` bytes of a file into a new one. */
static int copy(int from, int to, uint64_t size, struct err *err)
{
	static char buffer[CHUNK];

	while (size) {
		size_t part = size < CHUNK ? (size_t)size : CHUNK;
		ssize_t n = read(from, buffer, part);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno(err, "cannot read the trace");
		size -= (uint64_t)n;
		for (ssize_t done = 0, put; done < n; done += put) {
			put = write(to, buffer + done, (size_t)(n - done));
			if (put < 0)
				return err_errno(err, "cannot write the trace");
		}
	}
	return 0;
}

static int fill(struct profile *p, const struct settings *s, int fd,
		struct err *err)
{
	const struct query_keep keep = { .no_sources = s->no_sources };
	int from = open(s->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int ret;

	if (from < 0)
		return err_errno(err, "cannot open '%s'", s->path);
	/* Whoever could read the trace still can. */
	if (!fstat(from, &st))
		fchmod(fd, st.st_mode & 0777);
	ret = copy(from, fd, profile_kept_offset(p), err);
	close(from);
	if (!ret)
		ret = profile_keep_symbols(p, fd, &keep, err);
	if (!ret && fsync(fd) < 0)
		ret = err_errno(err, "cannot write '%s'", s->path);
	return ret;
}

static int replace(struct profile *p, const struct settings *s, struct err *err)
{
	char target[PATH_MAX], path[PATH_MAX + 16];
	int fd, ret;

	/* What a link leads to is replaced, not the link. */
	if (!realpath(s->path, target))
		return err_errno(err, "cannot find '%s'", s->path);
	snprintf(path, sizeof(path), "%s.XXXXXX", target);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "cannot create '%s'", path);
	ret = fill(p, s, fd, err);
	close(fd);
	if (!ret && rename(path, target) < 0)
		ret = err_errno(err, "cannot replace '%s'", target);
	if (ret < 0)
		unlink(path);
	return ret;
}

static void say(const struct settings *s)
{
	struct stat st;

	if (!s->quiet && !stat(s->path, &st))
		command_message("%s of trace, with its names and sources: %s",
				amount_bytes((uint64_t)st.st_size).text,
				s->path);
}

/* What could not be found, as a report says it. */
static void say_gaps(struct profile *p, const struct settings *s)
{
	const struct query_quality *q = profile_quality(p);

	for (size_t i = 0; i < q->gap_count && !s->quiet; i++)
		command_message("%s %s%s%s", q->gaps[i].path, q->gaps[i].why,
				q->gaps[i].fix ? "; try: " : "",
				q->gaps[i].fix ? q->gaps[i].fix : "");
}

int cmd_symbolize(int argc, char **argv)
{
	const struct profile_options thorough = { .thorough = true };
	struct settings s = { 0 };
	int status = COMMAND_FAILED;
	struct profile *p;
	struct err err;

	argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &s);
	p = profile_open(s.path, &thorough, &err);
	if (p && replace(p, &s, &err) == 0) {
		say_gaps(p, &s);
		say(&s);
		status = COMMAND_OK;
	} else {
		command_message("%s", err.text);
	}
	profile_close(p);
	return status;
}
