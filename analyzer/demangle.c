/*
 * Design
 * ------
 * libiberty does the work, because it knows C++, both manglings of Rust, and
 * D. Names come from files that nobody vouches for, and a short mangled name
 * can stand for an endless one: f(pair<X,X>), with X a pair<Y,Y>, and so on,
 * doubles with every few bytes. So long names are not tried, and printing ends
 * by a jump when the buffer is full; libiberty's printing functions keep all
 * they have on the stack. D's has no such form, so names that could double too
 * often are left as they are.
 *
 * Deliberately not here: memory of our own. libiberty's header declares
 * functions by the same names as trace/xmalloc.h.
 */
#include "analyzer/demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	MANGLED_MAX = 8 << 10, /* bytes */
	D_REFERENCES_MAX = 12,
};

struct sink {
	struct demangle_buffer *buffer;
	jmp_buf is_full;
};

static bool append_some(struct demangle_buffer *b, const char *bytes,
			size_t length)
{
	size_t room = sizeof(b->bytes) - 1 - b->length;
	size_t taken = length < room ? length : room;

	if (taken) /* libiberty gives NULL for nothing */
		memcpy(b->bytes + b->length, bytes, taken);
	b->length += taken;
	b->bytes[b->length] = '\0';
	return taken == length;
}

static void append(const char *bytes, size_t length, void *to)
{
	struct sink *s = to;

	if (!append_some(s->buffer, bytes, length))
		longjmp(s->is_full, 1);
}

static struct demangle_buffer *emptied(struct demangle_buffer *b)
{
	b->length = 0;
	b->bytes[0] = '\0';
	return b;
}

static bool print_cxx(const char *mangled, int options,
		      struct demangle_buffer *b)
{
	struct sink sink = { .buffer = emptied(b) };

	if (setjmp(sink.is_full))
		return true;
	return cplus_demangle_v3_callback(mangled, options, append, &sink);
}

static bool print_rust(const char *mangled, struct demangle_buffer *b)
{
	struct sink sink = { .buffer = emptied(b) };

	if (setjmp(sink.is_full))
		return true;
	return rust_demangle_callback(mangled, DMGL_NO_OPTS, append, &sink);
}

static bool is_rust(const char *mangled, struct demangle_text *text)
{
	if (!print_rust(mangled, &text->full))
		return false;
	append_some(emptied(&text->plain), text->full.bytes, text->full.length);
	return true;
}

static bool is_cxx(const char *mangled, struct demangle_text *text)
{
	const int full = DMGL_PARAMS | DMGL_ANSI | DMGL_RET_DROP;

	return print_cxx(mangled, full, &text->full) &&
	       print_cxx(mangled, DMGL_NO_OPTS, &text->plain);
}

static bool is_d(const char *mangled, struct demangle_text *text)
{
	size_t references = 0;
	char *name;

	for (const char *s = mangled; *s; s++)
		references += *s == 'Q';
	if (references > D_REFERENCES_MAX)
		return false;
	name = dlang_demangle(mangled, DMGL_PARAMS);
	if (!name)
		return false;
	append_some(emptied(&text->full), name, strlen(name));
	append_some(emptied(&text->plain), name, strcspn(name, "("));
	free(name);
	return true;
}

enum demangle_language demangle(const char *mangled, struct demangle_text *text)
{
	if (mangled[0] != '_' || strlen(mangled) > MANGLED_MAX)
		return DEMANGLE_PLAIN;
	if (mangled[1] == 'D')
		return is_d(mangled, text) ? DEMANGLE_D : DEMANGLE_PLAIN;
	if (mangled[1] != 'Z' && mangled[1] != 'R')
		return DEMANGLE_PLAIN;
	if (is_rust(mangled, text))
		return DEMANGLE_RUST;
	return is_cxx(mangled, text) ? DEMANGLE_CXX : DEMANGLE_PLAIN;
}
