/* Temporary files of glibc's tests; see ../../run. */
#ifndef SHIM_TEMP_FILE_H
#define SHIM_TEMP_FILE_H

#include "support.h"

/* Nobody asks for its name twice. */
static inline int create_temp_file(const char *base, char **name)
{
	char path[] = "/tmp/memprof-suite-XXXXXX";
	int fd = mkstemp(path);

	(void)base;
	if (name)
		*name = strdup(path);
	else
		unlink(path);
	return fd;
}

#endif
