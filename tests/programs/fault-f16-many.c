/* Runs a shell 600 times, by system() and popen(), while its environment stays
 * and while it changes; says how many bytes more of heap that took, in KiB, and
 * what the last shell found. */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	char text[64] = "";
	size_t before = 0;
	FILE *file;

	for (int i = 0; i < 600; i++) {
		if (i == 100)
			before = mallinfo2().uordblks;
		if (i % 2 && system(":"))
			return 1;
		file = popen("echo $LD_PRELOAD$MEMPROF_RING$CHANGES", "r");
		if (!file || !fgets(text, sizeof(text), file) || pclose(file))
			return 1;
	}
	printf("%zu KiB more\n", (mallinfo2().uordblks - before) / 1024);
	setenv("CHANGES", "first", 1);
	file = popen("echo $LD_PRELOAD$MEMPROF_RING$CHANGES", "r");
	if (!file || !fgets(text, sizeof(text), file) || pclose(file))
		return 1;
	setenv("CHANGES", "then", 1);
	printf("%s", text);
	return system("echo $LD_PRELOAD$MEMPROF_RING$CHANGES") != 0;
}
