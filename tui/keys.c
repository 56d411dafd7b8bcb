/*
 * keys - see keys.h.
 *
 * To add a key, add an action, a row here and a line in memprof-tui.1.
 */
#include "tui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/escape.h"
#include "tui/cells.h"

static const struct {
	struct keys_help help;
	uint32_t keys[4];
	enum action action;
} table[] = {
#define KEYS(group, keys, help)                                                \
	{                                                                      \
		group, keys, help                                              \
	}
	{ KEYS("Moving", "j, Down",
	       "one row down; scrolls the timeline's list"),
	  { 'j', KEYS_DOWN },
	  ACTION_DOWN },
	{ KEYS("Moving", "k, Up", "one row up"), { 'k', KEYS_UP }, ACTION_UP },
	{ KEYS("Moving", "PgDn, Space, ^F", "a page down"),
	  { KEYS_PAGE_DOWN, ' ', 6 },
	  ACTION_PAGE_DOWN },
	{ KEYS("Moving", "PgUp, ^B", "a page up"),
	  { KEYS_PAGE_UP, 2 },
	  ACTION_PAGE_UP },
	{ KEYS("Moving", "^D, ^U", "half a page down or up"),
	  { 4 },
	  ACTION_HALF_DOWN },
	{ KEYS("Moving", NULL, NULL), { 21 }, ACTION_HALF_UP },
	{ KEYS("Moving", "g, Home", "the first row, or the start of the run"),
	  { 'g', KEYS_HOME },
	  ACTION_FIRST },
	{ KEYS("Moving", "G, End", "the last row, or the end of the run"),
	  { 'G', KEYS_END },
	  ACTION_LAST },
	{ KEYS("Moving", "h, Left", "fold, or go to the caller; back in time"),
	  { 'h', KEYS_LEFT },
	  ACTION_LEFT },
	{ KEYS("Moving", "l, Right",
	       "unfold the stacks of a place, a node; forward in time"),
	  { 'l', KEYS_RIGHT },
	  ACTION_RIGHT },
	{ KEYS("Moving", "H, L", "ten steps back or forward in time"),
	  { 'H' },
	  ACTION_FAR_LEFT },
	{ KEYS("Moving", NULL, NULL), { 'L' }, ACTION_FAR_RIGHT },
	{ KEYS("Moving", "Enter",
	       "fold or unfold; zoom; the source of a line; only a thread"),
	  { KEYS_ENTER },
	  ACTION_ENTER },
	{ KEYS("Moving", "Backspace, u", "zoom out; the view before"),
	  { KEYS_BACKSPACE, 'u' },
	  ACTION_BACK },
	{ KEYS("Moving", "/", "search; an empty text searches the last again"),
	  { '/' },
	  ACTION_SEARCH },
	{ KEYS("Moving", "n, N", "the next or previous row that has it"),
	  { 'n' },
	  ACTION_NEXT },
	{ KEYS("Moving", NULL, NULL), { 'N' }, ACTION_PREVIOUS },

	{ KEYS("Views", "Tab", "the next view"),
	  { KEYS_TAB },
	  ACTION_NEXT_VIEW },
	{ KEYS("Views", "Shift-Tab", "the view before it"),
	  { KEYS_BACK_TAB },
	  ACTION_PREVIOUS_VIEW },
	{ KEYS("Views", "1", "lines: which places hold memory"),
	  { '1' },
	  ACTION_VIEW },
	{ KEYS("Views", "2", "tree: who called whom"),
	  { '2' },
	  ACTION_VIEW + 1 },
	{ KEYS("Views", "3", "flame: the tree as boxes, wide as their share"),
	  { '3' },
	  ACTION_VIEW + 2 },
	{ KEYS("Views", "4", "source of the chosen row, with figures"),
	  { '4' },
	  ACTION_VIEW + 3 },
	{ KEYS("Views", "5", "timeline: memory over time, and its cursor"),
	  { '5' },
	  ACTION_VIEW + 4 },
	{ KEYS("Views", "6", "diff: what changed from A to B"),
	  { '6' },
	  ACTION_VIEW + 5 },
	{ KEYS("Views", "7", "threads"), { '7' }, ACTION_VIEW + 6 },
	{ KEYS("Views", "8", "sizes of blocks"), { '8' }, ACTION_VIEW + 7 },
	{ KEYS("Views", "9", "leaks: what is left at the end, by stack"),
	  { '9' },
	  ACTION_VIEW + 8 },
	{ KEYS("Views", "0, i", "info: what ran, and what was not seen"),
	  { '0', 'i' },
	  ACTION_VIEW + 9 },
	{ KEYS("Views", "?", "this help"), { '?' }, ACTION_VIEW + 10 },

	{ KEYS("What is shown", "m, M", "the next metric, or the one before"),
	  { 'm' },
	  ACTION_METRIC },
	{ KEYS("What is shown", NULL, NULL), { 'M' }, ACTION_METRIC_BACK },
	{ KEYS("What is shown", "s",
	       "sort by the metric, the calls or the name"),
	  { 's' },
	  ACTION_SORT },
	{ KEYS("What is shown", "r", "the other way round"),
	  { 'r' },
	  ACTION_REVERSE },
	{ KEYS("What is shown", "o",
	       "lines: by line, function, file, module, stack, process"),
	  { 'o' },
	  ACTION_GROUP },
	{ KEYS("What is shown", "t", "tree, flame: callers or callees first"),
	  { 't' },
	  ACTION_FLIP },
	{ KEYS("What is shown", "+, -", "unfold all below a row, or fold it"),
	  { '+', '=' },
	  ACTION_UNFOLD_ALL },
	{ KEYS("What is shown", NULL, NULL), { '-' }, ACTION_FOLD_ALL },
	{ KEYS("What is shown", "f",
	       "filter: which blocks count, as --where (memprof-where(7))"),
	  { 'f' },
	  ACTION_FILTER },

	{ KEYS("Time", "a", "set A to the instant that is shown"),
	  { 'a' },
	  ACTION_MARK_A },
	{ KEYS("Time", "b",
	       "leave B where the cursor is, and see what changed"),
	  { 'b' },
	  ACTION_MARK_B },
	{ KEYS("Time", "c", "clear A: no differences"), { 'c' }, ACTION_CLEAR },
	{ KEYS("Time", "[, ]", "the mark before or after"),
	  { '[' },
	  ACTION_PREVIOUS_MARK },
	{ KEYS("Time", NULL, NULL), { ']' }, ACTION_NEXT_MARK },
	{ KEYS("Time", "p", "the peak; in 'memprof top', pause and go on"),
	  { 'p' },
	  ACTION_PEAK },

	{ KEYS("Work", "y", "keep the chosen row's stack: printed at the end"),
	  { 'y' },
	  ACTION_COPY },
	{ KEYS("Work", "e", "edit the chosen line: $VISUAL or $EDITOR"),
	  { 'e' },
	  ACTION_EDIT },
	{ KEYS("Work", "w", "write the view to a file"),
	  { 'w' },
	  ACTION_WRITE },
	{ KEYS("Work", "Esc", "stop waiting; leave a prompt"),
	  { KEYS_ESCAPE },
	  ACTION_STOP },
	{ KEYS("Work", "^L", "draw anew"), { 12 }, ACTION_REDRAW },
	{ KEYS("Work", "q", "quit"), { 'q', 'Q' }, ACTION_QUIT },
#undef KEYS
};

