/*
 * export_pprof - profile.proto, gzip'ed: for `go tool pprof`, and for the many
 * servers and viewers of continuous profiling.
 *
 * Values of a sample are those that Go's heap profiles have, with the same
 * names, and the peak's. A location is one address with all that was inlined
 * there, innermost first; mappings carry build-ids.
 *
 * Protocol buffers may be written in pieces: messages one after the other are
 * read as one with all their elements. So each string, function, location and
 * sample is a message of its own and forgotten once it is written.
 */
#include "cli/export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "text/escape.h"
#include "cli/export_numbers.h"
#include "cli/pprof.pb-c.h"
#include "trace/xmalloc.h"

enum {
	VALUES = 6,
};

static const struct {
	const char *type, *unit;
	enum query_metric metric; /* of which it is the figure */
} value_types[VALUES] = {
	{ "alloc_objects", "count", QUERY_CALLS },
	{ "alloc_space", "bytes", QUERY_ALLOCATED },
	{ "inuse_objects", "count", QUERY_METRICS },
	{ "inuse_space", "bytes", QUERY_LIVE },
	{ "peak_objects", "count", QUERY_METRICS },
	{ "peak_space", "bytes", QUERY_PEAK },
};

struct writer {
	const struct export *export;
	gzFile gz;
	uint8_t *packed; /* owned */
	size_t packed_room;
	struct export_numbers strings, functions, locations;
	const struct model_module *modules;
	size_t module_count;
	size_t program; /* number of its module */
	bool failed;
};

/* Writes a piece of the profile. */
static void put(struct writer *w, const Pprof__Profile *piece)
{
	size_t size = pprof__profile__get_packed_size(piece);

	w->packed = xgrow(w->packed, &w->packed_room, size, 1);
	pprof__profile__pack(piece, w->packed);
	if (size && gzwrite(w->gz, w->packed, (unsigned int)size) <= 0)
		w->failed = true;
}

/* The number of a text, by a key that equal texts have in common. */
static int64_t string_for(struct writer *w, struct export_key key, char *text)
{
	Pprof__Profile piece = PPROF__PROFILE__INIT;
	bool is_new;
	uint32_t number = export_number(&w->strings, key, &is_new);

	if (is_new) {
		piece.n_string_table = 1;
		piece.string_table = &text;
		put(w, &piece);
	}
	return number;
}

/* `text` is of a constant, or interned: it is its address that counts. */
static int64_t string(struct writer *w, const char *text)
{
	struct export_key key = { { (uintptr_t)text } };
	char *valid = escape_utf8(text ? text : "");
	int64_t number = string_for(w, key, valid);

	free(valid);
	return number;
}

static int64_t function_name(struct writer *w, const struct query_frame *f)
{
	struct export_key key = {
		{ (uintptr_t)f->function, f->function ? 0 : f->addr,
		  f->function ? 0 : (uintptr_t)f->module, 1 }
	};
	char *name = export_name(f);
	int64_t number = string_for(w, key, name);

	free(name);
	return number;
}

static uint64_t function(struct writer *w, const struct query_frame *f)
{
	Pprof__Profile piece = PPROF__PROFILE__INIT;
	Pprof__Function function = PPROF__FUNCTION__INIT;
	Pprof__Function *list = &function;
	struct export_key key = export_call_key(f);
	bool is_new;

	if (f->function)
		key.part[2] = 0; /* whatever the line */
	function.id = export_number(&w->functions, key, &is_new) + 1;
	if (!is_new)
		return function.id;
	function.name = function_name(w, f);
	function.system_name = function.name;
	function.filename = string(w, f->file);
	piece.n_function = 1;
	piece.function = &list;
	put(w, &piece);
	return function.id;
}

/* The program comes first: readers call the profile by it. */
static size_t module_at(const struct writer *w, size_t place)
{
	if (!place)
		return w->program;
	return place <= w->program ? place - 1 : place;
}

static void find_program(struct writer *w)
{
	size_t count;
	const struct model_process *p =
		profile_processes(w->export->profile, &count);

	for (size_t i = 0; count && p->exe && i < w->module_count; i++)
		if (strcmp(w->modules[i].path, p->exe) == 0)
			w->program = i;
}

/* The number of the frame's module, from 1; 0 none. */
static uint64_t mapping(const struct writer *w, const struct query_frame *f)
{
	for (size_t i = 0; f->module && i < w->module_count; i++)
		if (w->modules[i].path == f->module ||
		    strcmp(w->modules[i].path, f->module) == 0)
			return i + 1;
	return 0;
}

static void put_location(struct writer *w, uint64_t id,
			 const struct query_frame *f, size_t count)
{
	Pprof__Profile piece = PPROF__PROFILE__INIT;
	Pprof__Location location = PPROF__LOCATION__INIT;
	Pprof__Location *list = &location;
	Pprof__Line *lines = xcalloc(count, sizeof(*lines));
	Pprof__Line **line = xcalloc(count, sizeof(*line));

	location.id = id;
	location.mapping_id = mapping(w, f);
	location.address = f->addr;
	if (location.mapping_id)
		location.address += w->modules[location.mapping_id - 1].bias;
	for (size_t i = 0; i < count; i++) {
		line[i] = &lines[i];
		pprof__line__init(line[i]);
		line[i]->function_id = function(w, &f[i]);
		line[i]->line = f[i].line;
	}
	location.n_line = count;
	location.line = line;
	piece.n_location = 1;
	piece.location = &list;
	put(w, &piece);
	free(line);
	free(lines);
}

