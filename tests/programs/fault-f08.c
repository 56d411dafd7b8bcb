/* Takes and frees 1,000 blocks on small stacks, and says how much of the least
 * of them was used: "signal SIZE", "coroutine SIZE" or "threads". */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

static char *stack;
static size_t size, used;
static ucontext_t outside, inside;

static __attribute__((noinline)) void churn(int n)
{
	for (int i = 0; i < n; i++) {
		void *volatile p = malloc(64);

		free(p);
	}
}

static void on_signal(int number)
{
	churn(number ? 1000 : 0);
}

static void coroutine(void)
{
	churn(1000);
}

static void *thread(void *unused)
{
	churn(100);
	return unused;
}

static void use_signal(void)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_ONSTACK };

	sigaltstack(&(stack_t){ .ss_sp = stack, .ss_size = size }, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void use_coroutine(void)
{
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = size;
	inside.uc_link = &outside;
	makecontext(&inside, coroutine, 0);
	swapcontext(&outside, &inside);
}

static void use_threads(void)
{
	pthread_attr_t attr;
	pthread_t id;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 16384);
	for (int i = 0; i < 10; i++) {
		if (pthread_create(&id, &attr, thread, NULL))
			exit(9);
		pthread_join(id, NULL);
	}
}

int main(int argc, char **argv)
{
	size = argc > 2 ? strtoul(argv[2], NULL, 10) : 4096;
	/* With a page below that ends the program when it is touched. */
	stack = mmap(NULL, size + 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	stack += 4096;
	mprotect(stack, size, PROT_READ | PROT_WRITE);
	memset(stack, 0x5a, size);
	if (!strcmp(argv[1], "signal"))
		use_signal();
	else if (!strcmp(argv[1], "coroutine"))
		use_coroutine();
	else
		use_threads();
	for (used = size; used && stack[size - used] == 0x5a; used--)
		;
	printf("%zu\n", used);
	return 0;
}
