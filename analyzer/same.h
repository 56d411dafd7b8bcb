/*
 * same - files and modules that are the same in two profiles, wherever they
 * stand.
 *
 * A file is known again by its path; one that is not, by the end of its path,
 * as after a directory was renamed. Every file has a number, and a file and the
 * one it became have the same. So have modules; the program is known again
 * whatever it is called. Numbers begin at 1; 0 is for NULL.
 */
#ifndef MEMPROF_ANALYZER_SAME_H
#define MEMPROF_ANALYZER_SAME_H

#include "analyzer/names.h"
#include "analyzer/query.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct same_path {
	const char *path; /* of the common names */
	uint32_t number;
	bool is_new; /* of the new profile */
	bool is_paired;
};

struct same {
	struct names *names; /* borrowed: of paths of both sides */
	struct same_path *paths; /* owned */
	size_t room, count;
	struct lookup lookup;
};

void same_init(struct same *s, struct names *names);
void same_release(struct same *s);

/* A path that occurs on a side; NULL is nothing. */
void same_add(struct same *s, const char *path, bool is_new);

/* These two are one, whatever they are called. */
void same_declare(struct same *s, const char *old, const char *new);

/* After the last path: finds who became whom. */
void same_settle(struct same *s);

/* Of a path that was added. */
uint32_t same_number(struct same *s, const char *path, bool is_new);

#endif
