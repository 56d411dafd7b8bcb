/*
 * glyphs - see glyphs.h.
 */
#include "tui/glyphs.h"

#include <langinfo.h>
#include <string.h>

static const struct glyphs plain = {
	.fork = "|- ",
	.last = "`- ",
	.bar = "|  ",
	.folded = "+",
	.open = "-",
	.line = "-",
	.wall = "|",
	.eighths = { " ", ".", ".", ".", ":", ":", ":", "#", "#" },
	.full = "#",
	.half = "-",
	.cursor = "|",
};

static const struct glyphs unicode = {
	.fork = "\u251c\u2500 ",
	.last = "\u2514\u2500 ",
	.bar = "\u2502  ",
	.folded = "\u25b8",
	.open = "\u25be",
	.line = "\u2500",
	.wall = "\u2502",
	.eighths = { " ", "\u2581", "\u2582", "\u2583", "\u2584", "\u2585",
		     "\u2586", "\u2587", "\u2588" },
	.full = "\u2588",
	.half = "\u258c",
	.cursor = "\u2502",
};

const struct glyphs *glyphs(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? &unicode : &plain;
}
