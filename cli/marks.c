/*
 * marks - see marks.h.
 */
#include "cli/marks.h"

#include <stdio.h>

#include "text/amount.h"
#include "text/escape.h"
#include "cli/jsonout.h"

enum {
	SHOWN = 10,
	INDENT = 12,
};

static const char *const sources[] = {
	[MODEL_MARK_PROGRAM] = "program",
	[MODEL_MARK_COMMAND] = "command",
	[MODEL_MARK_SIGNAL] = "signal",
};

static const char *const kinds[] = {
	[MODEL_MARK_NAMED] = "mark",
	[MODEL_MARK_STARTED] = "recording started",
	[MODEL_MARK_STOPPED] = "recording stopped",
};

static void print_mark(const struct model_mark *m)
{
	printf("%*s%s  ", INDENT, "", amount_time(m->time).text);
	if (m->kind == MODEL_MARK_NAMED)
		escape_print(stdout, m->name);
	else
		fputs(kinds[m->kind], stdout);
	printf(", by %s\n", sources[m->source]);
}

void marks_text(const struct profile *p, bool all)
{
	size_t count, shown;
	const struct model_mark *marks = profile_marks(p, &count);

	if (!count)
		return;
	shown = all || count <= SHOWN ? count : SHOWN;
	printf("%-*s%zu\n", INDENT, "marks", count);
	for (size_t i = 0; i < shown; i++)
		print_mark(&marks[i]);
	if (shown < count)
		printf("%*sand %zu more (-v)\n", INDENT, "", count - shown);
}

json_t *marks_json(const struct profile *p)
{
	size_t count, processes;
	const struct model_mark *marks = profile_marks(p, &count);
	const struct model_process *process = profile_processes(p, &processes);
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++) {
		const struct model_mark *m = &marks[i];
		json_t *o = json_object();

		jsonout_text(o, "kind", kinds[m->kind]);
		jsonout_text(o, "name", m->name);
		jsonout_text(o, "source", sources[m->source]);
		json_object_set_new(
			o, "pid",
			m->process >= 0 && (size_t)m->process < processes
				? json_integer(process[m->process].pid)
				: json_null());
		jsonout_count(o, "time_ns", m->time);
		json_array_append_new(list, o);
	}
	return list;
}
