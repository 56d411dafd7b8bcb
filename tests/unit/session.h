/*
 * session - a collector that writes to a temporary file, and its reader.
 */
#ifndef MEMPROF_TESTS_SESSION_H
#define MEMPROF_TESTS_SESSION_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/collector.h"
#include "trace/reader.h"

enum {
	SESSION_PID = 1 << 29, /* no process has it: pids go up to 2^22 */
};

struct session {
	struct collector *collector;
	char path[32];
	int fd;
};

/* `flush_every` as in collector.h. */
static inline void session_start(struct session *s, uint64_t flush_every)
{
	static char *argv[] = { (char *)"/bin/fake", (char *)"\xff\n", NULL };
	struct collector_options o = { .argc = 2,
				       .argv = argv,
				       .flush_every = flush_every };
	struct err err;

	strcpy(s->path, "/tmp/memprof-unit-XXXXXX");
	s->fd = mkstemp(s->path);
	assert_true(s->fd >= 0);
	o.fd = s->fd;
	s->collector = collector_create(&o, &err);
	assert_non_null(s->collector);
}

static inline void session_poll(struct session *s)
{
	struct err err;

	assert_true(collector_poll(s->collector, &err) >= 0);
}

static inline struct trace *session_open(const struct session *s)
{
	struct err err;
	struct trace *t = trace_open(s->path, &err);

	if (!t)
		fail_msg("%s", err.text);
	return t;
}

/* Ends the recording; the file can then be opened. */
static inline void session_finish(struct session *s)
{
	struct err err;

	/* Not before: a process of that number is looked for. */
	collector_set_pid(s->collector, SESSION_PID);
	assert_int_equal(collector_finish(s->collector, 0, &err), 0);
	collector_destroy(s->collector);
}

static inline void session_end(struct session *s)
{
	close(s->fd);
	unlink(s->path);
}

#endif
