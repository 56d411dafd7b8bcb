/*
 * utf8 - characters as bytes.
 */
#ifndef MEMPROF_TRACE_UTF8_H
#define MEMPROF_TRACE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum {
	UTF8_MAX = 4, /* bytes of a character */
};

/*
 * Bytes written at `to`, at most UTF8_MAX. What is no character (half of a
 * surrogate pair, a number too large, zero) is written as U+FFFD.
 */
size_t utf8_put(char *to, uint32_t character);

#endif
