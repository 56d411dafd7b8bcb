/*
 * worker - see worker.h.
 *
 * `lock` guards all that both threads see. The worker takes the question out
 * and works without the lock; the asker is its alone.
 */
#include "tui/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "trace/xmalloc.h"
#include "tui/asker.h"

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct asker asker;
	struct ask ask; /* owned */
	atomic_bool has_ask, is_ending, is_given_up; /* stop what is done */
	bool is_busy;
	struct page *page; /* owned; NULL taken */
	int event;
};

/* The analyzer has one listener for all profiles. */
static struct {
	pthread_mutex_t lock;
	char text[128];
} activity = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void note_download(const char *path, uint64_t done, uint64_t total)
{
	const char *slash = strrchr(path, '/');

	pthread_mutex_lock(&activity.lock);
	snprintf(activity.text, sizeof(activity.text),
		 "downloading %.30s, %s of %s", slash ? slash + 1 : path,
		 amount_bytes(done).text, amount_bytes(total).text);
	if (done >= total)
		activity.text[0] = '\0';
	pthread_mutex_unlock(&activity.lock);
}

static void tell(struct worker *w)
{
	const uint64_t one = 1;

	while (write(w->event, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* With the lock. */
static void hand_over(struct worker *w, struct page *page)
{
	page_destroy(w->page);
	w->page = page;
	tell(w);
}

/* Atomic: asked in the middle of reading, without the lock. */
static bool stops(void *arg)
{
	struct worker *w = arg;

	return w->has_ask || w->is_ending || w->is_given_up;
}

static void answer(struct worker *w)
{
	struct ask ask = w->ask;
	struct page *page;

	w->has_ask = w->is_given_up = false;
	w->is_busy = true;
	pthread_mutex_unlock(&w->lock);
	page = asker_answer_near(&w->asker, &ask);
	pthread_mutex_lock(&w->lock);
	if (page)
		hand_over(w, page);
	if (!stops(w)) {
		pthread_mutex_unlock(&w->lock);
		page = asker_answer(&w->asker, &ask);
		pthread_mutex_lock(&w->lock);
		/* It may have been stopped: then it says only that. */
		if (stops(w) && page->error)
			page_destroy(page);
		else
			hand_over(w, page);
	}
	ask_release(&ask);
	w->is_busy = false;
	pthread_cond_broadcast(&w->changed);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	pthread_mutex_lock(&w->lock);
	while (!w->is_ending) {
		if (w->has_ask)
			answer(w);
		else
			pthread_cond_wait(&w->changed, &w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct worker *worker_start(const struct tui_options *o, struct err *err)
{
	struct worker *w = xcalloc(1, sizeof(*w));
	sigset_t all, old;

	w->asker = (struct asker){ .options = o, .stops = stops, .arg = w };
	profile_on_download(note_download);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* Signals are for the thread that has the terminal. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	errno = w->event < 0 ? errno
			     : pthread_create(&w->thread, NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (w->event >= 0 && !errno)
		return w;
	err_errno(err, "cannot start a thread");
	if (w->event >= 0)
		close(w->event);
	free(w);
	return NULL;
}

bool worker_stop(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	if (w->is_busy) {
		pthread_mutex_unlock(&w->lock);
		return false;
	}
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	if (w->has_ask)
		ask_release(&w->ask);
	page_destroy(w->page);
	asker_release(&w->asker);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	close(w->event);
	free(w);
	return true;
}

void worker_ask(struct worker *w, const struct ask *ask)
{
	pthread_mutex_lock(&w->lock);
	if (w->has_ask)
		ask_release(&w->ask);
	ask_copy(&w->ask, ask);
	w->has_ask = true;
	pthread_cond_broadcast(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void worker_give_up(struct worker *w)
{
	w->is_given_up = true;
}

int worker_descriptor(const struct worker *w)
{
	return w->event;
}

struct page *worker_take(struct worker *w)
{
	struct page *page;
	uint64_t count;

	pthread_mutex_lock(&w->lock);
	if (read(w->event, &count, sizeof(count)) < 0)
		count = 0;
	page = w->page;
	w->page = NULL;
	pthread_mutex_unlock(&w->lock);
	return page;
}

bool worker_is_busy(struct worker *w)
{
	bool busy;

	pthread_mutex_lock(&w->lock);
	busy = w->is_busy || w->has_ask;
	pthread_mutex_unlock(&w->lock);
	return busy;
}

void worker_activity(struct worker *w, char *text, size_t size)
{
	(void)w;
	pthread_mutex_lock(&activity.lock);
	snprintf(text, size, "%s", activity.text);
	pthread_mutex_unlock(&activity.lock);
}

void worker_wait(struct worker *w)
{
	pthread_mutex_lock(&w->lock);
	while (w->is_busy || w->has_ask)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}
