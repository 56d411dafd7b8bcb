/*
 * utf8 - see utf8.h; the form is RFC 3629's.
 */
#include "trace/utf8.h"

#include <stdbool.h>

enum {
	REPLACEMENT = 0xfffd,
	CHARACTER_MAX = 0x10ffff,
};

static bool is_character(uint32_t c)
{
	return c && c <= CHARACTER_MAX && !(c >= 0xd800 && c < 0xe000);
}

size_t utf8_put(char *to, uint32_t character)
{
	uint32_t c = is_character(character) ? character : REPLACEMENT;
	size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t first[] = { 0, 0xc0, 0xe0, 0xf0 };

	to[0] = (char)(first[more] | c >> (6 * more));
	for (size_t i = 1; i <= more; i++)
		to[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
	return more + 1;
}
