/*
 * export_html - a report to be read in a browser, in one file.
 *
 * The page's own text is in cli/html, and is put into the program when that is
 * built. It asks for nothing over the network and forbids itself to. Foreign
 * text reaches it only as JSON (web_print.c) and the document only as text
 * nodes.
 */
#include "cli/export.h"

#include <stdio.h>

#include "cli/html.h"
#include "cli/web.h"
#include "trace/xmalloc.h"

static void take_rows(struct web *p, const struct query_result *r)
{
	p->row_count = r->count;
	p->rows = xcalloc(r->count + 1, sizeof(*p->rows));
	for (size_t i = 0; i < r->count; i++)
		p->rows[i].side[0] = &r->rows[i];
	p->side[0].total = r->total;
}

/* -1 with err set. */
static int take_changes(struct web *p, struct err *err)
{
	struct query by_line = p->query;
	const struct query_diff *d = profile_diff(
		p->side[0].profile, p->side[1].profile, &p->query, true, err);

	by_line.by = QUERY_BY_LINE;
	if (d)
		p->lines = profile_diff(p->side[0].profile, p->side[1].profile,
					&by_line, true, err);
	if (!p->lines)
		return -1;
	p->row_count = d->count;
	p->rows = xcalloc(d->count + 1, sizeof(*p->rows));
	for (size_t i = 0; i < d->count; i++) {
		p->rows[i].side[0] = d->rows[i].before;
		p->rows[i].side[1] = d->rows[i].after;
	}
	p->side[0].total = d->before;
	p->side[1].total = d->after;
	return 0;
}

static void print(struct web *p)
{
	fwrite(html_before, 1, html_before_size, stdout);
	fputs("{\"memprof\":\"" MEMPROF_VERSION "\",\n", stdout);
	web_runs(p);
	if (p->lines)
		web_lines(p);
	web_stacks(p);
	web_slices(p);
	web_sources(p);
	fputs("\"schema\":\"memprof.page/1\"}\n", stdout);
	fwrite(html_behind, 1, html_behind_size, stdout);
}

int export_html(const struct export *e, struct err *err)
{
	struct web p = { .query = e->query, .sides = 1 };

	p.side[0] =
		(struct web_side){ .profile = e->profile, .spec = e->spec[0] };
	if (e->before) {
		p.side[0].profile = e->before;
		p.side[1] = (struct web_side){ .profile = e->profile,
					       .spec = e->spec[1] };
		p.sides = 2;
		if (take_changes(&p, err) < 0)
			return -1;
	} else {
		take_rows(&p, e->stacks);
	}
	web_choose(&p);
	print(&p);
	web_release(&p);
	return 0;
}
