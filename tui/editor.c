/*
 * editor - see editor.h.
 *
 * $EDITOR may have arguments, so a shell takes it apart; the name of the file
 * comes from the trace and reaches the shell as an argument only.
 */
#include "tui/editor.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tui/terminal.h"

static const char *choose(void)
{
	const char *visual = getenv("VISUAL");
	const char *plain = getenv("EDITOR");

	return visual && *visual ? visual : plain && *plain ? plain : "vi";
}

/* Below where the program ran, if it is not so in the trace. */
static void find_file(const struct browser *b, const char *file, char *path,
		      size_t size)
{
	const char *cwd = browser_page(b)->head.cwd;

	if (file[0] == '/' || !cwd)
		snprintf(path, size, "%s%s", file[0] == '-' ? "./" : "", file);
	else
		snprintf(path, size, "%s/%s", cwd, file);
}

void editor_run(struct browser *b)
{
	const struct page_row *row = browser_row(b);
	char path[4096], line[16], command[1024];
	char *argv[] = { "sh", "-c", command, "sh", line, path, NULL };
	int status;

	if (!row || !row->frame.file) {
		browser_say(b, "no source is known of this row");
		return;
	}
	find_file(b, row->frame.file, path, sizeof(path));
	if (access(path, R_OK) < 0) {
		browser_say(b, "'%s' can not be read", path);
		return;
	}
	snprintf(line, sizeof(line), "+%" PRIu32,
		 row->frame.line ? row->frame.line : 1);
	snprintf(command, sizeof(command), "exec %s \"$@\"", choose());
	status = terminal_run(argv);
	if (status == -1 || !WIFEXITED(status) || WEXITSTATUS(status) == 127)
		browser_say(b, "'%s' could not be run", choose());
}