enum {
	ROWS = sizeof(table) / sizeof(*table),
};

enum action keys_action(uint32_t key)
{
	for (size_t i = 0; i < ROWS && key; i++)
		for (size_t j = 0; j < 4; j++)
			if (table[i].keys[j] == key)
				return table[i].action;
	return ACTION_NONE;
}

const struct keys_help *keys_help(size_t i)
{
	return i < ROWS ? &table[i].help : NULL;
}

static const struct {
	const char *name;
	uint32_t key;
} names[] = {
	{ "Up", KEYS_UP },
	{ "Down", KEYS_DOWN },
	{ "Left", KEYS_LEFT },
	{ "Right", KEYS_RIGHT },
	{ "PgUp", KEYS_PAGE_UP },
	{ "PgDn", KEYS_PAGE_DOWN },
	{ "Home", KEYS_HOME },
	{ "End", KEYS_END },
	{ "Enter", KEYS_ENTER },
	{ "Tab", KEYS_TAB },
	{ "S-Tab", KEYS_BACK_TAB },
	{ "Backspace", KEYS_BACKSPACE },
	{ "Esc", KEYS_ESCAPE },
	{ "Space", ' ' },
	{ "lt", '<' },
};

/* What stands between < and >. */
static size_t parse_name(const char *name, struct keys_input *input)
{
	size_t length = strcspn(name, ">");
	int used = 0;

	if (!name[length])
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strlen(names[i].name) != length ||
		    strncmp(names[i].name, name, length) != 0)
			continue;
		input->key = names[i].key;
		return length + 2;
	}
	if (sscanf(name, "%4dx%4d>%n", &input->columns, &input->rows, &used) ==
		    2 &&
	    used == (int)length + 1 && input->columns > 0 && input->rows > 0)
		return length + 2;
	if (length == 3 && name[0] == 'C' && name[1] == '-' && name[2] >= 'a' &&
	    name[2] <= 'z') {
		input->key = (uint32_t)(name[2] - 'a' + 1);
		return length + 2;
	}
	return 0;
}

size_t keys_parse(const char *script, struct keys_input *input)
{
	struct escape_piece p;

	*input = (struct keys_input){ 0 };
	if (*script == '<')
		return parse_name(script + 1, input);
	if (!*script)
		return 0;
	p = escape_next(script);
	input->key = p.character;
	return p.length;
}
