/*
 * fuzz_program - any bytes at all, taken for the program to be run, by the
 * command line and by the doctor.
 */
#include "tests/fuzz/file.h"

#include "cli/program.c"

#include "cli/doctor_program.c"

void doctor_find(struct doctor *d, bool is_grave, const char *fix,
		 const char *format, ...)
{
	(void)d, (void)is_grave, (void)fix, (void)format;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct program p = { .verdict = PROGRAM_FINE };
	char path[FILE_PATH], interpreter[PATH_MAX];
	struct doctor doctor = { 0 };
	int fd = file_make(data, size, path);

	if (look_into(path, &p, interpreter) && !*interpreter)
		abort();
	if ((p.verdict == PROGRAM_FINE) != !p.why)
		abort();
	judge_binary(&doctor, path);
	close(fd);
	return 0;
}
