/*
 * web_sources - the source text around the places of a page.
 */
#include "cli/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "trace/xmalloc.h"

enum {
	AROUND = 3, /* lines before and behind */
	COLUMNS = 200,
	TAB = 8,
};

/* A line without tabs, escaped and cut; the caller frees it. */
static char *show(const char *line)
{
	char *wide = xmalloc(strlen(line) * TAB + 1), *text;
	size_t at = 0;

	for (; *line; line++) {
		if (*line != '\t') {
			wide[at++] = *line;
			continue;
		}
		do
			wide[at++] = ' ';
		while (at % TAB);
	}
	wide[at] = '\0';
	text = escape_text(wide);
	free(wide);
	escape_cut_middle(text, COLUMNS);
	return text;
}

/* Gives the bytes written. */
static size_t print_line(const struct web_stack *s, uint32_t line)
{
	const char *text = profile_source_line(s->profile, s->file, line);
	char *shown;
	size_t length;

	if (!text) {
		fputs(",null", stdout);
		return 0;
	}
	shown = show(text);
	length = strlen(shown);
	putchar(',');
	web_print_text(shown);
	free(shown);
	return length;
}

static size_t print_place(const struct web *p, const struct web_stack *s)
{
	const uint32_t *frame = p->frames.items + s->place * p->frames.width;
	uint32_t line = frame[WEB_LINE];
	uint32_t first = line > AROUND ? line - AROUND : 1;
	size_t sum = 0;

	printf("[%" PRIu32 ",%" PRIu32, s->place, first);
	for (uint32_t i = first; i <= line + AROUND; i++)
		sum += print_line(s, i);
	putchar(']');
	return sum;
}

void web_sources(const struct web *p)
{
	bool *is_done = xcalloc(p->frames.count + 1, sizeof(*is_done));
	const char *comma = "";
	size_t sum = 0;

	fputs("\"sources\":[", stdout);
	for (size_t i = 0; i < p->stack_count && sum < WEB_SOURCES; i++) {
		const struct web_stack *s = &p->stacks[i];
		const uint32_t *frame =
			p->frames.items + s->place * p->frames.width;

		if (!s->file || !frame[WEB_LINE] || is_done[s->place])
			continue;
		is_done[s->place] = true;
		printf("%s\n", comma);
		sum += print_place(p, s);
		comma = ",";
	}
	fputs("],\n", stdout);
	free(is_done);
}
