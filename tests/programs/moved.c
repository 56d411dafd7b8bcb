/*
 * 100 times: a thread moves a mapping of 2 pages by mremap, and another maps 1
 * page where it was before the first hears of it. These stay, the other goes.
 * With MOVER defined it is a library to stand before mremap's return.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 4096, TIMES = 100, RW = PROT_READ | PROT_WRITE };
enum { ANON = MAP_PRIVATE | MAP_ANONYMOUS };

#ifdef MOVER
extern void has_moved(void) __attribute__((weak));

void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	void *p = (void *)syscall(SYS_mremap, old, old_size, size, flags);

	if (has_moved)
		has_moved();
	return p;
}
#else
static sem_t free_now, taken;
static char *place;

static void *take(void *unused)
{
	for (int i = 0; i < TIMES; i++) {
		sem_wait(&free_now);
		place = mmap(place, PAGE, RW, ANON | MAP_FIXED, -1, 0);
		sem_post(&taken);
	}
	return unused;
}

void has_moved(void)
{
	sem_post(&free_now);
	sem_wait(&taken);
}

int main(void)
{
	pthread_t thread;

	sem_init(&free_now, 0, 0);
	sem_init(&taken, 0, 0);
	pthread_create(&thread, NULL, take, NULL);
	for (int i = 0; i < TIMES; i++) {
		char *at = mmap(NULL, 2 * PAGE, RW, ANON, -1, 0), *to;

		place = at;
		to = mremap(at, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
		munmap(to, 4 * PAGE);
	}
	return pthread_join(thread, NULL);
}
#endif
