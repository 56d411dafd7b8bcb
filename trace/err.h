/*
 * err - why a library call failed, in one sentence.
 *
 * Libraries fill it and never print; front ends print it once, after
 * "memprof: ". Sentences are lower case and quote their subject.
 */
#ifndef MEMPROF_TRACE_ERR_H
#define MEMPROF_TRACE_ERR_H

struct err {
	char text[512];
};

/* Both return -1, so that callers can return them. */
int err_set(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Appends ": " and strerror(errno). */
int err_errno(struct err *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
