/*
 * functions - names of functions as their language writes them, each
 * demangled once.
 */
#ifndef MEMPROF_ANALYZER_FUNCTIONS_H
#define MEMPROF_ANALYZER_FUNCTIONS_H

#include "analyzer/demangle.h"
#include "analyzer/lookup.h"
#include "analyzer/names.h"

#include <stddef.h>
#include <stdint.h>

/* Strings are interned. */
struct function_name {
	const char *full; /* with parameters: "shape::area(int)" */
	const char *plain; /* without: "shape::area" */
	enum demangle_language language;
};

struct functions_entry;

struct functions {
	struct names *names; /* borrowed */
	struct lookup lookup;
	struct functions_entry *entries;
	size_t room;
	uint32_t count;
	struct demangle_text *text; /* scratch */
};

void functions_init(struct functions *f, struct names *names);
void functions_release(struct functions *f);

/* What can not be demangled is returned as it is. */
struct function_name functions_name(struct functions *f, const char *mangled);

#endif
