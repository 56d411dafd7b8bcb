/* Has one library take 500 blocks of 111 bytes, unloads it, and has another,
 * which the loader puts in the same place, take 500 of 222: all are kept. */
#include <dlfcn.h>
#include <stdlib.h>

static void *use(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	void *(*take)(void);

	*(void **)&take = dlsym(library, "take");
	for (int i = 0; i < 500; i++)
		take();
	dlclose(library);
	return *(void **)&take;
}

int main(int argc, char **argv)
{
	return argc > 2 && use(argv[1]) == use(argv[2]) ? 14 : 15;
}
