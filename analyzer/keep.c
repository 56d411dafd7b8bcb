/*
 * keep - put names, lines and source text into a trace.
 *
 * Design
 * ------
 * All that stacks can show is kept: names and lines of every frame, the text
 * of every line named, and of functions that pay for blocks the text of the
 * whole, by bytes allocated while there is room. Sources are worth less than
 * the events they explain, so their text is bounded.
 *
 * Frames come in the order of their addresses, module by module; when time is
 * up, the modules that are left are marked as not looked at.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analyzer/profile.h"
#include "trace/blocks.h"
#include "trace/excerpts.h"
#include "trace/format.h"
#include "trace/portable_writer.h"
#include "trace/xmalloc.h"

enum {
	TEXT_MAX = 1 << 20, /* bytes of source text */
	FUNCTION_MAX = 1000, /* lines of a function */
	AROUND = 4, /* lines, where the function's are not known */
	BEHIND = 2, /* lines behind the last code: a brace, a return type */
};

/* Lines of a file that are wanted. */
struct wanted {
	const char *file; /* interned */
	uint32_t first, last;
	bool newer;
};

struct keep {
	struct profile *profile;
	const struct query_keep *options;
	struct writer writer;
	uint8_t *states; /* by module */
	bool late;
	size_t text; /* bytes wanted */
	struct wanted *wanted;
	size_t count, room;
};

static bool is_late(struct keep *k)
{
	struct timespec ts;

	if (k->late || !k->options->until)
		return k->late;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	k->late = (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec >
		  k->options->until;
	return k->late;
}

/*
 * Names
 */

/* With `redact` the last part of a path is all that is kept. */
static const char *file_of(struct keep *k, const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	if (!slash || !k->options->redact)
		return file;
	return names_intern(&k->profile->names, slash + 1);
}

static int put_frame(struct keep *k, struct portable_writer *w, uint32_t frame,
		     struct err *err)
{
	struct symbol symbols[SYMBOLS_DEPTH];
	struct portable_call calls[SYMBOLS_DEPTH];
	size_t count = kept_at(k->profile->kept, frame, symbols);

	for (size_t i = 0; i < count; i++)
		calls[i] = (struct portable_call){
			.function = symbols[i].linkage,
			.file = file_of(k, symbols[i].file),
			.line = symbols[i].line,
		};
	return portable_writer_put(w, &k->writer, calls, count, err);
}

static int put_frames(struct keep *k, struct portable_writer *w,
		      struct err *err)
{
	struct profile *p = k->profile;
	size_t count;
	const struct model_frame *frames = trace_frames(p->trace, &count);
	uint32_t frame;
	int ret = 0;

	while (!ret && portable_writer_next(w, &frame)) {
		uint32_t module = frames[frame].module;

		if (!is_late(k)) {
			ret = put_frame(k, w, frame, err);
			continue;
		}
		if (frames[frame].kind == MODEL_FRAME_CODE)
			k->states[module] = SYMBOLS_LATE;
		ret = portable_writer_put(w, &k->writer, NULL, 0, err);
	}
	return ret;
}

static uint32_t flags(const struct keep *k)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return (urls && *urls) || kept_asked(k->profile->kept) ? PORTABLE_ASKED
							       : 0;
}

static int put_names(struct keep *k, struct err *err)
{
	struct profile *p = k->profile;
	struct portable_writer *w = portable_writer_create(p->trace, flags(k));
	int ret = put_frames(k, w, err);

	for (uint32_t i = 0; i < p->module_count; i++)
		if (k->states[i] != SYMBOLS_LATE)
			k->states[i] = (uint8_t)kept_state(p->kept, i);
	if (!ret)
		ret = portable_writer_finish(w, &k->writer, k->states,
					     p->module_count, err);
	portable_writer_destroy(w);
	return ret;
}

/*
 * Sources
 */

static bool want(struct keep *k, const struct query_frame *f, uint32_t first,
		 uint32_t last)
{
	size_t bytes = 0;

	for (uint32_t i = first; i <= last && bytes <= TEXT_MAX; i++) {
		const char *text =
			sources_line(k->profile->sources, f->file, i);

		bytes += text ? strlen(text) + 1 : 0;
	}
	if (!bytes || bytes > TEXT_MAX - k->text)
		return false;
	k->text += bytes;
	k->wanted =
		xgrow(k->wanted, &k->room, k->count + 1, sizeof(*k->wanted));
	k->wanted[k->count++] = (struct wanted){
		.file = f->file,
		.first = first,
		.last = last,
		.newer = sources_note(k->profile->sources, f->file, f->module),
	};
	return true;
}

