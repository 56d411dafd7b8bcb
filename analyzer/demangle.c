/*
 * Design
 * ------
 * libiberty does the work, because it knows C++, both manglings of Rust, and
 * D. Names come from files that nobody vouches for, and a short mangled name
 * can stand for an endless one, so long ones are not tried, and of what comes
 * out only so much is kept.
 *
 * Deliberately not here: memory of our own. libiberty's header declares
 * functions by the same names as trace/xmalloc.h.
 */
#include "analyzer/demangle.h"

#include <libiberty/demangle.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	MANGLED_MAX = 8 << 10, /* bytes */
};

static void append(const char *bytes, size_t length, void *to)
{
	struct demangle_buffer *b = to;
	size_t room = sizeof(b->bytes) - 1 - b->length;

	if (length > room)
		length = room;
	memcpy(b->bytes + b->length, bytes, length);
	b->length += length;
	b->bytes[b->length] = 0;
}

static struct demangle_buffer *emptied(struct demangle_buffer *b)
{
	b->length = 0;
	b->bytes[0] = 0;
	return b;
}

static bool is_rust(const char *mangled, struct demangle_text *text)
{
	if (!rust_demangle_callback(mangled, DMGL_NO_OPTS, append,
				    emptied(&text->full)))
		return false;
	append(text->full.bytes, text->full.length, emptied(&text->plain));
	return true;
}

static bool is_cxx(const char *mangled, struct demangle_text *text)
{
	const int full = DMGL_PARAMS | DMGL_ANSI | DMGL_RET_DROP;

	return cplus_demangle_v3_callback(mangled, full, append,
					  emptied(&text->full)) &&
	       cplus_demangle_v3_callback(mangled, DMGL_NO_OPTS, append,
					  emptied(&text->plain));
}

static bool is_d(const char *mangled, struct demangle_text *text)
{
	char *name = dlang_demangle(mangled, DMGL_PARAMS);

	if (!name)
		return false;
	append(name, strlen(name), emptied(&text->full));
	append(name, strcspn(name, "("), emptied(&text->plain));
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
