/*
 * exepath - see exepath.h.
 */
#include "trace/exepath.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_program(const char *path)
{
	struct stat st;

	return !access(path, X_OK) && !stat(path, &st) && S_ISREG(st.st_mode);
}

static bool resolve(const char *candidate, char *path, size_t size)
{
	char real[PATH_MAX];

	if (!is_program(candidate) || !realpath(candidate, real) ||
	    strlen(real) >= size)
		return false;
	strcpy(path, real);
	return true;
}

bool exepath_find(const char *name, char *path, size_t size)
{
	const char *at = getenv("PATH");
	char candidate[PATH_MAX];

	if (strchr(name, '/'))
		return resolve(name, path, size);
	for (; at; at = strchr(at, ':'), at = at ? at + 1 : NULL) {
		int length = (int)strcspn(at, ":");

		snprintf(candidate, sizeof(candidate), "%.*s%s%s", length, at,
			 length ? "/" : "./", name);
		if (resolve(candidate, path, size))
			return true;
	}
	return false;
}

const char *exepath_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}
