/*
 * jsonout - pieces of JSON that several commands write, on top of jansson.
 *
 * Strings from a trace may hold any bytes; those that are no UTF-8 become the
 * text \xNN. Numbers above what JSON readers hold exactly do not occur: they
 * would be petabytes.
 */
#ifndef MEMPROF_CLI_JSONOUT_H
#define MEMPROF_CLI_JSONOUT_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/query.h"

/* Set a member. NULL text is null. */
void jsonout_text(json_t *object, const char *name, const char *text);
void jsonout_count(json_t *object, const char *name, uint64_t count);
void jsonout_address(json_t *object, const char *name, uint64_t addr);

json_t *jsonout_foreign(const char *text);
json_t *jsonout_command(const struct trace_run *run);
json_t *jsonout_quality(const struct query_quality *q);

json_t *jsonout_totals(const struct query_totals *t);
void jsonout_counts(json_t *object, const struct query_counts *c);

/* On stdout, in one line; gives `value` up. */
void jsonout_print(json_t *value);
/* The same with lines for people; a line end behind. */
void jsonout_file(json_t *value, FILE *out);
/* A member of the outermost object, on a line of its own. */
void jsonout_member(const char *name, json_t *value);

#endif
