/*
 * attach - see attach.h; the entries that memprof calls from outside.
 *
 * They are called in a thread that was stopped where it holds no lock of
 * libc's or the loader's, with its signals held back, once in a while. Never
 * while recording.
 */
#include "preload/attach.h"
#include "preload/agent.h"
#include "preload/env.h"
#include "preload/next.h"
#include "trace/attach.h"

#include <stdatomic.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT void memprof_attach(struct attach_order *order);
EXPORT void memprof_detach(struct attach_order *order);

static _Atomic uint32_t modules_expected;
/* Whoever asked was killed, perhaps, but the thread goes on to the end. */
static _Atomic uint32_t underway;
static bool attached; /* the wrappers have been put in */

static bool is_on(void)
{
	return atomic_load_explicit(&agent.state, memory_order_relaxed) ==
	       AGENT_ON;
}

static bool is_off(void)
{
	return !is_on();
}

void attach_expect_modules(void)
{
	if (next_is_late())
		atomic_store_explicit(&modules_expected, 1,
				      memory_order_relaxed);
}

void attach_look(void)
{
	if (atomic_load_explicit(&modules_expected, memory_order_relaxed) &&
	    atomic_exchange_explicit(&modules_expected, 0,
				     memory_order_relaxed) &&
	    is_on())
		attach_slots(true, is_on);
}

static enum attach_answer detach(struct attach_order *order)
{
	struct attach_count count;

	if (!attached)
		return ATTACH_NOTHING;
	atomic_store_explicit(&agent.state, AGENT_OFF, memory_order_relaxed);
	count = attach_slots(false, is_off);
	agent_detach();
	attached = false;
	order->hooks = count.done;
	order->missed = count.missed;
	return ATTACH_DONE;
}

static enum attach_answer attach(struct attach_order *order)
{
	const struct env_ring ring = { .collector = order->collector,
				       .fd = order->fd,
				       .device = order->device,
				       .inode = order->inode,
				       .nonce = order->nonce };
	struct attach_count count;

	if (!next_is_late())
		return ATTACH_FROM_START;
	if (attached)
		return ATTACH_BUSY;
	attach_hooks_start();
	if (!agent_attach(&ring))
		return ATTACH_NO_RING;
	attached = true;
	count = attach_slots(true, is_on);
	order->hooks = count.done;
	order->missed = count.missed;
	return ATTACH_DONE;
}

static void obey(struct attach_order *order,
		 enum attach_answer (*act)(struct attach_order *))
{
	if (order->version != ATTACH_VERSION) {
		order->answer = ATTACH_OTHER_VERSION;
		return;
	}
	/* Acquire and release: all is as the last one left it. */
	if (atomic_exchange_explicit(&underway, 1, memory_order_acquire)) {
		order->answer = ATTACH_BUSY;
		return;
	}
	order->answer = act(order);
	atomic_store_explicit(&underway, 0, memory_order_release);
}

void memprof_attach(struct attach_order *order)
{
	obey(order, attach);
}

void memprof_detach(struct attach_order *order)
{
	obey(order, detach);
}
