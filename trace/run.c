/*
 * run - see run.h.
 */
#include "trace/run.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trace/cursor.h"
#include "trace/xmalloc.h"

static uint64_t real_time(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static const char *redacted(const char *argument, size_t number)
{
	const char *slash = strrchr(argument, '/');

	if (number)
		return "*";
	return slash ? slash + 1 : argument;
}

void run_write(size_t argc, char *const *argv, uint64_t sample, bool redact,
	       struct column *c)
{
	char host[HOST_NAME_MAX + 1] = "";
	char *cwd = redact ? NULL : getcwd(NULL, 0);

	if (!redact)
		gethostname(host, sizeof(host) - 1);
	column_put(&c[RUN_NUMBERS], argc);
	column_put(&c[RUN_NUMBERS], real_time());
	column_put(&c[RUN_NUMBERS], sample);
	for (size_t i = 0; i < argc; i++)
		column_put_string(&c[RUN_STRINGS],
				  redact ? redacted(argv[i], i) : argv[i]);
	column_put_string(&c[RUN_STRINGS], cwd ? cwd : "");
	column_put_string(&c[RUN_STRINGS], host);
	column_put_string(&c[RUN_STRINGS], MEMPROF_VERSION);
	free(cwd);
}

void run_write_end(uint64_t duration, int status, const struct checkpoint *at,
		   struct column *c)
{
	column_put(&c[RUN_END_NUMBERS], duration);
	column_put(&c[RUN_END_NUMBERS], column_zigzag(status));
	checkpoint_put_state(&c[RUN_END_STATE], at);
}

bool run_read(const uint8_t *payload, size_t size, struct trace_run *run)
{
	struct cursor c[RUN_COLUMNS];
	struct cursor *strings = &c[RUN_STRINGS];
	const char **argv;
	uint64_t argc;

	if (!cursors_open(c, RUN_COLUMNS, payload, size))
		return false;
	argc = cursor_get(&c[RUN_NUMBERS]);
	run->start_realtime = cursor_get(&c[RUN_NUMBERS]);
	run->sample = cursor_get(&c[RUN_NUMBERS]);
	if (c[RUN_NUMBERS].bad || argc > cursor_left(strings))
		return false;
	argv = xcalloc(argc + 1, sizeof(*argv));
	for (size_t i = 0; i < argc && !strings->bad; i++)
		argv[i] = cursor_string(strings);
	run->argc = argc;
	run->argv = argv;
	run->cwd = cursor_string(strings);
	run->host = cursor_string(strings);
	run->version = cursor_string(strings);
	return !strings->bad;
}

bool run_read_end(const uint8_t *payload, size_t size, struct trace_run *run,
		  struct checkpoint *at)
{
	struct cursor c[RUN_END_COLUMNS];
	uint64_t duration;
	int64_t status;

	if (!cursors_open(c, RUN_END_COLUMNS, payload, size))
		return false;
	duration = cursor_get(&c[RUN_END_NUMBERS]);
	status = cursor_unzigzag(cursor_get(&c[RUN_END_NUMBERS]));
	*at = (struct checkpoint){ 0 };
	checkpoint_get_state(&c[RUN_END_STATE], at);
	if (c[RUN_END_NUMBERS].bad || c[RUN_END_STATE].bad ||
	    status < INT_MIN || status > INT_MAX)
		return false;
	run->duration = duration;
	run->status = (int)status;
	return true;
}

void run_release(struct trace_run *run)
{
	for (size_t i = 0; i < run->argc; i++)
		free((char *)run->argv[i]);
	free((void *)run->argv);
	free((char *)run->cwd);
	free((char *)run->host);
	free((char *)run->version);
}
