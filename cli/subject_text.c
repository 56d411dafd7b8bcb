/*
 * subject_text - see subject_text.h.
 */
#include "cli/subject_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/amount.h"
#include "text/escape.h"
#include "cli/screen.h"

enum {
	FRAME_INDENT = 8,
	FOLD_MIN = 3, /* frames */
};

static void print_own(char *text)
{
	puts(text);
	free(text);
}

static void print_thread(const struct query_row *row)
{
	if (!row->thread) {
		puts("(unknown)");
		return;
	}
	escape_print(stdout, row->thread->name ? row->thread->name : "?");
	printf("  tid %d", row->thread->tid);
	if (row->process) {
		printf(" of process %d ", row->process->pid);
		escape_print(stdout,
			     row->process->name ? row->process->name : "?");
	}
	putchar('\n');
}

static void print_process(const struct query_row *row)
{
	if (!row->process) {
		puts("(unknown)");
		return;
	}
	printf("%d  ", row->process->pid);
	escape_print(stdout, row->process->name ? row->process->name : "?");
	putchar('\n');
}

static void print_size(const struct query_row *row)
{
	if (row->size_shared)
		printf("%" PRIu64 " to ", row->size_min);
	printf("%" PRIu64 " B", row->size_max);
	if (row->size_max >= 10240)
		printf(" (%s)", amount_bytes(row->size_max).text);
	putchar('\n');
}

static bool is_outermost(const struct query_frame *f)
{
	return !f->inlined && f->function && strcmp(f->function, "main") == 0;
}

/*
 * Frames from here on that can be told as a number: all but the first and the
 * last of a run of library code, when that saves lines.
 */
static size_t foldable(const struct query_frame *f, size_t from, size_t count)
{
	size_t end = from;

	if (!from || !f[from - 1].wrapper)
		return 0;
	while (end < count && f[end].wrapper)
		end++;
	return end - from > FOLD_MIN ? end - from - 1 : 0;
}

static void print_frame(const struct query_frame *f, struct place_style style)
{
	char *text;

	if (style.columns)
		style.columns = screen_columns() - FRAME_INDENT - 10;
	text = place_line(f, &style);
	printf("%*s%s%s%s\n", FRAME_INDENT, "", text,
	       f->inlined ? " (inlined)" : "", f->guessed ? " (guessed)" : "");
	free(text);
}

/* Callers below; what runs before main is left out unless wanted. */
void subject_print_stack(struct profile *p, const struct query_row *row,
			 const struct place_style *style)
{
	size_t count, folded;
	const struct query_frame *f = profile_frames(p, row, &count);
	bool full = style->full;

	for (size_t i = 0; i < count; i++) {
		folded = full ? 0 : foldable(f, i, count);
		if (folded)
			printf("%*s... %zu more in libraries\n", FRAME_INDENT,
			       "", folded);
		i += folded;
		print_frame(&f[i], *style);
		if (is_outermost(&f[i]) && !full)
			break;
	}
}

void subject_print(enum query_by by, const struct query_row *row,
		   const struct place_style *style)
{
	switch (by) {
	case QUERY_BY_FILE:
		print_own(place_file(&row->place, style));
		break;
	case QUERY_BY_MODULE:
		print_own(place_module(&row->place, style));
		break;
	case QUERY_BY_THREAD:
		print_thread(row);
		break;
	case QUERY_BY_SIZE:
		print_size(row);
		break;
	case QUERY_BY_PROCESS:
		print_process(row);
		break;
	default:
		print_own(place_line(&row->place, style));
	}
}
