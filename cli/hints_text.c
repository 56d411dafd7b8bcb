/*
 * hints_text - see hints_text.h.
 */
#include "cli/hints_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/screen.h"
#include "text/amount.h"
#include "text/escape.h"
#include "text/place.h"

static const struct {
	const char *title, *advice, *command;
} kinds[QUERY_HINTS] = {
	[QUERY_HINT_CYCLES] = { "reference cycles",
				"break the cycle, with weakref or by clearing "
				"a reference",
				"report --sort cyclic" },
	[QUERY_HINT_GROWTH] = { "grows by realloc",
				"reserve what it will need, or grow by a "
				"factor",
				"report --reallocs" },
	[QUERY_HINT_TEMPORARY] = { "temporary blocks",
				   "keep one block and use it again",
				   "report --sort temporary" },
	[QUERY_HINT_GROWS] = { "only grows",
			       "bound it, or drop what is not needed any more",
			       "plot" },
	[QUERY_HINT_LARGE] = { "just over 512 bytes",
			       "up to 512 bytes pymalloc would make them, "
			       "without malloc's head",
			       "report --by size" },
	[QUERY_HINT_ARENAS] = { "arenas that can not be given back",
				"make what stays before what goes, or copy it "
				"afterwards",
				"report --by type" },
	[QUERY_HINT_FREE] = { "free, but kept by malloc",
			      "malloc_trim(), fewer arenas (MALLOC_ARENA_MAX), "
			      "or long-lived "
			      "blocks before short-lived ones",
			      "info" },
	[QUERY_HINT_SLOTS] = { "instances with a dictionary",
			       "__slots__ in the class", "report --by type" },
	[QUERY_HINT_LIST] = { "list built and thrown away",
			      "a generator, if it is only gone through",
			      "report --reallocs" },
};

const char *hints_advice(enum query_hint_kind kind)
{
	return kinds[kind].advice;
}

const char *hints_command(enum query_hint_kind kind)
{
	return kinds[kind].command;
}

static void print_evidence(const struct query_hint *h)
{
	const struct amount blocks = amount_count(h->blocks);
	const struct amount bytes = amount_bytes(h->bytes);

	switch (h->kind) {
	case QUERY_HINT_CYCLES:
		printf("%s in %s blocks were freed by the cyclic collector "
		       "only, at most %s after they became garbage",
		       bytes.text, blocks.text, amount_time(h->ns).text);
		break;
	case QUERY_HINT_GROWTH:
		printf("realloc moved blocks %s times, up to %" PRIu64
		       " times one block, and copied %s",
		       blocks.text, h->steps, bytes.text);
		break;
	case QUERY_HINT_TEMPORARY:
		printf("%s blocks were freed before the next was allocated",
		       blocks.text);
		break;
	case QUERY_HINT_GROWS:
		printf("up to %s of %s blocks were live, and more in %" PRIu64
		       " of 10 parts of the run than before",
		       bytes.text, blocks.text, h->steps);
		break;
	case QUERY_HINT_LARGE:
		printf("%s blocks of 513 to 576 bytes at the peak, %s",
		       blocks.text, bytes.text);
		break;
	case QUERY_HINT_ARENAS:
		printf("%s are free in %s arenas; most of them are kept by "
		       "%s blocks of this line",
		       bytes.text, blocks.text, amount_count(h->steps).text);
		break;
	case QUERY_HINT_FREE:
		printf("%s of the heap are free, %s in use", bytes.text,
		       amount_bytes(h->blocks).text);
		break;
	case QUERY_HINT_SLOTS:
		printf("%s instances take %s with their dictionaries, for %s "
		       "values",
		       blocks.text, bytes.text, amount_count(h->steps).text);
		break;
	case QUERY_HINT_LIST:
		printf("grown in up to %" PRIu64
		       " steps, gone soon (blocks after %s); %s at the peak",
		       h->steps, amount_time(h->ns).text, bytes.text);
		break;
	case QUERY_HINTS:
		break;
	}
}

static void print_subject(const struct query_hint *h,
			  const struct place_style *style)
{
	char *text;

	if (h->type) {
		fputs(": ", stdout);
		escape_print(stdout, h->type);
	}
	if (!h->place.function && !h->place.file && !h->place.module)
		return;
	text = place_line(&h->place, style);
	printf(": %s", text);
	free(text);
}

static void print_hint(const struct query_hint *h, const char *spec,
		       const struct place_style *style)
{
	screen_style(SCREEN_TITLE);
	fputs(kinds[h->kind].title, stdout);
	screen_style(SCREEN_PLAIN);
	print_subject(h, style);
	fputs("\n    ", stdout);
	print_evidence(h);
	fputs("\n    ", stdout);
	if (h->saving)
		printf("saves up to %s: ", amount_bytes(h->saving).text);
	puts(kinds[h->kind].advice);
	printf("    more: memprof %s ", kinds[h->kind].command);
	escape_print(stdout, spec);
	putchar('\n');
}

void hints_text(struct profile *p, const char *spec,
		const struct query_hints *hints)
{
	const struct place_style style = { .full = true,
					   .cwd = profile_run(p)->cwd };

	if (!hints->count)
		puts("nothing that is worth a change was found");
	for (size_t i = 0; i < hints->count; i++)
		print_hint(&hints->items[i], spec, &style);
}
