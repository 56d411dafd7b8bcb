/*
 * Allocates from code made at run time, and names that in a perf map, first
 * otherwise; prints its pid. With "open" everybody may write the map.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* push %rbp; mov %rsp, %rbp; call *%rdi; pop %rbp; ret */
static const unsigned char code[] = { 0x55, 0x48, 0x89, 0xe5,
				      0xff, 0xd7, 0x5d, 0xc3 };

void *volatile sink;

__attribute__((noinline)) static void work(void)
{
	sink = malloc(1000);
}

int main(int argc, char **argv)
{
	char path[64];
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	FILE *map;

	memcpy(page, code, sizeof(code));
	mprotect(page, 4096, PROT_READ | PROT_EXEC);
	for (int i = 0; i < 3; i++)
		((void (*)(void (*)(void)))page)(work);
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	map = fopen(path, "w");
	fprintf(map, "%lx 100 before it moved\n%lx %zx made: at run time\n",
		(unsigned long)page - 16, (unsigned long)page, sizeof(code));
	fprintf(map, "%lx 8 behind\nno line\n", (unsigned long)page + 8);
	fclose(map);
	if (argc > 1 && strcmp(argv[1], "open") == 0)
		chmod(path, 0666);
	printf("%d\n", (int)getpid());
	return 0;
}
