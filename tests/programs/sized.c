/*
 * C23's sized frees end a block as free does: 3 blocks of 40 bytes, none left.
 * Exits 77 where neither libc nor the agent has them.
 */
#include <stdlib.h>

__attribute__((weak)) void free_sized(void *block, size_t size);
__attribute__((weak)) void free_aligned_sized(void *block, size_t align,
					      size_t size);
static void *volatile block;

int main(void)
{
	if (!free_sized || !free_aligned_sized)
		return 77;
	block = malloc(40);
	free_sized(block, 40);
	block = aligned_alloc(64, 40);
	free_aligned_sized(block, 64, 40);
	block = malloc(40);
	free(block);
	free_sized(NULL, 1);
	free_aligned_sized(NULL, 64, 1);
	return 0;
}
