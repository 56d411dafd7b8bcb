/*
 * fuzz_names - any bytes at all, taken for the linker's name of a function.
 *
 * Whatever comes out is text that ends within its buffer, and comes soon.
 */
#include "tests/fuzz/file.h"

#include <string.h>

#include "analyzer/demangle.h"

static void check(const struct demangle_buffer *b)
{
	if (b->length >= sizeof(b->bytes) || strlen(b->bytes) != b->length)
		abort();
}

static void read_name(const char *prefix, const uint8_t *data, size_t size)
{
	static struct demangle_text text;
	size_t length = strlen(prefix);
	char *name = malloc(length + size + 1);

	memcpy(name, prefix, length);
	memcpy(name + length, data, size);
	name[length + size] = '\0';
	if (demangle(name, &text) != DEMANGLE_PLAIN) {
		check(&text.full);
		check(&text.plain);
	}
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const prefixes[] = { "", "_Z", "_R", "_D" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		read_name(prefixes[i], data, size);
	return 0;
}
