/*
 * Has stubs of malloc and free when it is not position independent: it takes
 * their addresses. Calls each both ways when ./go is there: 100 blocks of 24
 * bytes directly, of which it frees 50, and 10 of 1000 by the address.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void *(*volatile take)(size_t) = malloc;
static void (*volatile give)(void *) = free;
static void *volatile kept[100];

static void await(const char *file)
{
	while (access(file, F_OK))
		usleep(5000);
}

int main(void)
{
	kept[0] = take(10);
	give(kept[0]);
	puts("ready");
	fflush(stdout);
	await("go");
	for (int i = 0; i < 100; i++)
		kept[i] = malloc(24);
	for (int i = 0; i < 50; i++)
		i % 2 ? free(kept[i]) : give(kept[i]);
	for (int i = 0; i < 10; i++)
		kept[i] = take(1000);
	puts("done");
	fflush(stdout);
	await("end");
	puts("ok");
	return 0;
}
