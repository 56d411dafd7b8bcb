/* Keeps 1,000 blocks of 16 bytes and waits for the end of its input. */
#include <stdlib.h>
#include <unistd.h>

void *volatile sink[1000];

int main(void)
{
	char byte;

	for (int i = 0; i < 1000; i++)
		sink[i] = malloc(16);
	while (read(0, &byte, 1) > 0)
		;
	return 6;
}
