/* Opens and closes two libraries 400 times while four threads allocate, walk
 * the list of libraries and throw nothing away. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static atomic_int stop;

static int look(struct dl_phdr_info *info, size_t size, void *n)
{
	void *volatile p = malloc(size);

	(void)info;
	free(p);
	++*(int *)n;
	return 0;
}

static void *work(void *walks)
{
	int n = 0;

	while (!stop) {
		void *volatile p = malloc(50);

		free(p);
		if (walks)
			dl_iterate_phdr(look, &n);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t id[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&id[i], NULL, work, i % 2 ? id : NULL);
	for (int i = 0; i < 400; i++) {
		void *library = dlopen(argv[1 + i % (argc - 1)], RTLD_NOW);
		void *(*take)(void) = (void *(*)(void))dlsym(library, "take");

		free(take());
		dlclose(library);
	}
	stop = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(id[i], NULL);
	return 8;
}
