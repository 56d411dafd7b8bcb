/*
 * demangle - turn a linker's name into what the programmer wrote.
 */
#ifndef MEMPROF_ANALYZER_DEMANGLE_H
#define MEMPROF_ANALYZER_DEMANGLE_H

#include <stddef.h>

enum demangle_language {
	DEMANGLE_PLAIN, /* C, or anything that is not mangled */
	DEMANGLE_CXX,
	DEMANGLE_RUST,
	DEMANGLE_D,
};

enum {
	DEMANGLE_MAX = 32 << 10, /* bytes kept of a name, its end included */
};

struct demangle_buffer {
	size_t length;
	char bytes[DEMANGLE_MAX];
};

struct demangle_text {
	struct demangle_buffer full; /* "shape::area(int)" */
	struct demangle_buffer plain; /* "shape::area" */
};

/* Fills `text` unless it gives DEMANGLE_PLAIN. */
enum demangle_language demangle(const char *mangled,
				struct demangle_text *text);

#endif
