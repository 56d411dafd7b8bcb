/*
 * Has lost a block of 1000 bytes, holds two, and goes on until ./end is there,
 * while a thread waits that nothing may interrupt, and another resizes a block.
 * "ok": nobody did, and there are no children to wait for. "filtered": under a
 * filter of system calls.
 */
#include "memprof.h"

#include <linux/seccomp.h>
#include <linux/filter.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void **volatile held;
static volatile int interrupted;

static void *wait_long(void *unused)
{
	struct epoll_event event;

	if (epoll_wait(epoll_create1(0), &event, 1, -1) < 0)
		interrupted = 1;
	return unused;
}

static void *resize(void *unused)
{
	void **p = NULL;

	for (size_t n = 0;; n = (n + 1) % 100) {
		p = realloc(p, 2000 + 1000 * n);
		p[0] = p[0] && n ? p[0] : malloc(77);
		if (n == 99)
			free(p[0]), p[0] = NULL;
		usleep(10);
	}
	return unused;
}

static void lose(void)
{
	volatile char scrubbed[4096];

	*(void *volatile *)scrubbed = malloc(1000);
	memset((char *)scrubbed, 0, sizeof(scrubbed));
}

int main(int argc, char **argv)
{
	struct sock_filter allow = BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW);
	struct sock_fprog filter = { 1, &allow };
	pthread_t thread;

	if (argc > 1 && !strcmp(argv[1], "filtered") &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	     prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)))
		return 77;
	lose();
	held = malloc(500);
	held[0] = malloc(200);
	pthread_create(&thread, NULL, wait_long, NULL);
	if (argc > 1 && !strcmp(argv[1], "resizing"))
		pthread_create(&thread, NULL, resize, NULL);
	memprof_mark("begun");
	puts("ready");
	fflush(stdout);
	while (access("end", F_OK) < 0)
		usleep(10000);
	if (!interrupted && waitpid(-1, NULL, __WALL) < 0)
		puts("ok");
	return 7;
}
