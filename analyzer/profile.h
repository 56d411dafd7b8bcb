/*
 * profile - a trace opened for questions, as the analyzer's own files see it.
 *
 * Front ends include query.h only.
 */
#ifndef MEMPROF_ANALYZER_PROFILE_H
#define MEMPROF_ANALYZER_PROFILE_H

#include "analyzer/arena.h"
#include "analyzer/calls.h"
#include "analyzer/garbage.h"
#include "analyzer/kept.h"
#include "analyzer/lost.h"
#include "analyzer/names.h"
#include "analyzer/query.h"
#include "analyzer/scripts.h"
#include "analyzer/sources.h"
#include "analyzer/stacks.h"
#include "analyzer/symbols.h"
#include "trace/instant.h"
#include "trace/range.h"
#include "trace/reader.h"

#include <stddef.h>

struct profile {
	struct arena arena; /* of all that is returned */
	struct arena answers; /* of rows, until profile_forget() */
	struct names names;
	struct trace *trace; /* owned */
	struct symbols *symbols; /* owned */
	struct kept *kept; /* owned */
	struct scripts *scripts; /* of the arena */
	struct calls *calls; /* owned */
	struct stacks *stacks; /* owned */
	struct sources *sources; /* owned */
	const char *path; /* of the trace */
	const char *instant; /* what stands behind the @ */
	uint64_t time; /* ns */
	struct instant *at; /* owned; NULL never been anywhere but the end */
	bool is_end; /* its figures are those of the end */
	bool leaks_only; /* of profile_options */
	const char *from, *to; /* of profile_options, or NULL */
	struct range *range; /* owned; NULL the run */

	/* The trace's tables, borrowed from it. */
	const struct model_site *sites;
	const struct model_stats *stats; /* one a site */
	size_t site_count;
	const struct model_thread *threads;
	size_t thread_count;
	const struct model_process *processes;
	size_t process_count;
	const struct model_module *modules;
	size_t module_count;

	struct query_totals *totals[MODEL_KINDS]; /* NULL not yet asked for */
	struct query_quality *quality; /* NULL not yet asked for */
	struct lost lost;
	struct garbage garbage;
	struct query_leaks *leaks; /* NULL not yet asked for */
	struct selection *selection; /* owned: what was chosen last, or NULL */
};

/* The range of the options, up to the instant; NULL with err set. */
struct range *profile_make_range(struct profile *p, struct err *err);

/* The number of the process whose stack the site's is; STACKS_NONE unknown. */
uint32_t profile_process_of(const struct profile *p, size_t site);
/* Is it that of a process with the pid? Of any when `pid` is 0. */
bool profile_is_of(const struct profile *p, size_t site, int32_t pid);

/* What happened at a site, as questions count it. */
void profile_add_site(const struct profile *p, struct query_counts *c,
		      size_t site);
/* Or what of it counts. */
void profile_add_stats(const struct profile *p, struct query_counts *c,
		       size_t site, const struct model_stats *stats);

/* The peak so far: that of the run at its end. */
const struct model_peak *profile_peak(const struct profile *p,
				      enum model_kind kind);

#define QUERY_NO_ROW UINT32_MAX

/*
 * As profile_query(); also the row of each site, unless `rows` is NULL: then
 * the query has to be unsorted and without a limit.
 */
const struct query_result *query_rows(struct profile *p, const struct query *q,
				      uint32_t *rows, struct err *err);

/* Why code of a module has no lines, and what helps; `path` is set. */
void quality_explain(struct profile *p, uint32_t module,
		     struct query_module_gap *gap);

#endif
