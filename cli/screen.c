/*
 * screen - what standard output can show; see screen.h.
 */
#include "cli/screen.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	COLUMNS_DEFAULT = 100,
	COLUMNS_MIN = 60,
	COLUMNS_MAX = 400,
};

static size_t known_columns(void)
{
	const char *variable = getenv("COLUMNS");
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return variable ? strtoul(variable, NULL, 10) : 0;
}

size_t screen_columns(void)
{
	size_t columns = known_columns();

	if (!columns)
		return COLUMNS_DEFAULT;
	if (columns < COLUMNS_MIN)
		return COLUMNS_MIN;
	return columns > COLUMNS_MAX ? COLUMNS_MAX : columns;
}

static bool has_styles(void)
{
	const char *none = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !(none && *none) && term &&
	       strcmp(term, "dumb") != 0;
}

void screen_style(enum screen_style style)
{
	static const char *const codes[] = {
		[SCREEN_PLAIN] = "\033[0m",
		[SCREEN_TITLE] = "\033[1m",
		[SCREEN_WARNING] = "\033[1;33m",
	};

	if (has_styles())
		fputs(codes[style], stdout);
}
