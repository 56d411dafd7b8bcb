/*
 * Opens libA.so, uses it and closes it, then libB.so, which the loader puts at
 * the same address; 500 times each. Then A once more at another address.
 * Prints whether the addresses were what this program is about.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void *use(const char *library, const char *name, int close)
{
	void *handle = dlopen(library, RTLD_NOW);
	void *(*make)(void) = NULL;
	void *symbol = dlsym(handle, name);

	memcpy(&make, &symbol, sizeof(make));
	make();
	if (close)
		dlclose(handle);
	return symbol;
}

int main(void)
{
	static char line[4096];
	void *a = NULL, *b = NULL, *in_the_way;

	setvbuf(stdout, line, _IOFBF, sizeof(line));
	for (int i = 0; i < 500; i++) {
		a = use("./libA.so", "alloc_in_A", 1);
		b = use("./libB.so", "alloc_in_B", 1);
	}
	in_the_way = mmap((char *)a - (size_t)a % 4096, 4096, PROT_NONE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	printf("%s", a == b ? "same " : "");
	b = use("./libA.so", "alloc_in_A", 0);
	printf("%s\n", a != b && in_the_way != MAP_FAILED ? "other" : "");
	return 0;
}
