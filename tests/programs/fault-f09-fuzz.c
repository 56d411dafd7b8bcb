/* Runs the agent's reader of unwind information on 100,000 tables, each of them
 * a good one with random bytes in it. For a sanitizer to watch. */
#include "preload/agent.h"
#include "preload/rule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One CIE, one FDE for 256 bytes at `code`, .eh_frame_hdr with one entry. */
struct table {
	unsigned char header[12];
	int entry[2];
	unsigned char cie[24], fde[80], end[4];
	char code[256];
};

static unsigned int seed = 1;

static unsigned int number(void)
{
	seed = seed * 1103515245 + 12345;
	return seed >> 8;
}

static void fill(struct table *t)
{
	static const unsigned char cie[] = { 20, 0,    0,    0,	  0,	0,
					     0,	 0,    1,    'z', 'R',	0,
					     1,	 0x78, 16,   1,	  0x1b, 0x0c,
					     7,	 8,    0x90, 1,	  0,	0 };
	int where = (int)(t->code - (const char *)&t->fde[8]), size = 256;

	memset(t, 0, sizeof(*t));
	memcpy(t->header, "\1\x1b\3\x3b\0\0\0\0\1\0\0\0", 12);
	t->entry[0] = (int)(t->code - (const char *)t);
	t->entry[1] = (int)((const char *)t->fde - (const char *)t);
	memcpy(t->cie, cie, sizeof(cie));
	t->fde[0] = sizeof(t->fde) - 4;
	t->fde[4] = sizeof(t->cie) + 4;
	memcpy(t->fde + 8, &where, 4);
	memcpy(t->fde + 12, &size, 4);
}

int main(void)
{
	unsigned int known = 0;

	for (int i = 0; i < 100000; i++) {
		struct table *t = malloc(sizeof(*t));
		unsigned char *bytes = (unsigned char *)t;
		struct module m = { .table = (uintptr_t)t,
				    .low = (uintptr_t)t,
				    .high = (uintptr_t)t->code };

		fill(t);
		for (int n = 17; n < (int)sizeof(t->fde) && i % 2; n++)
			t->fde[n] = (unsigned char)number();
		for (unsigned int n = number() % 6; n > 0; n--)
			bytes[number() % sizeof(*t)] = (unsigned char)number();
		known += rule_from_cfi(&m, (uintptr_t)t->code + number() % 256)
				 .kind != RULE_GUESS;
		free(t);
	}
	printf("%s\n", known > 10000 ? "many known" : "few known");
	return 0;
}
