/*
 * view_info - what was run, and what of it was not seen.
 */
#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "tui/view.h"

enum {
	LISTED = 200, /* of processes, marks and modules */
	LINE = 66, /* bytes of text in a row */
};

/* The end of what fits into a line, after a word if there is one. */
static size_t line_length(const char *text)
{
	size_t length = strlen(text), end = LINE;

	if (length <= LINE)
		return length;
	while (end && text[end] != ' ')
		end--;
	return end ? end : length;
}

static void add(struct page *p, const char *label, const char *text)
{
	size_t length;

	do {
		length = line_length(text);
		page_add(p)->text =
			page_format(p, " %-12s%.*s", label, (int)length, text);
		text += length + (text[length] == ' ');
		label = "";
	} while (*text);
}

static void add_title(struct page *p, const char *text)
{
	struct page_row *row;

	page_add(p)->text = "";
	row = page_add(p);
	row->text = text;
	row->style = CELLS_TITLE;
}

static void add_status(struct page *p, const struct trace_run *run)
{
	const char *text = "not known: its end was not seen";

	if (run->is_live)
		text = "still being traced";
	else if (run->status != -1 && WIFEXITED(run->status))
		text = page_format(p, "exited with %d",
				   WEXITSTATUS(run->status));
	else if (run->status != -1 && WIFSIGNALED(run->status))
		text = page_format(p, "killed by signal %d (%s)",
				   WTERMSIG(run->status),
				   strsignal(WTERMSIG(run->status)));
	add(p, "status", text);
}

static void add_run(struct page *p, const struct trace_run *run)
{
	add(p, "command", p->head.command);
	add(p, "directory", run->cwd ? run->cwd : "?");
	add(p, "host", run->host ? run->host : "?");
	add_status(p, run);
	add(p, "duration", amount_time(run->duration).text);
	add(p, "trace",
	    page_format(p, "%s, %s events", amount_bytes(run->file_size).text,
			amount_count(run->events).text));
	if (run->sample)
		add(p, "sampled",
		    page_format(p,
				"a block for each %s, so figures are "
				"estimates",
				amount_bytes(run->sample).text));
	if (run->first_event)
		add(p, "kept",
		    page_format(p, "events from %s on",
				amount_time(run->first_time).text));
}

static void add_calls(struct page *p)
{
	const struct query_totals *t = &p->head.totals;

	add_title(p, "Totals");
	add(p, "calls",
	    page_format(p, "%s allocations, %s reallocations",
			amount_count(t->allocations).text,
			amount_count(t->reallocations).text));
	add(p, "frees", amount_count(t->frees).text);
	add(p, "allocated", amount_bytes(t->allocated_bytes).text);
	add(p, "temporary", amount_count(t->temporary).text);
	add(p, "peak",
	    page_format(p, "%s in %s blocks", amount_bytes(t->peak_bytes).text,
			amount_count(t->peak_blocks).text));
	add(p, "live",
	    page_format(p, "%s in %s blocks", amount_bytes(t->live_bytes).text,
			amount_count(t->live_blocks).text));
}

static void add_some(struct page *p, const char *what, uint64_t count)
{
	if (count)
		page_add(p)->text = page_format(p, " %12s  %s",
						amount_count(count).text, what);
}

static void add_gap(struct page *p, const struct query_module_gap *g)
{
	page_add(p)->text =
		page_format(p, " %12s  %s %s", amount_bytes(g->bytes).text,
			    g->path, g->why);
	if (g->fix)
		page_add(p)->text =
			page_format(p, " %12s  try: %s", "", g->fix);
}

static void add_quality(struct page *p, struct profile *profile)
{
	const struct query_quality *q = profile_quality(profile);
	const struct model_quality *c = &q->capture;

	add_title(p, q->complete ? "Quality: complete" : "Quality: incomplete");
	if (p->head.problem)
		add(p, "!", p->head.problem);
	for (size_t i = 0; i < q->note_count; i++)
		add(p, "!", q->notes[i]);
	add_some(p, "events lost", c->lost_events);
	add_some(p, "frees of unknown blocks", c->unmatched_frees);
	add_some(p, "stacks cut short", c->truncated_stacks);
	add_some(p, "frames guessed by frame pointer", q->guessed_frames);
	add(p, "no line for", amount_bytes(q->bytes_without_line).text);
	for (size_t i = 0; i < q->gap_count && i < LISTED; i++)
		add_gap(p, &q->gaps[i]);
	if (q->leaks)
		add(p, "leaks", q->leaks);
}

static void add_processes(struct page *p, const struct profile *profile)
{
	size_t count;
	const struct model_process *list = profile_processes(profile, &count);

	add_title(p, "Processes");
	for (size_t i = 0; i < count && i < LISTED; i++)
		page_add(p)->text =
			page_format(p, " %12" PRId32 "  %s%s%s", list[i].pid,
				    list[i].name ? list[i].name : "?",
				    list[i].note ? ", " : "",
				    list[i].note ? list[i].note : "");
}

static void add_marks(struct page *p, const struct profile *profile)
{
	size_t count;
	const struct model_mark *list = profile_marks(profile, &count);

	if (!count)
		return;
	add_title(p, "Marks");
	for (size_t i = 0; i < count && i < LISTED; i++)
		if (list[i].kind == MODEL_MARK_NAMED)
			page_add(p)->text = page_format(
				p, " %12s  %s", amount_time(list[i].time).text,
				list[i].name);
}

int view_info_fill(struct asker *a, struct page *p, struct err *err)
{
	(void)err;
	add_run(p, profile_run(a->now));
	add_calls(p);
	add_quality(p, a->now);
	add_processes(p, a->now);
	add_marks(p, a->now);
	return 0;
}
