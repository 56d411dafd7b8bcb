/*
 * csv - see csv.h.
 */
#include "cli/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "text/place.h"
#include "trace/xmalloc.h"

static void separate(struct csv *w)
{
	if (w->has_field)
		putchar(w->is_tsv ? '\t' : ',');
	w->has_field = true;
}

void csv_end_line(struct csv *w)
{
	fputs(w->is_tsv ? "\n" : "\r\n", stdout);
	w->has_field = false;
}

static void put_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
}

void csv_text(struct csv *w, const char *text)
{
	char *safe = escape_text(text ? text : "");

	separate(w);
	if (!w->is_tsv && *safe && strchr("=+-@", *safe)) {
		char *marked = NULL;

		if (asprintf(&marked, "'%s", safe) >= 0) {
			free(safe);
			safe = marked;
		}
	}
	if (!w->is_tsv && strpbrk(safe, ",\" "))
		put_quoted(safe);
	else
		fputs(safe, stdout);
	free(safe);
}

void csv_path(struct csv *w, const char *path)
{
	csv_text(w, path && w->is_tsv ? place_base(path) : path);
}

void csv_count(struct csv *w, uint64_t count)
{
	separate(w);
	printf("%" PRIu64, count);
}

void csv_change(struct csv *w, int64_t change)
{
	separate(w);
	printf("%" PRId64, change);
}

static void put_line(struct csv *w, const struct query_frame *f)
{
	separate(w);
	if (f->line)
		printf("%" PRIu32, f->line);
}

/* The caller frees it. */
static char *function_text(const struct csv *w, const struct query_frame *f)
{
	char address[24] = "??";

	if (f->function)
		return w->is_tsv ? query_brief_name(f->function)
				 : xstrdup(f->function);
	if (f->addr && !w->is_tsv)
		snprintf(address, sizeof(address), "0x%" PRIx64, f->addr);
	return xstrdup(address);
}

static void put_function(struct csv *w, const struct query_frame *f)
{
	char *text = function_text(w, f);

	csv_text(w, text);
	free(text);
}

static void write_frame(const struct csv *w, FILE *out,
			const struct query_frame *f)
{
	char *function = function_text(w, f);
	const char *path = f->file ? f->file : f->module;

	fputs(function, out);
	free(function);
	if (!path)
		return;
	fprintf(out, " (%s", w->is_tsv ? place_base(path) : path);
	if (f->file && f->line)
		fprintf(out, ":%" PRIu32, f->line);
	fputc(')', out);
}

/* "main (a.c:10);make (a.c:3)": outermost first, as folded stacks are. */
static void put_stack(struct csv *w, const struct query_row *row)
{
	char *text = NULL;
	size_t size = 0, count;
	FILE *out = open_memstream(&text, &size);
	const struct query_frame *f = profile_frames(w->profile, row, &count);

	if (!out)
		return;
	for (size_t i = count; i--;) {
		write_frame(w, out, &f[i]);
		if (i)
			fputc(';', out);
	}
	fclose(out);
	csv_text(w, text);
	free(text);
}

static void put_process(struct csv *w, const struct model_process *p)
{
	if (!w->is_tsv) {
		separate(w);
		if (p)
			printf("%d", p->pid);
	}
	csv_text(w, p ? p->name : NULL);
}

static void put_thread(struct csv *w, const struct query_row *row)
{
	if (!w->is_tsv) {
		separate(w);
		if (row->thread)
			printf("%d", row->thread->tid);
	}
	csv_text(w, row->thread ? row->thread->name : NULL);
	put_process(w, row->process);
}

void csv_subject(struct csv *w, const struct query_row *row)
{
	switch (w->by) {
	case QUERY_BY_LINE:
		put_function(w, &row->place);
		csv_path(w, row->place.file);
		put_line(w, &row->place);
		csv_path(w, row->place.module);
		break;
	case QUERY_BY_FUNCTION:
		put_function(w, &row->place);
		/* fall through */
	case QUERY_BY_FILE:
		csv_path(w, row->place.file);
		/* fall through */
	case QUERY_BY_MODULE:
		csv_path(w, row->place.module);
		break;
	case QUERY_BY_STACK:
		put_stack(w, row);
		break;
	case QUERY_BY_THREAD:
		put_thread(w, row);
		break;
	case QUERY_BY_SIZE:
		csv_count(w, row->size_max);
		break;
	case QUERY_BY_PROCESS:
		put_process(w, row->process);
		break;
	case QUERY_BY_TYPE:
		csv_text(w, row->type ? row->type : "");
		break;
	case QUERY_BYS:
		break;
	}
}

void csv_subject_titles(struct csv *w)
{
	static const char *const titles[QUERY_BYS] = {
		[QUERY_BY_LINE] = "function file line module",
		[QUERY_BY_FUNCTION] = "function file module",
		[QUERY_BY_FILE] = "file module",
		[QUERY_BY_MODULE] = "module",
		[QUERY_BY_STACK] = "stack",
		[QUERY_BY_THREAD] = "tid thread pid process",
		[QUERY_BY_SIZE] = "size",
		[QUERY_BY_PROCESS] = "pid process",
		[QUERY_BY_TYPE] = "type",
	};
	char words[64], *rest = NULL;

	snprintf(words, sizeof(words), "%s", titles[w->by]);
	for (char *t = strtok_r(words, " ", &rest); t;
	     t = strtok_r(NULL, " ", &rest))
		if (!w->is_tsv || (strcmp(t, "tid") && strcmp(t, "pid")))
			csv_text(w, t);
}

static const char *const figure_titles[] = {
	"calls",	"allocated_bytes", "freed_bytes", "live_bytes",
	"live_blocks",	"peak_bytes",	   "peak_blocks", "temporary",
	"leaked_bytes", "leaked_blocks",
};

void csv_counts(struct csv *w, const struct query_counts *c)
{
	csv_count(w, c->calls);
	csv_count(w, c->allocated_bytes);
	csv_count(w, c->freed_bytes);
	csv_count(w, c->live_bytes);
	csv_count(w, c->live_blocks);
	csv_count(w, c->peak_bytes);
	csv_count(w, c->peak_blocks);
	csv_count(w, c->temporary);
	csv_count(w, c->leaked_bytes);
	csv_count(w, c->leaked_blocks);
}

void csv_count_titles(struct csv *w)
{
	for (size_t i = 0; i < sizeof(figure_titles) / sizeof(*figure_titles);
	     i++)
		csv_text(w, figure_titles[i]);
}
