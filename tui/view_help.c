/*
 * view_help - all keys, from their table.
 */
#include <string.h>

#include "tui/view.h"

int view_help_fill(struct asker *a, struct page *p, struct err *err)
{
	const struct keys_help *h;
	const char *group = "";

	(void)a;
	(void)err;
	for (size_t i = 0; (h = keys_help(i)); i++) {
		struct page_row *row;

		if (strcmp(h->group, group) != 0) {
			if (*group)
				page_add(p)->text = "";
			row = page_add(p);
			row->text = h->group;
			row->style = CELLS_TITLE;
			group = h->group;
		}
		if (h->keys)
			page_add(p)->text =
				page_format(p, "  %-18s %s", h->keys, h->help);
	}
	return 0;
}
