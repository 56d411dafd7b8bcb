/* Threads of glibc's tests; see ../../run. */
#ifndef SHIM_XTHREAD_H
#define SHIM_XTHREAD_H

#include "support.h"

static inline pthread_t xpthread_create(pthread_attr_t *attr,
					void *(*function)(void *), void *arg)
{
	pthread_t thread;

	if (pthread_create(&thread, attr, function, arg))
		FAIL_EXIT1("no thread");
	return thread;
}

static inline void *xpthread_join(pthread_t thread)
{
	void *result;

	if (pthread_join(thread, &result))
		FAIL_EXIT1("no join");
	return result;
}

#define xpthread_barrier_init(b, a, n) pthread_barrier_init(b, a, n)
#define xpthread_barrier_wait(b) pthread_barrier_wait(b)
#define xpthread_barrier_destroy(b) pthread_barrier_destroy(b)
#define xpthread_mutex_lock(m) pthread_mutex_lock(m)
#define xpthread_mutex_unlock(m) pthread_mutex_unlock(m)
#define xpthread_attr_init(a) pthread_attr_init(a)
#define xpthread_attr_destroy(a) pthread_attr_destroy(a)
#define xpthread_cancel(t) pthread_cancel(t)
#define xpthread_kill(t, n) pthread_kill(t, n)
#define xpthread_detach(t) pthread_detach(t)

#endif
