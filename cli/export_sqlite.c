/*
 * export_sqlite - a database, so that `sqlite3` or DuckDB can be asked
 * anything.
 *
 * Stacks are kept as a tree, as in a trace: a row of `frames` is a line called
 * from another frame, and a stack is its innermost frame. What was allocated
 * stands in `allocations`, a row for each stack and kind. Three views answer
 * what is asked most; memprof-export(1) has examples.
 */
#include "cli/export.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <sqlite3.h>

#include "text/escape.h"
#include "cli/export_numbers.h"

#define SUMS                                                                   \
	"sum(calls) AS calls, sum(allocated_bytes) AS allocated_bytes, "       \
	"sum(freed_bytes) AS freed_bytes, sum(live_blocks) AS live_blocks, "   \
	"sum(live_bytes) AS live_bytes, sum(peak_blocks) AS peak_blocks, "     \
	"sum(peak_bytes) AS peak_bytes, sum(temporary) AS temporary, "         \
	"sum(leaked_blocks) AS leaked_blocks, "                                \
	"sum(leaked_bytes) AS leaked_bytes"

static const char schema[] =
	"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
	"CREATE TABLE run (name TEXT PRIMARY KEY, value);"
	"CREATE TABLE processes (id INTEGER PRIMARY KEY, pid INTEGER,"
	" parent INTEGER REFERENCES processes, name TEXT, exe TEXT,"
	" start_ns INTEGER, end_ns INTEGER);"
	"CREATE TABLE threads (id INTEGER PRIMARY KEY,"
	" process INTEGER REFERENCES processes, tid INTEGER, name TEXT,"
	" start_ns INTEGER, end_ns INTEGER);"
	"CREATE TABLE modules (id INTEGER PRIMARY KEY, path TEXT,"
	" build_id TEXT, size INTEGER);"
	"CREATE TABLE marks (name TEXT, time_ns INTEGER,"
	" process INTEGER REFERENCES processes);"
	"CREATE TABLE timeline (time_ns INTEGER PRIMARY KEY,"
	" heap_bytes INTEGER, heap_high_bytes INTEGER,"
	" mapping_bytes INTEGER, mapping_high_bytes INTEGER,"
	" resident_bytes INTEGER);"
	"CREATE TABLE functions (id INTEGER PRIMARY KEY, name TEXT, file TEXT,"
	" module TEXT);"
	"CREATE TABLE lines (id INTEGER PRIMARY KEY,"
	" function INTEGER REFERENCES functions, line INTEGER);"
	"CREATE TABLE frames (id INTEGER PRIMARY KEY,"
	" parent INTEGER REFERENCES frames, line INTEGER REFERENCES lines,"
	" inlined INTEGER, wrapper INTEGER);"
	"CREATE TABLE stacks (id INTEGER PRIMARY KEY,"
	" frame INTEGER REFERENCES frames, place INTEGER REFERENCES lines,"
	" depth INTEGER);"
	"CREATE TABLE allocations (stack INTEGER REFERENCES stacks, kind TEXT,"
	" calls INTEGER, allocations INTEGER, reallocations INTEGER,"
	" allocated_bytes INTEGER, frees INTEGER, freed_bytes INTEGER,"
	" live_blocks INTEGER, live_bytes INTEGER, peak_blocks INTEGER,"
	" peak_bytes INTEGER, temporary INTEGER, leaked_blocks INTEGER,"
	" leaked_bytes INTEGER);";

