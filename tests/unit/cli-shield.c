/*
 * However a command ends, it is a status and at most one line. The command
 * line is no library, so its files are included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/shield.c"

static char message[256];

void command_message(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(message, sizeof(message), format, ap);
	va_end(ap);
}

static int gives(int argc, char **argv)
{
	(void)argv;
	return argc;
}

static int crashes(int argc, char **argv)
{
	(void)argv;
	signal(argc, SIG_DFL);
	raise(argc);
	return 0;
}

static int takes_all(int argc, char **argv)
{
	void *p;

	(void)argc, (void)argv;
	/* Reserved, not touched: nobody else is to suffer. */
	while ((p = malloc(1 << 28)))
		__asm__ volatile("" : : "r"(p) : "memory");
	return 7;
}

static int run(int (*command)(int, char **), int number)
{
	char name[] = "memprof: report";
	char *argv[] = { name, NULL };

	message[0] = '\0';
	return shield_run(command, number, argv);
}

static void test_status(void **state)
{
	(void)state;
	assert_int_equal(run(gives, 0), 0);
	assert_int_equal(run(gives, 2), 2);
	assert_string_equal(message, "");
}

static void test_crash(void **state)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGABRT, SIGILL,
				       SIGFPE };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		assert_int_equal(run(crashes, numbers[i]), COMMAND_FAILED);
		assert_non_null(strstr(message, "report: reading ended by"));
		assert_null(strchr(message, '\n'));
	}
}

static void test_kill(void **state)
{
	(void)state;
	assert_int_equal(run(crashes, SIGKILL), COMMAND_FAILED);
	assert_non_null(strstr(message, "report: reading was killed"));
	assert_null(strchr(message, '\n'));
}

/* As a shell sees it when a reader of the output went away. */
static void test_signal(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (!pid)
		_exit(run(crashes, SIGPIPE));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

static void test_memory(void **state)
{
	(void)state;
	if (data_size() > (rlim_t)1 << 40)
		skip(); /* a sanitizer's */
	assert_int_equal(run(takes_all, 1), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status), cmocka_unit_test(test_crash),
		cmocka_unit_test(test_kill),   cmocka_unit_test(test_signal),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
