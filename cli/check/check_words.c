/*
 * check_words - see check_words.h.
 */
#include "cli/check/check_words.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/suppressions.h"
#include "text/amount.h"
#include "text/metric.h"
#include "text/place.h"
#include "trace/xmalloc.h"

const char *check_words_ruling(enum query_ruling ruling)
{
	static const char *const names[] = { [QUERY_KEPT] = "passed",
					     [QUERY_BROKEN] = "failed",
					     [QUERY_UNKNOWN] = "inconclusive" };

	return names[ruling];
}

const char *check_words_why(const struct check_trace *t)
{
	if (t->trouble)
		return t->trouble;
	for (size_t i = 0; i < t->count; i++)
		if (t->results[i].judgement.ruling == QUERY_UNKNOWN)
			return t->results[i].judgement.why;
	return NULL;
}

/* Of open_memstream(). */
static char *finish(FILE *f, char **text)
{
	return fclose(f) ? xstrdup("") : *text;
}

static FILE *begin(char **text, size_t *size)
{
	FILE *f = open_memstream(text, size);

	if (!f)
		xmalloc_failed();
	return f;
}

char *check_words_limit(const struct check_result *r)
{
	const struct check_scope *s = r->scope;
	char *text = NULL;
	size_t size;
	FILE *f = begin(&text, &size);

	fprintf(f, "%s %s", r->limit->name, r->limit->text);
	if (s->name && *s->name)
		fprintf(f, " in [%s]", s->name);
	else if (s->condition)
		fprintf(f, " where %s", s->condition);
	if (s->from)
		fprintf(f, " from %s", s->from);
	if (s->to)
		fprintf(f, " to %s", s->to);
	if (r->process)
		fprintf(f, " of process %d (%s)", r->process->pid,
			r->process->name ? r->process->name : "?");
	return finish(f, &text);
}

static void put_figure(FILE *f, const struct check_result *r, uint64_t value,
		       uint64_t blocks)
{
	enum query_metric m = r->limit->metric;

	fputs(metric_amount(m, value).text, f);
	if (metric_is_bytes(m) && blocks)
		fprintf(f, " in %s block%s", amount_count(blocks).text,
			blocks == 1 ? "" : "s");
}

static void put_found(FILE *f, const struct check_result *r)
{
	const struct query_judgement *j = &r->judgement;

	if (!r->limit->is_growth)
		put_figure(f, r, j->value, j->blocks);
	else if (j->count)
		fprintf(f, "%zu line%s, by %s an iteration at most", j->count,
			j->count == 1 ? " grows" : "s grow",
			amount_bytes(j->value).text);
	else
		fputs("no line grows by more", f);
}

char *check_words_found(const struct check_result *r)
{
	const struct query_judgement *j = &r->judgement;
	uint64_t most = r->limit->most;
	char *text = NULL;
	size_t size;
	FILE *f = begin(&text, &size);

	put_found(f, r);
	if (j->ruling == QUERY_BROKEN && !r->limit->is_growth)
		fprintf(f, ", %s too %s",
			metric_amount(r->limit->metric, j->value - most).text,
			metric_is_bytes(r->limit->metric) ? "much" : "many");
	if (j->is_empty && r->scope->where)
		fputs(" (no block fits the condition)", f);
	if (j->known)
		fprintf(f, ", and %s that %s known",
			metric_amount(r->limit->metric, j->known).text,
			j->known_blocks == 1 ? "is" : "are");
	if (j->ruling == QUERY_UNKNOWN)
		fprintf(f, " as far as is known: %s", j->why);
	return finish(f, &text);
}

char *check_words_share(const struct check_result *r,
			const struct query_share *share)
{
	char *text = NULL;
	size_t size;
	FILE *f = begin(&text, &size);

	if (share->trend)
		fprintf(f, "%s block%s, %s an iteration over %zu iterations",
			amount_rate(share->trend->blocks).text,
			share->trend->blocks > 0.95 &&
					share->trend->blocks < 1.05
				? ""
				: "s",
			amount_bytes(share->value).text, share->iterations);
	else
		put_figure(f, r, share->value, share->blocks);
	return finish(f, &text);
}

char *check_words_stack(const struct check_result *r,
			const struct query_share *share)
{
	const struct place_style style = {
		.cwd = profile_run(r->profile)->cwd
	};
	size_t count, size;
	const struct query_frame *frames =
		profile_frames(r->profile, &share->row, &count);
	char *text = NULL, *line;
	FILE *f = begin(&text, &size);

	for (size_t i = 0; i < count; i++) {
		line = place_line(&frames[i], &style);
		fprintf(f, "%s\n", line);
		free(line);
		if (!frames[i].inlined && frames[i].function &&
		    !frames[i].python && !strcmp(frames[i].function, "main"))
			break;
	}
	return finish(f, &text);
}

const char *check_words_path(const char *file)
{
	static char cwd[PATH_MAX];
	size_t length;

	if (!*cwd && !getcwd(cwd, sizeof(cwd)))
		return file;
	length = strlen(cwd);
	if (length > 1 && !strncmp(file, cwd, length) && file[length] == '/')
		return file + length + 1;
	return file;
}

const char *check_words_suppression(const struct suppression *s)
{
	if (s->is_expired)
		return "expired";
	return s->blocks ? "used" : "unused";
}

const char *check_words_fault(const struct suppression *s)
{
	if (!s->file || !s->is_leak)
		return NULL;
	if (s->is_expired)
		return "has expired";
	if (!s->reason)
		return "has no reason";
	return s->blocks ? NULL : "was never used";
}
