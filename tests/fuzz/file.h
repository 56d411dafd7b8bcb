/*
 * file - what a fuzzer was given, as a file with a path.
 */
#ifndef MEMPROF_TESTS_FUZZ_FILE_H
#define MEMPROF_TESTS_FUZZ_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	FILE_PATH = 32, /* bytes of a path, its end included */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A file of these bytes, read from its start; the caller closes it. */
static inline int file_make(const uint8_t *data, size_t size,
			    char path[FILE_PATH])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET) != 0)
		abort();
	snprintf(path, FILE_PATH, "/proc/self/fd/%d", fd);
	return fd;
}

#endif
