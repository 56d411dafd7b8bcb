/* fault-f72 THREADS HOW: steps of HOW, in so many threads or in none. */
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int files[2];
static volatile int end;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

static void step(int how, unsigned char **kept, unsigned int n)
{
	struct timespec nap = { .tv_nsec = 20000000 }, until;
	unsigned char **block = &kept[n * 2654435761u >> 28];
	void *library;
	char byte;

	if (how == 'm') {
		if (*block && **block != (block - kept))
			abort();
		free(*block);
		*block = malloc(n % 500 + 1);
		memset(*block, (int)(block - kept), n % 500 + 1);
	} else if (how == 's') {
		nanosleep(&nap, NULL);
	} else if (how == 'p') {
		poll(NULL, 0, 20);
	} else if (how == 'r') {
		if (read(files[0], &byte, 1) != 1)
			abort();
	} else if (how == 'c') {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		pthread_mutex_lock(&lock);
		pthread_cond_timedwait(&never, &lock, &until);
		pthread_mutex_unlock(&lock);
	} else if (how == 'd') {
		library = dlopen("./plugin.so", RTLD_NOW);
		if (!library || !dlsym(library, "plugin"))
			abort();
		dlclose(library);
	}
}

static void *work(void *how)
{
	unsigned char *kept[16] = { 0 };

	for (unsigned int n = 0; !end; n++)
		step(*(char *)how, kept, n);
	return NULL;
}

int main(int argc, char **argv)
{
	int count = atoi(argv[1]);
	pthread_t threads[64];
	unsigned char *kept[16] = { 0 };

	if (argc < 3 || pipe(files))
		return 1;
	puts("ready");
	fflush(stdout);
	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, work, argv[2]);
	for (unsigned int n = 0; access("end", F_OK); n++) {
		for (int i = 0; i < (count ? 1 : 50); i++)
			step(count ? 's' : *argv[2], kept, n * 50 + i);
		for (int i = 0; i < count && *argv[2] == 'r'; i++)
			if (write(files[1], "x", 1) != 1)
				return 1;
	}
	end = 1;
	for (int i = 0; i < count; i++)
		if (*argv[2] != 'r')
			pthread_join(threads[i], NULL);
	puts("ok");
	return 0;
}
