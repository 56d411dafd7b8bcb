/*
 * limits - see limits.h.
 */
#include "cli/limits.h"

#include <stddef.h>

/* Others (stacks, cores, locked memory) are not in a collector's way. */
static const int resources[LIMITS_COUNT] = {
	RLIMIT_AS, RLIMIT_CPU, RLIMIT_DATA, RLIMIT_FSIZE, RLIMIT_NOFILE,
};

static void lift(int resource, const struct rlimit *before)
{
	struct rlimit most = { RLIM_INFINITY, RLIM_INFINITY };

	/* Only root may, and of descriptors not even root without end. */
	if (resource != RLIMIT_NOFILE && !setrlimit(resource, &most))
		return;
	most.rlim_cur = most.rlim_max = before->rlim_max;
	setrlimit(resource, &most);
}

void limits_lift(struct limits *l)
{
	for (size_t i = 0; i < LIMITS_COUNT; i++) {
		l->before[i] = (struct rlimit){ RLIM_INFINITY, RLIM_INFINITY };
		if (!getrlimit(resources[i], &l->before[i]) &&
		    l->before[i].rlim_cur != RLIM_INFINITY)
			lift(resources[i], &l->before[i]);
	}
}

void limits_restore(const struct limits *l)
{
	for (size_t i = 0; i < LIMITS_COUNT; i++)
		setrlimit(resources[i], &l->before[i]);
}

rlim_t limits_address_space(const struct limits *l)
{
	return l->before[0].rlim_cur;
}
