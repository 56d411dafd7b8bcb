/*
 * worker - the thread that asks the analyzer.
 *
 * Only the newest question counts: when another comes, one that was not begun
 * yet is forgotten, and one that has events read is given up. What is far away
 * in time is answered twice: at once, as of the checkpoint before, and then as
 * it is.
 */
#ifndef MEMPROF_TUI_WORKER_H
#define MEMPROF_TUI_WORKER_H

#include "tui/page.h"
#include "tui/tui.h"

struct worker;

/* The options are borrowed. NULL with err set. */
struct worker *worker_start(const struct tui_options *o, struct err *err);
/* False when it is still busy: then it is left alone, for the process ends. */
bool worker_stop(struct worker *w);

void worker_ask(struct worker *w, const struct ask *ask);
/* Reading of events ends; other work goes on, for nobody. */
void worker_give_up(struct worker *w);
/* Readable when a page may be there. */
int worker_descriptor(const struct worker *w);
/* The newest page, which is the caller's; NULL none. */
struct page *worker_take(struct worker *w);
bool worker_is_busy(struct worker *w);
/* What it is at, if there is more to say than that. */
void worker_activity(struct worker *w, char *text, size_t size);
/* Until it is not. */
void worker_wait(struct worker *w);

#endif
