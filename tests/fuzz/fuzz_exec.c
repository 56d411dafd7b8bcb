/*
 * fuzz_exec - any bytes at all, taken by the agent for what the program is
 * about to execute.
 */
#include "tests/fuzz/file.h"

#include "preload/target.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[FILE_PATH], line[PIECE];
	int fd = file_make(data, size, path);
	const char *why = judge(fd, line, sizeof(line));

	if ((why && !*why) || !memchr(line, 0, sizeof(line)))
		abort();
	close(fd);
	return 0;
}
