/* 32 MiB live and 32 MiB freed between, 16 MiB mapped, 4 MiB of a stack. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	BLOCKS = 32 << 10,
	SIZE = 2000,
	MIB = 1 << 20,
};

static char *block[BLOCKS];

static void *deep(void *ready)
{
	volatile char stack[4 * MIB];

	for (size_t i = 0; i < sizeof(stack); i += 1024)
		stack[i] = 1;
	puts("ready");
	fflush(stdout);
	getchar();
	return ready;
}

int main(void)
{
	pthread_t thread;
	char *map = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(map, 1, 16 * MIB);
	for (int i = 0; i < BLOCKS; i++)
		memset(block[i] = malloc(SIZE), 1, SIZE);
	for (int i = 0; i < BLOCKS; i += 2)
		free(block[i]);
	pthread_create(&thread, NULL, deep, NULL);
	pthread_join(thread, NULL);
	return 0;
}
