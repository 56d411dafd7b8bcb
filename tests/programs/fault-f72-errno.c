/* Has a number of its own in errno while it is busy with other things, until
 * ./end exists; says ok when it was never changed. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	volatile int *place = &errno;
	int changes = 0, last = 0;

	puts("ready");
	fflush(stdout);
	while (access("end", F_OK)) {
		*place = 4242;
		for (volatile int i = 0; i < 20000000; i++)
			;
		if (*place != 4242)
			changes++, last = *place;
	}
	if (changes)
		printf("%d changes, the last to %d\n", changes, last);
	else
		puts("ok");
	return changes > 0;
}
