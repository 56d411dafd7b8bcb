/*
 * progress - see progress.h.
 */
#include "cli/progress.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/query.h"
#include "text/amount.h"
#include "cli/command.h"
#include "text/escape.h"

static bool has_line;
static const char *told; /* about this file, when no terminal */

static void tell(const char *path, uint64_t done, uint64_t total)
{
	const char *slash = strrchr(path, '/');

	if (!isatty(STDERR_FILENO)) {
		if (told != path)
			command_message("downloading debug information of %s, "
					"%s",
					path, amount_bytes(total).text);
		told = path;
		return;
	}
	fputs("\rmemprof: downloading ", stderr);
	escape_print(stderr, slash ? slash + 1 : path);
	fprintf(stderr, " %s of ", amount_bytes(done).text);
	fprintf(stderr, "%s\033[K", amount_bytes(total).text);
	has_line = true;
	if (done >= total)
		progress_end();
}

void progress_show(void)
{
	profile_on_download(tell);
}

void progress_end(void)
{
	if (has_line)
		fputs("\r\033[K", stderr);
	has_line = false;
}