static const char finish[] =
	"CREATE INDEX frames_parent ON frames (parent);"
	"CREATE INDEX frames_line ON frames (line);"
	"CREATE INDEX stacks_place ON stacks (place);"
	"CREATE INDEX stacks_frame ON stacks (frame);"
	"CREATE INDEX allocations_stack ON allocations (stack);"
	"CREATE INDEX functions_name ON functions (name);"
	"CREATE VIEW by_line AS SELECT f.name AS function, f.file, l.line,"
	" f.module, a.kind, " SUMS " FROM allocations a"
	" JOIN stacks s ON s.id = a.stack JOIN lines l ON l.id = s.place"
	" JOIN functions f ON f.id = l.function"
	" GROUP BY a.kind, l.id;"
	/* With what a function's callees allocated; recursion counts once. */
	"CREATE VIEW by_function AS WITH RECURSIVE up (stack, frame) AS ("
	" SELECT id, frame FROM stacks UNION ALL SELECT up.stack, f.parent"
	" FROM up JOIN frames f ON f.id = up.frame"
	" WHERE f.parent IS NOT NULL), inside (stack, function) AS ("
	" SELECT DISTINCT up.stack, l.function FROM up"
	" JOIN frames f ON f.id = up.frame JOIN lines l ON l.id = f.line)"
	" SELECT f.name AS function, f.file, f.module, a.kind, " SUMS
	" FROM inside i JOIN functions f ON f.id = i.function"
	" JOIN allocations a ON a.stack = i.stack"
	" GROUP BY a.kind, f.id;"
	"CREATE VIEW folded AS WITH RECURSIVE up (stack, frame, text) AS ("
	" SELECT id, frame, NULL FROM stacks UNION ALL"
	" SELECT up.stack, f.parent, n.name || coalesce(';' || up.text, '')"
	" FROM up JOIN frames f ON f.id = up.frame"
	" JOIN lines l ON l.id = f.line JOIN functions n ON n.id = l.function)"
	" SELECT up.text AS stack, a.* FROM up"
	" JOIN allocations a ON a.stack = up.stack WHERE up.frame IS NULL;"
	"COMMIT;";

enum statement {
	PUT_RUN,
	PUT_PROCESS,
	PUT_THREAD,
	PUT_MODULE,
	PUT_MARK,
	PUT_POINT,
	PUT_FUNCTION,
	PUT_LINE,
	PUT_FRAME,
	PUT_STACK,
	PUT_ALLOCATION,
	STATEMENTS,
};

static const char *const statements[STATEMENTS] = {
	[PUT_RUN] = "INSERT INTO run VALUES (?,?)",
	[PUT_PROCESS] = "INSERT INTO processes VALUES (?,?,?,?,?,?,?)",
	[PUT_THREAD] = "INSERT INTO threads VALUES (?,?,?,?,?,?)",
	[PUT_MODULE] = "INSERT INTO modules VALUES (?,?,?,?)",
	[PUT_MARK] = "INSERT INTO marks VALUES (?,?,?)",
	[PUT_POINT] = "INSERT OR REPLACE INTO timeline VALUES (?,?,?,?,?,?)",
	[PUT_FUNCTION] = "INSERT INTO functions VALUES (?,?,?,?)",
	[PUT_LINE] = "INSERT INTO lines VALUES (?,?,?)",
	[PUT_FRAME] = "INSERT INTO frames VALUES (?,?,?,?,?)",
	[PUT_STACK] = "INSERT OR IGNORE INTO stacks VALUES (?,?,?,?)",
	[PUT_ALLOCATION] = ("INSERT INTO allocations VALUES "
			    "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"),
};

struct database {
	sqlite3 *db;
	sqlite3_stmt *put[STATEMENTS];
	struct export_numbers functions, lines, frames;
	int worst; /* the first result that was not SQLITE_OK */
};

static void note(struct database *d, int result)
{
	if (!d->worst)
		d->worst = result;
}

/*
 * Puts a row in. `types` has a letter a column: i and a uint64_t, t and a text
 * that may be NULL and hold any bytes, n for NULL.
 */
static void put(struct database *d, enum statement which, const char *types,
		...)
{
	sqlite3_stmt *s = d->put[which];
	va_list values;

	va_start(values, types);
	for (int i = 1; *types; i++, types++) {
		const char *text;

		if (*types == 'i') {
			sqlite3_bind_int64(
				s, i, (sqlite3_int64)va_arg(values, uint64_t));
			continue;
		}
		text = *types == 't' ? va_arg(values, const char *) : NULL;
		if (text)
			sqlite3_bind_text(s, i, escape_utf8(text), -1, free);
		else
			sqlite3_bind_null(s, i);
	}
	va_end(values);
	if (sqlite3_step(s) != SQLITE_DONE)
		note(d, sqlite3_errcode(d->db));
	sqlite3_reset(s);
}

