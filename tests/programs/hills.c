/* Ten blocks of 1000 bytes make the peak; half are left when 2000 come. */
#include <stdlib.h>

static void *volatile block[10];
static void *volatile large, *volatile kept;

int main(void)
{
	for (int i = 0; i < 10; i++)
		block[i] = malloc(1000);
	for (int i = 0; i < 5; i++)
		free(block[i]);
	large = malloc(2000);
	for (int i = 5; i < 10; i++)
		free(block[i]);
	kept = malloc(10);
	return 0;
}
