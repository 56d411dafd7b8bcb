/*
 * amount - figures as people read them.
 */
#ifndef MEMPROF_TEXT_AMOUNT_H
#define MEMPROF_TEXT_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

/* Large enough for any of them. */
struct amount {
	char text[32];
};

/* "512 B", "57.1 KiB", "200 MiB": binary units, three digits or four. */
struct amount amount_bytes(uint64_t bytes);

/* "1,203,442" */
struct amount amount_count(uint64_t count);

/* The same with a sign: "+57.1 KiB", "-3", and "0 B" for nothing. */
struct amount amount_bytes_change(int64_t bytes);
struct amount amount_count_change(int64_t count);

/* "12.3%" of `whole`; "-" of nothing. */
struct amount amount_share(uint64_t part, uint64_t whole);

/* "0.1", "1", "96": of what is no whole number. */
struct amount amount_rate(double rate);

/* "3.42 s", from nanoseconds. */
struct amount amount_time(uint64_t ns);

/* The other way: "200MiB", "1.5 kB", "512". False when it is none. */
bool amount_read_bytes(const char *text, uint64_t *bytes);
/* "1203442": digits alone. */
bool amount_read_count(const char *text, uint64_t *count);

#endif
