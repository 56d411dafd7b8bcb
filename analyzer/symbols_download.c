/*
 * symbols_download - see symbols_download.h.
 *
 * libdwfl loads libdebuginfod when there are servers to ask, and hands its
 * client out. That library is not linked, and need not be installed: what is
 * used of it is looked up in what libdwfl has loaded.
 */
#include "analyzer/symbols_download.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

enum {
	PATIENCE = 20, /* seconds without a byte */
};

typedef int progress_fn(debuginfod_client *client, long done, long total);
typedef void set_progress_fn(debuginfod_client *client, progress_fn *progress);

static symbols_download_fn *listener;
/* The one under way: the client's own pointer for users came late. */
static struct symbols_download *current;

void symbols_download_tell(symbols_download_fn *tell)
{
	listener = tell;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

/*
 * Before the size is known `done` counts the calls, about one a second. Other
 * than 0 ends the download.
 */
static int progress(debuginfod_client *client, long done, long total)
{
	struct symbols_download *d = current;

	(void)client;
	if (!d || d->gave_up)
		return 1;
	if (total > 0 && done > d->bytes) {
		d->bytes = done;
		d->since = now();
		if (listener)
			listener(d->path, (uint64_t)done, (uint64_t)total);
	}
	d->gave_up = now() - d->since > PATIENCE * UINT64_C(1000000000);
	return d->gave_up;
}

void symbols_download_watch(struct symbols_download *d, Dwfl *dwfl,
			    const char *path)
{
	const char *urls = getenv("DEBUGINFOD_URLS");
	debuginfod_client *client;
	set_progress_fn *set;
	void *library;

	if (!urls || !*urls)
		return;
	client = dwfl_get_debuginfod_client(dwfl);
	library = dlopen("libdebuginfod.so.1", RTLD_LAZY | RTLD_NOLOAD);
	if (!client || !library)
		return;
	set = (set_progress_fn *)dlsym(library, "debuginfod_set_progressfn");
	if (set)
		set(client, progress);
	dlclose(library);
	d->path = path;
	d->since = now();
	d->bytes = 0;
	current = d;
}