static bool find_script(struct keep *k, uint32_t place, uint32_t lines[2])
{
	const struct query_frame *f = calls_frame(k->profile->calls, place);
	int64_t code = calls_code(k->profile->calls, place);

	return scripts_extent(k->profile->scripts, (uint32_t)code, lines) &&
	       lines[0] <= f->line && f->line <= lines[1];
}

/* The function around a place, as far as debug information tells. */
static bool find_function(struct keep *k, uint32_t place, uint32_t lines[2])
{
	const struct query_frame *f = calls_frame(k->profile->calls, place);
	int64_t module = calls_module(k->profile->calls, place);
	struct symbol out[SYMBOLS_DEPTH];
	struct symbols *s = k->profile->symbols;
	uint64_t addr = f->addr - !!f->addr;
	size_t count;

	if (f->python)
		return find_script(k, place, lines);
	if (module == MODEL_NONE || is_late(k))
		return false;
	count = symbols_at(s, (uint32_t)module, addr, out);
	for (size_t i = 0; i < count; i++)
		if (out[i].file == f->file && out[i].line == f->line)
			return symbols_extent(s, (uint32_t)module, addr, i,
					      lines) &&
			       lines[0] <= f->line && f->line <= lines[1];
	return false;
}

static void want_function(struct keep *k, uint32_t place)
{
	const struct query_frame *f = calls_frame(k->profile->calls, place);
	struct sources *s = k->profile->sources;
	uint32_t lines[2] = { f->line, f->line };

	if (find_function(k, place, lines) &&
	    lines[1] - lines[0] < FUNCTION_MAX) {
		lines[0] -= lines[0] > BEHIND ? BEHIND : 0;
		lines[1] += lines[1] < UINT32_MAX - BEHIND ? BEHIND : 0;
	} else {
		lines[0] = f->line > AROUND ? f->line - AROUND : 1;
		lines[1] = f->line < UINT32_MAX - AROUND ? f->line + AROUND
							 : f->line;
		sources_extend(s, f->file, lines, FUNCTION_MAX);
	}
	if (!want(k, f, lines[0], lines[1]))
		want(k, f, f->line, f->line);
}

struct place {
	uint32_t call;
	uint64_t bytes;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes > y->bytes ? -1 : 1;
	return x->call < y->call ? -1 : x->call > y->call;
}

/* What pays, by bytes allocated; caller frees. */
static struct place *list_places(struct keep *k, size_t *count)
{
	struct profile *p = k->profile;
	struct place *places;
	size_t frames;

	trace_frames(p->trace, &frames);
	/* Every place is a call by then, and all who call them. */
	for (uint32_t i = 0; i < frames && !is_late(k); i++)
		calls_list(p->calls, i);
	for (size_t i = 0; i < p->site_count; i++)
		stacks_place(p->stacks, p->sites[i].node);
	*count = calls_count(p->calls);
	places = xcalloc(*count + 1, sizeof(*places));
	for (size_t i = 0; i < *count; i++)
		places[i].call = (uint32_t)i;
	for (size_t i = 0; i < p->site_count; i++) {
		uint32_t call = stacks_place(p->stacks, p->sites[i].node);

		if (call != CALLS_NONE)
			places[call].bytes += p->stats[i].bytes;
	}
	qsort(places, *count, sizeof(*places), compare_places);
	return places;
}

static bool has_line(const struct query_frame *f)
{
	return f->file && f->line;
}

static void collect(struct keep *k)
{
	struct profile *p = k->profile;
	size_t count;
	struct place *places = list_places(k, &count);

	for (size_t i = 0; i < count && places[i].bytes; i++)
		if (has_line(calls_frame(p->calls, places[i].call)))
			want_function(k, places[i].call);
	/* Those who call them are shown in stacks, by their line. */
	for (size_t i = 0; i < count; i++) {
		const struct query_frame *f =
			calls_frame(p->calls, (uint32_t)i);

		if (has_line(f))
			want(k, f, f->line, f->line);
	}
	free(places);
}

