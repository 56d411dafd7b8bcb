/*
 * pulse - a heart that beats for as long as the collector is alive and works.
 *
 * Who finds the ring full waits for a heartbeat that moves, a tenth of a second
 * at most without. The collector beats at every pass; but one long step of it,
 * a checkpoint of a million sites or a table that grows, may take longer, and
 * on a loaded machine it may be off the processor that long. So a thread of
 * its own beats as well: it sleeps all the time, and who does is woken at once.
 *
 * It does not beat while the collector waits for a disk, which programs are
 * not to wait for, nor for one that has not come round for half a minute. A
 * collector that is stopped or killed has no thread that runs.
 */
#ifndef MEMPROF_TRACE_PULSE_H
#define MEMPROF_TRACE_PULSE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct pulse {
	_Atomic uint64_t *heart; /* borrowed; holds a stamp */
	_Atomic uint64_t beat; /* stamp of the collector's own last one */
	_Atomic uint64_t waiting; /* for a disk, since; 0: not */
	pthread_t thread;
	pthread_mutex_t lock; /* of `stop` */
	pthread_cond_t stopped;
	bool started, stop, runs;
};

void pulse_init(struct pulse *p, _Atomic uint64_t *heart);
/*
 * The first time: starts the thread. Where none can be had, pulse_beat() has
 * to do.
 */
void pulse_start(struct pulse *p);
/* When it returns the heart is the caller's. */
void pulse_stop(struct pulse *p);

/* The collector's own; gives the stamp. */
uint64_t pulse_beat(struct pulse *p);
/* Around a call that may wait for a disk. NULL: nobody minds. */
void pulse_wait(struct pulse *p);
void pulse_go_on(struct pulse *p);

#endif
