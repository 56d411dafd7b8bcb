/*
 * symbols_download - watches what libdwfl downloads from debuginfod servers.
 *
 * They are asked only when the user names some in DEBUGINFOD_URLS. A download
 * that stands still is given up, and then no other is tried: a report that
 * hangs is worse than one without lines.
 */
#ifndef MEMPROF_ANALYZER_SYMBOLS_DOWNLOAD_H
#define MEMPROF_ANALYZER_SYMBOLS_DOWNLOAD_H

#include <elfutils/libdwfl.h>
#include <stdbool.h>
#include <stdint.h>

struct symbols_download {
	const char *path; /* of the module; borrowed */
	uint64_t since; /* ns of a clock: when bytes last came */
	long bytes; /* that have come */
	bool gave_up;
};

/* Downloads for `dwfl` are for `path` from now on, as long as both live. */
void symbols_download_watch(struct symbols_download *d, Dwfl *dwfl,
			    const char *path);

/* Whom to tell; `total` is 0 when it is not known. For the whole process. */
typedef void symbols_download_fn(const char *path, uint64_t done,
				 uint64_t total);
void symbols_download_tell(symbols_download_fn *tell);

#endif
