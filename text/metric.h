/*
 * metric - what tables say about the metric they are sorted by.
 */
#ifndef MEMPROF_TEXT_METRIC_H
#define MEMPROF_TEXT_METRIC_H

#include "analyzer/query.h"
#include "text/amount.h"

const char *metric_title(enum query_metric m); /* of its column */
/* "largest share of the peak first" */
const char *metric_sentence(enum query_metric m);
bool metric_is_bytes(enum query_metric m);
struct amount metric_amount(enum query_metric m, uint64_t value);

#endif
