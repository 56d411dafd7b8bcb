/*
 * push - what `memprof push` sends to a server of continuous profiling.
 */
#ifndef MEMPROF_CLI_PUSH_H
#define MEMPROF_CLI_PUSH_H

#include <stddef.h>
#include <stdint.h>

#include "trace/err.h"

struct push_label {
	char *name; /* owned */
	const char *value; /* in what name points to */
};

/* What the trace is about. */
struct push_profile {
	const char *name; /* of the program */
	const struct push_label *labels;
	size_t label_count;
	uint64_t from, until; /* seconds since 1970 */
	const void *bytes; /* pprof, compressed */
	size_t size;
};

/* A POST. All owned; push_request_release() frees it. */
struct push_request {
	char *url;
	char *shown; /* the URL without a password, for messages */
	const char *type; /* of the body; static */
	void *body;
	size_t size;
};

/* Each makes a request to the server at `url`; -1 with err set. */
int push_to_pyroscope(const struct push_profile *p, const char *url,
		      struct push_request *r, struct err *err);
int push_to_parca(const struct push_profile *p, const char *url,
		  struct push_request *r, struct err *err);
void push_request_release(struct push_request *r);

struct push_options {
	unsigned int retries;
	unsigned int timeout; /* s, of one try */
	const char *const *headers; /* "Name: value" */
	size_t header_count;
};

/*
 * Sends it, again after a while when the server does not answer or can not for
 * now. -1 with err set when that did not help, or the server refuses.
 */
int push_send(const struct push_request *r, const struct push_options *o,
	      struct err *err);

#endif
