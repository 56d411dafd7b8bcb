/*
 * signals - see signals.h.
 */
#include "cli/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* Whom to pass signals to, and what has come; for the handlers. */
static volatile sig_atomic_t child;
static volatile sig_atomic_t marks, toggles;

static const struct {
	const char *name;
	int number;
} choices[] = {
	{ "HUP", SIGHUP },   { "USR1", SIGUSR1 }, { "USR2", SIGUSR2 },
	{ "ALRM", SIGALRM }, { "URG", SIGURG },	  { "WINCH", SIGWINCH },
};

int signals_from_name(const char *name)
{
	if (!strncmp(name, "SIG", 3))
		name += 3;
	for (size_t i = 0; i < sizeof(choices) / sizeof(*choices); i++)
		if (!strcmp(name, choices[i].name))
			return choices[i].number;
	return 0;
}

/*
 * The terminal sends its signals to the program as well as to us (si_pid 0),
 * so only those that were meant for memprof alone are passed on.
 */
static void pass_on(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_code == SI_KERNEL || !child || info->si_pid == child)
		return;
	kill(child, number);
}

static void count_mark(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	marks++;
}

static void count_toggle(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	(void)context;
	toggles++;
}

static void handle(int number, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = {
		.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};

	sigfillset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

void signals_pass_to(pid_t pid)
{
	child = pid;
}

void signals_handle(pid_t pid, const struct signals_options *o)
{
	static const int numbers[] = { SIGINT,	SIGTERM, SIGHUP,  SIGQUIT,
				       SIGUSR1, SIGUSR2, SIGWINCH };

	child = pid;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		struct sigaction old;

		/* What is ignored stays so: nohup. */
		if (!sigaction(numbers[i], NULL, &old) &&
		    old.sa_handler == SIG_IGN)
			continue;
		handle(numbers[i], pass_on);
	}
	if (o->mark)
		handle(o->mark, count_mark);
	if (o->toggle)
		handle(o->toggle, count_toggle);
}

/* A signal that comes in between is counted the next time. */
static unsigned int take(volatile sig_atomic_t *count, sig_atomic_t *known)
{
	sig_atomic_t now = *count;
	unsigned int new = (unsigned int)now - (unsigned int)*known;

	*known = now;
	return new;
}

unsigned int signals_marks(void)
{
	static sig_atomic_t known;

	return take(&marks, &known);
}

unsigned int signals_toggles(void)
{
	static sig_atomic_t known;

	return take(&toggles, &known);
}