/* Of the `count` calls at one address. */
static uint64_t location(struct writer *w, const struct query_frame *f,
			 size_t count)
{
	struct export_key key = export_call_key(f);
	bool is_new;
	uint32_t number;

	key.part[2] = (uint64_t)f->line << 48 ^ f->addr;
	number = export_number(&w->locations, key, &is_new);
	if (is_new)
		put_location(w, (uint64_t)number + 1, f, count);
	return (uint64_t)number + 1;
}

static void get_values(const struct query_counts *c, int64_t *values)
{
	const uint64_t figures[VALUES] = {
		c->calls,      c->allocated_bytes, c->live_blocks,
		c->live_bytes, c->peak_blocks,	   c->peak_bytes,
	};

	for (size_t i = 0; i < VALUES; i++)
		values[i] = (int64_t)figures[i];
}

static void put_sample(struct writer *w, const struct query_row *row)
{
	Pprof__Profile piece = PPROF__PROFILE__INIT;
	Pprof__Sample sample = PPROF__SAMPLE__INIT;
	Pprof__Sample *list = &sample;
	int64_t values[VALUES];
	size_t count, at = 0;
	const struct query_frame *f =
		profile_frames(w->export->profile, row, &count);
	uint64_t *ids = xcalloc(count + 1, sizeof(*ids));

	while (at < count) {
		size_t first = at;

		/* The inlined ones, and the function that they are in. */
		while (at + 1 < count && f[at].inlined)
			at++;
		at++;
		ids[sample.n_location_id++] =
			location(w, f + first, at - first);
	}
	get_values(&row->counts, values);
	sample.location_id = ids;
	sample.n_value = VALUES;
	sample.value = values;
	piece.n_sample = 1;
	piece.sample = &list;
	put(w, &piece);
	free(ids);
}

static int64_t build_id(struct writer *w, const struct model_module *m)
{
	struct export_key key = { { (uintptr_t)m, 0, 0, 2 } };
	char *hex = xcalloc(2 * (size_t)m->build_id_size + 1, 1);
	int64_t number;

	for (uint32_t i = 0; i < m->build_id_size; i++)
		sprintf(hex + 2 * i, "%02x", m->build_id[i]);
	number = string_for(w, key, hex);
	free(hex);
	return number;
}

static void put_mappings(struct writer *w)
{
	for (size_t i = 0; i < w->module_count; i++) {
		const struct model_module *m = &w->modules[module_at(w, i)];
		Pprof__Profile piece = PPROF__PROFILE__INIT;
		Pprof__Mapping mapping = PPROF__MAPPING__INIT;
		Pprof__Mapping *list = &mapping;

		mapping.id = module_at(w, i) + 1;
		mapping.memory_start = m->bias;
		mapping.memory_limit = m->bias + m->size;
		mapping.filename = string(w, m->path);
		mapping.build_id = build_id(w, m);
		/* Nobody is to look for symbols again. */
		mapping.has_functions = mapping.has_filenames = true;
		mapping.has_line_numbers = mapping.has_inline_frames = true;
		piece.n_mapping = 1;
		piece.mapping = &list;
		put(w, &piece);
	}
}

static void put_comment(struct writer *w)
{
	Pprof__Profile piece = PPROF__PROFILE__INIT;
	int64_t comment;

	comment = string(w, "written by memprof " MEMPROF_VERSION);
	piece.n_comment = 1;
	piece.comment = &comment;
	put(w, &piece);
}

/* What stands once: the types of values, the time and the default. */
static void put_head(struct writer *w)
{
	const struct trace_run *run = profile_run(w->export->profile);
	Pprof__Profile piece = PPROF__PROFILE__INIT;
	Pprof__ValueType types[VALUES], period = PPROF__VALUE_TYPE__INIT;
	Pprof__ValueType *list[VALUES];

	/* Text 0 is empty. */
	string(w, NULL);
	for (size_t i = 0; i < VALUES; i++) {
		list[i] = &types[i];
		pprof__value_type__init(&types[i]);
		types[i].type = string(w, value_types[i].type);
		types[i].unit = string(w, value_types[i].unit);
		if (value_types[i].metric == w->export->query.sort)
			piece.default_sample_type = types[i].type;
	}
	period.type = string(w, "space");
	period.unit = types[1].unit;
	piece.n_sample_type = VALUES;
	piece.sample_type = list;
	piece.period_type = &period;
	piece.period = run->sample ? (int64_t)run->sample : 1;
	piece.time_nanos = (int64_t)run->start_realtime;
	piece.duration_nanos = (int64_t)run->duration;
	put(w, &piece);
}

static int open_stdout(struct writer *w, struct err *err)
{
	int fd = dup(STDOUT_FILENO);

	w->gz = fd < 0 ? NULL : gzdopen(fd, "wb");
	if (w->gz)
		return 0;
	if (fd >= 0)
		close(fd);
	return err_errno(err, "cannot write the profile");
}

int export_pprof(const struct export *e, struct err *err)
{
	struct writer w = { .export = e };

	w.modules = profile_modules(e->profile, &w.module_count);
	find_program(&w);
	if (open_stdout(&w, err) < 0)
		return -1;
	put_head(&w);
	put_comment(&w);
	put_mappings(&w);
	for (size_t i = 0; i < e->stacks->count && !w.failed; i++)
		put_sample(&w, &e->stacks->rows[i]);
	errno = EIO;
	if (gzclose(w.gz) != Z_OK)
		w.failed = true;
	export_numbers_release(&w.strings);
	export_numbers_release(&w.functions);
	export_numbers_release(&w.locations);
	free(w.packed);
	return w.failed ? err_errno(err, "cannot write the profile") : 0;
}
