/*
 * keys - which key does what: the one table that help, footer and man page
 * follow.
 *
 * A key is a character, or one of enum keys_code. Scripts and help write those
 * as <Down>.
 */
#ifndef MEMPROF_TUI_KEYS_H
#define MEMPROF_TUI_KEYS_H

#include <stddef.h>
#include <stdint.h>

enum keys_code {
	KEYS_UP = 0x110000, /* behind all characters */
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_ENTER,
	KEYS_TAB,
	KEYS_BACK_TAB,
	KEYS_BACKSPACE,
	KEYS_ESCAPE,
};

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_LEFT,
	ACTION_RIGHT,
	ACTION_FAR_LEFT,
	ACTION_FAR_RIGHT,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_HALF_UP,
	ACTION_HALF_DOWN,
	ACTION_FIRST,
	ACTION_LAST,
	ACTION_ENTER,
	ACTION_BACK,
	ACTION_NEXT_VIEW,
	ACTION_PREVIOUS_VIEW,
	ACTION_VIEW, /* and the next ones, in the order of enum view_id */
	ACTION_VIEW_LAST = ACTION_VIEW + 10,
	ACTION_UNFOLD_ALL,
	ACTION_FOLD_ALL,
	ACTION_FLIP,
	ACTION_METRIC,
	ACTION_METRIC_BACK,
	ACTION_SORT,
	ACTION_REVERSE,
	ACTION_GROUP,
	ACTION_FILTER,
	ACTION_SEARCH,
	ACTION_NEXT,
	ACTION_PREVIOUS,
	ACTION_MARK_A,
	ACTION_MARK_B,
	ACTION_CLEAR,
	ACTION_NEXT_MARK,
	ACTION_PREVIOUS_MARK,
	ACTION_PEAK,
	ACTION_COPY,
	ACTION_EDIT,
	ACTION_WRITE,
	ACTION_PAUSE,
	ACTION_STOP,
	ACTION_REDRAW,
	ACTION_QUIT,
};

enum action keys_action(uint32_t key);

/* A row of the table for help: "j, Down", "one row down". NULL: no more. */
struct keys_help {
	const char *group, *keys, *help;
};
const struct keys_help *keys_help(size_t i);

/*
 * The first key of a script, and how many bytes it takes: "q", "<Down>", "<lt>"
 * for '<', "<120x40>" for a new size. 0 when it is none.
 */
struct keys_input {
	uint32_t key; /* 0: the size */
	int rows, columns;
};
size_t keys_parse(const char *script, struct keys_input *input);

#endif
