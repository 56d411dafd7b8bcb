/*
 * catalog - the tables of a trace, as read from its blocks.
 *
 * Where a block is missing its entries are made up: they say that nothing is
 * known. After catalog_finish() every number in a table is one that the table
 * it points to has, whatever the file says.
 */
#ifndef MEMPROF_TRACE_CATALOG_H
#define MEMPROF_TRACE_CATALOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trace/format.h"
#include "trace/model.h"

struct catalog {
	struct model_process *processes; /* owned, with their strings */
	struct model_thread *threads;
	struct model_module *modules;
	struct model_code *codes;
	struct model_frame *frames;
	struct model_node *nodes;
	struct model_site *sites;
	size_t process_count, process_capacity;
	size_t thread_count, thread_capacity;
	size_t module_count, module_capacity;
	size_t code_count, code_capacity;
	size_t frame_count, frame_capacity;
	size_t node_count, node_capacity;
	size_t site_count, site_capacity;
	int32_t pid; /* of the program */
	uint64_t budget; /* bytes that tables may still take */
};

/* `size` of the file: what tables may take is in proportion. */
void catalog_init(struct catalog *c, uint64_t size);
void catalog_release(struct catalog *c);

/* A block of a table; others are ignored. False when it lies. */
bool catalog_read(struct catalog *c, enum format_block_type type,
		  const uint8_t *payload, size_t size);
/* False when a number had to be mended. */
bool catalog_finish(struct catalog *c);

/* After that: the process of each site, MODEL_NO_SITE not known; caller frees. */
uint32_t *catalog_processes(const struct catalog *c);

#endif
