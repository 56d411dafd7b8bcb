/*
 * leaks - what was lost of a trace, as the formats show it.
 */
#ifndef MEMPROF_CLI_LEAKS_H
#define MEMPROF_CLI_LEAKS_H

#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>

#include "analyzer/query.h"
#include "trace/err.h"

struct leaks_answer {
	struct profile *profile;
	const struct query_leaks *leaks;
	const struct query_result *result; /* by stack, in any order */
	bool has_known; /* suppressions: what they hide is not in it */
	uint64_t known_blocks, known_bytes;
	bool show[MODEL_LEAK_CLASSES];
	size_t limit; /* records or rows, 0 all */
	bool full; /* text: shorten nothing */
};

/* What was lost of a class with the stack of a row. */
struct leaks_record {
	const struct query_row *row;
	enum model_leak_class class;
	uint64_t blocks, bytes;
};

/* Those that are shown, largest first; the caller frees them. */
struct leaks_record *leaks_records(const struct leaks_answer *a, size_t *count);

const char *leaks_class_name(enum model_leak_class class);

/*
 * Has a running process looked at. Gives the open trace, and how to name it and
 * the moment, in LEAKS_SPEC bytes; -1 with err set.
 */
enum {
	LEAKS_SPEC = 128,
};
int leaks_ask(pid_t pid, char *spec, struct err *err);

void leaks_text(const struct leaks_answer *a);
void leaks_json(const struct leaks_answer *a);
void leaks_csv(const struct leaks_answer *a);

#endif
