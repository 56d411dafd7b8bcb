/*
 * check_markdown - what was found, as Markdown: for the summary of a CI job or
 * a comment on a change.
 */
#include "cli/check.h"

#include <stdlib.h>
#include <string.h>

#include "cli/check/check_words.h"
#include "text/escape.h"

enum {
	STACKS_SHOWN = 10,
};

/* Whatever Markdown or HTML could take for its own. */
static void put(FILE *out, const char *text)
{
	char *safe = escape_text(text);

	for (const char *at = safe; *at; at++) {
		if (*at == '<')
			fputs("&lt;", out);
		else if (*at == '&')
			fputs("&amp;", out);
		else if (strchr("\\`*_[]|~#", *at))
			fprintf(out, "\\%c", *at);
		else
			fputc(*at, out);
	}
	free(safe);
}

static void put_own(FILE *out, const char *before, char *text,
		    const char *behind)
{
	fputs(before, out);
	put(out, text);
	fputs(behind, out);
	free(text);
}

static void put_rows(FILE *out, const struct check_trace *t)
{
	static const char *const words[] = { [QUERY_KEPT] = "kept",
					     [QUERY_BROKEN] = "**broken**",
					     [QUERY_UNKNOWN] = "**unknown**" };

	if (t->count)
		fputs("| limit | | found |\n|---|---|---|\n", out);
	for (size_t i = 0; i < t->count; i++) {
		const struct check_result *r = &t->results[i];

		put_own(out, "| ", check_words_limit(r), " | ");
		fputs(words[r->judgement.ruling], out);
		put_own(out, " | ", check_words_found(r), " |\n");
	}
	fputc('\n', out);
}

/* Indented lines are shown as they are: no quoting is needed, or possible. */
static void put_stack(FILE *out, char *text)
{
	char *at = text, *end;

	fputs("\n", out);
	for (; *at; at = end + 1) {
		end = at + strcspn(at, "\n");
		if (!*end)
			break;
		fprintf(out, "    %.*s\n", (int)(end - at), at);
	}
	fputc('\n', out);
	free(text);
}

static void put_shares(FILE *out, const struct check_result *r)
{
	const struct query_judgement *j = &r->judgement;

	put_own(out, "### ", check_words_limit(r), "\n\n");
	for (size_t i = 0; i < j->count && i < STACKS_SHOWN; i++) {
		put_own(out, "", check_words_share(r, &j->shares[i]),
			" from\n");
		put_stack(out, check_words_stack(r, &j->shares[i]));
	}
	if (j->count > STACKS_SHOWN)
		fprintf(out, "and %zu more stacks\n\n",
			j->count - STACKS_SHOWN);
}

static void put_trace(FILE *out, const struct check_trace *t)
{
	fputs("## ", out);
	put(out, t->name);
	fprintf(out, ": %s\n\n", check_words_ruling(t->ruling));
	if (t->trouble) {
		put(out, t->trouble);
		fputs("\n\n", out);
	}
	put_rows(out, t);
	for (size_t i = 0; i < t->count; i++)
		if (t->results[i].judgement.ruling == QUERY_BROKEN)
			put_shares(out, &t->results[i]);
}

void check_markdown(const struct check *c, FILE *out)
{
	fprintf(out, "# memprof check: %s\n\n", check_words_ruling(c->ruling));
	for (size_t i = 0; i < c->count; i++)
		put_trace(out, &c->traces[i]);
}
