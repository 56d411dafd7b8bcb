/*
 * fuzz_suppressions - any bytes at all, given to --suppressions.
 *
 * What is accepted is put to a stack, with frames of which all and nothing is
 * known; what is not has its line told.
 */
#include <stdint.h>
#include <string.h>

#include "analyzer/suppressions.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct query_frame stack[] = {
		{ .function = "operator new(unsigned long)", .inlined = true },
		{ .function = "a::b<int>(char*)",
		  .file = "/a/bb/c.cpp",
		  .line = 12,
		  .module = "/lib/libc.so.6" },
		{ .module = "/bin/a", .inlined = true },
		{ .function = NULL },
		{ .function = "main", .file = "c.c", .line = 1 },
	};
	const struct suppressions_source source = { .text = (const char *)data,
						    .size = size,
						    .file = "file" };
	struct suppressions s = { .items = NULL };
	struct suppression *found;
	struct err err;

	if (suppressions_read(&s, &source, 20270131, &err) < 0) {
		if (strncmp(err.text, "file:", 5) != 0)
			__builtin_trap();
	} else {
		found = suppressions_find(&s, stack,
					  sizeof(stack) / sizeof(*stack));
		if (found && (!found->is_leak || found->is_expired))
			__builtin_trap();
		suppressions_find(&s, stack, 0);
	}
	suppressions_release(&s);
	return 0;
}
