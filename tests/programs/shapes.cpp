/*
 * Allocates from stacks of every shape that unwinding has to know: frames with
 * alloca and with aligned stacks, callbacks of qsort, exceptions and longjmp
 * that leave stacks halfway, recursion, coroutines on a heap stack, a thread,
 * a signal handler. Each block is freed, and 2,100 are made from here.
 */
#include <alloca.h>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <pthread.h>
#include <ucontext.h>

static void *volatile block;
static volatile int depth = 20;
static ucontext_t outside, inside;
static jmp_buf back;

__attribute__((noinline)) static void touch()
{
	block = malloc(33);
	free(block);
}

__attribute__((noinline)) static void vary(size_t size)
{
	char *volatile room = static_cast<char *>(alloca(size));
	alignas(64) volatile char wide[64];

	room[0] = wide[0] = 1;
	touch();
}

static int compare(const void *, const void *)
{
	touch();
	return 0;
}

__attribute__((noinline)) static void dive(int levels, bool jump)
{
	touch();
	if (levels > 0)
		dive(levels - 1, jump);
	else if (jump)
		longjmp(back, 1);
	else
		throw levels;
	touch();
}

static void coroutine()
{
	for (int i = 0; i < 100; i++) {
		touch();
		swapcontext(&inside, &outside);
	}
}

static void *thread(void *)
{
	for (int i = 0; i < 100; i++)
		vary(i * 7);
	return nullptr;
}

int main()
{
	static char stack[32768], order[2] = { 2, 1 };
	pthread_t other;

	for (volatile int i = 0; i < 40; i = i + 1) {
		vary(i * 100);
		if (!setjmp(back))
			dive(depth, true);
		try {
			dive(depth, false);
		} catch (int) {
			touch();
		}
		qsort(order, 2, 1, compare);
	}
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = sizeof(stack);
	inside.uc_link = &outside;
	makecontext(&inside, coroutine, 0);
	for (int i = 0; i < 100; i++)
		swapcontext(&outside, &inside);
	signal(SIGUSR1, [](int) { touch(); });
	for (int i = 0; i < 100; i++)
		raise(SIGUSR1);
	pthread_create(&other, nullptr, thread, nullptr);
	pthread_join(other, nullptr);
	return 0;
}
