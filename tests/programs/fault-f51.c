/* Takes and frees 300,000 blocks on 65,536 distinct stacks, and says how many
 * KiB were resident at most. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __attribute__((noinline)) void walk(unsigned int path, int depth)
{
	if (!depth) {
		void *volatile p = malloc(16);

		free(p);
	} else if (path & 1) {
		walk(path >> 1, depth - 1);
	} else {
		walk(path >> 1, depth - 1);
		__asm__ volatile("");
	}
	__asm__ volatile("");
}

int main(void)
{
	FILE *status;
	char line[256];

	for (unsigned int i = 0; i < 300000; i++)
		walk(i * 40503U & 0xffff, 16);
	status = fopen("/proc/self/status", "r");
	while (fgets(line, sizeof(line), status))
		if (!strncmp(line, "VmHWM:", 6))
			printf("%d\n", atoi(line + 6));
	return 0;
}