static uint64_t function(struct database *d, const struct query_frame *f)
{
	struct export_key key = export_call_key(f);
	bool is_new;
	uint64_t id;
	char *name;

	if (f->function)
		key.part[2] = 0; /* whatever the line */
	id = (uint64_t)export_number(&d->functions, key, &is_new) + 1;
	if (is_new) {
		name = export_name(f);
		put(d, PUT_FUNCTION, "ittt", id, name, f->file, f->module);
		free(name);
	}
	return id;
}

static uint64_t line(struct database *d, const struct query_frame *f)
{
	bool is_new;
	uint64_t id = (uint64_t)export_number(&d->lines, export_call_key(f),
					      &is_new) +
		      1;

	if (is_new)
		put(d, PUT_LINE, f->line ? "iii" : "iin", id, function(d, f),
		    (uint64_t)f->line);
	return id;
}

/* `parent` is 0 for the outermost. */
static uint64_t frame(struct database *d, uint64_t parent,
		      const struct query_frame *f)
{
	struct export_key key = { { parent, line(d, f), f->inlined } };
	bool is_new;
	uint64_t id = (uint64_t)export_number(&d->frames, key, &is_new) + 1;

	if (is_new && parent)
		put(d, PUT_FRAME, "iiiii", id, parent, key.part[1],
		    (uint64_t)f->inlined, (uint64_t)f->wrapper);
	else if (is_new)
		put(d, PUT_FRAME, "iniii", id, key.part[1],
		    (uint64_t)f->inlined, (uint64_t)f->wrapper);
	return id;
}

/* The line that the stack is charged to: innermost outside wrappers. */
static uint64_t place(struct database *d, const struct query_frame *f,
		      size_t count)
{
	size_t at = 0;

	while (at + 1 < count && f[at].wrapper)
		at++;
	return count ? line(d, &f[at]) : 0;
}

static void put_stack(struct database *d, const struct export *e,
		      const struct query_row *row)
{
	size_t count;
	const struct query_frame *f = profile_frames(e->profile, row, &count);
	uint64_t parent = 0;

	for (size_t i = count; i-- > 0;)
		parent = frame(d, parent, &f[i]);
	put(d, PUT_STACK, "iiii", (uint64_t)row->stack, parent,
	    place(d, f, count), (uint64_t)count);
}

static void put_rows(struct database *d, const struct export *e,
		     const struct query_result *r, const char *kind)
{
	for (size_t i = 0; i < r->count && !d->worst; i++) {
		const struct query_row *row = &r->rows[i];
		const struct query_counts *c = &row->counts;

		put_stack(d, e, row);
		put(d, PUT_ALLOCATION, "itiiiiiiiiiiiii", (uint64_t)row->stack,
		    kind, c->calls, c->allocations, c->reallocations,
		    c->allocated_bytes, c->frees, c->freed_bytes,
		    c->live_blocks, c->live_bytes, c->peak_blocks,
		    c->peak_bytes, c->temporary, c->leaked_blocks,
		    c->leaked_bytes);
	}
}

static void put_modules(struct database *d, const struct export *e)
{
	size_t count;
	const struct model_module *m = profile_modules(e->profile, &count);

	for (size_t i = 0; i < count; i++) {
		char hex[2 * 64 + 1] = "";

		for (uint32_t j = 0; j < m[i].build_id_size && j < 64; j++)
			sprintf(hex + 2 * j, "%02x", m[i].build_id[j]);
		put(d, PUT_MODULE, "itti", (uint64_t)i, m[i].path,
		    *hex ? hex : NULL, m[i].size);
	}
}

