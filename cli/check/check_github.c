/*
 * check_github - what was found, as commands on the output of a step of GitHub
 * Actions, which shows them beside the source line.
 */
#include "cli/check.h"

#include <stdlib.h>
#include <string.h>

#include "cli/check/check_words.h"
#include "text/escape.h"

/* What ends a property or the command itself. */
static void put(FILE *out, const char *text, const char *special)
{
	char *safe = escape_text(text);

	for (const char *at = safe; *at; at++)
		if (*at == '%' || strchr(special, *at))
			fprintf(out, "%%%02X", (unsigned char)*at);
		else
			fputc(*at, out);
	free(safe);
}

static void put_property(FILE *out, const char *text)
{
	put(out, text, ":,");
}

static void put_lines(FILE *out, char *text)
{
	char *at = text, *end;

	for (; *at; at = end + 1) {
		end = at + strcspn(at, "\n");
		if (!*end)
			break;
		*end = '\0';
		fputs("%0A  ", out);
		put(out, at, "");
	}
	free(text);
}

static void put_share(FILE *out, const struct check_result *r,
		      const struct query_share *share, const char *title)
{
	char *text = check_words_share(r, share);

	fputs("::error ", out);
	if (share->place.file && share->place.line) {
		fputs("file=", out);
		put_property(out, check_words_path(share->place.file));
		fprintf(out, ",line=%u,", (unsigned int)share->place.line);
	}
	fputs("title=memprof ", out);
	put_property(out, title);
	fputs("::", out);
	put(out, text, "");
	fputs(" from", out);
	put_lines(out, check_words_stack(r, share));
	fputc('\n', out);
	free(text);
}

static void put_plain(FILE *out, const char *title, const char *text)
{
	fputs("::error title=memprof ", out);
	put_property(out, title);
	fputs("::", out);
	put(out, text, "");
	fputc('\n', out);
}

static void put_result(FILE *out, const struct check_result *r)
{
	char *limit = check_words_limit(r), *found = check_words_found(r);

	if (r->judgement.ruling != QUERY_KEPT)
		put_plain(out, limit, found);
	if (r->judgement.ruling == QUERY_BROKEN)
		for (size_t i = 0; i < r->judgement.count; i++)
			put_share(out, r, &r->judgement.shares[i], limit);
	free(limit);
	free(found);
}

void check_github(const struct check *c, FILE *out)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct check_trace *t = &c->traces[i];

		for (size_t n = 0; n < t->count; n++)
			put_result(out, &t->results[n]);
		if (t->trouble)
			put_plain(out, t->name, t->trouble);
	}
}
