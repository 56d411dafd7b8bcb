/*
 * metric - see metric.h.
 */
#include "text/metric.h"

static const struct {
	const char *title;
	const char *sentence;
	bool is_bytes;
} metrics[QUERY_METRICS] = {
	[QUERY_LIVE] = { "live", "most live at the end first", true },
	[QUERY_PEAK] = { "peak", "largest share of the peak first", true },
	[QUERY_LEAKED] = { "leaked", "most leaked first", true },
	[QUERY_ALLOCATED] = { "allocated", "most allocated first", true },
	[QUERY_CALLS] = { "calls", "most calls first", false },
	[QUERY_TEMPORARY] = { "temporary", "most temporary blocks first",
			      false },
	[QUERY_FREED] = { "freed", "most freed first", true },
	[QUERY_CYCLIC] = { "cyclic", "most freed by the cyclic collector first",
			   true },
};

const char *metric_title(enum query_metric m)
{
	return metrics[m].title;
}

const char *metric_sentence(enum query_metric m)
{
	return metrics[m].sentence;
}

bool metric_is_bytes(enum query_metric m)
{
	return metrics[m].is_bytes;
}

struct amount metric_amount(enum query_metric m, uint64_t value)
{
	return metrics[m].is_bytes ? amount_bytes(value) : amount_count(value);
}
