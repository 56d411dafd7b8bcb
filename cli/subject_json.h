/*
 * subject_json - what a row is about, as members of a JSON object.
 */
#ifndef MEMPROF_CLI_SUBJECT_JSON_H
#define MEMPROF_CLI_SUBJECT_JSON_H

#include <jansson.h>

#include "analyzer/query.h"

void subject_json(json_t *o, struct profile *p, enum query_by by,
		  const struct query_row *row);

void subject_json_frame(json_t *o, const struct query_frame *f);

#endif
