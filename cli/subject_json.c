/*
 * subject_json - see subject_json.h.
 */
#include "cli/subject_json.h"

#include "cli/jsonout.h"

void subject_json_frame(json_t *o, const struct query_frame *f)
{
	jsonout_text(o, "function", f->function);
	jsonout_text(o, "file", f->file);
	jsonout_count(o, "line", f->line);
	jsonout_text(o, "module", f->module);
	json_object_set_new(o, "inlined", json_boolean(f->inlined));
	if (f->wrapper)
		json_object_set_new(o, "wrapper", json_true());
	if (f->guessed)
		json_object_set_new(o, "guessed", json_true());
	if (!f->function && f->addr)
		jsonout_address(o, "address", f->addr);
}

static json_t *frames(struct profile *p, const struct query_row *row)
{
	size_t count;
	const struct query_frame *f = profile_frames(p, row, &count);
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < count; i++) {
		o = json_object();
		subject_json_frame(o, &f[i]);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *thread(const struct query_row *row)
{
	json_t *o;

	if (!row->thread)
		return json_null();
	o = json_object();
	json_object_set_new(o, "tid", json_integer(row->thread->tid));
	jsonout_text(o, "name", row->thread->name);
	if (row->process)
		json_object_set_new(o, "pid", json_integer(row->process->pid));
	return o;
}

static json_t *process(const struct query_row *row)
{
	json_t *o;

	if (!row->process)
		return json_null();
	o = json_object();
	json_object_set_new(o, "pid", json_integer(row->process->pid));
	jsonout_text(o, "name", row->process->name);
	jsonout_text(o, "exe", row->process->exe);
	return o;
}

static void add_place(json_t *o, const struct query_row *row, enum query_by by)
{
	const struct query_frame *f = &row->place;

	if (by == QUERY_BY_LINE || by == QUERY_BY_FUNCTION)
		jsonout_text(o, "function", f->function);
	if (by != QUERY_BY_MODULE)
		jsonout_text(o, "file", f->file);
	if (by == QUERY_BY_LINE)
		jsonout_count(o, "line", f->line);
	jsonout_text(o, "module", f->module);
	if (by == QUERY_BY_LINE && !f->function && f->addr)
		jsonout_address(o, "address", f->addr);
}

void subject_json(json_t *o, struct profile *p, enum query_by by,
		  const struct query_row *row)
{
	switch (by) {
	case QUERY_BY_STACK:
		json_object_set_new(o, "frames", frames(p, row));
		break;
	case QUERY_BY_THREAD:
		json_object_set_new(o, "thread", thread(row));
		break;
	case QUERY_BY_SIZE:
		jsonout_count(o, "size", row->size_max);
		jsonout_count(o, "size_min", row->size_min);
		json_object_set_new(o, "exact",
				    json_boolean(!row->size_shared));
		break;
	case QUERY_BY_PROCESS:
		json_object_set_new(o, "process", process(row));
		break;
	case QUERY_BY_TYPE:
		jsonout_text(o, "type", row->type);
		jsonout_count(o, "sole", row->sole);
		break;
	default:
		add_place(o, row, by);
	}
}