static void put_processes(struct database *d, const struct export *e)
{
	size_t count;
	const struct model_process *p = profile_processes(e->profile, &count);
	const struct model_thread *t;

	for (size_t i = 0; i < count; i++) {
		if (p[i].parent == MODEL_NONE)
			put(d, PUT_PROCESS, "iinttii", (uint64_t)i,
			    (uint64_t)p[i].pid, p[i].name, p[i].exe, p[i].start,
			    p[i].end);
		else
			put(d, PUT_PROCESS, "iiittii", (uint64_t)i,
			    (uint64_t)p[i].pid, (uint64_t)p[i].parent,
			    p[i].name, p[i].exe, p[i].start, p[i].end);
	}
	t = profile_threads(e->profile, &count);
	for (size_t i = 0; i < count; i++)
		put(d, PUT_THREAD, "iiitii", (uint64_t)i,
		    (uint64_t)t[i].process, (uint64_t)t[i].tid, t[i].name,
		    t[i].start, t[i].end);
}

static void put_times(struct database *d, const struct export *e)
{
	size_t count;
	const struct model_mark *m = profile_marks(e->profile, &count);
	const struct query_point *p;

	for (size_t i = 0; i < count; i++)
		put(d, PUT_MARK, m[i].process == MODEL_NONE ? "tin" : "tii",
		    m[i].name, m[i].time, (uint64_t)m[i].process);
	p = profile_timeline(e->profile, e->query.pid, &count);
	for (size_t i = 0; i < count; i++)
		put(d, PUT_POINT, p[i].resident ? "iiiiii" : "iiiiin",
		    p[i].time, p[i].heap, p[i].heap_high, p[i].mapping,
		    p[i].mapping_high, p[i].resident);
}

static void put_run(struct database *d, const struct export *e)
{
	const struct trace_run *run = profile_run(e->profile);

	put(d, PUT_RUN, "tt", "memprof", MEMPROF_VERSION);
	put(d, PUT_RUN, "tt", "instant", profile_instant(e->profile));
	put(d, PUT_RUN, "tt", "host", run->host);
	put(d, PUT_RUN, "tt", "program", run->argc ? run->argv[0] : NULL);
	put(d, PUT_RUN, "ti", "pid", (uint64_t)run->pid);
	put(d, PUT_RUN, "ti", "start_realtime_ns", run->start_realtime);
	put(d, PUT_RUN, "ti", "duration_ns", run->duration);
	put(d, PUT_RUN, "ti", "sample_bytes", run->sample);
}

static int open_database(struct database *d, const char *path)
{
	int result = sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READWRITE, NULL);

	if (!result)
		result = sqlite3_exec(d->db, schema, NULL, NULL, NULL);
	for (int i = 0; i < STATEMENTS && !result; i++)
		result = sqlite3_prepare_v2(d->db, statements[i], -1,
					    &d->put[i], NULL);
	return result;
}

static void fill(struct database *d, const struct export *e,
		 const struct query_result *mappings)
{
	put_run(d, e);
	put_processes(d, e);
	put_modules(d, e);
	put_times(d, e);
	if (e->query.kind == MODEL_HEAP)
		put_rows(d, e, e->stacks, "heap");
	put_rows(d, e, mappings, "mapping");
	if (!d->worst)
		note(d, sqlite3_exec(d->db, finish, NULL, NULL, NULL));
}

int export_sqlite(const struct export *e, struct err *err)
{
	struct database d = { 0 };
	struct query query = e->query;
	const struct query_result *mappings;
	int ret = 0;

	query.kind = MODEL_MAPPING;
	mappings = profile_query(e->profile, &query, err);
	if (!mappings)
		return -1;
	d.worst = open_database(&d, e->path);
	if (!d.worst)
		fill(&d, e, mappings);
	if (d.worst)
		ret = err_set(err, "cannot write the database: %s",
			      sqlite3_errstr(d.worst));
	for (int i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(d.put[i]);
	sqlite3_close(d.db);
	export_numbers_release(&d.functions);
	export_numbers_release(&d.lines);
	export_numbers_release(&d.frames);
	return ret;
}
