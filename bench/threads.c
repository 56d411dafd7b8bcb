/*
 * threads - a program of very many threads, of which few work at a time.
 *
 *	threads COUNT PAIRS
 *
 * As in a server with a thread for each client: all COUNT threads are alive
 * together, each allocates and frees PAIRS blocks in its turn, and frees at the
 * end what the one before it has left. Four have a turn at once.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SLOTS = 64, AT_ONCE = 4, MOST = 4096 };

struct thread {
	pthread_t thread;
	size_t number, pairs;
	void *slots[SLOTS];
};

static struct thread threads[MOST];
static sem_t turns;
static pthread_barrier_t all_there, all_done;

static void *allocate(uint64_t random)
{
	return calloc(1, 16 + random % 500);
}

static void work(struct thread *t)
{
	uint64_t random = 88172645463325252 + t->number;

	for (size_t i = 0; i < t->pairs; i++) {
		void **slot = &t->slots[random % SLOTS];

		free(*slot);
		*slot = allocate(random >> 8);
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
	}
}

static void *run(void *arg)
{
	struct thread *t = arg;
	struct thread *other = t->number ? t - 1 : t;

	pthread_barrier_wait(&all_there);
	sem_wait(&turns);
	work(t);
	sem_post(&turns);
	pthread_barrier_wait(&all_done);
	sem_wait(&turns);
	for (size_t i = 0; t->number && i < SLOTS; i++)
		free(other->slots[i]);
	sem_post(&turns);
	return NULL;
}

int main(int argc, char **argv)
{
	size_t count = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;

	if (!count || count > MOST) {
		fprintf(stderr, "usage: threads COUNT PAIRS\n");
		return 2;
	}
	sem_init(&turns, 0, AT_ONCE);
	pthread_barrier_init(&all_there, NULL, (unsigned)count);
	pthread_barrier_init(&all_done, NULL, (unsigned)count);
	for (size_t i = 0; i < count; i++) {
		threads[i].number = i;
		threads[i].pairs = strtoul(argv[2], NULL, 10);
		if (!pthread_create(&threads[i].thread, NULL, run, &threads[i]))
			continue;
		fprintf(stderr, "threads: cannot create the %zuth\n", i);
		return 1;
	}
	for (size_t i = 0; i < count; i++)
		pthread_join(threads[i].thread, NULL);
	for (size_t i = 0; i < SLOTS; i++)
		free(threads[count - 1].slots[i]);
	return 0;
}
