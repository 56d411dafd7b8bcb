/*
 * check_text - what was found, for people: what is broken, by how much, and
 * the stacks that did it.
 */
#include "cli/check.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/suppressions.h"
#include "cli/check/check_words.h"
#include "cli/screen.h"
#include "cli/subject_text.h"
#include "text/amount.h"
#include "text/escape.h"
#include "text/place.h"

enum {
	STACKS_SHOWN = 5,
};

static void print_own(const char *before, char *text)
{
	fputs(before, stdout);
	escape_print(stdout, text);
	free(text);
}

static void print_shares(const struct check *c, const struct check_result *r)
{
	const struct query_judgement *j = &r->judgement;
	struct place_style style = { .columns = screen_columns(),
				     .cwd = profile_run(r->profile)->cwd,
				     .full = c->full };
	size_t shown = c->full ? j->count : STACKS_SHOWN;

	for (size_t i = 0; i < j->count && i < shown; i++) {
		print_own("    ", check_words_share(r, &j->shares[i]));
		puts(" from");
		subject_print_stack(r->profile, &j->shares[i].row, &style);
	}
	if (j->count > shown)
		printf("    and %zu more stacks (--full shows them)\n",
		       j->count - shown);
}

static void print_result(const struct check *c, const struct check_result *r)
{
	static const char *const words[] = { [QUERY_KEPT] = "  ok      ",
					     [QUERY_BROKEN] = "  FAILED  ",
					     [QUERY_UNKNOWN] = "  unknown " };
	enum query_ruling ruling = r->judgement.ruling;

	screen_style(ruling == QUERY_KEPT ? SCREEN_PLAIN : SCREEN_WARNING);
	print_own(words[ruling], check_words_limit(r));
	screen_style(SCREEN_PLAIN);
	print_own(": ", check_words_found(r));
	putchar('\n');
	if (ruling == QUERY_BROKEN)
		print_shares(c, r);
}

static void print_title(const struct check_trace *t)
{
	const struct trace_run *run = profile_run(t->profile);

	screen_style(SCREEN_TITLE);
	for (size_t i = 0; i < run->argc; i++) {
		fputs(i ? " " : "", stdout);
		escape_print(stdout, run->argv[i]);
	}
	screen_style(SCREEN_PLAIN);
	printf("  (process %d)\n", run->pid);
}

static void print_trace(const struct check *c, const struct check_trace *t)
{
	if (t->profile)
		print_title(t);
	for (size_t i = 0; i < t->count; i++)
		print_result(c, &t->results[i]);
	if (t->trouble) {
		fputs("  unknown ", stdout);
		escape_print(stdout, t->trouble);
		putchar('\n');
	}
}

static void print_suppression(const struct check *c,
			      const struct suppression *n)
{
	const char *fault = check_words_fault(n);

	printf("  %s", c->is_strict && fault ? "FAILED  " : "known   ");
	escape_print(stdout, n->name);
	fputs(" (", stdout);
	escape_print(stdout, n->file ? n->file : "built in");
	if (n->file)
		printf(":%zu", n->line);
	if (n->blocks)
		printf("): %s in %s block%s\n", amount_bytes(n->bytes).text,
		       amount_count(n->blocks).text, n->blocks == 1 ? "" : "s");
	else
		printf("): %s\n", check_words_suppression(n));
	if (c->is_strict && fault && n->blocks)
		printf("    %s\n", fault);
}

/* Those built in are nobody's concern when they are not used. */
static void print_suppressions(const struct check *c)
{
	bool has_title = false;

	for (size_t i = 0; c->known && i < c->known->count; i++) {
		const struct suppression *n = &c->known->items[i];

		if (!n->is_leak || (!n->file && !n->blocks))
			continue;
		if (!has_title)
			puts("suppressions");
		has_title = true;
		print_suppression(c, n);
	}
}

void check_text(const struct check *c, FILE *out)
{
	(void)out;
	for (size_t i = 0; i < c->count; i++)
		print_trace(c, &c->traces[i]);
	print_suppressions(c);
	printf("gate %s\n", check_words_ruling(c->ruling));
}
