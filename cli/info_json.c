/*
 * info_json - what was run, for programs; see info_json.h.
 */
#include "cli/info_json.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "cli/balance.h"
#include "cli/gc.h"
#include "cli/jsonout.h"
#include "cli/marks.h"
#include "trace/xmalloc.h"

static void add_time(json_t *o, const char *name, uint64_t ns)
{
	json_object_set_new(o, name,
			    ns ? json_integer((json_int_t)ns) : json_null());
}

static json_t *processes(const struct profile *p)
{
	size_t count;
	const struct model_process *items = profile_processes(p, &count);
	static const char *const origins[] = {
		[MODEL_ORIGIN_RUN] = "run",
		[MODEL_ORIGIN_FORK] = "fork",
		[MODEL_ORIGIN_EXEC] = "exec",
		[MODEL_ORIGIN_ATTACH] = "attach",
	};
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < count; i++) {
		o = json_object();
		json_object_set_new(o, "pid", json_integer(items[i].pid));
		if (items[i].parent >= 0 && (size_t)items[i].parent < count)
			json_object_set_new(
				o, "parent_pid",
				json_integer(items[items[i].parent].pid));
		jsonout_text(o, "origin", origins[items[i].origin]);
		jsonout_text(o, "name", items[i].name);
		jsonout_text(o, "exe", items[i].exe);
		jsonout_count(o, "start_ns", items[i].start);
		add_time(o, "end_ns", items[i].end);
		json_object_set_new(o, "traced", json_boolean(!items[i].note));
		jsonout_text(o, "note", items[i].note);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *threads(const struct profile *p)
{
	size_t count, process_count;
	const struct model_thread *items = profile_threads(p, &count);
	const struct model_process *owners =
		profile_processes(p, &process_count);
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < count; i++) {
		o = json_object();
		json_object_set_new(o, "tid", json_integer(items[i].tid));
		jsonout_text(o, "name", items[i].name);
		if (items[i].process < process_count)
			json_object_set_new(
				o, "pid",
				json_integer(owners[items[i].process].pid));
		jsonout_count(o, "start_ns", items[i].start);
		add_time(o, "end_ns", items[i].end);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *build_id(const struct model_module *m)
{
	char *hex = xcalloc((size_t)m->build_id_size * 2 + 1, 1);
	json_t *text;

	for (uint32_t i = 0; i < m->build_id_size; i++)
		sprintf(hex + 2 * (size_t)i, "%02x", m->build_id[i]);
	text = m->build_id_size ? json_string(hex) : json_null();
	free(hex);
	return text;
}

static json_t *modules(const struct profile *p)
{
	size_t count;
	const struct model_module *items = profile_modules(p, &count);
	json_t *list = json_array(), *o;

	for (size_t i = 0; i < count; i++) {
		o = json_object();
		jsonout_text(o, "path", items[i].path);
		json_object_set_new(o, "build_id", build_id(&items[i]));
		if (items[i].is_agent)
			json_object_set_new(o, "agent", json_true());
		json_array_append_new(list, o);
	}
	return list;
}

static void add_status(json_t *o, int status)
{
	json_t *exit_status = json_null(), *signal = json_null();

	if (status != -1 && WIFEXITED(status))
		exit_status = json_integer(WEXITSTATUS(status));
	if (status != -1 && WIFSIGNALED(status))
		signal = json_integer(WTERMSIG(status));
	json_object_set_new(o, "exit_status", exit_status);
	json_object_set_new(o, "signal", signal);
}

static void add_run(json_t *o, const struct trace_run *run)
{
	json_object_set_new(o, "command", jsonout_command(run));
	json_object_set_new(o, "pid", json_integer(run->pid));
	jsonout_text(o, "cwd", run->cwd);
	jsonout_text(o, "host", run->host);
	jsonout_text(o, "memprof", run->version);
	jsonout_count(o, "start_ns_since_1970", run->start_realtime);
	jsonout_count(o, "duration_ns", run->duration);
	jsonout_count(o, "first_time_ns", run->first_time);
	add_status(o, run->status);
	jsonout_count(o, "events", run->events);
	jsonout_count(o, "file_bytes", run->file_size);
	json_object_set_new(o, "live", json_boolean(run->is_live));
}

void info_json(struct profile *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "schema", json_string("memprof.info/1"));
	add_run(o, profile_run(p));
	json_object_set_new(o, "processes", processes(p));
	json_object_set_new(o, "threads", threads(p));
	json_object_set_new(o, "modules", modules(p));
	json_object_set_new(o, "marks", marks_json(p));
	json_object_set_new(o, "balance", balance_json(p));
	if (profile_gc(p)->runs)
		json_object_set_new(o, "gc", gc_json(p));
	json_object_set_new(o, "quality", jsonout_quality(profile_quality(p)));
	jsonout_print(o);
	putchar('\n');
}
