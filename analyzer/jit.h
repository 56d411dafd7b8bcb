/*
 * jit - names of code that was made at run time, from perf-PID.map files.
 *
 * Compilers write them for perf(1): a line for every piece of code, with its
 * address, its size and its name.
 */
#ifndef MEMPROF_ANALYZER_JIT_H
#define MEMPROF_ANALYZER_JIT_H

#include "analyzer/arena.h"
#include "analyzer/names.h"
#include "trace/reader.h"

#include <stdint.h>

struct jit;

/* All borrowed. Nothing is read before a name is asked for. */
struct jit *jit_open(const struct trace *t, struct arena *arena,
		     struct names *names);
void jit_close(struct jit *j);

/* Of a frame of code in no module; interned, NULL unknown. */
const char *jit_name(struct jit *j, uint32_t frame);

#endif
