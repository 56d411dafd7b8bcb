/*
 * terminal - see terminal.h.
 *
 * Signals that end are blocked but while one waits, so none comes between a
 * check and a wait. A crash can not call curses: what gives the terminal back
 * was put together when it was taken.
 */
#define NCURSES_WIDECHAR 1
#include "tui/terminal.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <term.h>
#undef columns /* and many more words: these are needed here */
#include <termios.h>
#include <unistd.h>

#include "text/escape.h"
#include "tui/colours.h"
#include "tui/keys.h"

enum {
	ESCAPE_DELAY = 25, /* ms from Escape to the rest of a sequence */
};

static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
static const int crashing[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

static struct {
	SCREEN *screen;
	struct termios saved;
	char restore[512]; /* what gives the screen back */
	size_t restore_length;
	sigset_t outside; /* the mask while one waits */
	volatile sig_atomic_t signal; /* that asked to end */
	bool is_utf8;
} terminal;

static void note_signal(int number)
{
	terminal.signal = number;
}

/* Only what a signal handler may call. */
static void give_back(void)
{
	ssize_t ignored =
		write(STDOUT_FILENO, terminal.restore, terminal.restore_length);

	(void)ignored;
	tcsetattr(STDOUT_FILENO, TCSANOW, &terminal.saved);
}

static void crash(int number)
{
	give_back();
	signal(number, SIG_DFL);
	raise(number);
}

static int collect(int c)
{
	if (terminal.restore_length < sizeof(terminal.restore))
		terminal.restore[terminal.restore_length++] = (char)c;
	return c;
}

static void collect_capability(const char *name)
{
	const char *text = tigetstr(name);

	if (text && text != (const char *)-1)
		tputs(text, 1, collect);
}

static void plan_restore(void)
{
	static const char no_mouse[] = "\033[?1000l\033[?1006l";
	const char *mouse = tigetstr("kmous");

	terminal.restore_length = 0;
	if (mouse && mouse != (const char *)-1)
		for (const char *s = no_mouse; *s; s++)
			collect(*s);
	collect_capability("sgr0");
	collect_capability("rmkx");
	collect_capability("rmcup");
	collect_capability("cnorm");
}

static void take_signals(void)
{
	static char stack[1 << 16];
	const stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction end = { .sa_handler = note_signal };
	struct sigaction die = { .sa_handler = crash,
				 .sa_flags = SA_ONSTACK | SA_RESETHAND };
	sigset_t ends;

	sigemptyset(&ends);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
		sigaction(ending[i], &end, NULL);
		sigaddset(&ends, ending[i]);
	}
	sigprocmask(SIG_BLOCK, &ends, &terminal.outside);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigdelset(&terminal.outside, ending[i]);
	sigaltstack(&own, NULL);
	for (size_t i = 0; i < sizeof(crashing) / sizeof(*crashing); i++)
		sigaction(crashing[i], &die, NULL);
}

/* Is it one on which a cursor can be moved? */
static int check(struct err *err)
{
	const char *term = getenv("TERM");
	const char *move;
	int status;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return err_set(err, "no terminal: 'memprof report' shows the "
				    "same as text");
	if (!term || !*term)
		return err_set(err, "TERM is not set");
	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return err_set(err, "nothing is known of the terminal '%s'",
			       term);
	move = tigetstr("cup");
	if (!move || move == (const char *)-1)
		return err_set(err,
			       "the terminal '%s' can not move its cursor: "
			       "'memprof report' shows the same as text",
			       term);
	return 0;
}

int terminal_open(struct err *err)
{
	if (check(err) < 0)
		return -1;
	if (tcgetattr(STDOUT_FILENO, &terminal.saved) < 0)
		return err_errno(err, "cannot ask the terminal");
	terminal.is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	plan_restore();
	take_signals();
	terminal.screen = newterm(NULL, stdout, stdin);
	if (!terminal.screen)
		return err_set(err, "the terminal can not be used");
	atexit(terminal_close);
	set_escdelay(ESCAPE_DELAY);
	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
	colours_init();
	return 0;
}

void terminal_close(void)
{
	if (!terminal.screen)
		return;
	endwin();
	delscreen(terminal.screen);
	terminal.screen = NULL;
	tcsetattr(STDOUT_FILENO, TCSANOW, &terminal.saved);
	sigprocmask(SIG_SETMASK, &terminal.outside, NULL);
	for (size_t i = 0; i < sizeof(crashing) / sizeof(*crashing); i++)
		signal(crashing[i], SIG_DFL);
}

void terminal_size(int *rows, int *columns)
{
	getmaxyx(stdscr, *rows, *columns);
}

