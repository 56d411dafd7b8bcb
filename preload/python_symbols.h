/*
 * python_symbols - find what a library exports, without the loader.
 *
 * The loader's own search takes its lock, and may so not be called while
 * memory is being allocated. An interpreter that comes by dlopen() is met
 * there.
 */
#ifndef MEMPROF_PRELOAD_PYTHON_SYMBOLS_H
#define MEMPROF_PRELOAD_PYTHON_SYMBOLS_H

#include <link.h>

/* The address of `name`, which `map` itself defines. NULL: it does not. */
void *python_symbols_find(const struct link_map *map, const char *name);

#endif
