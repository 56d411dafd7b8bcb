/*
 * format - see format.h.
 */
#include "trace/format.h"

#include <xxhash.h>

uint64_t format_checksum(const struct format_block *head, const void *stored)
{
	struct format_block bare = *head;

	bare.checksum = 0;
	return XXH3_64bits_withSeed(stored, head->stored,
				    XXH3_64bits(&bare, sizeof(bare)));
}
