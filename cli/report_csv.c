/*
 * report_csv - rows for spreadsheets, and for tests.
 *
 * CSV follows RFC 4180, and a field that a spreadsheet would take for a
 * formula gets an apostrophe. TSV is for comparison by diff: it has no
 * addresses, no pids, no times, and of paths the last part.
 */
#include "cli/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/escape.h"
#include "cli/place.h"
#include "trace/xmalloc.h"

struct writer {
	const struct report *report;
	bool is_tsv;
	bool has_field; /* on this line */
};

static void separate(struct writer *w)
{
	if (w->has_field)
		putchar(w->is_tsv ? '\t' : ',');
	w->has_field = true;
}

static void end_line(struct writer *w)
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

static void put_text(struct writer *w, const char *text)
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

static void put_path(struct writer *w, const char *path)
{
	put_text(w, path && w->is_tsv ? place_base(path) : path);
}

static void put_count(struct writer *w, uint64_t count)
{
	separate(w);
	printf("%" PRIu64, count);
}

static void put_line(struct writer *w, const struct query_frame *f)
{
	separate(w);
	if (f->line)
		printf("%" PRIu32, f->line);
}

/* The caller frees it. */
static char *function_text(const struct writer *w, const struct query_frame *f)
{
	char address[24] = "??";

	if (f->function)
		return w->is_tsv ? place_short_name(f->function)
				 : xstrdup(f->function);
	if (f->addr && !w->is_tsv)
		snprintf(address, sizeof(address), "0x%" PRIx64, f->addr);
	return xstrdup(address);
}

static void put_function(struct writer *w, const struct query_frame *f)
{
	char *text = function_text(w, f);

	put_text(w, text);
	free(text);
}

static void write_frame(const struct writer *w, FILE *out,
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
static void put_stack(struct writer *w, const struct query_row *row)
{
	char *text = NULL;
	size_t size = 0, count;
	FILE *out = open_memstream(&text, &size);
	const struct query_frame *f =
		profile_frames(w->report->profile, row, &count);

	if (!out)
		return;
	for (size_t i = count; i--;) {
		write_frame(w, out, &f[i]);
		if (i)
			fputc(';', out);
	}
	fclose(out);
	put_text(w, text);
	free(text);
}

static void put_process(struct writer *w, const struct model_process *p)
{
	if (!w->is_tsv) {
		separate(w);
		if (p)
			printf("%d", p->pid);
	}
	put_text(w, p ? p->name : NULL);
}

static void put_thread(struct writer *w, const struct query_row *row)
{
	if (!w->is_tsv) {
		separate(w);
		if (row->thread)
			printf("%d", row->thread->tid);
	}
	put_text(w, row->thread ? row->thread->name : NULL);
	put_process(w, row->process);
}

static void put_subject(struct writer *w, const struct query_row *row)
{
	switch (w->report->query.by) {
	case QUERY_BY_LINE:
		put_function(w, &row->place);
		put_path(w, row->place.file);
		put_line(w, &row->place);
		put_path(w, row->place.module);
		break;
	case QUERY_BY_FUNCTION:
		put_function(w, &row->place);
		/* fall through */
	case QUERY_BY_FILE:
		put_path(w, row->place.file);
		/* fall through */
	case QUERY_BY_MODULE:
		put_path(w, row->place.module);
		break;
	case QUERY_BY_STACK:
		put_stack(w, row);
		break;
	case QUERY_BY_THREAD:
		put_thread(w, row);
		break;
	case QUERY_BY_SIZE:
		put_count(w, row->size_max);
		break;
	case QUERY_BY_PROCESS:
		put_process(w, row->process);
		break;
	case QUERY_BYS:
		break;
	}
}

static const char *const figure_titles[] = {
	"calls",	"allocated_bytes", "freed_bytes", "live_bytes",
	"live_blocks",	"peak_bytes",	   "peak_blocks", "temporary",
	"leaked_bytes", "leaked_blocks",
};

static void put_figures(struct writer *w, const struct query_counts *c)
{
	put_count(w, c->calls);
	put_count(w, c->allocated_bytes);
	put_count(w, c->freed_bytes);
	put_count(w, c->live_bytes);
	put_count(w, c->live_blocks);
	put_count(w, c->peak_bytes);
	put_count(w, c->peak_blocks);
	put_count(w, c->temporary);
	put_count(w, c->leaked_bytes);
	put_count(w, c->leaked_blocks);
}

static void put_subject_titles(struct writer *w)
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
	};
	char words[64], *rest = NULL;

	snprintf(words, sizeof(words), "%s", titles[w->report->query.by]);
	for (char *t = strtok_r(words, " ", &rest); t;
	     t = strtok_r(NULL, " ", &rest))
		if (!w->is_tsv || (strcmp(t, "tid") && strcmp(t, "pid")))
			put_text(w, t);
}

static void write_rows(struct writer *w)
{
	const struct query_result *result = w->report->result;

	put_subject_titles(w);
	for (size_t i = 0; i < sizeof(figure_titles) / sizeof(*figure_titles);
	     i++)
		put_text(w, figure_titles[i]);
	end_line(w);
	for (size_t i = 0; i < result->count; i++) {
		put_subject(w, &result->rows[i]);
		put_figures(w, &result->rows[i].counts);
		end_line(w);
	}
}

void report_csv(const struct report *r)
{
	write_rows(&(struct writer){ .report = r });
}

void report_tsv(const struct report *r)
{
	write_rows(&(struct writer){ .report = r, .is_tsv = true });
}
