/*
 * check_junit - what was found, as the XML that CI servers read test results
 * from: a trace is a suite, a limit a test.
 */
#include "cli/check.h"

#include <stdlib.h>
#include <string.h>

#include "cli/check/check_words.h"
#include "text/escape.h"

/* No control characters are left, which XML has no way to hold. */
static void put(FILE *out, const char *text)
{
	char *safe = escape_text(text);

	escape_print_markup(out, safe);
	free(safe);
}

static void put_attribute(FILE *out, const char *name, const char *text)
{
	fprintf(out, " %s=\"", name);
	put(out, text);
	fputc('"', out);
}

static void put_lines(FILE *out, char *text)
{
	char *at = text, *end;

	for (; *at; at = end + 1) {
		end = at + strcspn(at, "\n");
		if (!*end)
			break;
		*end = '\0';
		fputs("    ", out);
		put(out, at);
		fputc('\n', out);
	}
	free(text);
}

static void put_failure(FILE *out, const struct check_result *r,
			const char *found)
{
	const struct query_judgement *j = &r->judgement;

	fputs("<failure type=\"limit\"", out);
	put_attribute(out, "message", found);
	fputs(">\n", out);
	for (size_t i = 0; i < j->count; i++) {
		char *share = check_words_share(r, &j->shares[i]);

		put(out, share);
		fputs(" from\n", out);
		put_lines(out, check_words_stack(r, &j->shares[i]));
		free(share);
	}
	fputs("</failure>", out);
}

static void put_case(FILE *out, const char *suite, const char *name)
{
	fputs("  <testcase", out);
	put_attribute(out, "classname", suite);
	put_attribute(out, "name", name);
	fputs(">", out);
}

static void put_result(FILE *out, const struct check_trace *t,
		       const struct check_result *r)
{
	char *limit = check_words_limit(r), *found = check_words_found(r);

	put_case(out, t->name, limit);
	if (r->judgement.ruling == QUERY_BROKEN)
		put_failure(out, r, found);
	if (r->judgement.ruling == QUERY_UNKNOWN) {
		fputs("<error type=\"inconclusive\"", out);
		put_attribute(out, "message", found);
		fputs("/>", out);
	}
	fputs("</testcase>\n", out);
	free(limit);
	free(found);
}

static size_t count_of(const struct check_trace *t, enum query_ruling ruling)
{
	size_t count = 0;

	for (size_t i = 0; i < t->count; i++)
		count += t->results[i].judgement.ruling == ruling;
	return count;
}

static void put_suite(FILE *out, const struct check_trace *t)
{
	bool trouble = t->trouble != NULL;

	fputs(" <testsuite", out);
	put_attribute(out, "name", t->name);
	fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"",
		t->count + trouble, count_of(t, QUERY_BROKEN),
		count_of(t, QUERY_UNKNOWN) + trouble);
	if (t->profile)
		fprintf(out, " time=\"%.3f\"",
			(double)profile_run(t->profile)->duration / 1e9);
	fputs(">\n", out);
	for (size_t i = 0; i < t->count; i++)
		put_result(out, t, &t->results[i]);
	if (trouble) {
		put_case(out, t->name, "can be judged");
		fputs("<error type=\"inconclusive\"", out);
		put_attribute(out, "message", t->trouble);
		fputs("/></testcase>\n", out);
	}
	fputs(" </testsuite>\n", out);
}

void check_junit(const struct check *c, FILE *out)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	      "<testsuites name=\"memprof check\">\n",
	      out);
	for (size_t i = 0; i < c->count; i++)
		put_suite(out, &c->traces[i]);
	fputs("</testsuites>\n", out);
}
