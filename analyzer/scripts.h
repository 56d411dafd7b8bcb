/*
 * scripts - what code of Python is called, and whose it is.
 *
 * A code object has a qualified name, a file as Python has it, and a module,
 * which is made from the file: Python does not say. All of it is text from the
 * traced program.
 */
#ifndef MEMPROF_ANALYZER_SCRIPTS_H
#define MEMPROF_ANALYZER_SCRIPTS_H

#include "analyzer/arena.h"
#include "analyzer/names.h"
#include "analyzer/sources.h"
#include "trace/reader.h"

#include <stdbool.h>
#include <stdint.h>

struct scripts;

struct scripts_options {
	const struct trace *trace; /* borrowed */
	struct arena *arena; /* borrowed */
	struct names *names; /* borrowed */
	struct sources *sources; /* borrowed */
	const char *cwd; /* relative paths begin here; NULL unknown */
};

struct scripts *scripts_open(const struct scripts_options *o);

/* Strings are interned. */
struct script {
	const char *function; /* "Class.method", "<module>" */
	const char *file; /* absolute, or "<string>" and its like */
	const char *module; /* "json.decoder" */
	bool is_library; /* of Python's own, or of an installed package */
};

/* Has the run any code of Python? */
bool scripts_exist(const struct scripts *s);

/* Code object number `code`; NULL when there is no such. */
const struct script *scripts_code(struct scripts *s, uint32_t code);

/*
 * The line of a frame of Python, 0 unknown. What code does that is of no line,
 * as a module before its first one, counts at its start.
 */
uint32_t scripts_line(const struct scripts *s, const struct model_frame *f);

/* The first and last line of a code object; false unknown. */
bool scripts_extent(const struct scripts *s, uint32_t code, uint32_t lines[2]);

/*
 * Is a module of native code, by its path, the interpreter's own: the program,
 * its library, or an extension that comes with it?
 */
bool scripts_is_interpreter(const char *path);

#endif