/* A character and its marks, for curses. */
static void spell(const struct cell *cell, wchar_t *to)
{
	size_t n = 0;
	struct escape_piece piece;

	for (const char *s = cell->text; *s && n < CCHARW_MAX - 1;
	     s += piece.length) {
		piece = escape_next(s);
		to[n++] = piece.character < 0x80 || terminal.is_utf8
				  ? (wchar_t)piece.character
				  : L'?';
	}
	to[n] = L'\0';
}

static void show_cell(const struct cell *cell, int row, int column)
{
	wchar_t text[CCHARW_MAX];
	struct colours_look look =
		colours_look((enum cells_style)cell->style, cell->is_chosen);
	cchar_t c;

	spell(cell, text);
	if (!text[0] ||
	    setcchar(&c, text, look.attributes, 0, &look.pair) != OK)
		return;
	mvadd_wch(row, column, &c);
}

void terminal_show(const struct cells *c)
{
	int rows, columns;

	getmaxyx(stdscr, rows, columns);
	erase();
	for (int row = 0; row < c->rows && row < rows; row++)
		for (int i = 0; i < c->columns && i < columns; i++)
			show_cell(cells_at(c, row, i), row, i);
	move(rows - 1, 0);
	refresh();
}

void terminal_redraw(void)
{
	clearok(curscr, TRUE);
}

static uint32_t code_of(wint_t key)
{
	static const struct {
		wint_t curses;
		uint32_t key;
	} keys[] = {
		{ KEY_UP, KEYS_UP },
		{ KEY_DOWN, KEYS_DOWN },
		{ KEY_LEFT, KEYS_LEFT },
		{ KEY_RIGHT, KEYS_RIGHT },
		{ KEY_PPAGE, KEYS_PAGE_UP },
		{ KEY_NPAGE, KEYS_PAGE_DOWN },
		{ KEY_HOME, KEYS_HOME },
		{ KEY_END, KEYS_END },
		{ KEY_ENTER, KEYS_ENTER },
		{ KEY_BTAB, KEYS_BACK_TAB },
		{ KEY_BACKSPACE, KEYS_BACKSPACE },
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].curses == key)
			return keys[i].key;
	return 0;
}

static uint32_t character(wint_t c)
{
	switch (c) {
	case '\r':
	case '\n':
		return KEYS_ENTER;
	case '\t':
		return KEYS_TAB;
	case 0x7f:
	case '\b':
		return KEYS_BACKSPACE;
	case 0x1b:
		return KEYS_ESCAPE;
	default:
		return (uint32_t)c;
	}
}

static struct terminal_event mouse_event(void)
{
	struct terminal_event e = { .kind = TERMINAL_NOTHING };
	MEVENT m;

	if (getmouse(&m) != OK)
		return e;
	e.row = m.y;
	e.column = m.x;
	if (m.bstate & BUTTON1_PRESSED) {
		e.kind = TERMINAL_CLICK;
	} else if (m.bstate & (BUTTON4_PRESSED | BUTTON5_PRESSED)) {
		e.kind = TERMINAL_WHEEL;
		e.row = m.bstate & BUTTON4_PRESSED ? -3 : 3;
	}
	return e;
}

struct terminal_event terminal_read(void)
{
	struct terminal_event e = { .kind = TERMINAL_KEY };
	wint_t c = 0;
	int kind = get_wch(&c);

	if (kind == ERR)
		e.kind = TERMINAL_NOTHING;
	else if (kind == OK)
		e.key = character(c);
	else if (c == KEY_RESIZE)
		e.kind = TERMINAL_RESIZE;
	else if (c == KEY_MOUSE)
		return mouse_event();
	else
		e.key = code_of(c);
	return e;
}

int terminal_wait(int fd, int ms)
{
	const struct timespec time = { .tv_sec = ms / 1000,
				       .tv_nsec = ms % 1000 * 1000000L };
	struct pollfd fds[] = { { .fd = STDIN_FILENO, .events = POLLIN },
				{ .fd = fd, .events = POLLIN } };

	ppoll(fds, 2, ms < 0 ? NULL : &time, &terminal.outside);
	/* A terminal that has gone away need not send a signal. */
	if (!terminal.signal && (fds[0].revents & (POLLHUP | POLLERR)))
		terminal.signal = SIGHUP;
	return terminal.signal;
}

int terminal_run(char *const argv[])
{
	int status = -1;
	pid_t child;

	def_prog_mode();
	endwin();
	child = fork();
	if (child == 0) {
		sigprocmask(SIG_SETMASK, &terminal.outside, NULL);
		for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
			signal(ending[i], SIG_DFL);
		execvp(argv[0], argv);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	/* Keys that ended the other program were not for us. */
	if (terminal.signal == SIGINT || terminal.signal == SIGQUIT)
		terminal.signal = 0;
	reset_prog_mode();
	terminal_redraw();
	return status;
}
