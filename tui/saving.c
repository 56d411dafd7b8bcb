/*
 * saving - see saving.h.
 */
#include "tui/saving.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace/xmalloc.h"
#include "tui/border.h"

static void append(struct browser *b, const char *text)
{
	size_t length = strlen(text);
	bool has_end = length && text[length - 1] == '\n';

	b->copied = xrealloc(b->copied, b->copied_size + length + 3);
	memcpy(b->copied + b->copied_size, text, length);
	b->copied_size += length;
	if (!has_end)
		b->copied[b->copied_size++] = '\n';
	b->copied[b->copied_size++] = '\n';
	b->copied[b->copied_size] = '\0';
}

void saving_copy(struct browser *b)
{
	const struct page_row *row = browser_row(b);
	char *text;

	if (!row)
		return;
	text = row->stack ? xstrdup(row->stack)
			  : page_row_text(browser_page(b), row, 0);
	append(b, text);
	free(text);
	browser_say(b, "kept: it is printed when you quit");
}

/* As the screen would be if it were as high as the view is long. */
static void write_all(struct browser *b, FILE *out)
{
	const struct page *p = browser_page(b);
	int rows = b->cells.rows, columns = b->cells.columns;
	struct list list = b->lists[b->ask.view];
	int more = p ? (int)p->count + 1 - border_area(b).rows : 0;

	cells_resize(&b->cells, more > 0 ? rows + more : rows, columns);
	browser_draw(b);
	cells_write(&b->cells, out);
	b->lists[b->ask.view] = list;
	cells_resize(&b->cells, rows, columns);
}

void saving_view(struct browser *b, const char *path)
{
	int fd = *path ? open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			      0666)
		       : -1;
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	bool is_good;

	if (!*path)
		return;
	if (!out) {
		browser_say(b, "can not write '%s': %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	b->message[0] = '\0';
	write_all(b, out);
	is_good = !ferror(out);
	is_good = fclose(out) == 0 && is_good;
	if (is_good)
		browser_say(b, "written to %s", path);
	else
		browser_say(b, "can not write '%s': %s", path, strerror(errno));
}
