/*
 * prompt - a line that is being typed.
 */
#ifndef MEMPROF_TUI_PROMPT_H
#define MEMPROF_TUI_PROMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "tui/pen.h"

enum prompt_kind {
	PROMPT_NONE,
	PROMPT_SEARCH,
	PROMPT_FILTER,
	PROMPT_WRITE,
};

struct prompt {
	enum prompt_kind kind;
	char text[512]; /* UTF-8 */
	size_t cursor; /* byte in it */
	char error[512]; /* shown beside; "" none */
};

void prompt_start(struct prompt *p, enum prompt_kind kind, const char *text);
/* True when the line is done: Enter. Escape makes the kind PROMPT_NONE. */
bool prompt_key(struct prompt *p, uint32_t key);
void prompt_draw(const struct prompt *p, struct pen *pen);

#endif
