/*
 * where_sites - what a condition makes of whole sites.
 *
 * The fields that all blocks of a site share, its place, its stack, its thread,
 * are looked at once a call or once a node and remembered.
 */
#ifndef MEMPROF_ANALYZER_WHERE_SITES_H
#define MEMPROF_ANALYZER_WHERE_SITES_H

#include "analyzer/profile.h"
#include "analyzer/where.h"

struct where_sites;

/* Both are borrowed. */
struct where_sites *where_sites_open(struct profile *p, const struct where *w);
void where_sites_close(struct where_sites *s);

/* MAYBE for what differs from block to block. */
enum where_answer where_sites_ask(struct where_sites *s, uint32_t site,
				  const struct where_test *test);

#endif
