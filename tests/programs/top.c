/* Allocates 1,000 bytes for each byte that comes in. */
#include <stdlib.h>
#include <unistd.h>

void *volatile last;

__attribute__((noinline)) static void serve(void)
{
	last = malloc(1000);
}

int main(void)
{
	char byte;

	while (read(0, &byte, 1) > 0)
		serve();
	return 0;
}
