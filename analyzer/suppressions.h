/*
 * suppressions - leaks that are known, from files that other tools read too.
 *
 *	# reason: fonts are kept until the end; expires: 2027-01-31
 *	leak:libfontconfig
 *
 *	{
 *	   a table of the driver
 *	   Memcheck:Leak
 *	   match-leak-kinds: definite
 *	   fun:malloc
 *	   ...
 *	   obj:*libGL.so*
 *	}
 *
 * The first is LeakSanitizer's form: a text that occurs in a function, file or
 * module of any frame, with * for anything, ^ for its start and $ for its end.
 * The second is valgrind's: frames from the innermost out, by function, object
 * or source, and "..." for any number of them. What suppresses other errors
 * than leaks is read and left alone.
 *
 * A comment above, up to a line without text, is the reason of what follows it;
 * one that has expired suppresses nothing any more.
 */
#ifndef MEMPROF_ANALYZER_SUPPRESSIONS_H
#define MEMPROF_ANALYZER_SUPPRESSIONS_H

#include "analyzer/query.h"
#include "trace/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct suppression {
	char *name; /* its text, or the name of a block; owned */
	const char *file; /* as it was given, NULL built in; borrowed */
	size_t line;
	char *reason; /* owned; NULL none */
	uint32_t expires; /* 20270131; 0 never */
	bool is_leak; /* of those that are counted as leaked */
	bool is_expired;
	/* Most that it hid in one question. */
	uint64_t blocks, bytes;

	bool is_block; /* of valgrind */
	struct suppression_frame *frames; /* owned */
	size_t count, room;
	uint64_t now_blocks, now_bytes;
};

struct suppressions {
	struct suppression *items; /* owned */
	size_t count, room;
};

struct suppressions_source {
	const char *text;
	size_t size;
	const char *file; /* its name, which has to last */
};

/*
 * Adds those of a text. -1 with err set, "known.supp:3: ...". `today` is a date
 * as `expires`.
 */
int suppressions_read(struct suppressions *s,
		      const struct suppressions_source *source, uint32_t today,
		      struct err *err);
/* Those of the C library and the loader. */
void suppressions_add_known(struct suppressions *s);
void suppressions_release(struct suppressions *s);

/* The first that hides a leak with the stack, innermost frame first; or NULL. */
struct suppression *suppressions_find(const struct suppressions *s,
				      const struct query_frame *frames,
				      size_t count);

/* Around the leaks of one question; each that was found is counted. */
void suppressions_begin(struct suppressions *s);
void suppressions_count(struct suppression *s, uint64_t blocks, uint64_t bytes);
void suppressions_end(struct suppressions *s);

#endif
