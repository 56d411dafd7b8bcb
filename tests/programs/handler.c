/*
 * 500 signals on an alternate stack of 8 KiB: each handler makes a block of 48
 * bytes and frees it. Then a timer interrupts a loop until its handler, on the
 * normal stack, has made 200 blocks of 24 bytes that leak.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

static volatile sig_atomic_t hits;
static void *volatile block;

static void raised(int number)
{
	block = malloc(48);
	free(block);
	(void)number;
}

static void ticked(int number)
{
	if (hits < 200) {
		block = malloc(24);
		hits++;
	}
	(void)number;
}

int main(void)
{
	static char stack[8192];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = raised };
	struct itimerval every = { { 0, 200 }, { 0, 200 } };

	sigaltstack(&alternate, NULL);
	action.sa_flags = SA_ONSTACK;
	sigaction(SIGUSR1, &action, NULL);
	for (int i = 0; i < 500; i++)
		raise(SIGUSR1);
	action = (struct sigaction){ .sa_handler = ticked };
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	while (hits < 200)
		;
	return 0;
}
