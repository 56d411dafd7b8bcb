/*
 * Design
 * ------
 * Whether files are worth asking is decided once a module, by looking whether
 * certain paths exist: opening an ELF file and reading its symbols is what
 * takes the time of a report, and for a library without debug information it
 * would bring nothing.
 */
#include "analyzer/kept.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/jit.h"
#include "analyzer/places.h"

enum chance {
	NOT_JUDGED,
	HOPELESS,
	WORTHWHILE,
};

struct kept {
	struct kept_options options;
	struct portable *portable; /* owned; NULL when the trace has none */
	struct jit *jit; /* owned */
	const struct model_frame *frames;
	size_t frame_count;
	const struct model_module *modules;
	size_t module_count;
	uint8_t *chances; /* by module: what files may add */
};

_Static_assert((int)SYMBOLS_UNUSED == (int)PORTABLE_UNUSED, "state");
_Static_assert((int)SYMBOLS_SPLIT == (int)PORTABLE_SPLIT, "state");

struct kept *kept_open(const struct kept_options *o)
{
	struct kept *k = arena_alloc(o->arena, 1, sizeof(*k));

	k->options = *o;
	k->frames = trace_frames(o->trace, &k->frame_count);
	k->modules = trace_modules(o->trace, &k->module_count);
	k->chances = arena_alloc(o->arena, k->module_count + 1, 1);
	k->jit = jit_open(o->trace, o->arena, o->names);
	if (!o->off)
		k->portable = portable_open(o->trace);
	return k;
}

void kept_close(struct kept *k)
{
	if (!k)
		return;
	portable_close(k->portable);
	jit_close(k->jit);
}

uint64_t kept_address(const struct model_frame *f)
{
	/* A return address may stand behind the function's last byte. */
	return f->addr - (!(f->flags & MODEL_FRAME_EXACT) && f->addr);
}

/* Does "BEFORE PATH AFTER" exist? PATH is `length` bytes long. */
static bool exists(const char *before, const char *path, size_t length,
		   const char *after)
{
	char name[4096];
	int n = snprintf(name, sizeof(name), "%s%.*s%s", before, (int)length,
			 path, after);

	return n > 0 && n < (int)sizeof(name) && access(name, R_OK) == 0;
}

static bool has_build_id_file(const struct model_module *m)
{
	char name[2 * 64 + 2] = "";

	if (m->build_id_size < 2 || m->build_id_size > 64)
		return false;
	for (uint32_t i = 0; i < m->build_id_size; i++)
		sprintf(name + strlen(name), "%02x%s", m->build_id[i],
			i ? "" : "/");
	return exists("/usr/lib/debug/.build-id/", name, strlen(name),
		      ".debug");
}

/* Where distributions and people put debug information that was split off. */
static bool has_debug_file(const struct model_module *m)
{
	const char *slash = strrchr(m->path, '/');
	char name[4096];
	int n;

	if (has_build_id_file(m) || !slash)
		return has_build_id_file(m);
	n = snprintf(name, sizeof(name), "%.*s/.debug%s",
		     (int)(slash - m->path), m->path, slash);
	return exists("", m->path, strlen(m->path), ".debug") ||
	       exists("/usr/lib/debug", m->path, strlen(m->path), ".debug") ||
	       exists("/usr/lib/debug", m->path, strlen(m->path), "") ||
	       (n > 0 && n < (int)sizeof(name) &&
		(exists("", name, strlen(name), "") ||
		 exists("", name, strlen(name), ".debug")));
}

static bool may_download(const struct kept *k)
{
	const char *urls = getenv("DEBUGINFOD_URLS");

	return urls && *urls && !(portable_flags(k->portable) & PORTABLE_ASKED);
}

static bool is_worthwhile(const struct kept *k, uint32_t module)
{
	const struct model_module *m = &k->modules[module];

	switch (portable_state(k->portable, module)) {
	case PORTABLE_NAMES:
		if (!k->options.thorough && places_is_wrapper_module(m->path))
			return false;
		return has_debug_file(m) || may_download(k);
	case PORTABLE_MISSING:
	case PORTABLE_CHANGED:
	case PORTABLE_UNREADABLE:
		return access(m->path, R_OK) == 0;
	case PORTABLE_UNUSED:
	case PORTABLE_LATE:
		return true;
	default:
		return false;
	}
}

static bool ask_files(struct kept *k, uint32_t module)
{
	uint8_t *chance = &k->chances[module];

	if (!*chance)
		*chance = is_worthwhile(k, module) ? WORTHWHILE : HOPELESS;
	return *chance == WORTHWHILE;
}

static size_t stored_at(struct kept *k, uint32_t frame,
			struct symbol out[SYMBOLS_DEPTH])
{
	const struct portable_call *calls;
	size_t count = portable_calls(k->portable, frame, &calls);

	for (size_t i = 0; i < count; i++) {
		out[i] = (struct symbol){
			.file = names_intern(k->options.names, calls[i].file),
			.line = calls[i].line,
		};
		symbols_set_name(k->options.symbols, &out[i],
				 calls[i].function);
	}
	return count;
}

static size_t file_at(struct kept *k, const struct model_frame *f,
		      struct symbol out[SYMBOLS_DEPTH])
{
	return symbols_at(k->options.symbols, f->module, kept_address(f), out);
}

static bool has_lines(enum symbols_state state)
{
	return state == SYMBOLS_LINES || state == SYMBOLS_SPLIT;
}

static size_t code_at(struct kept *k, uint32_t frame,
		      struct symbol out[SYMBOLS_DEPTH])
{
	const struct model_frame *f = &k->frames[frame];
	size_t count = 0;

	if (k->portable)
		count = stored_at(k, frame, out);
	if (count && (out[0].line || !ask_files(k, f->module)))
		return count;
	if (!count)
		return file_at(k, f, out);
	if (has_lines(symbols_open_state(k->options.symbols, f->module)))
		return file_at(k, f, out);
	k->chances[f->module] = HOPELESS;
	return count;
}

size_t kept_at(struct kept *k, uint32_t frame, struct symbol out[SYMBOLS_DEPTH])
{
	const struct model_frame *f = &k->frames[frame];

	out[0] = (struct symbol){ 0 };
	if (k->options.off)
		return 1;
	if (f->kind == MODEL_FRAME_CODE && f->module < k->module_count)
		return code_at(k, frame, out);
	if (f->kind != MODEL_FRAME_UNKNOWN)
		return 1;
	if (k->portable && stored_at(k, frame, out) && out[0].linkage)
		return 1;
	out[0] = (struct symbol){ 0 };
	symbols_set_name(k->options.symbols, &out[0], jit_name(k->jit, frame));
	return 1;
}

enum symbols_state kept_state(const struct kept *k, uint32_t module)
{
	enum symbols_state state = symbols_state(k->options.symbols, module);
	enum symbols_state was = SYMBOLS_UNUSED;

	if (k->portable)
		was = (enum symbols_state)portable_state(k->portable, module);
	/* The files were asked and said more, or the trace says nothing. */
	if (has_lines(state) || was == SYMBOLS_UNUSED)
		return state;
	return was == SYMBOLS_LATE && state != SYMBOLS_UNUSED ? state : was;
}

bool kept_asked(const struct kept *k)
{
	return k->portable && portable_flags(k->portable) & PORTABLE_ASKED;
}
