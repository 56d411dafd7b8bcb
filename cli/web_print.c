/*
 * web_print - the stacks of a page as JSON, and how texts get there.
 *
 * The JSON stands in a script element, which "</script" or "<!--" would end or
 * change: "<" is written as \u003c, and all that is not ASCII as \uNNNN, among
 * it the line separators that JavaScript once took for ends of lines.
 */
#include "cli/web.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "trace/xmalloc.h"

static int put(const char *text, size_t size, void *unused)
{
	const char *end = text + size;

	(void)unused;
	while (text < end) {
		const char *less = memchr(text, '<', (size_t)(end - text));
		const char *stop = less ? less : end;

		fwrite(text, 1, (size_t)(stop - text), stdout);
		if (less)
			fputs("\\u003c", stdout);
		text = stop + (less != NULL);
	}
	return 0;
}

void web_print(json_t *value)
{
	json_dump_callback(value, put, NULL,
			   JSON_ENCODE_ANY | JSON_ENSURE_ASCII | JSON_COMPACT);
	json_decref(value);
}

void web_print_text(const char *text)
{
	web_print(json_string(text));
}

static size_t bytes_of(const struct web_texts *t, size_t longest)
{
	size_t sum = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		size_t length = strlen(t->list[i]);

		sum += length < longest ? length : longest;
	}
	return sum;
}

/* Names as long as all of them together may be. */
static void print_texts(const struct web *p)
{
	size_t longest = 4096;

	while (longest > 64 && bytes_of(&p->texts, longest) > WEB_NAMES)
		longest /= 2;
	fputs("\"texts\":[", stdout);
	for (uint32_t i = 0; i < p->texts.count; i++) {
		char *text = xstrdup(p->texts.list[i]);

		escape_cut_middle(text, longest);
		fputs(i ? ",\n" : "\n", stdout);
		web_print_text(text);
		free(text);
	}
	fputs("],\n", stdout);
}

static void print_table(const char *name, const struct web_table *t)
{
	size_t count = t->count * t->width;

	printf("\"%s\":[", name);
	for (size_t i = 0; i < count; i++)
		printf("%s%" PRIu32, i ? "," : "", t->items[i]);
	fputs("],\n", stdout);
}

static void print_stack(const struct web *p, const struct web_stack *s)
{
	printf("[%" PRIu32 ",%" PRIu32, s->node, s->place);
	for (size_t side = 0; side < p->sides; side++)
		for (int m = 0; m < QUERY_METRICS; m++)
			printf(",%" PRIu64,
			       query_metric_of(&s->counts[side],
					       (enum query_metric)m));
	putchar(']');
}

void web_stacks(const struct web *p)
{
	print_texts(p);
	print_table("functions", &p->functions);
	print_table("frames", &p->frames);
	print_table("nodes", &p->nodes);
	fputs("\"stacks\":[", stdout);
	for (size_t i = 0; i < p->stack_count; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_stack(p, &p->stacks[i]);
	}
	printf("],\n\"stacks_in_all\":%zu,\n\"stacks_kept\":%zu,\n",
	       p->row_count, p->kept);
}
