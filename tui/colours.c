/*
 * colours - see colours.h.
 */
#define NCURSES_WIDECHAR 1
#include "tui/colours.h"

#include <curses.h>
#include <stdlib.h>

enum {
	NONE = -1, /* the terminal's own */
	PALETTE = 256,
	DIRECT = 1 << 24,
};

static const struct {
	unsigned long attributes; /* with colours */
	unsigned long plain; /* without */
	int eight[2], many[2], direct[2]; /* of text, and behind it */
} styles[CELLS_STYLES] = {
	[CELLS_PLAIN] = { 0,
			  0,
			  { NONE, NONE },
			  { NONE, NONE },
			  { NONE, NONE } },
	[CELLS_TITLE] = { A_BOLD,
			  A_BOLD,
			  { NONE, NONE },
			  { NONE, NONE },
			  { NONE, NONE } },
	[CELLS_DIM] = { 0,
			0,
			{ NONE, NONE },
			{ 245, NONE },
			{ 0x8a8a8a, NONE } },
	[CELLS_HEAD] = { A_BOLD,
			 A_REVERSE,
			 { 7, 4 },
			 { 231, 24 },
			 { 0xffffff, 0x1f4e79 } },
	[CELLS_TAB] = { A_BOLD | A_REVERSE,
			A_BOLD | A_REVERSE,
			{ NONE, NONE },
			{ NONE, NONE },
			{ NONE, NONE } },
	[CELLS_WARNING] = { A_BOLD,
			    A_BOLD,
			    { 3, NONE },
			    { 214, NONE },
			    { 0xe69f00, NONE } },
	[CELLS_MORE] = { 0,
			 A_BOLD,
			 { 1, NONE },
			 { 203, NONE },
			 { 0xe0524a, NONE } },
	[CELLS_LESS] = { 0, 0, { 2, NONE }, { 71, NONE }, { 0x4f9d5d, NONE } },
	[CELLS_NAME] = { 0, 0, { 6, NONE }, { 75, NONE }, { 0x56a5d8, NONE } },
	[CELLS_MATCH] = { 0,
			  A_UNDERLINE,
			  { 0, 3 },
			  { 16, 221 },
			  { 0x000001, 0xf0d050 } },
	[CELLS_HEAP] = { 0, 0, { 4, NONE }, { 68, NONE }, { 0x4c86c6, NONE } },
	[CELLS_RESIDENT] = { 0,
			     0,
			     { 7, NONE },
			     { 250, NONE },
			     { 0xb8b8b8, NONE } },
	[CELLS_MARK] = { A_BOLD,
			 A_BOLD,
			 { 5, NONE },
			 { 170, NONE },
			 { 0xc060c0, NONE } },
	[CELLS_BOX] = { 0, 0, { 0, 3 }, { 16, 215 }, { 0x000001, 0xf2b46a } },
	[CELLS_BOX_NEXT] = { 0,
			     0,
			     { 0, 6 },
			     { 16, 222 },
			     { 0x000001, 0xf5d58a } },
	[CELLS_BOX_OTHER] = { 0,
			      0,
			      { 0, 7 },
			      { 16, 252 },
			      { 0x000001, 0xd0d0d0 } },
	[CELLS_BOX_MORE] = { 0,
			     A_BOLD,
			     { 7, 1 },
			     { 16, 210 },
			     { 0x000001, 0xf08a80 } },
	[CELLS_BOX_LESS] = { 0,
			     0,
			     { 0, 2 },
			     { 16, 114 },
			     { 0x000001, 0x8fce90 } },
};

static bool has_colours;

void colours_init(void)
{
	const char *none = getenv("NO_COLOR");

	has_colours = has_colors() && !(none && *none);
	if (!has_colours)
		return;
	start_color();
	use_default_colors();
	for (int i = 1; i < CELLS_STYLES; i++) {
		const int *pair = COLORS >= DIRECT    ? styles[i].direct
				  : COLORS >= PALETTE ? styles[i].many
						      : styles[i].eight;

		init_extended_pair(i, pair[0], pair[1]);
	}
}

struct colours_look colours_look(enum cells_style style, bool is_chosen)
{
	struct colours_look look = { .attributes = styles[style].plain };

	if (has_colours) {
		look.attributes = styles[style].attributes;
		look.pair = (int)style;
	}
	if (is_chosen)
		look.attributes ^= A_REVERSE;
	return look;
}
