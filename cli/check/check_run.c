/*
 * Design
 * ------
 * The program is run by another memprof, as the user would, so that what is
 * checked is what `memprof run` records, and nothing of the gate is in the
 * process that collects. Its exit status is not looked at: the program's own
 * stands in the trace, where it can not be mistaken for that of memprof.
 *
 * What the terminal sends goes to all of them; we wait for what they make of
 * it.
 */
#include "cli/check/check_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "trace/xmalloc.h"

enum {
	OPTIONS_MAX = 16,
};

static pid_t child;

static void pass_on(int number)
{
	if (child > 0)
		kill(child, number);
}

static int make_directory(struct check_run *r, struct err *err)
{
	const char *parent = getenv("TMPDIR");

	/* Its name can not be guessed, and nobody else may look into it. */
	snprintf(r->directory, sizeof(r->directory), "%s/memprof-check.XXXXXX",
		 parent && *parent ? parent : "/tmp");
	if (!mkdtemp(r->directory)) {
		err_errno(err, "cannot make a directory '%s'", r->directory);
		r->directory[0] = '\0';
		return -1;
	}
	if (snprintf(r->trace, sizeof(r->trace), "%s/trace.mprof",
		     r->directory) >= (int)sizeof(r->trace))
		return err_set(err, "'%s' is too long", r->directory);
	return 0;
}

static int place_trace(struct check_run *r, struct err *err)
{
	if (!r->output)
		return make_directory(r, err);
	if (snprintf(r->trace, sizeof(r->trace), "%s", r->output) >=
	    (int)sizeof(r->trace))
		return err_set(err, "the name of the file is too long");
	if (!r->force && access(r->trace, F_OK) == 0)
		return err_set(err, "'%s' exists: -f replaces it", r->trace);
	return 0;
}

/* What run shall write; its patterns are not for a name that we have to know. */
static char *literal(const char *path)
{
	char *text = xmalloc(2 * strlen(path) + 1), *to = text;

	for (; *path; path++) {
		if (*path == '%')
			*to++ = '%';
		*to++ = *path;
	}
	*to = '\0';
	return text;
}

static char **command_line(const struct check_run *r, char *output)
{
	char **line = xcalloc(r->argc + OPTIONS_MAX, sizeof(*line));
	size_t n = 0;

	line[n++] = "memprof";
	line[n++] = "run";
	line[n++] = "-q";
	line[n++] = "-f";
	line[n++] = "-o";
	line[n++] = output;
	if (r->wait_children)
		line[n++] = "--wait-children";
	if (r->no_follow)
		line[n++] = "--no-follow";
	if (r->mark_on) {
		line[n++] = "--mark-on";
		line[n++] = (char *)r->mark_on;
	}
	if (r->leaks)
		line[n++] = "--leaks";
	line[n++] = "--";
	memcpy(line + n, r->argv, r->argc * sizeof(*line));
	return line;
}

static int run(const struct check_run *r, struct err *err)
{
	char *output = literal(r->trace);
	char **line = command_line(r, output);
	int status, ret = 0;

	child = fork();
	if (!child) {
		execv("/proc/self/exe", line);
		_exit(127);
	}
	if (child < 0) {
		ret = err_errno(err, "cannot fork");
		goto out;
	}
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGTERM, pass_on);
	signal(SIGHUP, pass_on);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	child = 0;
out:
	free(line);
	free(output);
	return ret;
}

int check_run_program(struct check_run *r, struct err *err)
{
	struct stat before, after;

	if (place_trace(r, err) < 0)
		return -1;
	if (stat(r->trace, &before) < 0)
		before.st_ino = 0;
	if (run(r, err) < 0)
		return -1;
	/* A new file takes the name of an old one. */
	if (stat(r->trace, &after) < 0 || after.st_ino == before.st_ino)
		return err_set(err, "'%s' left no trace: nothing is checked",
			       r->argv[0]);
	return 0;
}

void check_run_release(struct check_run *r)
{
	if (!r->directory[0])
		return;
	unlink(r->trace);
	rmdir(r->directory);
}
