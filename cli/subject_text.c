/*
 * subject_text - see subject_text.h.
 */
#include "cli/subject_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "text/subject.h"
#include "cli/screen.h"

enum {
	FRAME_INDENT = 8,
};

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
		folded = full ? 0 : subject_foldable(f, i, count);
		if (folded)
			printf("%*s... %zu more in libraries\n", FRAME_INDENT,
			       "", folded);
		i += folded;
		print_frame(&f[i], *style);
		if (subject_is_outermost(&f[i]) && !full)
			break;
	}
}

void subject_print(enum query_by by, const struct query_row *row,
		   const struct place_style *style)
{
	char *text = subject_text(by, row, style);

	puts(text);
	free(text);
}