static int compare_wanted(const void *a, const void *b)
{
	const struct wanted *x = a, *y = b;

	if (x->file != y->file)
		return strcmp(x->file, y->file);
	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->last < y->last ? -1 : x->last > y->last;
}

/* Sorted, and those of a file that touch made one. */
static void merge(struct keep *k)
{
	size_t used = 0;

	if (k->count)
		qsort(k->wanted, k->count, sizeof(*k->wanted), compare_wanted);
	for (size_t i = 0; i < k->count; i++) {
		struct wanted *before = used ? &k->wanted[used - 1] : NULL;
		struct wanted *w = &k->wanted[i];

		if (!before || before->file != w->file ||
		    w->first > before->last + 1) {
			k->wanted[used++] = *w;
			continue;
		}
		if (w->last > before->last)
			before->last = w->last;
		before->newer |= w->newer;
	}
	k->count = used;
}

static void put_lines(struct keep *k, struct wanted *w, uint32_t *next,
		      struct column *c)
{
	struct sources *s = k->profile->sources;

	/* The end of the file may come first. */
	while (!sources_line(s, w->file, w->last))
		w->last--;
	excerpts_put_range(c, w->first - *next, w->last - w->first + 1);
	*next = w->last + 1;
	for (uint32_t i = w->first; i <= w->last; i++)
		excerpts_put_line(c, sources_line(s, w->file, i));
}

/* The ranges from number `i` on that are of one file; their number. */
static size_t put_file(struct keep *k, size_t i, struct column *c)
{
	const char *file = k->wanted[i].file;
	uint32_t bits = 0, next = 1;
	size_t count = 0;

	for (; i + count < k->count && k->wanted[i + count].file == file;
	     count++)
		if (k->wanted[i + count].newer)
			bits = EXCERPTS_NEWER;
	excerpts_put_file(c, file, bits, count);
	for (size_t j = 0; j < count; j++)
		put_lines(k, &k->wanted[i + j], &next, c);
	return count;
}

static int put_sources(struct keep *k, struct err *err)
{
	struct column columns[EXCERPTS_COLUMNS] = { 0 };
	int ret = 0;

	collect(k);
	merge(k);
	for (size_t i = 0; i < k->count;)
		i += put_file(k, i, columns);
	if (k->count)
		ret = writer_block(&k->writer, FORMAT_SOURCES, columns,
				   EXCERPTS_COLUMNS, err);
	columns_release(columns, EXCERPTS_COLUMNS);
	return ret;
}

/*
 * The file
 */

/* The number of blocks before the first that we write, or would write. */
static size_t own_blocks(const struct blocks *b)
{
	size_t n = b->count;

	while (n && (b->list[n - 1].head.type == FORMAT_SYMBOLS ||
		     b->list[n - 1].head.type == FORMAT_SOURCES))
		n--;
	return n;
}

uint64_t profile_kept_offset(const struct profile *p)
{
	const struct blocks *b = trace_blocks(p->trace);
	size_t n = own_blocks(b);

	if (!n)
		return sizeof(struct format_start);
	return b->list[n - 1].offset + b->list[n - 1].head.stored;
}

int profile_keep_symbols(struct profile *p, int fd,
			 const struct query_keep *options, struct err *err)
{
	const struct blocks *b = trace_blocks(p->trace);
	struct keep k = { .profile = p, .options = options };
	uint64_t offset = profile_kept_offset(p);
	size_t n = own_blocks(b);
	struct err other;
	int ret;

	if (writer_append(&k.writer, fd, offset,
			  n ? b->list[n - 1].head.serial + 1 : 0, err) < 0)
		return -1;
	k.states = xcalloc(p->module_count + 1, 1);
	ret = put_names(&k, err);
	if (!ret && !options->no_sources && !options->redact)
		ret = put_sources(&k, err);
	/* All of it, or the file as it was. */
	if (ret < 0)
		k.writer.offset = offset;
	if (writer_finish(&k.writer, ret < 0 ? &other : err) < 0)
		ret = -1;
	writer_close(&k.writer);
	free(k.wanted);
	free(k.states);
	return ret;
}
