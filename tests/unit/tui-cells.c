/*
 * No bytes, wherever they come from, reach another cell than their own, and
 * the interface stands a thousand random keys, sizes and clicks in a row.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/escape.h"
#include "tui/browser.h"
#include "tui/pen.h"

enum {
	ROUNDS = 20000,
	KEYS = 1000,
};

static uint64_t state = 42;

static uint32_t chance(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 16) % below;
}

/* Each row is as wide as it says, whatever stands in it. */
static void check(const struct cells *c)
{
	for (int row = 0; row < c->rows; row++) {
		int width = 0;

		for (int i = 0; i < c->columns; i++) {
			const struct cell *cell = cells_at(c, row, i);

			if (!*cell->text)
				continue;
			assert_true(strlen(cell->text) < CELLS_TEXT);
			assert_true(
				escape_is_harmless(escape_next(cell->text)));
			width += (int)escape_width(cell->text);
		}
		assert_int_equal(width, c->columns);
	}
}

static void random_text(char *text, size_t size)
{
	static const char *const pieces[] = {
		"a",
		"\033[2J",
		"\033]52;c;eA==\007",
		"\xe4\xb8\xad", /* wide */
		"\xcc\x81", /* combining */
		"\xd7\xa9", /* from right to left */
		"\xe2\x80\xae", /* that, forced */
		"\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", /* joined */
		"\xef\xb8\x8f", /* another width for what is before */
		"\xc2\x9b",
		"\xff",
		"\t",
		"\n",
	};

	text[0] = '\0';
	while (chance(12) && strlen(text) + 16 < size)
		strcat(text, pieces[chance(sizeof(pieces) / sizeof(*pieces))]);
}

static void test_pen(void **unused)
{
	struct cells c = { 0 };
	char text[128];

	(void)unused;
	cells_resize(&c, 3, 20);
	for (int i = 0; i < ROUNDS; i++) {
		struct pen pen = pen_at(&c, (int)chance(5) - 1);

		pen.column = (int)chance(20);
		if (pen.end)
			pen.end -= (int)chance(4);
		random_text(text, sizeof(text));
		if (pen.column >= pen.end)
			continue;
		if (chance(2))
			pen_put(&pen, text);
		else
			pen_right(&pen, (int)chance(20), text);
		check(&c);
	}
	cells_release(&c);
}

static void press(struct browser *b)
{
	static const uint32_t special[] = {
		KEYS_UP,    KEYS_DOWN, KEYS_LEFT,     KEYS_RIGHT,
		KEYS_ENTER, KEYS_TAB,  KEYS_BACK_TAB, KEYS_BACKSPACE,
		KEYS_HOME,  KEYS_END,  KEYS_PAGE_UP,  KEYS_PAGE_DOWN,
		KEYS_ESCAPE
	};
	uint32_t key;

	switch (chance(12)) {
	case 0:
		browser_resize(b, (int)chance(102), (int)chance(402));
		return;
	case 1:
		browser_click(b, (int)chance((uint32_t)b->cells.rows),
			      (int)chance((uint32_t)b->cells.columns));
		return;
	case 2:
		browser_wheel(b, (int)chance(9) - 4);
		return;
	case 3:
	case 4:
	case 5:
		key = special[chance(sizeof(special) / sizeof(*special))];
		break;
	default:
		key = chance(126) + 1;
	}
	/* Files are for people. */
	if (key != 'w' || b->prompt.kind != PROMPT_NONE)
		browser_key(b, key);
}

static void test_keys(void **unused)
{
	const char *tests = getenv("TESTS");
	char path[4096];
	const struct tui_options o = { .spec = { path },
				       .specs = 1,
				       .metric = QUERY_PEAK,
				       .rows = 24,
				       .columns = 80 };
	struct worker *w;
	struct browser b;
	struct err err;

	(void)unused;
	if (!tests)
		skip();
	snprintf(path, sizeof(path), "%s/golden/tui.mprof", tests);
	w = worker_start(&o, &err);
	assert_non_null(w);
	browser_init(&b, &o, w);
	for (int i = 0; i < KEYS; i++) {
		press(&b);
		/* Also while answers are on their way. */
		if (chance(3))
			worker_wait(w);
		browser_update(&b);
		browser_draw(&b);
		check(&b.cells);
	}
	browser_resize(&b, 24, 80);
	b.prompt.kind = PROMPT_NONE;
	b.ask.where[0] = '\0';
	browser_show(&b, VIEW_SIZES);
	browser_show(&b, VIEW_INFO);
	worker_wait(w);
	browser_update(&b);
	assert_false(browser_is_waiting(&b));
	assert_null(browser_page(&b)->error);
	assert_true(browser_page(&b)->count > 10);
	assert_true(worker_stop(w));
	browser_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pen),
		cmocka_unit_test(test_keys),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
