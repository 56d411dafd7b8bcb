/*
 * outfile - a file made from a trace, whole or not at all.
 *
 * It is written under another name in the same directory, readable by its
 * owner only as a trace is, and takes its name when it is whole. A file that
 * is there already stays until then.
 */
#ifndef MEMPROF_CLI_OUTFILE_H
#define MEMPROF_CLI_OUTFILE_H

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>

#include "trace/err.h"

struct outfile {
	char path[PATH_MAX];
	char draft[PATH_MAX + 16]; /* where it is while it is being written */
	bool force;
	int fd;
};

/* No device, pipe, socket or directory, nor a link to one. */
bool outfile_is_replaceable(const char *path);

/* -1 with err set: there is such a file and not `force`, or it can not be. */
int outfile_open(struct outfile *o, const char *path, bool force,
		 struct err *err);
/* Gives it its name. -1 with err set, and the draft is gone. */
int outfile_commit(struct outfile *o, struct err *err);
void outfile_discard(struct outfile *o);

/*
 * All of a text file, which is nothing secret: as readable as others are. One
 * that is there is replaced.
 */
int outfile_write(const char *path,
		  void (*write)(const void *context, FILE *out),
		  const void *context, struct err *err);

#endif
