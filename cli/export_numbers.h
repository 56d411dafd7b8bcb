/*
 * export_numbers - numbers for what a file names once and refers to by number.
 *
 * A key is four numbers, of interned strings their addresses. The first key
 * met is 0, the next new one 1, and so on.
 */
#ifndef MEMPROF_CLI_EXPORT_NUMBERS_H
#define MEMPROF_CLI_EXPORT_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/lookup.h"
#include "analyzer/query.h"

struct export_key {
	uint64_t part[4];
};

struct export_numbers {
	struct export_key *keys; /* owned, by number */
	size_t room;
	uint32_t count;
	struct lookup lookup;
};

/* The key's number; *is_new when it was not met before. */
uint32_t export_number(struct export_numbers *n, struct export_key key,
		       bool *is_new);
void export_numbers_release(struct export_numbers *n);

/* One for each function, file, line and module. */
struct export_key export_call_key(const struct query_frame *f);

#endif
