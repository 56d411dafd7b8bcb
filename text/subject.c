/*
 * subject - see subject.h.
 */
#include "text/subject.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "text/escape.h"
#include "trace/xmalloc.h"

enum {
	FOLD_MIN = 3, /* frames */
};

static char *thread_text(const struct query_row *row)
{
	size_t size;
	char *text = NULL;
	FILE *out;

	if (!row->thread)
		return xstrdup("(unknown)");
	out = open_memstream(&text, &size);
	if (!out)
		xmalloc_failed();
	escape_print(out, row->thread->name ? row->thread->name : "?");
	fprintf(out, "  tid %d", row->thread->tid);
	if (row->process) {
		fprintf(out, " of process %d ", row->process->pid);
		escape_print(out,
			     row->process->name ? row->process->name : "?");
	}
	fclose(out);
	return text;
}

static char *process_text(const struct query_row *row)
{
	char *text = NULL, *name;

	if (!row->process)
		return xstrdup("(unknown)");
	name = escape_text(row->process->name ? row->process->name : "?");
	if (asprintf(&text, "%d  %s", row->process->pid, name) < 0)
		xmalloc_failed();
	free(name);
	return text;
}

static char *size_text(const struct query_row *row)
{
	char range[64] = "", brief[64] = "", *text = NULL;

	if (row->size_shared)
		snprintf(range, sizeof(range), "%" PRIu64 " to ",
			 row->size_min);
	if (row->size_max >= 10240)
		snprintf(brief, sizeof(brief), " (%s)",
			 amount_bytes(row->size_max).text);
	if (asprintf(&text, "%s%" PRIu64 " B%s", range, row->size_max, brief) <
	    0)
		xmalloc_failed();
	return text;
}

char *subject_text(enum query_by by, const struct query_row *row,
		   const struct place_style *style)
{
	switch (by) {
	case QUERY_BY_FILE:
		return place_file(&row->place, style);
	case QUERY_BY_MODULE:
		return place_module(&row->place, style);
	case QUERY_BY_THREAD:
		return thread_text(row);
	case QUERY_BY_SIZE:
		return size_text(row);
	case QUERY_BY_PROCESS:
		return process_text(row);
	case QUERY_BY_TYPE:
		return xstrdup(row->type ? row->type : "(no objects)");
	default:
		return place_line(&row->place, style);
	}
}

size_t subject_foldable(const struct query_frame *f, size_t from, size_t count)
{
	size_t end = from;

	if (!from || !f[from - 1].wrapper)
		return 0;
	while (end < count && f[end].wrapper)
		end++;
	return end - from > FOLD_MIN ? end - from - 1 : 0;
}

bool subject_is_outermost(const struct query_frame *f)
{
	return !f->inlined && !f->python && f->function &&
	       strcmp(f->function, "main") == 0;
}
