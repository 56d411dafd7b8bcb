/*
 * Three lists of 50000 blocks each that lie in no order: one is held, one is
 * held by pointers to the middle of its blocks, and of one the head is lost.
 * Between them lie blocks that were freed, and some that are large.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { COUNT = 50000, LISTS = 3, EVERY = 500, LARGE = 100000 };

struct node {
	uint64_t pad[3];
	void *next;
};

static void *held[LISTS];
static struct node *all[LISTS * COUNT];

static struct node *make(size_t i)
{
	size_t size = i % EVERY ? sizeof(struct node) + i % 64 : LARGE;

	free(malloc(i % 300));
	return memset(malloc(size), 0, size);
}

static void shuffle(size_t n)
{
	uint64_t seed = 88172645463325252;

	while (--n) {
		struct node *node = all[n];
		size_t k;

		seed = seed * 6364136223846793005 + 1442695040888963407;
		k = (seed >> 33) % (n + 1);
		all[n] = all[k];
		all[k] = node;
	}
}

int main(void)
{
	for (size_t i = 0; i < LISTS * COUNT; i++)
		all[i] = make(i);
	shuffle(LISTS * COUNT);
	for (size_t i = 0; i < LISTS * COUNT; i++) {
		size_t list = i % LISTS;
		char *at = (char *)all[i] + (list == 1 ? 16 : 0);

		all[i]->next = held[list];
		held[list] = at;
	}
	held[2] = NULL;
	memset(all, 0, sizeof(all));
	return 0;
}
